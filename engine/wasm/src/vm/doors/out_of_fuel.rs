//! THE SANDBOX RESTS ON THIS FILE: what happens if a charge of fuel is not covered. The call continues, waits, or ends.
//!
//! ```text
//! guest: add r15, cost; jb ─> arch: out_of_fuel ─> here ── covered ──────────────────────────> back behind the charge
//!                                                   │ └─── waits, then checks again (fibers.rs)
//!                                                   └───── not covered: lands with Trap::OutOfFuel
//! ```
//! `vm/store/fuel.rs` decides which it is. The charge does not count as consumed while the host may look.

use super::fibers::suspend;
use super::signals;
use crate::base::error::StoreError;
use crate::base::layout::Charge;
use crate::base::trap::Trap;
use crate::vm::store::calls::fiber::Wait;
use crate::vm::store::calls::frames::GuestFrame;
use crate::vm::store::context::{Pending, VmStoreContext};
use crate::vm::store::fuel::FuelCheck;

/// How the guest continues after a charge that was not covered.
#[repr(C)]
pub struct Charged {
    /// Null, or the store whose landing it jumps to.
    land: *mut VmStoreContext,
    /// What the pinned register then holds.
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
    // The host sees what is left before this charge and before what was charged ahead.
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

/// Waits until the store has `wanted` fuel. False if it will not have it, and the guest has to land.
///
/// # Safety
/// Only guest frames, the stub's and its callers here lie on the stack above the landing.
unsafe fn wait_for(wanted: u64, context: *mut VmStoreContext, pc: usize, fp: usize) -> bool {
    loop {
        // SAFETY: (1) guest code called the stub, so nothing else uses the store.
        let core = unsafe { &mut *(*context).core };
        let can_suspend = core.can_suspend();
        let (wait, more) = match core.cover(wanted, can_suspend) {
            FuelCheck::Enough => return true,
            FuelCheck::AfterYield { more } => (Wait::Yield, more),
            // While a task waits for the call to end, the host cannot add fuel.
            FuelCheck::Lacking if can_suspend && !core.is_polled() => (Wait::Fuel, 0),
            FuelCheck::Lacking => {
                core.note_trap(Trap::OutOfFuel);
                core.note_backtrace(pc, fp);
                return false;
            }
        };
        // SAFETY: (1, 8) only guest frames and this one lie on the fiber, and `core` is not used
        // after this point: the store may have moved when the guest is resumed.
        let signal = unsafe { suspend(context, wait, Some(GuestFrame { pc, fp })) };
        // SAFETY: (1) the pointer was renewed when the fiber was resumed.
        let core = unsafe { &mut *(*context).core };
        if signal.is_cancelled() {
            core.pending = Some(Pending::Error(StoreError::Cancelled.into()));
            return false;
        }
        if more > 0 {
            core.add_fuel(more).expect("fuel is configured: a charge was not covered");
        }
    }
}
