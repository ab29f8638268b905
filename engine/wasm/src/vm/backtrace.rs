//! Backtraces: what the guest's frames mean to WebAssembly.

use std::fmt;
use std::sync::Arc;

use super::frames::GuestFrames;
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

/// Recursion is cut here: more would only be more of the same.
const MOST_FRAMES: usize = 64;

impl WasmBacktrace {
    /// The backtrace of a guest that has stopped in the frame `fp`, just before `pc`.
    pub(super) fn of_stopped(store: &StoreCore, pc: usize, fp: usize) -> WasmBacktrace {
        WasmBacktrace::of(store.frames_from(pc, fp))
    }

    /// The backtrace of the guest that waits for a host function or for fuel; empty if none does.
    pub fn of_waiting(store: &StoreCore) -> WasmBacktrace {
        WasmBacktrace::of(store.waiting_frames())
    }

    fn of(frames: GuestFrames<'_>) -> WasmBacktrace {
        let mut backtrace = WasmBacktrace { frames: Vec::new(), truncated: false };
        for frame in frames {
            if backtrace.frames.len() >= MOST_FRAMES {
                backtrace.truncated = true;
                break;
            }
            // A frame's instruction ends where it goes on.
            backtrace.frames.extend(frame_at(frame.pc - 1));
        }
        backtrace
    }

    /// The functions, innermost first. At most 64.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }
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
