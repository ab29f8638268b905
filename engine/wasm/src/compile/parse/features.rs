//! Which features of WebAssembly are supported, and which one a refused module would have needed.

use wasmparser::{Validator, WasmFeatures};

use crate::base::error::InvalidModule;

/// WebAssembly 2.0.
pub fn supported() -> WasmFeatures {
    WasmFeatures::WASM2 | WasmFeatures::BULK_MEMORY_OPT | WasmFeatures::CALL_INDIRECT_OVERLONG
}

/// The features that are not supported, by the names of their proposals; narrower ones first.
fn proposals() -> [(&'static str, WasmFeatures); 12] {
    let functions = WasmFeatures::FUNCTION_REFERENCES;
    [
        ("relaxed SIMD", WasmFeatures::RELAXED_SIMD),
        ("tail calls", WasmFeatures::TAIL_CALL),
        ("multi-memory", WasmFeatures::MULTI_MEMORY),
        ("memory64", WasmFeatures::MEMORY64),
        ("threads", WasmFeatures::THREADS),
        ("extended constant expressions", WasmFeatures::EXTENDED_CONST),
        ("exceptions", WasmFeatures::EXCEPTIONS),
        ("typed function references", functions),
        ("GC", functions | WasmFeatures::GC),
        ("wide arithmetic", WasmFeatures::WIDE_ARITHMETIC),
        ("custom page sizes", WasmFeatures::CUSTOM_PAGE_SIZES),
        ("stack switching", functions | WasmFeatures::EXCEPTIONS | WasmFeatures::STACK_SWITCHING),
    ]
}

/// Names the feature that a refused module would have needed, if that is why it was refused.
///
/// The module is validated again with one more feature at a time. The missing feature is the one with which the error
/// disappears, or at least comes later.
pub fn explain(bytes: &[u8], error: InvalidModule) -> InvalidModule {
    let Some(offset) = error.offset().filter(|_| error.by_validation) else { return error };
    let mut further = None;
    let mut valid = None;
    for (name, features) in proposals() {
        match Validator::new_with_features(supported() | features).validate_all(bytes) {
            Ok(_) => {
                valid = Some(name);
                break;
            }
            Err(error) if error.offset() > offset => further = further.or(Some(name)),
            Err(_) => {}
        }
    }
    match valid.or(further) {
        Some(name) => {
            let message = format!(
                "the feature \"{name}\" is not supported yet: compile the module without it ({})",
                error.message()
            );
            InvalidModule::missing(name, message, Some(offset))
        }
        None => error,
    }
}

/// The error about a feature that the parser finds, since no setting of the validator covers it.
pub fn unsupported(feature: &'static str, offset: u64) -> InvalidModule {
    InvalidModule::missing(
        feature,
        format!("{feature} are not supported yet: compile the module without them"),
        Some(offset),
    )
}
