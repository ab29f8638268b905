//! Guests in threads of every mode, through every door: they compute the same, and the host's code runs in the host's mode.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use crate::vm::machine::processor;
use crate::{
    CallState, Caller, Config, Engine, Instance, Linker, Module, OptLevel, ResourceLimiter, Result, Store,
    TypedFunc,
};

const FLUSH: u32 = 1 << 15 | 1 << 6;
const DOWN: u32 = 1 << 13;
const UP: u32 = 2 << 13;
const TO_ZERO: u32 = 3 << 13;
/// Division by zero, overflow and no number raise a signal.
const RAISES: u32 = 0b001101 << 7;
const STANDARD: u32 = processor::STANDARD_FLOAT_CONTROL;

/// Modes in which a host's thread may be.
const MODES: [u32; 8] = [
    STANDARD,
    STANDARD | FLUSH,
    STANDARD | DOWN,
    STANDARD | UP,
    STANDARD | TO_ZERO,
    STANDARD & !RAISES,
    (STANDARD | FLUSH | UP) & !RAISES,
    0,
];

fn mode() -> u32 {
    const RAISED: u32 = 0x3f;
    processor::float_control() & !RAISED
}

/// Does something as a thread of the host's in a mode, which it is in afterwards, too.
fn in_mode<R>(given: u32, run: impl FnOnce() -> R) -> R {
    struct Back;
    impl Drop for Back {
        fn drop(&mut self) {
            processor::set_float_control(STANDARD);
        }
    }
    let _back = Back;
    processor::set_float_control(given);
    let result = run();
    assert_eq!(mode(), given, "the host has its own mode");
    result
}

/// Computes with operands that the compiler does not know, and mixes what comes out.
const COMPUTES: &str = r#"
    (global $small (mut f32) (f32.const 1e-30)) (global $third (mut f64) (f64.const 3))
    (global $tiny (mut f64) (f64.const 5e-324)) (global $zero (mut f64) (f64.const 0))
    (global $long (mut i64) (i64.const 0x7fffffffffffff3f)) (global $out (mut i64) (i64.const 0))
    (func $mix (param i64) (global.set $out
        (i64.add (i64.mul (global.get $out) (i64.const 1000003)) (local.get 0))))
    (func $mix32 (param f32) (call $mix (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0)))))
    (func $mix64 (param f64) (call $mix (i64.reinterpret_f64 (local.get 0))))
    (func $compute (result i64)
        (global.set $out (i64.const 7))
        (call $mix32 (f32.mul (global.get $small) (f32.const 1e-10)))
        (call $mix64 (f64.div (f64.const 1) (global.get $third)))
        (call $mix64 (f64.neg (f64.div (f64.const 1) (global.get $third))))
        (call $mix64 (f64.add (global.get $tiny) (global.get $tiny)))
        (call $mix64 (f64.mul (global.get $tiny) (f64.const 1e300)))
        (call $mix64 (f64.div (f64.const 1) (global.get $zero)))
        (call $mix (i64.extend_i32_u (f64.ne (f64.div (global.get $zero) (global.get $zero)) (f64.const 0))))
        (call $mix (i64.extend_i32_u (f64.ne (f64.sqrt (f64.neg (global.get $third))) (f64.const 0))))
        (call $mix64 (f64.sqrt (global.get $third)))
        (call $mix32 (f32.convert_i64_s (global.get $long)))
        (call $mix32 (f32.convert_i64_u (global.get $long)))
        (call $mix64 (f64.convert_i64_s (global.get $long)))
        (call $mix32 (f32.demote_f64 (f64.div (f64.const 1) (global.get $third))))
        (call $mix64 (f64.promote_f32 (f32.mul (global.get $small) (f32.const 1e-10))))
        (call $mix64 (f64.nearest (f64.div (global.get $third) (f64.const 2))))
        (call $mix64 (f64.nearest (f64.const -0.5)))
        (call $mix64 (f64.ceil (f64.div (global.get $third) (f64.const 2))))
        (call $mix (i64.trunc_sat_f64_s (f64.mul (global.get $third) (f64.const 1.5))))
        (call $mix (i64.extend_i32_u (f64.gt (global.get $tiny) (global.get $zero))))
        (call $mix64 (f64.min (global.get $tiny) (f64.const 1)))
        (call $mix (i64x2.extract_lane 0 (f32x4.mul (f32x4.splat (global.get $small)) (f32x4.splat (f32.const 1e-10)))))
        (call $mix (i64x2.extract_lane 1 (f64x2.div (f64x2.splat (f64.const 1)) (f64x2.splat (global.get $third)))))
        (call $mix (i64x2.extract_lane 0 (f32x4.convert_i32x4_u (i32x4.splat (i32.const 0x7fffff8f)))))
        (call $mix (i64x2.extract_lane 0 (f32x4.demote_f64x2_zero (f64x2.splat (f64.div (f64.const 1) (global.get $third))))))
        (global.get $out))"#;

