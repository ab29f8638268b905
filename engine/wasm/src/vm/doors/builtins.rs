//! THE SANDBOX RESTS ON THIS FILE: functions of the runtime that guest code calls, to grow memories and tables and for bulk
//! operations.
//!
//! Each takes the context of the calling instance and machine words, and returns a word; `BUILTIN_ERROR` makes the guest land
//! with what is pending. None lets a panic out.
//!
//! Only growing runs code of the host: the limiter, which may call guests of other stores. So machine code records in the store
//! what is left of the stack before it calls these two (`Translator::call_builtin_of_host`).

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::arch;
use crate::base::indices::{DataIndex, ElemIndex, MemoryIndex, TableIndex};
use crate::base::layout::{BUILTIN_ERROR, VmBuiltins, VmInstance, VmRef};
use crate::base::trap::Trap;
use crate::vm::machine::float_mode;
use crate::vm::store::context::{Pending, VmStoreContext};
use crate::vm::store::indices::StoreInstance;
use crate::vm::store::instance::segments::CopyRange;
use crate::vm::store::store_core::StoreCore;

/// The table of builtins, to which all stores point.
pub const BUILTINS: VmBuiltins = VmBuiltins {
    out_of_fuel: arch::out_of_fuel as *const (),
    raise: arch::raise as *const (),
    trap: arch::trap as *const (),
    memory_grow: memory_grow as *const (),
    fill_bytes: libc::memset as *const (),
    copy_bytes: libc::memmove as *const (),
    memory_init: memory_init as *const (),
    data_drop: data_drop as *const (),
    table_grow: table_grow as *const (),
    table_fill: table_fill as *const (),
    table_copy: table_copy as *const (),
    table_init: table_init as *const (),
    elem_drop: elem_drop as *const (),
};

/// Runs a builtin for the instance of `context`.
///
/// # Safety
/// Guest code of this instance called the builtin.
unsafe fn serve(
    context: *const VmInstance,
    builtin: impl FnOnce(&mut StoreCore, StoreInstance) -> anyhow::Result<i64>,
) -> i64 {
    // SAFETY: (2) instances and their stores' contexts stay while their code runs.
    let (store, index) = unsafe { ((*context).store.cast::<VmStoreContext>(), (*context).index) };
    // SAFETY: (1) guest code called, so nothing else uses the store.
    let core = unsafe { &mut *(*store).core };
    // The builtin may call a limiter, which is code of the host.
    // SAFETY: (2) as above.
    unsafe { float_mode::enter_host(&raw mut (*store).host_mode) };
    let result = catch_unwind(AssertUnwindSafe(|| builtin(core, StoreInstance(index as u32))));
    // SAFETY: (2) as above.
    unsafe { float_mode::leave_host(&raw mut (*store).host_mode) };
    // SAFETY: (1) the borrow above has ended.
    let core = unsafe { &mut *(*store).core };
    let pending = match result {
        Ok(Ok(value)) => return value,
        Ok(Err(error)) => match error.downcast::<Trap>() {
            Ok(trap) => Pending::Trap { trap, refund: 0 },
            Err(error) => Pending::Error(error),
        },
        Err(payload) => Pending::Panic(payload),
    };
    core.pending = Some(pending);
    BUILTIN_ERROR
}

/// An operand of a builtin, which machine code passes as a machine word.
trait Operand {
    fn from_word(word: u64) -> Self;
}

impl Operand for u32 {
    fn from_word(word: u64) -> u32 {
        word as u32
    }
}

impl Operand for VmRef {
    fn from_word(word: u64) -> VmRef {
        VmRef(word)
    }
}

macro_rules! index_operands {
    ($($index:ident)*) => {$(
        impl Operand for $index {
            fn from_word(word: u64) -> $index {
                $index(word as u32)
            }
        }
    )*};
}

index_operands!(MemoryIndex TableIndex DataIndex ElemIndex);

/// Defines builtins: each has the context first, its operands as machine words, and its body as a
/// closure over the store and the instance.
macro_rules! builtins {
    ($($name:ident($($operand:ident: $ty:ty),*) $body:expr;)*) => {$(
        unsafe extern "C" fn $name(context: *const VmInstance, $($operand: u64),*) -> i64 {
            $(let $operand = <$ty as Operand>::from_word($operand);)*
            let body: fn(&mut StoreCore, StoreInstance, $($ty),*) -> anyhow::Result<i64> = $body;
            // SAFETY: (3) only guest code calls builtins, with its own context.
            unsafe { serve(context, |core, id| body(core, id, $($operand),*)) }
        }
    )*};
}

builtins! {
    memory_grow(memory: MemoryIndex, delta: u32) |core, id, memory, delta| {
        let memory = core.instance(id).memory(memory);
        Ok(core.grow_memory(memory, delta.into())?.map_or(-1, |old| old as i64))
    };
    memory_init(memory: MemoryIndex, segment: DataIndex, to: u32, from: u32, len: u32)
    |core, id, memory, segment, to, from, len| {
        core.memory_init(id, memory, segment, CopyRange { to, from, len })?;
        Ok(0)
    };
    data_drop(segment: DataIndex) |core, id, segment| {
        core.instance_mut(id).dropped_data[segment.index()] = true;
        Ok(0)
    };
    table_grow(table: TableIndex, value: VmRef, delta: u32) |core, id, table, value, delta| {
        let table = core.instance(id).table(table);
        Ok(core.grow_table(table, delta.into(), value)?.map_or(-1, |old| old as i64))
    };
    table_fill(table: TableIndex, to: u32, value: VmRef, len: u32) |core, id, table, to, value, len| {
        let table = core.instance(id).table(table);
        let elements = CopyRange { to, from: 0, len }.target(core.table_elements(table));
        elements.ok_or(Trap::TableOutOfBounds)?.fill(value);
        Ok(0)
    };
    table_copy(to_table: TableIndex, from_table: TableIndex, to: u32, from: u32, len: u32)
    |core, id, to_table, from_table, to, from, len| {
        let instance = core.instance(id);
        let (to_table, from_table) = (instance.table(to_table), instance.table(from_table));
        core.table_copy(to_table, from_table, CopyRange { to, from, len })?;
        Ok(0)
    };
    table_init(table: TableIndex, segment: ElemIndex, to: u32, from: u32, len: u32)
    |core, id, table, segment, to, from, len| {
        core.table_init(id, table, segment, CopyRange { to, from, len })?;
        Ok(0)
    };
    elem_drop(segment: ElemIndex) |core, id, segment| {
        core.instance_mut(id).dropped_elements[segment.index()] = true;
        Ok(0)
    };
}
