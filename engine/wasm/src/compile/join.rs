//! Joins compiled functions into one block of machine code, with tables that map it back.

use std::ops::Range;

use cranelift_codegen::CompiledCode;
use cranelift_codegen::FinalizedRelocTarget;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{ExternalName, Function, SourceLoc, TrapCode};
use serde::{Deserialize, Serialize};

use crate::base::error::InvalidModule;
use crate::base::frames::Frames;
use crate::base::trap::Trap;

use super::stops::{OVERFLOW, Stopping};
use super::translate;

/// What every frame begins with.
const RETURN_ADDRESS_AND_FRAME_POINTER: u32 = 16;

/// Functions start at multiples of this many bytes.
const ALIGNMENT: usize = 32;

/// Between functions: whatever is jumped into stops at once, at `int3` or `udf`.
const PADDING: u8 = if cfg!(target_arch = "aarch64") { 0 } else { 0xcc };

/// One compiled function, all offsets relative to its start.
pub struct Compiled {
    bytes: Vec<u8>,
    calls: Vec<Call>,
    traps: Vec<TrapSite>,
    places: Vec<(u32, Place)>,
    stack_maps: Vec<(u32, Vec<u32>)>,
    /// Where the distance to [`OUT_OF_FUEL_STUB`] must be put.
    stub_calls: Vec<u32>,
    /// What its frame takes of the machine's stack, return address included.
    pub frame_bytes: u32,
    /// The same, compared with what is counted for it.
    pub frames: Frames,
    /// Cranelift's representation of it, where that is asked for.
    pub clif: Option<String>,
}

struct Call {
    at: u32,
    func: u32,
    addend: i64,
    kind: Reloc,
}

/// An instruction that may trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrapSite {
    /// Where it is, in bytes from the start of the code.
    pub code_offset: u32,
    pub trap: Trap,
    /// What of the fuel charged ahead has not been used when it traps.
    pub refund: u32,
}

/// An operator that machine code belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it is in the module, in bytes.
    pub wasm_offset: u32,
    /// Where the call is that it was inlined at.
    pub call: Option<u32>,
}

/// From here on, machine code belongs to the operator at this offset of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    pub code_offset: u32,
    pub wasm_offset: u32,
}

/// Where a frame keeps references into the collected heap while it waits in a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackMap {
    /// Where the call returns to.
    pub return_offset: u32,
    /// Which of [`Code::stack_map_slots`] are this map's.
    pub slots: Range<u32>,
}

/// The machine code of a module.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Code {
    /// Relative to itself throughout: it can be put anywhere. Published code has it in its mapping instead.
    #[serde(skip)]
    pub bytes: Vec<u8>,
    /// Where each defined function is, by its place among them; in rising order.
    pub functions: Vec<Range<u32>>,
    /// Sorted by code offset.
    pub traps: Vec<TrapSite>,
    /// Sorted by code offset.
    pub locations: Vec<Location>,
    /// Where the code of a location is inlined: code offset of the location, and where its call is in the module.
    /// Sorted.
    pub inlined: Vec<(u32, u32)>,
    /// Sorted by return offset; only calls with references that are needed after them have one.
    pub stack_maps: Vec<StackMap>,
    /// How far below its frame pointer a frame keeps a reference, in bytes.
    pub stack_map_slots: Vec<u32>,
    /// Whether there is a place for the address of the stub [`OUT_OF_FUEL_STUB`].
    pub out_of_fuel_stub: bool,
    /// The most that its functions take of the machine's stack.
    pub frames: Frames,
}

/// Where code that stops by itself expects the address of the stub that is called then: zero until it is published.
pub const OUT_OF_FUEL_STUB: Range<u32> = 0..8;

