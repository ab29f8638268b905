//! At a stop the host has the store: the guest sees all that it writes, sets, grows and instantiates there.
//!
//! A module that mentions references to the host's values stops by calls, which the code generator understands; all
//! others stop by traps, of which it must be told. So each program is compiled both ways, and both must see the same
//! at every stop.

use tinkerbox_wasm::*;

/// The items that the host can reach and change.
const PROGRAM: &str = r#"
    (memory (export "memory") 1 8)
    (table $t (export "table") 4 40 funcref)
    (type $number (func (result i32)))
    (func $one (export "one") (type $number) (i32.const 1))
    (func $two (export "two") (type $number) (i32.const 2))
    (elem (table $t) (i32.const 0) func $one $two $one $two)
    (data $bytes "0123456789abcdef")
    (global $a (export "a") (mut i32) (i32.const 1))
    (global $b (export "b") (mut i64) (i64.const 2))
    (global $c (export "c") (mut f32) (f32.const 3))
    (global $d (export "d") (mut f64) (f64.const 4))
    (global $e (export "e") (mut v128) (v128.const i64x2 5 6))"#;

/// Each body reads, or writes first: `$x` accumulates what it reads. No body calls a function that would be inlined,
/// since without inlining the stops are in other places.
const BODIES: [(&str, &str); 8] = [
    (
        "loads",
        r#"(i64.load (i32.const 0))
        (i64.load32_s offset=4 (i32.const 4)) (i64.xor)
        (i64.load8_u (i32.const 16)) (i64.xor)
        (i64.reinterpret_f64 (f64.load (i32.const 24))) (i64.xor)
        (i64x2.extract_lane 1 (v128.load (i32.const 32))) (i64.xor)
        (local.set $x)"#,
    ),
    (
        "stores",
        r#"(i64.store (i32.const 0) (i64.const 7))
        (i32.store (i32.const 8) (i32.const 7))
        (v128.store (i32.const 32) (v128.const i64x2 8 9))
        (if (i32.gt_u (memory.size) (i32.const 1))
            (then (i64.store (i32.const 65600) (i64.add (local.get $x) (i64.load (i32.const 65600))))))
        (local.set $x (i64.load (i32.const 0)))"#,
    ),
    (
        "globals",
        r#"(i64.extend_i32_s (global.get $a))
        (global.get $b) (i64.xor)
        (i64.extend_i32_s (i32.reinterpret_f32 (global.get $c))) (i64.xor)
        (i64.reinterpret_f64 (global.get $d)) (i64.xor)
        (i64x2.extract_lane 0 (global.get $e)) (i64.xor)
        (local.set $x)"#,
    ),
    (
        "sets",
        r#"(global.set $a (i32.const 11))
        (global.set $b (i64.const 12))
        (global.set $c (f32.const 13))
        (global.set $d (f64.const 14))
        (global.set $e (v128.const i64x2 15 16))
        (local.set $x (global.get $b))"#,
    ),
    (
        "sizes",
        r#"(local.set $x (i64.add
            (i64.mul (i64.extend_i32_u (memory.size)) (i64.const 100))
            (i64.extend_i32_u (table.size $t))))"#,
    ),
    (
        "tables",
        r#"(local.set $end (i32.sub (table.size $t) (i32.const 1)))
        (local.set $x (i64.extend_i32_u (ref.is_null (table.get $t (i32.const 2)))))
        (table.set $t (local.get $end) (ref.func $two))
        (table.set $t (i32.const 1) (ref.null func))
        (local.set $x (i64.add (local.get $x)
            (i64.extend_i32_u (ref.is_null (table.get $t (local.get $end))))))"#,
    ),
    (
        "calls",
        r#"(local.set $x (i64.extend_i32_u (call_indirect $t (type $number) (i32.const 0))))
        (local.set $x (i64.add (i64.mul (local.get $x) (i64.const 10)) (i64.extend_i32_u
            (call_indirect $t (type $number) (i32.sub (table.size $t) (i32.const 1))))))"#,
    ),
    (
        "bulk",
        r#"(local.set $end (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 16)))
        (memory.init $bytes (local.get $end) (i32.const 0) (i32.const 16))
        (memory.copy (i32.const 64) (local.get $end) (i32.const 8))
        (memory.fill (i32.const 72) (i32.const 3) (i32.const 5))
        (local.set $x (i64.load (i32.const 64)))"#,
    ),
];

