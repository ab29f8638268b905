//! Machine code as text. Addresses are offsets in the function, other functions are named: the text does not depend
//! on the location of the code.

use std::fmt::Write as _;

use iced_x86::{
    Decoder, DecoderOptions, Formatter, Instruction, IntelFormatter, Mnemonic, SymbolResolver, SymbolResult,
};
use tinkerbox_wasm::{Module, ModuleFunction};

/// The instructions of a function, one a line. Jump tables and constants, which are between and after the
/// instructions, are shown as numbers.
pub fn instructions(module: &Module, function: &ModuleFunction) -> String {
    let code = &module.text()[function.offset..function.offset + function.len];
    let mut formatter = formatter(module, function);
    let mut text = String::new();
    let mut reading = Reading::default();
    let mut at = 0;
    while at < code.len() {
        if reading.is_data(at) {
            let number = code[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
            reading.table_entry(number);
            writeln!(text, "{at:4x}  .long {number:#x}").expect("a string takes all");
            at += 4;
            continue;
        }
        let mut decoder = Decoder::with_ip(64, &code[at..], at as u64, DecoderOptions::NONE);
        let instruction = decoder.decode();
        reading.see(&instruction);
        let mut line = String::new();
        formatter.format(&instruction, &mut line);
        writeln!(text, "{at:4x}  {line}").expect("a string takes all");
        at += instruction.len();
    }
    text
}

fn formatter(module: &Module, function: &ModuleFunction) -> IntelFormatter {
    let functions = module.functions().map(|other| {
        let name = other.name.unwrap_or_else(|| format!("function {}", other.index));
        (other.offset.wrapping_sub(function.offset) as u64, name)
    });
    let first = module.functions().next().map_or(0, |first| first.offset);
    let names = Names { offset: function.offset as u64, first: first as u64, functions: functions.collect() };
    let mut formatter = IntelFormatter::with_options(Some(Box::new(names)), None);
    let options = formatter.options_mut();
    options.set_uppercase_hex(false);
    options.set_hex_prefix("0x");
    options.set_hex_suffix("");
    options.set_space_after_operand_separator(true);
    options.set_show_branch_size(false);
    options.set_branch_leading_zeros(false);
    formatter
}

/// Names of targets that are given relative to the function that is shown.
struct Names {
    /// The position of that function, and of the first one, in the text.
    offset: u64,
    first: u64,
    /// Where functions start.
    functions: Vec<(u64, String)>,
}

impl SymbolResolver for Names {
    fn symbol(
        &mut self,
        instruction: &Instruction,
        _: u32,
        _: Option<u32>,
        address: u64,
        _: u32,
    ) -> Option<SymbolResult<'_>> {
        // Code that all functions of a module share precedes the first.
        let place = address.wrapping_add(self.offset);
        if place < self.first && instruction.is_ip_rel_memory_operand() {
            return Some(SymbolResult::with_string(address, format!("text+{place:#x}")));
        }
        let calls = instruction.mnemonic() == Mnemonic::Call;
        let (_, name) = self.functions.iter().find(|(start, _)| *start == address && calls)?;
        Some(SymbolResult::with_str(address, name))
    }
}

/// State about the data between instructions, while decoding.
#[derive(Default)]
struct Reading {
    /// The last jump table: its start, and the lowest target after it.
    table: Option<(u64, u64)>,
    /// Where constants start.
    constants: Option<u64>,
    /// Targets of jumps: they mark code after constants.
    targets: Vec<u64>,
}

impl Reading {
    /// Jump tables are found by their address; constants are loaded.
    fn see(&mut self, instruction: &Instruction) {
        self.targets.push(instruction.near_branch_target());
        if instruction.is_ip_rel_memory_operand() {
            let address = instruction.ip_rel_memory_address();
            if instruction.mnemonic() == Mnemonic::Lea {
                self.table = Some((address, u64::MAX));
            } else {
                self.constants = Some(self.constants.map_or(address, |before| before.min(address)));
            }
        }
    }

    fn is_data(&self, at: usize) -> bool {
        let at = at as u64;
        let in_table = self.table.is_some_and(|(start, end)| (start..end).contains(&at));
        let among_constants = self.constants.is_some_and(|start| {
            start <= at && !self.targets.iter().any(|target| (start + 1..=at).contains(target))
        });
        in_table || among_constants
    }

    /// Targets are relative to the start of their table.
    fn table_entry(&mut self, distance: u32) {
        if let Some((start, end)) = &mut self.table {
            let target = start.wrapping_add_signed(i64::from(distance as i32));
            if target > *start {
                *end = target.min(*end);
            }
        }
    }
}
