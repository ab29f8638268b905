//! The smallest mod that games load: one system, which does nothing.

/// A `mod.toml`. `dev` is the table for the tool.
pub fn manifest(id: &str, dev: &str) -> String {
    format!(
        "[mod]\nid = \"{id}\"\nversion = \"0.2.0\"\napi = 1\n\n[[system]]\nname = \"blow\"\n\n[dev]\n{dev}"
    )
}

/// Its WebAssembly, which has this note in it.
pub fn wasm(note: &str) -> Vec<u8> {
    let text = format!(
        "(module (memory (export \"memory\") 1) (func (export \"sys_blow\")) (@custom \"note\" \"{note}\"))"
    );
    wat::parse_str(text).expect("it is valid")
}