impl Compiled {
    /// Takes over what Cranelift produced, and how that stops. `place_of` tells what a mark belongs to, `refund`
    /// what a trap of this code at a mark gives back.
    pub fn new(
        code: &CompiledCode,
        func: &Function,
        stopping: Stopping,
        place_of: impl Fn(SourceLoc) -> Place,
        refund: impl Fn(TrapCode, SourceLoc) -> u32,
    ) -> Compiled {
        let traps = code.buffer.traps().iter().filter(|site| site.code != OVERFLOW).map(|site| {
            let trap = translate::trap_of(site.code);
            let refund = match trap {
                // The prologue runs before the function has charged anything.
                Trap::StackOverflow => 0,
                _ => mark_at(code, site.offset).map_or(0, |mark| refund(site.code, mark)),
            };
            TrapSite { code_offset: site.offset, trap, refund }
        });
        let calls = code.buffer.relocs().iter().map(|reloc| {
            let FinalizedRelocTarget::ExternalName(ExternalName::User(name)) = &reloc.target else {
                panic!("functions refer to functions of their module only, not to {:?}", reloc.target);
            };
            let func = func.params.user_named_funcs()[*name].index;
            Call { at: reloc.offset, func, addend: reloc.addend, kind: reloc.kind }
        });
        let frame = code.buffer.frame_layout().expect("every function has a frame");
        let mut places = places(code, place_of);
        places.extend(stopping.places);
        Compiled {
            bytes: stopping.bytes,
            calls: calls.collect(),
            traps: traps.collect(),
            places,
            stack_maps: stack_maps(code),
            stub_calls: stopping.stub_calls,
            frame_bytes: frame.frame_to_fp_offset + RETURN_ADDRESS_AND_FRAME_POINTER,
            frames: Frames::default(),
            clif: None,
        }
    }

    /// The same, of code that must not fault: each trap stands right behind the call of a stub that never
    /// returns. Cranelift also marks divisions, whose operands were compared before: such marks are dropped.
    ///
    /// # Panics
    /// The translator made something that faults.
    pub fn without_faults(mut self, code: &CompiledCode) -> Compiled {
        let returns: Vec<u32> = code.buffer.call_sites().map(|call| call.ret_addr).collect();
        self.traps.retain(|site| {
            let behind_call = returns.binary_search(&site.code_offset).is_ok();
            let divides = matches!(site.trap, Trap::IntegerDivisionByZero | Trap::IntegerOverflow);
            assert!(behind_call || divides, "nothing may fault, but {site:?} does");
            behind_call
        });
        self
    }
}

/// The mark of the instruction at an offset, or of one before it.
fn mark_at(code: &CompiledCode, offset: u32) -> Option<SourceLoc> {
    let marks = code.buffer.get_srclocs_sorted();
    let before = marks[..marks.partition_point(|range| range.start <= offset)].iter().rev();
    before.map(|range| range.loc).find(|mark| !mark.is_default())
}

/// Return offsets, and distances of references below the frame pointer. Cranelift counts from the stack
/// pointer, which lies `span` bytes below the frame pointer during a call.
fn stack_maps(code: &CompiledCode) -> Vec<(u32, Vec<u32>)> {
    let maps = code.buffer.user_stack_maps().iter();
    maps.map(|(at, span, map)| (*at, map.entries().map(|(_, above_sp)| span - above_sp).collect())).collect()
}

fn places(code: &CompiledCode, place_of: impl Fn(SourceLoc) -> Place) -> Vec<(u32, Place)> {
    let mut places: Vec<(u32, Place)> = Vec::new();
    for range in code.buffer.get_srclocs_sorted().iter().filter(|range| !range.loc.is_default()) {
        let place = place_of(range.loc);
        if places.last().is_none_or(|(_, last)| *last != place) {
            places.push((range.start, place));
        }
    }
    places
}

