//! The machine code of a module, and the tables that map it back to WebAssembly.
//!
//! Plain data, which can be serialised. It must not know how the code was made, or where it is published.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::base::frames::Frames;
use crate::base::indices::FuncIndex;
use crate::base::layout::InstanceLayout;
use crate::base::module::ModuleInfo;
use crate::compile::body::CodeLocation;
use crate::compile::function::TrapSite;

/// A compiled module: what it declares, how its instances are laid out, and its machine code.
pub struct CompiledModule {
    pub info: ModuleInfo,
    pub layout: InstanceLayout,
    pub code: Code,
    /// Each function in Cranelift's representation, with its index, where the settings ask for it.
    pub clif: Vec<(FuncIndex, String)>,
}

/// From here on, machine code belongs to the operator at this offset of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationStart {
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
    /// Relative to itself throughout, so it can be put anywhere. Empty once the code is published in a mapping.
    #[serde(skip)]
    pub bytes: Vec<u8>,
    /// Where each defined function is, in the order in which they are defined; ascending.
    pub functions: Vec<Range<u32>>,
    /// Sorted by code offset.
    pub traps: Vec<TrapSite>,
    /// Sorted by code offset.
    pub locations: Vec<LocationStart>,
    /// For code that was inlined: the code offset of its location, and where the call is in the module. Sorted.
    pub inlined: Vec<(u32, u32)>,
    /// Sorted by return offset. Only calls after which references are needed have one.
    pub stack_maps: Vec<StackMap>,
    /// How far below its frame pointer a frame keeps a reference, in bytes.
    pub stack_map_slots: Vec<u32>,
    /// Whether the code begins with the address of the stub: see [`OUT_OF_FUEL_STUB`].
    pub out_of_fuel_stub: bool,
    /// The most that its functions take of the machine's stack.
    pub frames: Frames,
}

/// Where code that stops by itself expects the address of the stub that it calls. Zero until the code is published.
pub const OUT_OF_FUEL_STUB: Range<u32> = 0..8;

impl Code {
    /// Checks that the tables are sorted, since they are searched by bisection. A trap that is not found ends the process;
    /// a stack map that is not found frees values that are still needed. Cranelift writes the tables as it emits code,
    /// whose blocks it may have moved.
    pub fn check_order(&self) {
        debug_assert!(self.traps.is_sorted_by_key(|site| site.code_offset), "traps are in order");
        debug_assert!(self.stack_maps.is_sorted_by_key(|map| map.return_offset), "stack maps are in order");
        debug_assert!(
            self.locations.is_sorted_by_key(|location| location.code_offset),
            "locations are in order"
        );
        debug_assert!(self.inlined.is_sorted(), "inlined code is in order");
    }

    /// The trap that an instruction stands for.
    pub fn trap_at(&self, code_offset: u32) -> Option<TrapSite> {
        let at = self.traps.binary_search_by_key(&code_offset, |site| site.code_offset).ok()?;
        Some(self.traps[at])
    }

    /// Where a frame keeps references while it waits in the call that returns to `code_offset`: distances below its
    /// frame pointer.
    pub fn references_at(&self, code_offset: u32) -> &[u32] {
        match self.stack_maps.binary_search_by_key(&code_offset, |map| map.return_offset) {
            Ok(at) => {
                let slots = &self.stack_maps[at].slots;
                &self.stack_map_slots[slots.start as usize..slots.end as usize]
            }
            Err(_) => &[],
        }
    }

    /// The function that contains an instruction, by its position among the defined ones.
    pub fn function_at(&self, code_offset: u32) -> Option<usize> {
        let after = self.functions.partition_point(|function| function.start <= code_offset);
        let at = after.checked_sub(1)?;
        self.functions[at].contains(&code_offset).then_some(at)
    }

    /// The operator that an instruction belongs to.
    pub fn location_at(&self, code_offset: u32) -> Option<CodeLocation> {
        let function = self.functions[self.function_at(code_offset)?].start;
        let after = self.locations.partition_point(|location| location.code_offset <= code_offset);
        let LocationStart { code_offset, wasm_offset } = self.locations[after.checked_sub(1)?];
        let inlined = self.inlined.binary_search_by_key(&code_offset, |(at, _)| *at);
        let call = inlined.ok().map(|at| self.inlined[at].1);
        (code_offset >= function).then_some(CodeLocation { wasm_offset, call })
    }
}
