//! THE SANDBOX RESTS ON THIS FILE: the one contract between machine code and the rest.
//!
//! Everything that machine code reads or writes outside a linear memory is laid out here, once. The
//! compiler takes offsets from these structs, and `vm/` fills them in. Nothing else may be assumed.
//!
//! ```text
//! VmInstance, one per instance (what machine code gets as its first argument)
//! ┌────────────────────────────────────────────────────────────────────────────────────────┐
//! │ header: store, index, signatures                                                       │
//! ├────────────────────────────────────────────────────────────────────────────────────────┤
//! │ memories        VmMemoryRef {definition, base}      imported ones first                │
//! │ tables          *VmTable                            imported ones first                │
//! │ imported funcs  VmFuncImport {code, context}                                           │
//! │ imported globals  *Slot                                                                │
//! │ own globals     Slot, 16 bytes each                                                    │
//! │ func refs       VmFuncRef, one for each escaped function                               │
//! └────────────────────────────────────────────────────────────────────────────────────────┘
//! VmHostFunc, one per host function of a store: its first word is the same, so that a callee always finds its
//! store at offset 0 of its context.
//! ```

use std::mem::{align_of, offset_of, size_of};

use super::indices::{EscapedIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex};
use super::module::ModuleInfo;

/// Room for one value of any type. Values cross between host and guest in slots, and globals are slots.
#[repr(C, align(16))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Slot(pub [u64; 2]);

impl Slot {
    /// A slot with a vector, low bits first, or with a number, after which the rest is zero.
    pub fn new(bits: u128) -> Slot {
        Slot([bits as u64, (bits >> 64) as u64])
    }

    /// All bits of the slot.
    pub fn bits(self) -> u128 {
        u128::from(self.0[0]) | u128::from(self.0[1]) << 64
    }
}

/// What machine code needs to know about a store. One per store, at a fixed address.
#[repr(C)]
pub struct VmStore {
    /// The complement of the fuel that is left: a charge is an addition, and overflows if it is not covered. While guest
    /// code runs, the pinned register holds it instead.
    pub fuel: u64,
    /// Where a trap lands: in the entry trampoline of the innermost activation.
    pub landing: VmLanding,
    /// Guest frames must not reach below this address.
    pub stack_limit: usize,
    /// The instance that last called something that may be a host function.
    pub caller: *const VmInstance,
    /// Frame pointer of the trampoline through which the guest last left for the host.
    pub exit_fp: usize,
    /// The complement of what is left of the stack, as counted, in bytes, where the guest was entered or last left for
    /// the host. While guest code runs, each function is passed its own count.
    pub stack: u64,
    /// Functions of the runtime that machine code calls.
    pub builtins: *const VmBuiltins,
}

/// Program counter, stack pointer and frame pointer of a landing.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct VmLanding {
    pub pc: usize,
    pub sp: usize,
    pub fp: usize,
}

/// The fixed part of an instance's context.
#[repr(C)]
pub struct VmInstance {
    pub store: *mut VmStore,
    /// The index of the instance in its store.
    pub index: u64,
    /// Engine-wide signature of each of the module's types.
    pub signatures: *const SignatureId,
}

/// The context of a host function.
#[repr(C)]
pub struct VmHostFunc {
    pub store: *mut VmStore,
    /// `(context, slots) -> 0 or 1`: the function that calls this host function; 1 means that an error is pending.
    pub call: *const (),
    /// The host function itself, which only `vm/` can name.
    pub func: *const (),
}

/// A function signature. Equal types have equal signatures in all modules of an engine.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignatureId(pub u32);

/// A linear memory: the only struct that says where it is and how long it is.
#[repr(C)]
pub struct VmMemory {
    pub base: *mut u8,
    pub len_bytes: usize,
}

/// An instance's reference to a memory. `base` is the definition's base, where that never changes.
#[repr(C)]
pub struct VmMemoryRef {
    pub definition: *mut VmMemory,
    pub base: *mut u8,
}

/// A table of references.
#[repr(C)]
pub struct VmTable {
    pub base: *mut VmRef,
    pub len: usize,
}

/// A reference, as tables, globals and machine words hold it. Zero is null. A reference to a function is the address of a
/// [`VmFuncRef`]; a reference to a value of the host is a handle of 32 bits into the store's collected heap, whose upper
/// half is zero.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VmRef(pub u64);

impl VmRef {
    pub const NULL: VmRef = VmRef(0);

    pub fn to_func(func: *const VmFuncRef) -> VmRef {
        VmRef(func as u64)
    }

    /// What it points to, if it is a reference to a function.
    pub fn func(self) -> *const VmFuncRef {
        self.0 as *const VmFuncRef
    }
}

/// An imported function.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VmFuncImport {
    pub code: *const u8,
    pub context: *mut u8,
}