/// A function for each body, which runs it before, in and after loops, so that stops fall in between. `mention` makes
/// all stops calls.
fn module(mention: &str) -> String {
    let run = |(name, body): (&str, &str)| {
        let seen = "(local.set $y (i64.add (i64.mul (local.get $y) (i64.const 31)) (local.get $x)))";
        format!(
            r#"(func (export "{name}") (result i64)
                (local $x i64) (local $y i64) (local $n i32) (local $end i32)
                {body} {seen}
                (local.set $n (i32.const 4))
                (loop $spin (br_if $spin (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                {body} {seen}
                (local.set $n (i32.const 3))
                (loop $look {body} {seen} {body} {seen}
                    (br_if $look (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                {body} {seen} (if (i32.eqz (local.get $n)) (then {body} {seen} {body} {seen}))
                (local.get $y))"#
        )
    };
    format!("(module {PROGRAM} {} {mention})", BODIES.map(run).concat())
}

/// Writes bytes and functions into its imports when it is instantiated.
const GUEST: &str = r#"(module
    (import "" "memory" (memory 1)) (import "" "table" (table 4 funcref)) (import "" "a" (global (mut i32)))
    (func $nine (result i32) (i32.const 9))
    (elem (i32.const 0) func $nine)
    (data (i32.const 3) "\aa\bb\cc"))"#;

/// Everything that the host can do to the store, different things at each stop.
fn act(store: &mut Store<()>, instance: &Instance, guest: &Module, stop: u32) -> Result<()> {
    let memory = instance.get_memory(&mut *store, "memory").expect("it is exported");
    let table = instance.get_table(&mut *store, "table").expect("it is exported");
    let func = |store: &mut Store<()>, name| instance.get_func(store, name).expect("it is exported");
    let number = u64::from(stop).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for at in [0, 8, 16, 24, 32, 40] {
        memory.write(&mut *store, at, &number.rotate_left(at as u32).to_le_bytes())?;
    }
    for name in ["a", "b", "c", "d", "e"] {
        let global = instance.get_global(&mut *store, name).expect("it is exported");
        let value = match name {
            "a" => Val::I32(number as i32),
            "b" => Val::I64(number as i64),
            "c" => Val::F32(number as u32 >> 2),
            "d" => Val::F64(number >> 2),
            _ => Val::V128(V128::from(u128::from(number))),
        };
        global.set(&mut *store, value)?;
    }
    let chosen = func(store, if stop.is_multiple_of(2) { "one" } else { "two" });
    table.set(&mut *store, 0, Ref::Func(Some(chosen)))?;
    if stop.is_multiple_of(3) {
        memory.grow(&mut *store, 1).ok();
        table.grow(&mut *store, 3, Ref::Func(Some(chosen))).ok();
        // A new owner of the old address space finds nothing of the guest's in it.
        memory.write(&mut *store, 65_600, &stop.to_le_bytes()).ok();
    }
    let last = table.size(&*store) - 1;
    table.set(&mut *store, last, Ref::Func(Some(chosen)))?;
    if stop % 5 == 4 {
        let a = instance.get_global(&mut *store, "a").expect("it is exported");
        Instance::new(&mut *store, guest, &[memory.into(), table.into(), a.into()])?;
    }
    Ok(())
}

/// The observable results of a run: its end, its stops, and everything that it wrote.
fn run(engine: &Engine, modules: &[Module; 2], name: &str, slice: u64) -> Result<(String, u32)> {
    let [module, guest] = modules;
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, module, &[])?;
    let func = instance.get_typed_func::<(), i64>(&mut store, name)?;
    store.set_fuel(slice)?;
    let mut stops = 0;
    let mut state = func.call_resumable(&mut store, ());
    let end = loop {
        match state {
            Ok(CallState::Finished(value)) => break format!("{value:x}"),
            Ok(CallState::Suspended(call)) => {
                act(&mut store, &instance, guest, stops)?;
                stops += 1;
                store.add_fuel(slice)?;
                state = call.resume(&mut store);
            }
            Err(error) => break format!("{:?}", crate::doors::trap(&error)),
        }
    };
    let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
    let table = instance.get_table(&mut store, "table").expect("it is exported");
    let nulls: Vec<bool> = (0..table.size(&store))
        .map(|at| matches!(table.get(&mut store, at), Some(Ref::Func(None))))
        .collect();
    let globals: Vec<String> = ["a", "b", "c", "d", "e"]
        .map(|name| instance.get_global(&mut store, name).expect("it is exported"))
        .map(|global| format!("{:?}", global.get(&mut store)))
        .to_vec();
    let pages = memory.data(&store).chunks(4096).enumerate().filter(|(_, page)| **page != [0; 4096]);
    let bytes: Vec<_> = pages
        .flat_map(|(at, page)| page.iter().enumerate().map(move |(byte, value)| (at * 4096 + byte, *value)))
        .filter(|(_, value)| *value != 0)
        .collect();
    let fuel = store.fuel_consumed();
    Ok((format!("{end} after {stops} stops, {fuel:?}\n{bytes:?}\n{nulls:?}\n{globals:?}"), stops))
}

#[test]
fn what_the_host_does_at_a_stop_is_seen_behind_it() -> Result<()> {
    let sizes = [0, 1 << 20, 1 << 32];
    let levels = [OptLevel::None, OptLevel::Speed, OptLevel::SpeedAndSize];
    for (level, signals) in levels.into_iter().flat_map(|level| [(level, true), (level, false)]) {
        for reservation in sizes {
            let mut config = Config::new();
            config.consume_fuel(true).signals_based_traps(signals).cranelift_opt_level(level);
            config.memory_reservation(reservation);
            let engine = Engine::new(&config)?;
            let compiled = |mention| -> Result<[Module; 2]> {
                Ok([Module::new(&engine, module(mention))?, Module::new(&engine, GUEST)?])
            };
            let by_traps = compiled("")?;
            let by_calls = compiled("(func (param externref))")?;
            for (name, _) in BODIES {
                for slice in [1, 2, 3, 5, 7, 11, 17, 23, 40, 90, 100_000] {
                    let (seen, stops) = run(&engine, &by_traps, name, slice)?;
                    let (expected, _) = run(&engine, &by_calls, name, slice)?;
                    let place = format!("{name}, slices of {slice}, {level:?}, {signals}, {reservation}");
                    assert_eq!(seen, expected, "{place}");
                    assert_eq!(stops > 0, slice < 200, "{place}: {stops} stops");
                }
            }
        }
    }
    Ok(())
}

/// The smallest case: one load before a stop, and the same load after it.
#[test]
fn a_load_behind_a_stop_is_a_load() -> Result<()> {
    let text = r#"(module (memory (export "memory") 1)
        (func (export "run") (result i32) (local $n i32) (local $x i32)
            (local.set $x (i32.load (i32.const 0)))
            (local.set $n (i32.const 1000))
            (loop $l
                (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                (br_if $l (local.get $n)))
            (i32.add (i32.load (i32.const 0)) (i32.mul (local.get $x) (i32.const 1000)))))"#;
    for engine in super::engines() {
        let (mut store, instance) = crate::doors::instance(&engine, text);
        let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
        let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
        store.set_fuel(300)?;
        let CallState::Suspended(call) = run.call_resumable(&mut store, ())? else { panic!("it needs more") };
        memory.write(&mut store, 0, &42_u32.to_le_bytes())?;
        store.set_fuel(1_000_000)?;
        let CallState::Finished(result) = call.resume(&mut store)? else { panic!("it has enough") };
        assert_eq!(result, 42);
    }
    Ok(())
}
