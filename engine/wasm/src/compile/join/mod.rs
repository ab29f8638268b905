//! The stage that joins compiled functions into one block of machine code, with the tables that map it back.

mod code;

use cranelift_codegen::binemit::Reloc;

use super::body::CodeLocation;
use super::function::{Call, Compiled, TrapSite};
use crate::base::error::InvalidModule;
use crate::base::indices::FuncIndex;

pub use code::{Code, CompiledModule, LocationStart, OUT_OF_FUEL_STUB, StackMap};

/// Functions start at multiples of this many bytes.
const ALIGNMENT: usize = 32;

/// The bytes between functions: a jump there traps at once, at `int3` or `udf`.
const PADDING: u8 = if cfg!(target_arch = "aarch64") { 0 } else { 0xcc };

/// Joins the functions of a module, in order. `first` is the index of the first defined one.
///
/// # Errors
/// The code is too large to address.
pub fn join(functions: Vec<Compiled>, first: FuncIndex) -> Result<Code, InvalidModule> {
    let mut code = Code::default();
    if functions.iter().any(|function| !function.stub_calls.is_empty()) {
        code.out_of_fuel_stub = true;
        code.bytes.resize(OUT_OF_FUEL_STUB.end as usize, 0);
    }
    for function in &functions {
        append(&mut code, function)?;
    }
    for (index, function) in functions.iter().enumerate() {
        let start = code.functions[index].start;
        for call in &function.calls {
            let target = code.functions[call.func.index() - first.index()].start;
            link_call(&mut code.bytes, start + call.at, call, target)?;
        }
        for call in &function.stub_calls {
            link_stub_call(&mut code.bytes, start + call);
        }
    }
    code.check_order();
    Ok(code)
}

/// Appends a function's code and its tables, whose offsets become the module's.
fn append(code: &mut Code, function: &Compiled) -> Result<(), InvalidModule> {
    code.frames = code.frames.and(function.frames);
    let start = code.bytes.len().next_multiple_of(ALIGNMENT);
    code.bytes.resize(start, PADDING);
    code.bytes.extend_from_slice(&function.bytes);
    if code.bytes.len() > i32::MAX as usize {
        return Err(InvalidModule::new("the machine code is larger than 2 GiB: split the module", None));
    }
    let start = start as u32;
    code.functions.push(start..code.bytes.len() as u32);
    code.traps.extend(
        function.traps.iter().map(|site| TrapSite { code_offset: start + site.code_offset, ..*site }),
    );
    for (at, slots) in &function.stack_maps {
        let first = code.stack_map_slots.len() as u32;
        code.stack_map_slots.extend(slots);
        let slots = first..code.stack_map_slots.len() as u32;
        code.stack_maps.push(StackMap { return_offset: start + at, slots });
    }
    for (at, CodeLocation { wasm_offset, call }) in &function.locations {
        code.locations.push(LocationStart { code_offset: start + at, wasm_offset: *wasm_offset });
        code.inlined.extend(call.map(|call| (start + at, call)));
    }
    Ok(())
}

/// Writes the distance to the function at `target` into the call at `at`.
fn link_call(code: &mut [u8], at: u32, call: &Call, target: u32) -> Result<(), InvalidModule> {
    let distance = i64::from(target) + call.addend - i64::from(at);
    write_distance(call.kind, four_bytes(code, at), distance).ok_or_else(|| {
        InvalidModule::new("the machine code is larger than its calls can reach: split the module", None)
    })
}

/// Writes the distance to the address of the stub, which counts from the end of the four bytes at `at`.
fn link_stub_call(code: &mut [u8], at: u32) {
    *four_bytes(code, at) = (OUT_OF_FUEL_STUB.start as i32 - (at as i32 + 4)).to_le_bytes();
}

fn four_bytes(code: &mut [u8], at: u32) -> &mut [u8; 4] {
    code[at as usize..].first_chunk_mut().expect("calls have four bytes for their distance")
}

/// Writes the distance of a call into its instruction; `None` where the instruction cannot reach that far.
fn write_distance(kind: Reloc, place: &mut [u8; 4], distance: i64) -> Option<()> {
    *place = match kind {
        Reloc::X86CallPCRel4 => i32::try_from(distance).ok()?.to_le_bytes(),
        Reloc::Arm64Call => {
            // `bl` has 26 bits for a distance in instructions.
            const REACH: i64 = 1 << 25;
            let instructions = distance / 4;
            if !(-REACH..REACH).contains(&instructions) {
                return None;
            }
            let opcode = u32::from_le_bytes(*place) & !0x03ff_ffff;
            (opcode | instructions as u32 & 0x03ff_ffff).to_le_bytes()
        }
        other => panic!("functions refer to each other by calls only, not by {other:?}"),
    };
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares encodings of `bl`, since no test runs it here.
    #[test]
    fn calls_on_aarch64_count_in_instructions_and_reach_128_mib() {
        let bl = |distance: i64| {
            let mut place = 0x9400_0000u32.to_le_bytes();
            write_distance(Reloc::Arm64Call, &mut place, distance)?;
            Some(u32::from_le_bytes(place))
        };
        assert_eq!([0, 8, -4].map(bl), [0x9400_0000, 0x9400_0002, 0x97ff_ffff].map(Some));
        let reach = 128 << 20;
        assert_eq!([reach - 4, -reach].map(bl), [0x95ff_ffff, 0x9600_0000].map(Some));
        assert_eq!([reach, -reach - 4].map(bl), [None, None]);
    }
}
