//! Loading 1,000 mods beside a running game: how long the longest frame is, and when all mods run.
//!
//! `cargo bench -p tinkerbox-tests --bench loading` measures it. Each start is measured several times: first with an empty
//! cache of compiled mods, then with the cache that the first start has left, and in the end with a game that waits for its
//! mods.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use bevy_app::App;
use meadow::{Position, Velocity};
use tinkerbox::{Expose, ModLoading, ModReloads, ModStatus, ModdingPlugin};

const MODS: usize = 1_000;
const ROUNDS: usize = 5;
/// A game shows a frame every 1/60 of a second, and does something else in between.
const FRAME: Duration = Duration::from_micros(16_667);

fn main() {
    let disk = tempfile::tempdir().expect("there is room for temporary files");
    let mods = disk.path().join("mods");
    let bytes: usize = (0..MODS).map(|number| write(&mods.join(format!("m{number:04}")), number)).sum();
    println!("{MODS} mods of {} bytes each; the least and the median of {ROUNDS} starts", bytes / MODS);
    println!("{:<24}{:>30}{:>30}{:>12}", "", "longest frame", "until all run", "compiled");
    let cache = |round: usize| disk.path().join(format!("cache{round}"));
    show("cold", |round| start(&mods, &cache(round), false));
    show("from the cache", |round| start(&mods, &cache(round), false));
    show("waiting, from the cache", |round| start(&mods, &cache(round), true));
}

/// A mod with twenty functions, whose code no other mod has. Returns the size of its WebAssembly.
fn write(folder: &Path, number: usize) -> usize {
    let function = |at: usize| {
        format!(
            "(func $f{at} (param $x i32) (result i32) (local $left i32)
                (local.set $left (i32.const {}))
                (loop $again
                    (local.set $x (i32.xor (i32.mul (local.get $x) (i32.const {})) (i32.load (i32.and (local.get $x) (i32.const 65528)))))
                    (i32.store (i32.and (local.get $x) (i32.const 65528)) (local.get $left))
                    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                    (br_if $again (local.get $left)))
                (local.get $x))",
            at + 3,
            31 * number + at
        )
    };
    let functions: String = (0..20).map(function).collect();
    let calls: String = (0..20).map(|at| format!("(drop (call $f{at} (i32.const {at})))")).collect();
    let text = format!(
        "(module (memory (export \"memory\") 1) {functions} (func (export \"sys_run\") (drop (call $f0 (i32.const 1)))) (func (export \"tb_init\") (param i32) {calls}))"
    );
    let manifest =
        format!("[mod]\nid = \"m{number}\"\nversion = \"1.0.0\"\napi = 1\n[[system]]\nname = \"run\"\n");
    let wasm = wat::parse_str(text).expect("the text is WebAssembly");
    let write = || {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("mod.toml"), manifest)?;
        fs::write(folder.join("mod.wasm"), &wasm)
    };
    write().expect("temporary files can be written");
    wasm.len()
}

/// What a start took.
struct Start {
    longest_frame: Duration,
    until_all_run: Duration,
    compiled: u64,
}

fn start(mods: &Path, cache: &Path, waits: bool) -> Start {
    let mut app = App::new();
    app.expose_component::<Position>().expose_component::<Velocity>();
    app.add_plugins(ModdingPlugin::new(mods).watch(false).cache(cache).wait_for_mods(waits));
    let begun = Instant::now();
    let mut longest_frame = Duration::ZERO;
    loop {
        let frame = Instant::now();
        app.update();
        longest_frame = longest_frame.max(frame.elapsed());
        if app.world().resource::<ModLoading>().is_done() {
            break;
        }
        thread::sleep(FRAME.saturating_sub(frame.elapsed()));
    }
    let until_all_run = begun.elapsed();
    let compiled = app.world().resource::<ModReloads>().compiled();
    let world = app.world_mut();
    let live = world.query::<&ModStatus>().iter(world).filter(|status| **status == ModStatus::Live).count();
    assert_eq!(live, MODS, "every mod runs");
    Start { longest_frame, until_all_run, compiled }
}

fn show(what: &str, start: impl Fn(usize) -> Start) {
    let starts: Vec<Start> = (0..ROUNDS).map(start).collect();
    let shown = |of: fn(&Start) -> Duration| {
        let mut times: Vec<Duration> = starts.iter().map(of).collect();
        times.sort();
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        format!("{:.1} / {:.1} ms", ms(times[0]), ms(times[ROUNDS / 2]))
    };
    let (frame, all) = (shown(|start| start.longest_frame), shown(|start| start.until_all_run));
    println!("{what:<24}{frame:>30}{all:>30}{:>12}", starts[0].compiled);
}
