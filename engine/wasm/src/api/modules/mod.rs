//! Engines, and the modules that they compile: what stores share.
//!
//! Text or bytes come in, and a module comes out, whose imports, exports and machine code can be looked at before there is an
//! instance. The types [`Engine`](engine::Engine) and [`Module`](module::Module) themselves are in `vm/`.

pub mod declarations;
pub mod engine;
pub mod export_name;
pub mod machine_code;
pub mod module;
pub mod text;
