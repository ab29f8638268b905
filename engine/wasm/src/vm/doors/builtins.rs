//! Functions of the runtime that guest code calls: out of fuel, growing, bulk operations.
//!
//! Each takes the calling instance's context and machine words, and returns a word; `BUILTIN_ERROR`
//! tells the guest to land with what is pending. None lets a panic out.
//!
//! Only growing runs code of the host, the limiter's, which may call guests of other stores: machine code notes in the
//! store what is left of the stack before it calls these two (`Translator::call_builtin_of_host`). Out of fuel may suspend
//! the call, and then nothing that the host calls lies within it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::arch;
use super::fibers::suspend;
use super::signals;
use crate::base::error::StoreError;
use crate::base::layout::{BUILTIN_ERROR, Charge, VmBuiltins, VmInstance, VmRef};
use crate::base::trap::Trap;
use crate::vm::machine::float_mode;
use crate::vm::store::calls::fiber::Wait;
use crate::vm::store::calls::frames::GuestFrame;
use crate::vm::store::context::{Pending, StoreContext};
use crate::vm::store::fuel::Cover;
use crate::vm::store::store_core::{InstanceId, StoreCore};

/// What guest code calls by the table that all stores point to.
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

/// How the guest goes on after a charge that was not covered.
#[repr(C)]
pub struct Charged {
    /// Null, or the store in whose landing it lands.
    land: *mut StoreContext,
    /// What the pinned register holds then.
    counter: u64,
}

/// Called by the stub of this name when a charge has overflowed the counter. `pc` is the stub's return address.
///
/// # Safety
/// Only the stub calls it, for a guest that runs on this thread.
pub unsafe extern "C" fn out_of_fuel(charge: u64, pc: usize, fp: usize, counter: u64) -> Charged {
    let context = signals::current();
    let Charge { cost, ahead } = Charge::from_bits(charge);
    let wanted = u64::from(cost) + u64::from(ahead);
    // Whoever looks now sees what is left without this charge and what was charged ahead.
    // SAFETY: (1, 2) the guest has stopped.
    unsafe { (*context).vm.fuel = counter.wrapping_sub(wanted) };
    // SAFETY: (1, 8) the guest called the stub.
    let covered = unsafe { wait_for(wanted, context, pc, fp) };
    // SAFETY: (1, 2) as above.
    let fuel = unsafe { (*context).vm.fuel };
    if covered {
        Charged { land: std::ptr::null_mut(), counter: fuel + wanted }
    } else {
        Charged { land: context, counter: fuel }
    }
}

/// Whether the store has so much fuel now; otherwise its guest must land.
///
/// # Safety
/// Only guest frames, the stub's and its callers here lie on the stack above the landing.
unsafe fn wait_for(wanted: u64, context: *mut StoreContext, pc: usize, fp: usize) -> bool {
    loop {
        // SAFETY: (1) guest code called the stub, so nothing else uses the store.
        let core = unsafe { &mut *(*context).core };
        let can_suspend = core.can_suspend();
        let (wait, more) = match core.cover(wanted, can_suspend) {
            Cover::Enough => return true,
            Cover::AfterYield { more } => (Wait::Turn, more),
            // Nobody can refuel while a task waits for the call to end.
            Cover::Lacking if can_suspend && !core.is_polled() => (Wait::Fuel, 0),
            Cover::Lacking => {
                core.note_trap(Trap::OutOfFuel);
                core.note_backtrace(pc, fp);
                return false;
            }
        };
        // SAFETY: (1, 8) only guest frames and this one lie on the fiber, and `core` is not used
        // after this point: the store may be elsewhere when it goes on.
        let signal = unsafe { suspend(context, wait, Some(GuestFrame { pc, fp })) };
        // SAFETY: (1) whoever resumed the fiber has renewed the pointer.
        let core = unsafe { &mut *(*context).core };
        if signal.is_cancelled() {
            core.pending = Some(Pending::Error(StoreError::Cancelled.into()));
            return false;
        }
        if more > 0 {
            core.add_fuel(more).expect("a check ran out of it");
        }
    }
}

