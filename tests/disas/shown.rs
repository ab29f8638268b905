//! From a module to the text that the end of its file expects.

use std::fmt::Write as _;

use tinkerbox_wasm::{Engine, ErrorContext, Module, Result};

use super::input::Input;
use super::instructions;

/// All functions of a module, in the form that the file asks for.
///
/// # Errors
/// The file asks for something unknown, or the module is refused.
pub fn shown(input: &Input) -> Result<String> {
    let (clif, code, mut config) = input.wanted().map_err(tinkerbox_wasm::Error::msg)?;
    let folder = tempfile::tempdir()?;
    if clif {
        config.emit_clif(folder.path());
    }
    let module = Module::new(&Engine::new(&config)?, input.module())?;
    let mut text = String::new();
    for function in module.functions() {
        let name = function.name.as_deref().unwrap_or("without a name");
        if clif {
            let file = folder.path().join(format!("wasm[0]--function[{}].clif", function.index));
            let clif = std::fs::read_to_string(&file).with_context(|| format!("no {}", file.display()))?;
            writeln!(text, "{name}, CLIF:\n{}", indented(&clif))?;
        }
        if code {
            let instructions = instructions::instructions(&module, &function);
            writeln!(text, "{name}, code:\n{}", indented(&instructions))?;
        }
    }
    Ok(text.trim_end().to_string())
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("  {line}").trim_end().to_string() + "\n").collect()
}
