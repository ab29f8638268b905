//! Notes how far this crate is optimised, for `src/unoptimised.rs`: a crate does not see that of itself.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let level = env::var("OPT_LEVEL").expect("cargo says how the crate is optimised");
    println!("cargo::rustc-env=TINKERBOX_OPT_LEVEL={level}");
}
