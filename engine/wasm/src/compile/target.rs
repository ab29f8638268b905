//! The machine that code is generated for, which is the one that the runtime runs on.

use std::sync::Arc;

use cranelift_codegen::isa::{self, CallConv, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};

use crate::base::config::{Config, OptLevel};

/// Cranelift's description of the machine, with our settings.
#[derive(Clone)]
pub struct Target {
    isa: Arc<dyn TargetIsa>,
    traps_are_faults: bool,
}

impl Target {
    /// The machine that this runs on.
    ///
    /// # Errors
    /// The machine is not supported, or lacks what the generated code needs.
    pub fn native(config: &Config) -> anyhow::Result<Target> {
        let mut builder = builder(config)?;
        if cfg!(target_arch = "aarch64") {
            // Backtraces and the stubs read return addresses, which must not be signed.
            builder.set("sign_return_address", "false")?;
        }
        let isa = builder.finish(flags(config.opt_level)?)?;
        Ok(Target { isa, traps_are_faults: config.signals_based_traps })
    }

    pub fn isa(&self) -> &dyn TargetIsa {
        &*self.isa
    }

    /// Whether guest code may fault at a trap. If not, it compares first, and calls a stub.
    pub fn traps_are_faults(&self) -> bool {
        self.traps_are_faults
    }

    /// The calling convention of functions written in Rust as `extern "C"`.
    pub fn host_call_conv(&self) -> CallConv {
        self.isa.default_call_conv()
    }
}

/// Cranelift's features for this processor, or only those that every supported processor has.
fn builder(config: &Config) -> anyhow::Result<isa::Builder> {
    #[cfg(target_arch = "x86_64")]
    anyhow::ensure!(
        std::is_x86_feature_detected!("sse4.1"),
        "this processor lacks SSE4.1, which the generated code needs"
    );
    let builder = cranelift_native::builder_with_options(config.native_features);
    let mut builder = builder.map_err(anyhow::Error::msg)?;
    if cfg!(target_arch = "x86_64") {
        for feature in ["has_sse3", "has_ssse3", "has_sse41"] {
            builder.enable(feature)?;
        }
    }
    Ok(builder)
}

fn flags(level: OptLevel) -> anyhow::Result<settings::Flags> {
    let mut flags = settings::builder();
    let level = match level {
        OptLevel::None => "none",
        OptLevel::Speed => "speed",
        OptLevel::SpeedAndSize => "speed_and_size",
    };
    flags.set("opt_level", level)?;
    // The fuel counter lives in the pinned register.
    flags.set("enable_pinned_reg", "true")?;
    // Functions with more results than registers return the rest through memory.
    flags.set("enable_multi_ret_implicit_sret", "true")?;
    // Backtraces follow frame pointers; nothing else unwinds through guest frames.
    flags.set("preserve_frame_pointers", "true")?;
    flags.set("unwind_info", "false")?;
    // A thread may have less stack than the guest's limit allows: a large frame must then meet the
    // guard page, not step over it.
    flags.set("enable_probestack", "true")?;
    flags.set("probestack_strategy", "inline")?;
    flags.set("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" })?;
    // Speeds do not depend on where a function happens to land in a cache line.
    flags.set("log2_min_function_alignment", "5")?;
    Ok(settings::Flags::new(flags))
}
