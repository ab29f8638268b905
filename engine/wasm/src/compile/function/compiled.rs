//! One function as machine code, with the tables that map it back to WebAssembly.
//!
//! It takes over what Cranelift produced. It must not know where the code will lie in its module.

use cranelift_codegen::CompiledCode;
use cranelift_codegen::FinalizedRelocTarget;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{ExternalName, Function, SourceLoc, TrapCode};
use serde::{Deserialize, Serialize};

use super::frame;
use crate::base::error::InvalidModule;
use crate::base::frames::Frames;
use crate::base::indices::FuncIndex;
use crate::base::trap::Trap;
use crate::compile::body::CodeLocation;
use crate::compile::marks::{OVERFLOW, trap_of};
use crate::compile::stops::Stopping;
use crate::compile::target::Target;

/// The bytes that every frame begins with.
const RETURN_ADDRESS_AND_FRAME_POINTER: u32 = 16;

/// One compiled function, all offsets relative to its start.
pub struct Compiled {
    pub bytes: Vec<u8>,
    pub calls: Vec<Call>,
    pub traps: Vec<TrapSite>,
    pub locations: Vec<(u32, CodeLocation)>,
    pub stack_maps: Vec<(u32, Vec<u32>)>,
    /// Where the distance to [`OUT_OF_FUEL_STUB`] must be put.
    pub stub_calls: Vec<u32>,
    /// What its frame takes of the machine's stack, return address included.
    pub frame_bytes: u32,
    /// The same, compared with what is counted for it.
    pub frames: Frames,
    /// Cranelift's representation of it, where that is asked for.
    pub clif: Option<String>,
}

pub struct Call {
    pub at: u32,
    pub func: FuncIndex,
    pub addend: i64,
    pub kind: Reloc,
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

impl Compiled {
    /// Takes over what Cranelift produced, and how that stops. `location_of` says what a mark belongs to, `refund`
    /// what a trap of this code at a mark gives back.
    pub fn new(
        code: &CompiledCode,
        func: &Function,
        stopping: Stopping,
        location_of: impl Fn(SourceLoc) -> CodeLocation,
        refund: impl Fn(TrapCode, SourceLoc) -> u32,
    ) -> Compiled {
        let traps = code.buffer.traps().iter().filter(|site| site.code != OVERFLOW).map(|site| {
            let trap = trap_of(site.code);
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
            let func = FuncIndex(func.params.user_named_funcs()[*name].index);
            Call { at: reloc.offset, func, addend: reloc.addend, kind: reloc.kind }
        });
        let frame = code.buffer.frame_layout().expect("every function has a frame");
        let mut locations = locations(code, location_of);
        locations.extend(stopping.locations);
        Compiled {
            bytes: stopping.bytes,
            calls: calls.collect(),
            traps: traps.collect(),
            locations,
            stack_maps: stack_maps(code),
            stub_calls: stopping.stub_calls,
            frame_bytes: frame.frame_to_fp_offset + RETURN_ADDRESS_AND_FRAME_POINTER,
            frames: Frames::default(),
            clif: None,
        }
    }

    /// Checks that code does not fault where it must not: each trap stands right behind the call of a stub that never
    /// returns. Cranelift also marks divisions, whose operands were compared before: such marks are dropped.
    ///
    /// # Errors
    /// The frame is too large. `offset` is where the function is in its module.
    ///
    /// # Panics
    /// The translator made something that faults.
    pub fn check_for_faults(
        mut self,
        code: &CompiledCode,
        target: &Target,
        offset: Option<u64>,
    ) -> Result<Compiled, InvalidModule> {
        if target.traps_are_faults() {
            return Ok(self);
        }
        frame::check_frame_without_signals(self.frame_bytes, offset)?;
        let returns: Vec<u32> = code.buffer.call_sites().map(|call| call.ret_addr).collect();
        self.traps.retain(|site| {
            let behind_call = returns.binary_search(&site.code_offset).is_ok();
            let divides = matches!(site.trap, Trap::IntegerDivisionByZero | Trap::IntegerOverflow);
            assert!(behind_call || divides, "nothing may fault, but {site:?} does");
            behind_call
        });
        Ok(self)
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

fn locations(
    code: &CompiledCode,
    location_of: impl Fn(SourceLoc) -> CodeLocation,
) -> Vec<(u32, CodeLocation)> {
    let mut locations: Vec<(u32, CodeLocation)> = Vec::new();
    for range in code.buffer.get_srclocs_sorted().iter().filter(|range| !range.loc.is_default()) {
        let location = location_of(range.loc);
        if locations.last().is_none_or(|(_, last)| *last != location) {
            locations.push((range.start, location));
        }
    }
    locations
}
