//! Where a mod's memory comes from: an allocator that takes a quarter of the code of the standard library's, and about as much
//! fuel.

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();