/// Joins the functions of a module, in order. `first` is the index of the first defined one.
///
/// # Errors
/// The code is too large to address.
pub fn join(functions: Vec<Compiled>, first: u32) -> Result<Code, InvalidModule> {
    let mut code = Code::default();
    if functions.iter().any(|function| !function.stub_calls.is_empty()) {
        code.out_of_fuel_stub = true;
        code.bytes.resize(OUT_OF_FUEL_STUB.end as usize, 0);
    }
    for function in &functions {
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
        for (at, Place { wasm_offset, call }) in &function.places {
            code.locations.push(Location { code_offset: start + at, wasm_offset: *wasm_offset });
            code.inlined.extend(call.map(|call| (start + at, call)));
        }
    }
    for (index, function) in functions.iter().enumerate() {
        for call in &function.calls {
            let at = code.functions[index].start + call.at;
            let target = code.functions[(call.func - first) as usize].start;
            let distance = i64::from(target) + call.addend - i64::from(at);
            let place = code.bytes[at as usize..].first_chunk_mut().expect("calls have four bytes for it");
            write_distance(call.kind, place, distance).ok_or_else(too_far)?;
        }
        for call in &function.stub_calls {
            let at = code.functions[index].start + call;
            let place: &mut [u8; 4] =
                code.bytes[at as usize..].first_chunk_mut().expect("calls have four bytes for it");
            // It counts from behind these bytes.
            *place = (OUT_OF_FUEL_STUB.start as i32 - (at as i32 + 4)).to_le_bytes();
        }
    }
    code.check_order();
    Ok(code)
}

/// Writes how far a call goes into its instruction; `None` where it cannot go so far.
fn write_distance(kind: Reloc, place: &mut [u8; 4], distance: i64) -> Option<()> {
    *place = match kind {
        Reloc::X86CallPCRel4 => i32::try_from(distance).ok()?.to_le_bytes(),
        Reloc::Arm64Call => {
            // `bl` counts in instructions, with 26 bits.
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

fn too_far() -> InvalidModule {
    InvalidModule::new("the machine code is larger than its calls can reach: split the module", None)
}

impl Code {
    /// Tables are searched by halves: a trap that is not found ends the process, a stack map that is not found frees
    /// what is still needed. Cranelift writes them as it emits code, whose blocks it may have moved.
    fn check_order(&self) {
        debug_assert!(self.traps.is_sorted_by_key(|site| site.code_offset), "traps are in order");
        debug_assert!(self.stack_maps.is_sorted_by_key(|map| map.return_offset), "stack maps are in order");
        debug_assert!(
            self.locations.is_sorted_by_key(|location| location.code_offset),
            "locations are in order"
        );
        debug_assert!(self.inlined.is_sorted(), "what is inlined is in order");
    }

    /// The trap that an instruction stands for.
    pub fn trap_at(&self, code_offset: u32) -> Option<TrapSite> {
        let at = self.traps.binary_search_by_key(&code_offset, |site| site.code_offset).ok()?;
        Some(self.traps[at])
    }

    /// Where the frame that waits in the call which returns to `code_offset` keeps references: distances
    /// below its frame pointer.
    pub fn references_at(&self, code_offset: u32) -> &[u32] {
        match self.stack_maps.binary_search_by_key(&code_offset, |map| map.return_offset) {
            Ok(at) => {
                let slots = &self.stack_maps[at].slots;
                &self.stack_map_slots[slots.start as usize..slots.end as usize]
            }
            Err(_) => &[],
        }
    }

    /// The place among the defined functions of the one that contains an instruction.
    pub fn function_at(&self, code_offset: u32) -> Option<usize> {
        let after = self.functions.partition_point(|function| function.start <= code_offset);
        let at = after.checked_sub(1)?;
        self.functions[at].contains(&code_offset).then_some(at)
    }

    /// The operator that an instruction belongs to.
    pub fn place_at(&self, code_offset: u32) -> Option<Place> {
        let function = self.functions[self.function_at(code_offset)?].start;
        let after = self.locations.partition_point(|location| location.code_offset <= code_offset);
        let Location { code_offset, wasm_offset } = self.locations[after.checked_sub(1)?];
        let inlined = self.inlined.binary_search_by_key(&code_offset, |(at, _)| *at);
        let call = inlined.ok().map(|at| self.inlined[at].1);
        (code_offset >= function).then_some(Place { wasm_offset, call })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `bl`, which no test runs here: by its encoding.
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
