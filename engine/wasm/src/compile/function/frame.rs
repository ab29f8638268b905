//! THE SANDBOX RESTS ON THIS FILE: frames on the machine's stack, compared with their prices.
//!
//! How deep calls nest is decided by what is counted (see `compile/prices.rs`). How large the machine's stack must be for
//! that may differ between machines. Half of all frames take less than a fifth of their price, and of 14,157 frames in real programs none took more
//! than all of it. But of a function with many values over many branches, the register allocator may keep each value in
//! several places, and the optimiser keeps what it moved out of loops. So each frame is compared with its price when it is
//! compiled. The module notes the greatest ratio ([`Frames`]), a store has the greatest of its modules, and a call gets a
//! stack that is larger than what is counted by this factor: see `base/settings.rs`. A function whose frame takes more than
//! [`FRAME_RATIO`] times its price is refused.
//!
//! | functions made for this, with all features of the processor | optimised | not optimised |
//! | --- | --- | --- |
//! | 300 integers, set again in each of 40 branches one after the other | 1.0 | 1.0 |
//! | the same, the branches inside each other | 5.1 | 1.0 |
//! | 90 integers, 200 branches inside each other | 16 | 1.0 |
//! | 30 integers, 200 branches inside each other | 28 | 0.9 |
//! | 30 integers, 600 branches inside each other | 54 | 2.3 |
//! | the same with floats | 65: refused | not measured |
//! | two locals, and a loop with 3,000 products that are the same each time | refused | not measured |
//!
//! The machine's own limit, which each frame is compared with, lies further down, so that it is not what ends a call; it
//! protects the process in any case. But a call that has begun keeps the stack it has. Where a host function, or the host
//! while a call is suspended, instantiates a module of a greater ratio in the same store, and waiting guests get hold of its
//! functions, the machine's limit may end that call before the count does.

use crate::base::error::InvalidModule;
use crate::base::frames::Frames;
use crate::base::indices::FuncIndex;
use crate::base::limits::module::{CHECKED_FRAME_BYTES, FRAME_RATIO};
use crate::compile::prices::stack::UNCOUNTED;

/// Compares the frame of a function with its price.
///
/// # Errors
/// The frame is too large. The message names the function by its index.
pub fn frames(FuncIndex(index): FuncIndex, price: Option<u32>, bytes: u32) -> Result<Frames, String> {
    let most = price.unwrap_or(UNCOUNTED).saturating_mul(FRAME_RATIO);
    if bytes > most {
        return Err(format!(
            "function {index} needs a stack frame of {bytes} bytes; the limit is {most}, which is {FRAME_RATIO} times the \
             price of its locals and operands: split it into smaller ones, or let its loops compute fewer values that are \
             the same each time"
        ));
    }
    Ok(price.map_or_else(|| Frames::uncounted(bytes), |price| Frames::counted(price, bytes)))
}

/// Refuses a frame that is too large where the end of the stack is found by comparison only.
///
/// Everything that a function writes before it compares the stack pointer with the limit lies within its frame, and
/// hosts have as much room as the largest such frame below the limit.
///
/// # Errors
/// The frame is larger. `offset` is where the function is in its module.
pub fn check_frame_without_signals(bytes: u32, offset: Option<u64>) -> Result<(), InvalidModule> {
    if bytes <= CHECKED_FRAME_BYTES {
        return Ok(());
    }
    let message = format!(
        "a function needs a stack frame of {bytes} bytes; without signals the limit is {CHECKED_FRAME_BYTES}: split it \
         into smaller ones"
    );
    Err(InvalidModule::new(message, offset))
}
