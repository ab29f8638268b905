//! Functions of the game: which mods may call them, which types cross, what they cost, and how they fail.
//!
//! `deferred.rs` tests what they see of the world and change in it; `tests/it/hostile/reentry.rs` tests functions
//! that call the mod back or give it fuel.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tinkerbox::{Expose, FuelBudget, ModReportKind, ModState, ModStatus, ModTime};
use tinkerbox_abi::{ModType, command, component_key};
use tinkerbox_wasm::{Caller, Trap, V128, WasmTy};

use crate::modding::games::game::*;
use crate::modding::games::snapshot::{assert_same, before, snapshot};
use crate::modding::games::wider_game::*;

/// A function that a mod imports: its name and its type, as in `(param i32) (result i32)`.
pub type Import<'a> = (&'a str, &'a str);

fn imports(functions: &[Import<'_>]) -> String {
    let import = |(name, ty): &Import<'_>| format!("(import \"game\" \"{name}\" (func ${name} {ty}))\n");
    functions.iter().map(import).collect()
}

/// `functions = [..]`, as it is written among the permissions.
fn permission(functions: &[Import<'_>]) -> String {
    let ids: Vec<_> = functions.iter().map(|(name, _)| format!("\"game:{name}\"")).collect();
    format!("functions = [{}]\n", ids.join(", "))
}

/// A mod with one system that may call these functions, and further manifest keys of that system.
pub fn calling(id: &str, functions: &[Import<'_>], rights: &str, keys: &str, code: &str) -> ModText {
    let rights = format!("[permissions]\n{}{rights}", permission(functions));
    ModText {
        manifest: head(id) + &rights + &plain_system("run") + keys,
        wat: module_with(
            &imports(functions),
            &format!("{TELL} (func (export \"sys_run\") (local $i i32) {code})"),
        ),
    }
}

/// The same without any other permissions.
pub fn caller(id: &str, functions: &[Import<'_>], code: &str) -> ModText {
    calling(id, functions, "", "", code)
}

pub fn with_fuel(text: ModText, fuel: u64) -> ModText {
    let budget = format!("[budget]\nfuel = {fuel}\nburst = {fuel}\n[perm");
    ModText { manifest: text.manifest.replace("[perm", &budget), ..text }
}

#[test]
fn the_price_is_charged_for_each_call_to_the_unit() {
    let fuel = |price: u64, calls: usize| {
        let mut game = Game::new(&[("a", &caller("aaa", &[("work", "")], &"(call $work)".repeat(calls)))]);
        game.app.expose_function("game:work", price, || {});
        game.frame();
        assert_eq!(game.status("aaa"), ModStatus::Live);
        game.stats("aaa").fuel_used
    };
    for calls in 0..=5 {
        let free = fuel(0, calls);
        for price in [1, 2, 3, 7, 8, 49, 50, 51, 255, 1_000, 15_000] {
            assert_eq!(fuel(price, calls), free + price * calls as u64, "{calls} calls for {price} each");
        }
    }
}

#[test]
fn a_price_beyond_the_budget_is_paid_by_the_next_grants() {
    const GRANT: u64 = 1_000;
    const FRAMES: u64 = 400;
    // Without the cost of the system's call and the mod's own few instructions.
    for price in [0, 1, 500, 990, 1_000, 1_001, 1_500, 2_500, 9_999, 40_000] {
        let calls = Arc::new(AtomicU64::new(0));
        let count = calls.clone();
        let text = with_fuel(caller("aaa", &[("work", "")], "(call $work)"), GRANT);
        let mut game = Game::new(&[("a", &text)]);
        game.app.expose_function("game:work", price, move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        game.frames(FRAMES as usize);
        let calls = calls.load(Ordering::Relaxed);
        let most = if price < GRANT { FRAMES } else { FRAMES * GRANT / price + 1 };
        let least = if price < GRANT - 50 { FRAMES * 98 / 100 } else { FRAMES * GRANT / (price + 50) };
        assert!((least..=most).contains(&calls), "{calls} calls for {price} each");
        // Debts count as used.
        let used = game.stats("aaa").fuel_total;
        assert!(
            (calls * price..=calls * (price + 50)).contains(&used),
            "{used} for {calls} calls for {price} each"
        );
        assert_eq!(game.stats("aaa").faults, 0);
    }
}

#[test]
fn prices_and_grants_of_any_size_are_counted_to_the_end_of_numbers() {
    for price in [u64::MAX, u64::MAX - 1, u64::MAX / 2 + 1] {
        for grant in [1_000, u64::MAX / 2, u64::MAX] {
            let text = caller("aaa", &[("work", "")], "(call $work) (call $work) (call $work)");
            let mut game = Game::new(&[("a", &text)]);
            game.app.expose_function("game:work", price, || {});
            game.frame();
            let it = game.entity("aaa");
            game.world().entity_mut(it).insert(FuelBudget { grant, burst: grant });
            game.frames(5);
            let stats = game.stats("aaa");
            assert_eq!((stats.faults, stats.fuel_total >= price), (0, true), "{price} of {grant}: {stats:?}");
        }
    }
}

/// The name of a WebAssembly type, how a program builds a value from its bits, and the bits of a value.
struct TypeText {
    name: &'static str,
    make: fn(i64) -> String,
    bits: fn(String) -> String,
}

const I32: TypeText = TypeText {
    name: "i32",
    make: |bits| format!("(i32.const {})", bits as i32),
    bits: |value| format!("(i64.extend_i32_u {value})"),
};
const I64: TypeText =
    TypeText { name: "i64", make: |bits| format!("(i64.const {bits})"), bits: |value| value };
const F32: TypeText = TypeText {
    name: "f32",
    make: |bits| format!("(f32.reinterpret_i32 (i32.const {}))", bits as i32),
    bits: |value| format!("(i64.extend_i32_u (i32.reinterpret_f32 {value}))"),
};
const F64: TypeText = TypeText {
    name: "f64",
    make: |bits| format!("(f64.reinterpret_i64 (i64.const {bits}))"),
    bits: |value| format!("(i64.reinterpret_f64 {value})"),
};

/// A function of the game receives each of these values from a mod, and returns it to the mod.
fn crosses<V: WasmTy + Copy>(text: &TypeText, values: &[V], to_bits: fn(V) -> u64) {
    let got = Arc::new(Mutex::new(Vec::new()));
    let seen = got.clone();
    let bits: Vec<i64> = values.iter().map(|value| to_bits(*value) as i64).collect();
    let code: String = bits
        .iter()
        .map(|bits| {
            format!("(call $tell_i64 {})", (text.bits)(format!("(call $echo {})", (text.make)(*bits))))
        })
        .collect();
    let ty = format!("(param {0}) (result {0})", text.name);
    let mut game = Game::new(&[("a", &caller("aaa", &[("echo", &ty)], &code))]);
    game.app.expose_function("game:echo", 1, move |value: V| {
        seen.lock().unwrap().push(to_bits(value) as i64);
        value
    });
    game.frame();
    assert_eq!(*got.lock().unwrap(), bits, "{} to the game", text.name);
    assert_eq!(game.told("aaa"), bits, "{} to the mod", text.name);
}

#[test]
fn numbers_of_every_type_cross_to_the_bit() {
    crosses::<i32>(&I32, &[0, 1, -1, 42, i32::MIN, i32::MAX], |value| u64::from(value as u32));
    crosses::<u32>(&I32, &[0, 1, 42, 1 << 31, u32::MAX], u64::from);
    crosses::<i64>(&I64, &[0, 1, -1, 1 << 32, i64::MIN, i64::MAX], |value| value as u64);
    crosses::<u64>(&I64, &[0, 1, 1 << 63, u64::MAX], |value| value);
    // NaNs are tested in `tests/it/nans`.
    let (tiny, inf) = (f32::from_bits(1), f32::INFINITY);
    crosses::<f32>(&F32, &[0.0, -0.0, 1.5, -2.25, tiny, f32::MIN, f32::MAX, inf, -inf], |value| {
        u64::from(value.to_bits())
    });
    let (tiny, inf) = (f64::from_bits(1), f64::INFINITY);
    crosses::<f64>(&F64, &[0.0, -0.0, 1.5, -2.25, tiny, f64::MIN, f64::MAX, inf, -inf], f64::to_bits);
}

#[test]
fn many_arguments_and_several_results_keep_their_places() {
    type All = (i32, i64, f32, f64, u32, u64, f32, i32);
    let types = "i32 i64 f32 f64 i32 i64 f32 i32";
    let all: All = (-1, i64::MIN, 0.5, -0.25, u32::MAX, u64::MAX, 3.0, 7);
    // The results come in reverse order and are passed in again: after two calls the order is restored.
    let reversed = "i32 f32 i64 i32 f64 f32 i64 i32";
    let functions = [
        ("there", &*format!("(param {types}) (result {reversed})")),
        ("back", &*format!("(param {reversed}) (result {types})")),
        ("check", &*format!("(param {types})")),
    ];
    let code = "(i32.const -1) (i64.const 0x8000000000000000) (f32.const 0.5) (f64.const -0.25)
        (i32.const -1) (i64.const -1) (f32.const 3) (i32.const 7)
        (call $there) (call $back) (call $check)";
    let mut game = Game::new(&[("a", &caller("aaa", &functions, code))]);
    let got = Arc::new(Mutex::new(Vec::new()));
    let seen = got.clone();
    game.app
        .expose_function("game:there", 0, |a: i32, b: i64, c: f32, d: f64, e: u32, f: u64, g: f32, h: i32| {
            (h, g, f, e, d, c, b, a)
        })
        .expose_function("game:back", 0, |h: i32, g: f32, f: u64, e: u32, d: f64, c: f32, b: i64, a: i32| {
            (a, b, c, d, e, f, g, h)
        })
        .expose_function(
            "game:check",
            0,
            move |a: i32, b: i64, c: f32, d: f64, e: u32, f: u64, g: f32, h: i32| {
                seen.lock().unwrap().push((a, b, c, d, e, f, g, h));
            },
        );
    game.frame();
    assert_eq!(*got.lock().unwrap(), [all], "{}", game.stats("aaa").last_message);
}

#[test]
fn vectors_cross_as_well() {
    let code = "(v128.store (i32.const 64) (call $turn (v128.const i64x2 1 0x8000000000000002)))
        (call $tell_i64 (i64.load (i32.const 64))) (call $tell_i64 (i64.load (i32.const 72)))";
    let mut game = Game::new(&[("a", &caller("aaa", &[("turn", "(param v128) (result v128)")], code))]);
    game.app.expose_function("game:turn", 1, |value: V128| V128::from(value.as_u128().rotate_left(64)));
    game.frame();
    assert_eq!(game.told("aaa"), [i64::MIN + 2, 1]);
}

#[test]
fn a_function_is_called_with_permission_only_and_what_lacks_is_named_at_once() {
    let functions = [("one", ""), ("two", "(param i32)"), ("three", "")];
    let refused = |text: &ModText| {
        let mut game = Game::new(&[("a", text)]);
        game.app
            .expose_function("game:one", 0, || {})
            .expose_function("game:two", 0, |_: u32| {})
            .expose_function("game:three", 0, || {});
        game.frame();
        game.reports("aaa", ModReportKind::Refused)
    };
    let text = caller("aaa", &functions, "(call $one) (call $two (i32.const 0)) (call $three)");
    assert_eq!(refused(&text), [""; 0]);
    let only = |ids: &str| {
        let manifest = text.manifest.replace(&permission(&functions), &format!("functions = [{ids}]\n"));
        refused(&ModText { manifest, wat: text.wat.clone() }).concat()
    };
    for (ids, lacking) in [
        ("", "`game:one`, `game:three` and `game:two`"),
        ("\"game:two\"", "`game:one` and `game:three`"),
        ("\"game:three\", \"game:one\"", "`game:two`"),
    ] {
        let refusal = only(ids);
        assert!(refusal.contains("a/mod.toml: [permissions] lacks functions that the mod imports: "));
        assert!(refusal.contains(&format!("imports: {lacking}. ")), "{refusal}");
    }
    // A permitted function need not be called.
    assert_eq!(refused(&caller("aaa", &functions[..1], "")), [""; 0]);
}

#[test]
fn a_function_that_the_game_does_not_have_is_named_with_those_that_it_has() {
    let refused = |text: ModText| {
        let mut game = Game::new(&[("a", &text)]);
        game.app.expose_function("game:one", 0, |_: u32| 1.0f32).expose_function("game:two", 0, || {});
        game.frame();
        assert_eq!(game.status("aaa"), ModStatus::Refused);
        game.report("aaa", ModReportKind::Refused)
    };
    // In the manifest.
    let permitted = plain("aaa", "");
    let permission = permission(&[("sing", ""), ("two", ""), ("dance", "")]);
    let manifest = permitted.manifest.replace("[[system", &format!("[permissions]\n{permission}[[system"));
    let refusal = refused(ModText { manifest, ..permitted });
    let expected =
        "this game does not have: `game:dance` and `game:sing`. This game has `game:one` and `game:two`.";
    assert!(refusal.contains("a/mod.toml") && refusal.ends_with(expected), "{refusal}");
    // In the code, regardless of the manifest.
    let refusal = refused(caller("aaa", &[("sing", ""), ("two", ""), ("dance", "")], ""));
    assert!(refusal.contains("does not have: `game.sing` and `game.dance`."), "{refusal}");
    assert!(refusal.contains("a/mod.wasm") && refusal.contains("`game.one` and `game.two`."), "{refusal}");
    // With another type.
    for ty in ["", "(param i32)", "(param f32) (result f32)", "(param i32) (result f32 f32)"] {
        let refusal = refused(caller("aaa", &[("one", ty)], ""));
        assert!(
            refusal.contains("`game.one` is a function") && refusal.contains("and not a"),
            "{ty}: {refusal}"
        );
    }
}

/// Every change that a mod can make to a world, step by step.
const STEPS: [&str; 5] = [
    "(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 512)))
     (f32.store (i32.const 64) (f32.const 9))
     (drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 512)))",
    "(drop (call $command (i32.const 4096) (i32.const 32)))",
    "(drop (call $event_send (i32.const 0) (i32.const 64) (i32.const 4)))",
    "(drop (call $resource_set (i32.const 0) (i32.const 64)))",
    "(call $rain)",
];

fn rain(mut caller: Caller<'_, ModState>) -> anyhow::Result<()> {
    caller.data_mut().defer(|world| world.resource_mut::<Weather>().rain = 5.0)
}

/// The world after a frame in which a mod takes n steps and then calls a function of the game; and its faults.
fn asking(game_does: fn() -> anyhow::Result<()>, steps: usize) -> (String, Vec<String>) {
    let mut record = Vec::new();
    command::push_spawn(&mut record, 0, 1);
    command::push_component(&mut record, component_key(Sheep::ID), &[]);
    let rights = "write = [\"game:Position\", \"game:Sheep\", \"game:Weather\"]\nsend = [\"game:Gong\"]\nspawn = true\n";
    let keys = "commands = true\n".to_owned()
        + &query("write game:Position", "")
        + &resource::<Weather>("write")
        + &sends::<Gong>();
    let code = STEPS[..steps].concat() + "(call $ask)";
    let mut text = calling("aaa", &[("ask", ""), ("rain", "")], rights, &keys, &code);
    text.wat =
        text.wat.replace("(func (export", &format!("{} (func (export", data(4096, &bytes_of(&record))));
    let mut game = wider_game(&[("a", &text), ("z", &mover("zzz", 1.0))]);
    game.spawn_at(1.0);
    game.app.expose_function("game:ask", 10, game_does).expose_function("game:rain", 10, rain);
    let then = before(game.world());
    game.frame();
    assert_eq!(game.stats("zzz").ticks, 1, "the other goes on");
    (snapshot(game.world(), then), game.reports("aaa", ModReportKind::Faulted))
}

#[test]
fn an_error_ends_the_system_in_a_fault_that_says_it_and_leaves_no_trace() {
    let fail = || Err(anyhow::anyhow!("the wolf is asleep"));
    let (untouched, _) = asking(fail, 0);
    for steps in 0..=STEPS.len() {
        let (world, faults) = asking(fail, steps);
        assert_same(&world, &untouched, &format!("after {steps} steps"));
        let [fault] = &faults[..] else { panic!("{faults:?}") };
        assert!(fault.starts_with("system `run` ended in a fault at tick 1: the wolf is asleep"), "{fault}");
        // Without the error each step has its effect.
        let (world, faults) = asking(|| Ok(()), steps);
        assert_eq!(faults, [""; 0]);
        let before = if steps == 0 { String::new() } else { asking(|| Ok(()), steps - 1).0 };
        assert_ne!(world, before, "after {steps} steps");
    }
    let told = asking(|| Err(anyhow::anyhow!("the wolf is asleep").context("no wolf came")), 0).1.concat();
    assert!(told.contains(": no wolf came: the wolf is asleep\nerror while executing"), "{told}");
    let (world, faults) = asking(|| Err(Trap::MemoryOutOfBounds.into()), STEPS.len());
    assert_same(&world, &untouched, "after a trap");
    assert!(faults.concat().contains("out of bounds memory access"), "{faults:?}");
}

fn stumble() {
    panic!("the game stumbles");
}

/// The panic message of a frame of the game.
fn panic_of(game: &mut Game) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| game.frame())).expect_err("the game's own panic goes on");
    panic.downcast_ref::<&str>().map(ToString::to_string).expect("it is the game's")
}

