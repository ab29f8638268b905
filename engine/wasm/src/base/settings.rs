//! What the layers below the API derive from the settings.
//!
//! They ask for what they need; how it was set does not concern them.

use super::config::Config;
use super::frames::Frames;
use super::limits::module::CHECKED_FRAME_BYTES;
use super::limits::stack::{LEAST_HOST_STACK, UNCOUNTED_STACK};

impl Config {
    /// The stack that guests with these frames need, in bytes, if `left` bytes are left as counted.
    pub(crate) fn guest_stack(&self, left: u64, frames: Frames) -> usize {
        let counted = left.saturating_mul(frames.ratio.into());
        let uncounted = UNCOUNTED_STACK + frames.excess as usize;
        usize::try_from(counted).unwrap_or(usize::MAX).saturating_add(uncounted)
    }

    /// The most that guests may take of the stack, as counted.
    pub(crate) fn counted_stack(&self) -> u64 {
        self.max_wasm_stack as u64
    }

    /// The size of a stack for guests with these frames: what they need, and what lies below that.
    pub(crate) fn whole_stack(&self, frames: Frames) -> usize {
        self.guest_stack(self.counted_stack(), frames).saturating_add(self.stack_below_limit())
    }

    /// What a stack made for guests has below the guest's limit: room for host functions, and for a frame that is compared
    /// with the limit after it was made.
    pub(crate) fn stack_below_limit(&self) -> usize {
        self.host_stack_reserve.saturating_add(self.checked_frame())
    }

    fn checked_frame(&self) -> usize {
        if self.signals_based_traps { 0 } else { CHECKED_FRAME_BYTES as usize }
    }

    /// # Errors
    /// The stacks for calls that can be suspended would be smaller than what guests may take.
    pub(crate) fn check_stacks(&self) -> anyhow::Result<()> {
        let size = self.async_stack_size.unwrap_or(usize::MAX);
        anyhow::ensure!(
            size >= self.max_wasm_stack,
            "an async_stack_size of {size} bytes is less than max_wasm_stack ({} bytes): raise it, or lower max_wasm_stack",
            self.max_wasm_stack,
        );
        Ok(())
    }

    /// What a stack for a call that can be suspended has below the guest's limit: at least what the runtime itself may
    /// need.
    pub(crate) fn fiber_stack_below_limit(&self) -> usize {
        let given = self.async_stack_size.map(|size| size.saturating_sub(self.max_wasm_stack));
        given.map_or(self.stack_below_limit(), |given| given.max(LEAST_HOST_STACK + self.checked_frame()))
    }

    /// The settings on which machine code depends, by name: modules compiled with other settings cannot be loaded.
    ///
    /// The pattern names every setting, so that a new one cannot be forgotten here.
    pub(crate) fn of_machine_code(&self) -> Vec<(&'static str, String)> {
        let Config {
            consume_fuel,
            max_wasm_stack: _,
            host_stack_reserve: _,
            async_stack_size: _,
            memory_reservation,
            memory_guard_size,
            signals_based_traps,
            opt_level,
            nan_canonicalization,
            // It is part of the target's flags.
            native_features: _,
            backtrace_max_frames: _,
            backtrace_details: _,
            max_unused_warm_slots: _,
            linear_memory_keep_resident: _,
            parallel_compilation: _,
            clif_dir: _,
            module_cache: _,
        } = self;
        vec![
            ("consume_fuel", consume_fuel.to_string()),
            ("memory_reservation", memory_reservation.to_string()),
            ("memory_guard_size", memory_guard_size.to_string()),
            ("signals_based_traps", signals_based_traps.to_string()),
            ("cranelift_opt_level", format!("{opt_level:?}")),
            ("cranelift_nan_canonicalization", nan_canonicalization.to_string()),
        ]
    }

    /// Whether a 32-bit index always lands in the reservation or its guard.
    pub(crate) fn memories_are_static(&self) -> bool {
        self.memory_reservation >= 1 << 32
    }
}
