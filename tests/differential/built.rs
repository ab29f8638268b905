//! A program that rustc compiled, run here, on wasmi and natively.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use tinkerbox_wasm::{Config, Engine, Module, Trap};

use crate::engines::machine::{Machine, Stop, Value};
use crate::engines::other::{self, Other};
use crate::engines::ours::Ours;
use crate::rewrite;

#[path = "sample.rs"]
mod native;

/// `sample.rs` as WebAssembly, compiled once for all tests.
pub fn sample() -> &'static [u8] {
    static WASM: OnceLock<Vec<u8>> = OnceLock::new();
    WASM.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("differential/sample.rs");
        let wasm = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sample.wasm");
        let mut rustc = Command::new("rustc");
        rustc.args(["--edition", "2021", "--crate-type", "cdylib", "--target", "wasm32-unknown-unknown"]);
        rustc.args(["-C", "opt-level=2", "-C", "panic=abort", "-C", "lto=fat", "-C", "strip=debuginfo"]);
        let status = rustc.arg(&source).arg("-o").arg(&wasm).status().expect("rustc can be started");
        assert!(
            status.success(),
            "rustc failed: is the target there? (rustup target add wasm32-unknown-unknown)"
        );
        std::fs::read(&wasm).expect("rustc has written it")
    })
}

#[test]
fn a_program_of_rustc_computes_the_same_here_on_wasmi_and_natively() {
    let engine = Engine::new(Config::new().consume_fuel(true)).expect("the machine is supported");
    let module = Module::new(&engine, sample()).expect("what rustc emits is accepted");
    let mut ours = Ours::new(&engine, &module).expect("it imports nothing");
    let mut other =
        Other::new(&other::engine(), &rewrite::counted(sample())).expect("the counter does not change it");
    for seed in [0, 1, 77, u32::MAX] {
        for size in [0, 1, 3, 50, 499, 4_999] {
            let wanted = [
                ("sort", Value::I64(native::sort(seed, size) as i64)),
                ("swarm", Value::f64(native::swarm(seed, size))),
                ("words", Value::I64(native::words(seed, size) as i64)),
            ];
            let arguments = [Value::I32(seed as i32), Value::I32(size as i32)];
            for (name, wanted) in wanted {
                let (found, second) = (ours.call(name, &arguments), other.call(name, &arguments));
                assert_eq!(found, Ok(vec![wanted]), "{name}({seed}, {size}) natively");
                assert_eq!(found, second, "{name}({seed}, {size}) on wasmi");
                assert_eq!(ours.used(), other.used(), "fuel after {name}({seed}, {size})");
            }
        }
    }
    let beyond = [Value::I32(70), Value::I32(60)];
    assert_eq!(
        ours.call("pick", &beyond),
        Err(Stop::Trap(Trap::UnreachableCodeReached)),
        "a panic is a trap"
    );
    assert_eq!(other.call("pick", &beyond), Err(Stop::Trap(Trap::UnreachableCodeReached)));
    assert_eq!(ours.used(), other.used(), "fuel after a panic");
    let within = [Value::I32(50), Value::I32(60)];
    assert_eq!(
        ours.call("pick", &within),
        Ok(vec![Value::I32(native::pick(50, 60) as i32)]),
        "and life goes on"
    );
}
