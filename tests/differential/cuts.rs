//! Damaged modules: truncated at every length, and with a changed byte at every position.

use tinkerbox_wasm::{Config, Engine, InvalidModule, Module};

use crate::built;
use crate::engines::machine::{Machine, Stop};
use crate::engines::ours::Ours;
use crate::fuel::BY_HAND;
use crate::generate::{self, Nans, Random};

fn engine() -> Engine {
    Engine::new(Config::new().consume_fuel(true)).expect("the machine is supported")
}

/// Compiles a possibly damaged module: a refusal has to state the reason, and must not blame the compiler.
fn compile(engine: &Engine, bytes: &[u8], damage: &str) -> Option<Module> {
    let error = match Module::new(engine, bytes) {
        Ok(module) => return Some(module),
        Err(error) => error,
    };
    let invalid = error.downcast_ref::<InvalidModule>();
    let message = invalid.unwrap_or_else(|| panic!("{damage}: not an InvalidModule: {error:#}")).message();
    assert!(!message.is_empty() && !message.contains("panicked"), "{damage}: {message}");
    None
}

fn cut_everywhere(wasm: &[u8]) {
    let engine = engine();
    let cuts = 0..wasm.len();
    let whole =
        cuts.filter(|&len| compile(&engine, &wasm[..len], &format!("cut after {len} bytes")).is_some());
    // Without code the bodies of declared functions are missing; so only sections after the code can be omitted.
    let whole: Vec<usize> = whole.collect();
    assert!(whole.len() <= 10, "a module is still valid when cut after {whole:?} bytes");
    assert!(compile(&engine, wasm, "not damaged").is_some());
}

#[test]
fn a_generated_module_can_be_cut_anywhere() {
    cut_everywhere(&generate::module(7, Nans::ByModule));
}

#[test]
fn a_module_of_rustc_can_be_cut_anywhere() {
    cut_everywhere(built::sample());
}

/// A module that is still valid is run: whatever it does, it ends, in a trap or normally.
#[test]
fn a_byte_can_be_changed_anywhere() {
    let engine = engine();
    let mut random = Random(1);
    let (mut refused, mut ran) = (0, 0);
    for program in &BY_HAND {
        let wasm = program.wasm();
        for at in 8..wasm.len() {
            let mut damaged = wasm.clone();
            damaged[at] ^= (random.next() % 255) as u8 + 1;
            let damage = format!("{}, byte {at} is {:#04x}", program.name, damaged[at]);
            let Some(module) = compile(&engine, &damaged, &damage) else {
                refused += 1;
                continue;
            };
            ran += run(&engine, &module, &mut random);
        }
    }
    assert!(refused > 500 && ran > 500, "{refused} modules were refused, {ran} functions ran");
}

/// Calls every function with little fuel; returns the number of functions.
fn run(engine: &Engine, module: &Module, random: &mut Random) -> usize {
    let Ok(mut ours) = Ours::new(engine, module) else { return 0 };
    let mut calls = 0;
    for export in module.exports() {
        let Some(ty) = export.ty().func().cloned() else { continue };
        let arguments: Vec<_> = ty.params().map(|ty| random.value(ty)).collect();
        ours.store.set_fuel(1_000).expect("fuel is counted");
        if let Err(Stop::Other(what)) = ours.call(export.name(), &arguments) {
            panic!("`{}` {arguments:?}: {what}", export.name());
        }
        calls += 1;
    }
    calls
}