/// What a non-null function reference points to.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VmFuncRef {
    pub code: *const u8,
    pub context: *mut u8,
    pub signature: SignatureId,
    /// How the store identifies the function: owner and index.
    pub owner: u32,
    pub index: u32,
    /// How many slots a call from the host needs.
    pub slots: u32,
    /// The way in from the host, once it is known and if it need not translate any value; otherwise null. Machine code does
    /// not read it.
    pub enter: *const (),
}

/// Functions of the runtime that machine code calls through the store.
#[repr(C)]
pub struct VmBuiltins {
    /// `preserve_all (charge)`, with the bits of [`Charge::to_bits`]: called when the charge has overflowed the pinned
    /// register. Returns once the charge is covered, or lands.
    pub out_of_fuel: *const (),
    /// `preserve_all (store)`: lands with the error that is pending in the store.
    pub raise: *const (),
    /// `preserve_all (store)`: lands with the trap that the table has for its return address.
    pub trap: *const (),
    pub memory_grow: *const (),
    /// `memset` and `memmove`, whose ranges were checked before.
    pub fill_bytes: *const (),
    pub copy_bytes: *const (),
    pub memory_init: *const (),
    pub data_drop: *const (),
    pub table_grow: *const (),
    pub table_fill: *const (),
    pub table_copy: *const (),
    pub table_init: *const (),
    pub elem_drop: *const (),
}

/// A charge of fuel at some point of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// What is charged here.
    pub cost: u32,
    /// What was charged before, for operators that have not run yet.
    pub ahead: u32,
}

impl Charge {
    /// The charge as the stub is passed it.
    pub fn to_bits(self) -> u64 {
        u64::from(self.cost) | u64::from(self.ahead) << 32
    }

    pub fn from_bits(bits: u64) -> Charge {
        Charge { cost: bits as u32, ahead: (bits >> 32) as u32 }
    }
}

/// The result of a builtin when an error is pending and the guest must land.
pub const BUILTIN_ERROR: i64 = i64::MIN;

/// The owner of a host function in [`VmFuncRef::owner`].
pub const HOST_OWNER: u32 = u32::MAX;

const _: () = {
    assert!(size_of::<usize>() == 8, "the runtime needs a 64-bit machine");
    assert!(cfg!(target_endian = "little"), "slots and guest memory are little-endian");
    assert!(offset_of!(VmInstance, store) == 0 && offset_of!(VmHostFunc, store) == 0);
    assert!(size_of::<Slot>() == 16 && align_of::<Slot>() == 16);
    assert!(size_of::<VmFuncRef>() == 40 && size_of::<VmRef>() == 8);
};

/// Offsets of the parts of a module's instance contexts, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceLayout {
    memories: u32,
    tables: u32,
    imported_funcs: u32,
    imported_globals: u32,
    own_globals: u32,
    func_refs: u32,
    size: u32,
    first_own_global: u32,
}

impl InstanceLayout {
    /// The layout for a module, or `None` where it would not fit into 31 bits.
    pub fn new(info: &ModuleInfo) -> Option<InstanceLayout> {
        let mut end = size_of::<VmInstance>() as u64;
        let mut part = |count: usize, size: usize, align: u64| {
            let start = end.next_multiple_of(align);
            end = start + count as u64 * size as u64;
            start as u32
        };
        let own_globals = info.globals.len() - info.imported_globals;
        let layout = InstanceLayout {
            memories: part(info.memories.len(), size_of::<VmMemoryRef>(), 8),
            tables: part(info.tables.len(), size_of::<*mut VmTable>(), 8),
            imported_funcs: part(info.imported_funcs, size_of::<VmFuncImport>(), 8),
            imported_globals: part(info.imported_globals, size_of::<*mut Slot>(), 8),
            own_globals: part(own_globals, size_of::<Slot>(), 16),
            func_refs: part(info.escaped_funcs.len(), size_of::<VmFuncRef>(), 8),
            size: 0,
            first_own_global: info.imported_globals as u32,
        };
        let size = i32::try_from(end.next_multiple_of(16)).ok()? as u32;
        Some(InstanceLayout { size, ..layout })
    }

    /// Size of the whole context; its alignment is 16.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    pub fn memory(&self, memory: MemoryIndex) -> u32 {
        self.memories + memory.0 * size_of::<VmMemoryRef>() as u32
    }

    pub fn table(&self, table: TableIndex) -> u32 {
        self.tables + table.0 * 8
    }

    pub fn imported_func(&self, func: FuncIndex) -> u32 {
        self.imported_funcs + func.0 * size_of::<VmFuncImport>() as u32
    }

    pub fn imported_global(&self, global: GlobalIndex) -> u32 {
        self.imported_globals + global.0 * 8
    }

    /// `global` counts imported globals too.
    pub fn own_global(&self, global: GlobalIndex) -> u32 {
        self.own_globals + (global.0 - self.first_own_global) * size_of::<Slot>() as u32
    }

    pub fn func_ref(&self, func: EscapedIndex) -> u32 {
        self.func_refs + func.0 * size_of::<VmFuncRef>() as u32
    }
}