/// All ways for the host to get to what is computed, and for that to get to the host.
fn module(engine: &Engine) -> Module {
    let text = format!(
        r#"(module
            (import "host" "look" (func $look)) (import "host" "change" (func $change))
            (import "host" "fail" (func $fail)) (import "host" "nest" (func $nest (result i64)))
            (import "host" "wait" (func $wait))
            (memory 1 9) (table 1 9 funcref)
            {COMPUTES}
            (func (export "compute") (result i64) (call $compute))
            (func (export "host") (result i64) (call $look) (call $compute) (call $look) (i64.add (call $compute)))
            (func (export "change") (result i64) (call $change) (call $compute))
            (func (export "nest") (result i64) (i64.add (call $nest) (call $compute)))
            (func (export "wait") (result i64) (call $wait) (i64.add (call $compute) (call $compute)))
            (func (export "grow") (result i64) (drop (memory.grow (i32.const 1)))
                (drop (table.grow (ref.null func) (i32.const 1))) (call $compute))
            (func (export "fail") (result i64) (drop (call $compute)) (call $fail) (i64.const 0))
            (func (export "trap") (result i64) (drop (call $compute)) (unreachable))
            (func (export "fault") (result i64) (i64.load (i32.const -1)))
            (func (export "deep") (result i64) (call $deep)) (func $deep (result i64) (call $deep))
            (func (export "spin") (result i64) (local i32)
                (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 50)))
                    (drop (call $compute)))
                (call $compute)))"#
    );
    Module::new(engine, text).expect("the module is valid")
}

/// The mode that the host's code is to find.
struct Host(u32);

impl Host {
    fn look(&self) {
        assert_eq!(mode(), self.0, "the host's code runs in the host's mode");
    }
}

impl ResourceLimiter for Host {
    fn memory_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        self.look();
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        self.look();
        Ok(true)
    }
}

fn instance(module: &Module, given: u32) -> (Store<Host>, Instance) {
    let mut linker: Linker<Host> = Linker::new(module.engine());
    let look = |caller: Caller<'_, Host>| caller.data().look();
    linker.func_wrap("host", "look", look).expect("once");
    let change = |mut caller: Caller<'_, Host>| {
        caller.data().look();
        let other =
            MODES[(MODES.iter().position(|mode| *mode == caller.data().0).expect("it is one") + 1) % 8];
        processor::set_float_control(other);
        caller.data_mut().0 = other;
    };
    linker.func_wrap("host", "change", change).expect("once");
    let fail = |caller: Caller<'_, Host>| -> Result<()> {
        caller.data().look();
        crate::bail!("the host refuses")
    };
    linker.func_wrap("host", "fail", fail).expect("once");
    let nest = |mut caller: Caller<'_, Host>| -> Result<i64> {
        caller.data().look();
        let compute =
            caller.get_export("compute").and_then(crate::Extern::into_func).expect("it is exported");
        let result = compute.typed::<(), i64>(&caller)?.call(&mut caller, ())?;
        caller.data().look();
        Ok(result)
    };
    linker.func_wrap("host", "nest", nest).expect("once");
    linker
        .func_wrap_async("host", "wait", |caller: Caller<'_, Host>, (): ()| {
            Box::new(async move {
                let caller = Looks(caller);
                for _ in 0..3 {
                    caller.0.data().look();
                    yields().await;
                }
                caller.0.data().look();
            })
        })
        .expect("once");
    let mut store = Store::new(module.engine(), Host(given));
    store.limiter(|host| host);
    let _ = store.set_fuel(u64::MAX);
    let instance = linker.instantiate(&mut store, module).expect("the imports are there");
    (store, instance)
}

/// Looks when it is dropped, too.
struct Looks<'a>(Caller<'a, Host>);

impl Drop for Looks<'_> {
    fn drop(&mut self) {
        self.0.data().look();
    }
}

