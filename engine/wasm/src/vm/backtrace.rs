//! Backtraces: frame pointers are followed, return addresses looked up.

use std::fmt;
use std::sync::Arc;

use super::registry;
use super::store::StoreCore;
use crate::base::module::ModuleInfo;

/// The WebAssembly functions that were active when a call ended with an error, innermost first.
///
/// It is attached to the error as context: `error.downcast_ref::<WasmBacktrace>()`.
#[derive(Debug)]
pub struct WasmBacktrace {
    frames: Vec<FrameInfo>,
    truncated: bool,
}

/// One function of a backtrace.
pub struct FrameInfo {
    module: Arc<ModuleInfo>,
    func_index: u32,
    module_offset: Option<usize>,
}

/// Frame pointers between which an activation's guest frames lie.
pub(super) struct ActivationFrames {
    /// Of the exit trampoline.
    pub(super) exit_fp: usize,
    /// Of the entry trampoline.
    pub(super) entry_fp: usize,
}

/// Recursion is cut here: more would only be more of the same.
const MOST_FRAMES: usize = 64;

impl WasmBacktrace {
    /// The backtrace of a guest that has stopped at `pc`, in the frame `fp`.
    pub(super) fn of_guest(store: &StoreCore, pc: usize, fp: usize) -> WasmBacktrace {
        let mut backtrace = WasmBacktrace { frames: Vec::new(), truncated: false };
        // SAFETY: (6) guest code of this store has stopped there, within its landing.
        let entry_fp = unsafe { (*store.vm()).landing.fp };
        backtrace.walk(pc, fp, entry_fp);
        // The oldest entry is what was there before the first activation: nothing.
        for activation in store.activations.iter().skip(1).rev() {
            let ActivationFrames { exit_fp, entry_fp } = activation.frames();
            // SAFETY: (6) the frames of an activation stay while a nested one runs.
            let (pc, fp) = unsafe { caller_of(exit_fp) };
            backtrace.walk(pc, fp, entry_fp);
        }
        backtrace
    }

    fn walk(&mut self, mut pc: usize, mut fp: usize, entry_fp: usize) {
        while fp != entry_fp {
            if self.frames.len() >= MOST_FRAMES {
                self.truncated = true;
                return;
            }
            self.frames.extend(frame_at(pc));
            // SAFETY: (6) frame pointers of guest frames form a chain to the entry trampoline's.
            (pc, fp) = unsafe { caller_of(fp) };
        }
    }

    /// The functions, innermost first. At most 64.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }
}

/// Where the frame that called the one at `fp` is, within its call, and its frame pointer.
///
/// # Safety
/// `fp` is the frame pointer of a frame that is on the stack.
unsafe fn caller_of(fp: usize) -> (usize, usize) {
    let frame = fp as *const [usize; 2];
    // SAFETY: the caller vouches for the frame; the two words lie at its pointer.
    let [fp, pc] = unsafe { *frame };
    // A return address belongs to the instruction after the call.
    (pc - 1, fp)
}

/// What WebAssembly knows of an address; trampolines and stubs are none of its business.
fn frame_at(pc: usize) -> Option<FrameInfo> {
    registry::lookup(pc, |described, offset| {
        let module = described.module.clone()?;
        let defined = described.code.function_at(offset)?;
        Some(FrameInfo {
            func_index: (module.imported_funcs + defined) as u32,
            module_offset: described.code.wasm_offset_at(offset).map(|offset| offset as usize),
            module,
        })
    })
    .flatten()
}

impl FrameInfo {
    /// The function's index in its module.
    pub fn func_index(&self) -> u32 {
        self.func_index
    }

    /// The function's name, if the module has one for it.
    pub fn func_name(&self) -> Option<&str> {
        self.module.func_name(self.func_index)
    }

    /// The module's name, if it has one.
    pub fn module_name(&self) -> Option<&str> {
        self.module.names.module.as_deref()
    }

    /// Where in the module the function was, in bytes from the module's start.
    pub fn module_offset(&self) -> Option<usize> {
        self.module_offset
    }
}

impl fmt::Debug for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let module = self.module_name().unwrap_or("<module>");
        match self.func_name() {
            Some(name) => write!(f, "{module}!{name}")?,
            None => write!(f, "{module}!<wasm function {}>", self.func_index)?,
        }
        match self.module_offset {
            Some(offset) => write!(f, " at offset {offset:#x}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error while executing at wasm backtrace:")?;
        for (at, frame) in self.frames.iter().enumerate() {
            write!(f, "\n  {at}: {frame}")?;
        }
        if self.truncated {
            write!(f, "\n  ... and more")?;
        }
        Ok(())
    }
}
