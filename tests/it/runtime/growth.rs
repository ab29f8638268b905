//! What grows stays within bounds, and growing step by step costs no more than the size that it ends with.

use super::{engine, instance};
use std::time::{Duration, Instant};
use tinkerbox_wasm::*;

const GROWING: &str = r#"(module
    (memory 1)
    (table 1 funcref)
    (func (export "grow table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0)))
    (func (export "grow memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "pages") (result i32) (memory.size)))"#;

#[test]
fn a_table_without_a_maximum_is_bounded_all_the_same() -> Result<()> {
    let (mut store, instance) = instance(&engine(|_| {}), GROWING);
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow table")?;
    assert_eq!(grow.call(&mut store, -2)?, -1);
    assert_eq!(grow.call(&mut store, 10)?, 1);
    Ok(())
}

#[test]
fn a_memory_that_moves_does_not_move_at_each_step() -> Result<()> {
    let (mut store, instance) = instance(
        &engine(|config| {
            config.memory_reservation(0);
        }),
        GROWING,
    );
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow memory")?;
    let pages = instance.get_typed_func::<(), i32>(&mut store, "pages")?;
    let before = Instant::now();
    for step in 1..2_000 {
        assert_eq!(grow.call(&mut store, 1)?, step);
    }
    assert_eq!(pages.call(&mut store, ())?, 2_000);
    assert!(before.elapsed() < Duration::from_secs(5), "it took {:?}", before.elapsed());
    Ok(())
}