fn yields() -> impl Future<Output = ()> {
    let mut asked = false;
    std::future::poll_fn(
        move |_| {
            if std::mem::replace(&mut asked, true) { Poll::Ready(()) } else { Poll::Pending }
        },
    )
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn engines() -> Vec<Engine> {
    let settings =
        [(true, OptLevel::Speed, true), (false, OptLevel::None, true), (true, OptLevel::None, false)];
    let engine = |(fuel, level, signals)| {
        let mut config = Config::new();
        config.consume_fuel(fuel).cranelift_opt_level(level).signals_based_traps(signals);
        Engine::new(&config).expect("the settings are fine")
    };
    settings.map(engine).into()
}

fn get(store: &mut Store<Host>, instance: &Instance, name: &str) -> TypedFunc<(), i64> {
    instance.get_typed_func(store, name).expect("it is exported")
}

#[test]
fn guests_compute_the_same_and_hosts_keep_their_mode() {
    for engine in engines() {
        let module = module(&engine);
        let expected = |name| {
            let (mut store, instance) = instance(&module, STANDARD);
            get(&mut store, &instance, name).call(&mut store, ()).expect("it returns")
        };
        for given in MODES {
            for name in ["compute", "host", "nest", "grow", "spin"] {
                let expected = expected(name);
                let result = in_mode(given, || {
                    let (mut store, instance) = instance(&module, given);
                    let mut results = [crate::Val::I64(0)];
                    let func = instance.get_func(&mut store, name).expect("it is exported");
                    func.call(&mut store, &[], &mut results).expect("it returns");
                    assert_eq!(results[0].i64(), Some(expected));
                    get(&mut store, &instance, name).call(&mut store, ())
                });
                assert_eq!(result.expect("it returns"), expected, "{name} in {given:#x}");
            }
            for name in ["fail", "trap", "fault", "deep"] {
                in_mode(given, || {
                    let (mut store, instance) = instance(&module, given);
                    get(&mut store, &instance, name).call(&mut store, ()).expect_err("it does not return");
                });
            }
        }
    }
}

#[test]
fn what_a_host_function_changes_is_the_hosts() {
    for engine in engines() {
        let module = module(&engine);
        for given in MODES {
            let (mut store, instance) = instance(&module, STANDARD);
            store.data_mut().0 = given;
            let compute = get(&mut store, &instance, "compute").call(&mut store, ()).expect("it returns");
            let change = get(&mut store, &instance, "change");
            processor::set_float_control(given);
            let result = change.call(&mut store, ());
            let after = mode();
            processor::set_float_control(STANDARD);
            assert_eq!((result.expect("it returns"), after), (compute, store.data().0));
        }
    }
}

#[test]
fn suspended_calls_take_no_mode_along() {
    let engine = Engine::new(Config::new().consume_fuel(true)).expect("the settings are fine");
    let module = module(&engine);
    for name in ["spin", "host", "trap"] {
        let (mut store, instance) = instance(&module, STANDARD);
        let func = get(&mut store, &instance, name);
        let expected = func.call(&mut store, ()).ok();
        for (turn, &first) in MODES.iter().enumerate() {
            for slice in [1, 40, 333, 5_000] {
                store.set_fuel(slice).expect("fuel is configured");
                store.data_mut().0 = first;
                let mut state = in_mode(first, || func.call_resumable(&mut store, ()));
                let mut stops = turn;
                let result = loop {
                    match state {
                        Ok(CallState::Suspended(call)) => {
                            stops += 1;
                            let given = MODES[stops % MODES.len()];
                            store.add_fuel(slice).expect("fuel is configured");
                            store.data_mut().0 = given;
                            state = in_mode(given, || call.resume(&mut store));
                        }
                        Ok(CallState::Finished(result)) => break Some(result),
                        Err(_) => break None,
                    }
                };
                assert_eq!(result, expected, "{name}, slices of {slice}");
                // Cancelled, or dropped with its store.
                store.set_fuel(slice.min(40)).expect("fuel is configured");
                store.data_mut().0 = first;
                if let Ok(CallState::Suspended(call)) = in_mode(first, || func.call_resumable(&mut store, ()))
                {
                    in_mode(MODES[(turn + 3) % 8], || call.cancel(&mut store)).expect("it waits");
                }
            }
        }
    }
}

#[test]
fn polled_calls_restore_the_mode_of_the_polling_thread() {
    for engine in engines() {
        let module = module(&engine);
        let (mut store, instance) = instance(&module, STANDARD);
        let compute = get(&mut store, &instance, "compute").call(&mut store, ()).expect("it returns");
        let wait = get(&mut store, &instance, "wait");
        for given in MODES {
            // Dropped at each of its waits, too.
            for polls in 0..5 {
                in_mode(given, || {
                    store.data_mut().0 = given;
                    let mut call = pin!(wait.call_async(&mut store, ()));
                    for _ in 0..polls.min(3) {
                        assert!(poll(call.as_mut()).is_pending());
                    }
                    if polls == 4 {
                        let Poll::Ready(result) = poll(call.as_mut()) else { panic!("it is ready") };
                        assert_eq!(result.expect("it returns"), compute.wrapping_mul(2));
                    }
                });
            }
        }
    }
}

#[test]
fn a_call_that_goes_to_other_threads_finds_the_mode_of_each() {
    let engine = Engine::new(Config::new().consume_fuel(true)).expect("the settings are fine");
    let text = format!(
        r#"(module (import "host" "wait" (func $wait)) {COMPUTES}
            (func (export "run") (result i64) (call $wait) (call $wait) (call $compute)))"#
    );
    let module = Module::new(&engine, text).expect("the module is valid");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut linker = Linker::new(&engine);
    type Seen = Arc<Mutex<Vec<u32>>>;
    linker
        .func_wrap_async("host", "wait", |caller: Caller<'_, Seen>, (): ()| {
            Box::new(async move {
                for _ in 0..4 {
                    caller.data().lock().expect("nobody panics with it").push(mode());
                    yields().await;
                }
            })
        })
        .expect("once");
    let mut store = Store::new(&engine, seen.clone());
    store.set_fuel(u64::MAX).expect("fuel is configured");
    let instance = linker.instantiate(&mut store, &module).expect("the imports are there");
    let run: TypedFunc<(), i64> = instance.get_typed_func(&mut store, "run").expect("it is exported");
    let mut call = Box::pin(run.call_async(&mut store, ()));
    let mut given = MODES.iter().cycle();
    let result = loop {
        let given = *given.next().expect("they come again");
        let polled = std::thread::scope(|scope| {
            scope.spawn(|| in_mode(given, || poll(call.as_mut()))).join().expect("it does not panic")
        });
        if let Poll::Ready(result) = polled {
            break result.expect("it returns");
        }
    };
    drop(call);
    assert_eq!(*seen.lock().expect("nobody panics with it"), MODES);
    let other = Module::new(&engine, format!("(module {COMPUTES} (export \"run\" (func $compute)))"));
    let mut store = Store::new(&engine, ());
    store.set_fuel(u64::MAX).expect("fuel is configured");
    let instance = Instance::new(&mut store, &other.expect("it is valid"), &[]).expect("it needs no imports");
    let run: TypedFunc<(), i64> = instance.get_typed_func(&mut store, "run").expect("it is exported");
    assert_eq!(run.call(&mut store, ()).expect("it returns"), result);
}