#[test]
fn a_panic_is_the_games_own_and_goes_on_as_one() {
    // At once, and after waiting for so long that it is on a stack of its own.
    for (rounds, frames) in [(1, 0), (2_000, 2)] {
        let code = format!("{} (call $stumble)", ado(rounds));
        let text = with_fuel(caller("aaa", &[("stumble", "")], &code), 5_000);
        let mut game = Game::new(&[("a", &text)]);
        game.app.expose_function("game:stumble", 10, stumble);
        game.frames(frames);
        assert_eq!(panic_of(&mut game), "the game stumbles");
        assert_eq!(game.reports("aaa", ModReportKind::Faulted), [""; 0], "it is no fault of the mod");
    }
}

#[test]
fn a_panic_goes_on_from_any_thread() {
    // Systems run in parallel if those of the last frame had enough work.
    let busy = |id: &str| {
        let text = plain(id, &format!("(local $i i32) {}", ado(10_000)));
        with_fuel(
            ModText { manifest: text.manifest.replace("[[system", "[permissions]\n[[system"), ..text },
            100_000,
        )
    };
    let code = "(if (i64.eq (call $tick) (i64.const 4)) (then (call $stumble)))";
    let stumbling = caller("zzz", &[("stumble", "")], code);
    for threads in [1, 2, 4] {
        let (one, other) = (busy("aaa"), busy("bbb"));
        let mods = [("a", &one), ("b", &other), ("z", &stumbling)];
        let mut game = Game::with(&mods, |plugin| plugin.threads(threads));
        game.app.expose_function("game:stumble", 10, stumble);
        game.frames(3);
        assert_eq!(panic_of(&mut game), "the game stumbles", "with {threads} threads");
        assert_eq!(game.world().resource::<ModTime>().tick, 4);
    }
}

#[test]
#[should_panic(expected = "the function `game:work` is exposed twice")]
fn a_function_is_exposed_once() {
    Game::new(&[]).app.expose_function("game:work", 1, || {}).expose_function("game:work", 1, || {});
}

#[test]
fn an_id_is_a_game_and_a_name() {
    for id in [
        "",
        "work",
        ":work",
        "game:",
        "game:work:hard",
        "game:work hard",
        "game.work",
        "gäme:work",
        "Game:work",
        "game:Work",
        "1:a",
    ] {
        let expose = || {
            Game::new(&[]).app.expose_function(id, 1, || {});
        };
        let panic = catch_unwind(AssertUnwindSafe(expose)).expect_err(id);
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.starts_with(&format!("invalid function id `{id}`")), "{text}");
    }
}