/// Runs a builtin for the instance of `context`.
///
/// # Safety
/// Guest code of this instance called the builtin.
unsafe fn serve(
    context: *const VmInstance,
    builtin: impl FnOnce(&mut StoreCore, InstanceId) -> anyhow::Result<i64>,
) -> i64 {
    // SAFETY: (2) instances and their stores' contexts stay while their code runs.
    let (store, index) = unsafe { ((*context).store.cast::<StoreContext>(), (*context).index) };
    // SAFETY: (1) guest code called, so nothing else uses the store.
    let core = unsafe { &mut *(*store).core };
    // A limiter is the host's code.
    // SAFETY: (2) as above.
    unsafe { float_mode::enter_host(&raw mut (*store).host_mode) };
    let result = catch_unwind(AssertUnwindSafe(|| builtin(core, InstanceId(index as u32))));
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

/// Defines builtins: each has the context first, its operands as machine words, and its body as a
/// closure over the store and the instance.
macro_rules! builtins {
    ($($name:ident($($operand:ident: $ty:ty),*) $body:expr;)*) => {$(
        unsafe extern "C" fn $name(context: *const VmInstance, $($operand: u64),*) -> i64 {
            $(let $operand = $operand as $ty;)*
            let body: fn(&mut StoreCore, InstanceId, $($ty),*) -> anyhow::Result<i64> = $body;
            // SAFETY: (3) only guest code calls builtins, with its own context.
            unsafe { serve(context, |core, id| body(core, id, $($operand),*)) }
        }
    )*};
}

builtins! {
    memory_grow(memory: u32, delta: u32) |core, id, memory, delta| {
        let memory = core.instance(id).memories[memory as usize];
        Ok(core.grow_memory(memory, delta.into())?.map_or(-1, |old| old as i64))
    };
    memory_init(memory: u32, segment: u32, dst: u32, src: u32, len: u32) |core, id, memory, segment, dst, src, len| {
        core.memory_init(id, memory, segment, dst, src, len)?;
        Ok(0)
    };
    data_drop(segment: u32) |core, id, segment| {
        core.instances[id.0 as usize].dropped_data[segment as usize] = true;
        Ok(0)
    };
    table_grow(table: u32, value: u64, delta: u32) |core, id, table, value, delta| {
        let table = core.instance(id).tables[table as usize];
        Ok(core.grow_table(table, delta.into(), VmRef(value))?.map_or(-1, |old| old as i64))
    };
    table_fill(table: u32, at: u32, value: u64, len: u32) |core, id, table, at, value, len| {
        let table = core.instance(id).tables[table as usize] as usize;
        let elements = within(core.tables[table].elements_mut(), at, len).ok_or(Trap::TableOutOfBounds)?;
        elements.fill(VmRef(value));
        Ok(0)
    };
    table_copy(to: u32, from: u32, dst: u32, src: u32, len: u32) |core, id, to, from, dst, src, len| {
        let (to, from) = (core.instance(id).tables[to as usize], core.instance(id).tables[from as usize]);
        if to == from {
            copy_within(core.tables[to as usize].elements_mut(), dst, src, len).ok_or(Trap::TableOutOfBounds)?;
        } else {
            let [to, from] = core.tables.get_disjoint_mut([to as usize, from as usize])?;
            copy_between(to.elements_mut(), from.elements(), dst, src, len).ok_or(Trap::TableOutOfBounds)?;
        }
        Ok(0)
    };
    table_init(table: u32, segment: u32, dst: u32, src: u32, len: u32) |core, id, table, segment, dst, src, len| {
        core.table_init(id, table, segment, dst, src, len)?;
        Ok(0)
    };
    elem_drop(segment: u32) |core, id, segment| {
        core.instances[id.0 as usize].dropped_elements[segment as usize] = true;
        Ok(0)
    };
}

fn within<E>(all: &mut [E], at: u32, len: u32) -> Option<&mut [E]> {
    all.get_mut(at as usize..)?.get_mut(..len as usize)
}

fn copy_within<E: Copy>(all: &mut [E], dst: u32, src: u32, len: u32) -> Option<()> {
    within(all, dst, len)?;
    within(all, src, len)?;
    all.copy_within(src as usize..src as usize + len as usize, dst as usize);
    Some(())
}

fn copy_between<E: Copy>(to: &mut [E], from: &[E], dst: u32, src: u32, len: u32) -> Option<()> {
    let from = from.get(src as usize..)?.get(..len as usize)?;
    within(to, dst, len)?.copy_from_slice(from);
    Some(())
}