#[test]
fn start_functions_are_guests_too() {
    let engine = Engine::default();
    let text = format!(
        r#"(module {COMPUTES} (func $begin (drop (call $compute))) (start $begin) (export "out" (global $out)))"#
    );
    let module = Module::new(&engine, text).expect("the module is valid");
    let results = MODES.map(|given| {
        in_mode(given, || {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
            let out = instance.get_global(&mut store, "out").expect("it is exported");
            out.get(&mut store).i64()
        })
    });
    assert!(results.iter().all(|result| result.is_some() && *result == results[0]), "{results:?}");
}

/// Constants are folded by computing, and read by computing.
#[test]
fn modules_are_compiled_to_the_same_code() {
    let operations = [
        "(f32.mul (f32.const 1e-30) (f32.const 1e-10))",
        "(f32.div (f32.const 1) (f32.const 3))",
        "(f32.add (f32.const 1e-45) (f32.const 1e-45))",
        "(f32.convert_i64_s (i64.const 0x7fffffffffffff3f))",
        "(f32.demote_f64 (f64.div (f64.const -1) (f64.const 3)))",
        "(f32.sqrt (f32.const 2))",
        "(f32.nearest (f32.const 2.5))",
        "(f32.div (f32.const 1) (f32.const 0))",
        "(f32.const 0.1)",
        "(f32.const 123456789012345678901234567890e-20)",
        "(f32.demote_f64 (f64.const 1.7976931348623157e300))",
    ];
    let funcs: String = operations.map(|operation| format!("(func (result f32) {operation})")).concat();
    let text = format!("(module {funcs})");
    for parallel in [false, true] {
        for level in [OptLevel::None, OptLevel::Speed] {
            let mut config = Config::new();
            config.parallel_compilation(parallel).cranelift_opt_level(level);
            let engine = Engine::new(&config).expect("the settings are fine");
            let compiled = MODES.map(|given| in_mode(given, || engine.precompile_module(text.as_bytes())));
            let [first, others @ ..] = compiled.map(|compiled| compiled.expect("the module is valid"));
            assert!(others.iter().all(|other| *other == first));
        }
    }
}
