//! A small game with a folder of mods, and mods as text. The other types that it exposes are in `exposed.rs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bevy_app::{App, Update};
use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use tinkerbox::{
    Expose, LogLevel, ModInfo, ModReloads, ModReport, ModReportKind, ModStats, ModStatus, ModTime,
    ModdingPlugin, Mods, TickMods,
};
use tinkerbox_abi::ModType;
use tinkerbox_macros::mod_type;

use super::exposed::*;

/// A position.
#[mod_type("game:Position")]
#[derive(Component, Debug, Default, PartialEq)]
pub struct Position {
    pub x: f32,
    pub y: f32,
}

/// A velocity.
#[mod_type("game:Velocity")]
#[derive(Component, Debug, Default, PartialEq)]
pub struct Velocity {
    pub x: f32,
    pub y: f32,
}

/// A number, kept in a sparse set.
#[mod_type("game:Mood")]
#[derive(Component, Debug, Default, PartialEq)]
#[component(storage = "SparseSet")]
pub struct Mood(pub u32);

/// A component that never changes.
#[mod_type("game:Species")]
#[derive(Component, Debug, Default, PartialEq)]
#[component(immutable)]
pub struct Species(pub u32);

/// A marker.
#[mod_type("game:Sheep")]
#[derive(Component, Debug, Default, PartialEq)]
pub struct Sheep;

/// A component that the game keeps to itself.
#[derive(Component)]
pub struct Secret;

/// A mod as text: manifest and WebAssembly.
#[derive(Clone)]
pub struct ModText {
    pub manifest: String,
    pub wat: String,
}

/// The minimum of every manifest.
pub fn head(id: &str) -> String {
    format!("[mod]\nid = \"{id}\"\nversion = \"0.1.0\"\napi = 1\n")
}

/// All imports, a memory of two pages, and `body`.
pub fn module(body: &str) -> String {
    module_with("", body)
}

/// The same with additional imports.
pub fn module_with(imports: &str, body: &str) -> String {
    format!(
        r#"(module
            {imports}
            (import "tinkerbox1" "view_next" (func $view_next (param i32 i32 i32 i32) (result i32)))
            (import "tinkerbox1" "get" (func $get (param i32 i32 i64 i32) (result i32)))
            (import "tinkerbox1" "set" (func $set (param i32 i32 i64 i32) (result i32)))
            (import "tinkerbox1" "command" (func $command (param i32 i32) (result i32)))
            (import "tinkerbox1" "entity_reserve" (func $entity_reserve (param i32 i32) (result i32)))
            (import "tinkerbox1" "event_next" (func $event_next (param i32 i32) (result i32)))
            (import "tinkerbox1" "event_send" (func $event_send (param i32 i32 i32) (result i32)))
            (import "tinkerbox1" "resource_get" (func $resource_get (param i32 i32) (result i32)))
            (import "tinkerbox1" "resource_set" (func $resource_set (param i32 i32) (result i32)))
            (import "tinkerbox1" "tick" (func $tick (result i64)))
            (import "tinkerbox1" "delta" (func $delta (result f32)))
            (import "tinkerbox1" "random" (func $random (param i32) (result i64)))
            (import "tinkerbox1" "fuel_left" (func $fuel_left (result i64)))
            (import "tinkerbox1" "log" (func $log (param i32 i32 i32)))
            (import "tinkerbox1" "panic" (func $panic (param i32 i32)))
            (memory (export "memory") 2)
            {body})"#
    )
}

/// A system `name` that runs `body` for each row of query 0, with `$a` at the first column's value and `$b` at the
/// second's. The chunk's record is at 0, its rows start at 64, in `buffer` bytes.
pub fn each_row(name: &str, sizes: [u32; 2], buffer: u32, body: &str) -> String {
    let [a, b] = sizes;
    format!(
        r#"(func (export "sys_{name}") (local $rows i32) (local $a i32) (local $b i32)
            (loop $chunks
                (local.set $rows (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const {buffer})))
                (if (i32.gt_s (local.get $rows) (i32.const 0)) (then
                    (local.set $a (i32.load (i32.const 8)))
                    (local.set $b (i32.load (i32.const 12)))
                    (loop $each
                        {body}
                        (local.set $a (i32.add (local.get $a) (i32.const {a})))
                        (local.set $b (i32.add (local.get $b) (i32.const {b})))
                        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
                        (br_if $each (local.get $rows)))
                    (br $chunks)))))"#
    )
}

/// The same for any number of columns: `$c0`, `$c1` and so on point to the values, and are 0 for rows without the
/// column.
pub fn each_row_of(name: &str, sizes: &[u32], buffer: u32, body: &str) -> String {
    let every = |text: &dyn Fn(usize, u32) -> String| {
        sizes.iter().enumerate().map(|(at, size)| text(at, *size)).collect::<String>()
    };
    let locals = every(&|at, _| format!("(local $c{at} i32) "));
    let begin = every(&|at, _| format!("(local.set $c{at} (i32.load (i32.const {})))\n", 8 + 4 * at));
    let advance = every(&|at, size| {
        format!(
            "(if (local.get $c{at}) (then (local.set $c{at} (i32.add (local.get $c{at}) (i32.const {size})))))\n"
        )
    });
    format!(
        r#"(func (export "sys_{name}") (local $rows i32) (local $i i32) {locals}
            (loop $chunks
                (local.set $rows (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const {buffer})))
                (if (i32.gt_s (local.get $rows) (i32.const 0)) (then
                    {begin}
                    (loop $each
                        {body}
                        {advance}
                        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
                        (br_if $each (local.get $rows)))
                    (br $chunks)))))"#
    )
}

/// `$tell` and `$tell_i64` log a number, which [`Game::told`] reads. They write to the end of the second page.
pub const TELL: &str = r#"
    (func $tell (param i32) (call $tell_i64 (i64.extend_i32_s (local.get 0))))
    (func $tell_i64 (param $number i64) (local $at i32) (local $rest i64)
        (local.set $at (i32.const 131072))
        (local.set $rest (local.get $number))
        (if (i64.lt_s (local.get $number) (i64.const 0)) (then
            (local.set $rest (i64.sub (i64.const 0) (local.get $number)))))
        (loop $digits
            (local.set $at (i32.sub (local.get $at) (i32.const 1)))
            (i32.store8 (local.get $at)
                (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $rest) (i64.const 10)))))
            (local.set $rest (i64.div_u (local.get $rest) (i64.const 10)))
            (br_if $digits (i64.ne (local.get $rest) (i64.const 0))))
        (if (i64.lt_s (local.get $number) (i64.const 0)) (then
            (local.set $at (i32.sub (local.get $at) (i32.const 1)))
            (i32.store8 (local.get $at) (i32.const 45))))
        (call $log (i32.const 2) (local.get $at) (i32.sub (i32.const 131072) (local.get $at))))"#;

/// Bytes as they are written in the text of a data segment.
pub fn escaped(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes.into_iter().map(|byte| format!("\\{byte:02x}")).collect()
}

/// A loop of n rounds, of 6 units each, that has no effect; it needs a local `$i`.
pub fn ado(rounds: u32) -> String {
    format!(
        "(local.set $i (i32.const {rounds}))
        (loop $ado
            (local.set $i (i32.sub (local.get $i) (i32.const 1)))
            (br_if $ado (local.get $i)))"
    )
}

/// `[[system]]` with one query, whose columns are `(id, access, layout)`.
pub fn system(name: &str, columns: &[(&str, &str, &str)]) -> String {
    let columns: Vec<_> = columns
        .iter()
        .map(|(id, access, layout)| {
            format!("{{ component = \"{id}\", access = \"{access}\", layout = \"{layout}\" }}")
        })
        .collect();
    format!("[[system]]\nname = \"{name}\"\n[[system.query]]\ncolumns = [ {} ]\n", columns.join(", "))
}

/// `[[system.query]]`, with its columns as `entity, read game:Mood, write? game:Position`; `?` marks optional ones.
pub fn query(columns: &str, filters: &str) -> String {
    let column = |text: &str| {
        let (access, id) = text.split_once(' ').unwrap_or(("read", text));
        let optional = access.ends_with('?');
        let (access, layout) = (access.trim_end_matches('?'), layout(id));
        format!(
            "{{ component = \"{id}\", access = \"{access}\", optional = {optional}, layout = \"{layout}\" }}"
        )
    };
    let columns: Vec<_> = columns.split(", ").filter(|text| !text.is_empty()).map(column).collect();
    format!("[[system.query]]\ncolumns = [ {} ]\n{filters}\n", columns.join(", "))
}

/// The layout of the type that the game exposes under an id.
pub fn layout(id: &str) -> &'static str {
    let all = [
        ("entity", "u64"),
        (Position::ID, Position::LAYOUT),
        (Velocity::ID, Velocity::LAYOUT),
        (Mood::ID, Mood::LAYOUT),
        (Species::ID, Species::LAYOUT),
        (Sheep::ID, Sheep::LAYOUT),
        (Follows::ID, Follows::LAYOUT),
        (DoorBytes::ID, DoorBytes::LAYOUT),
        (LampBytes::ID, LampBytes::LAYOUT),
        (Weather::ID, Weather::LAYOUT),
        (SeasonNumber::ID, SeasonNumber::LAYOUT),
        (Bell::ID, Bell::LAYOUT),
        (ShoutBytes::ID, ShoutBytes::LAYOUT),
    ];
    all.iter().find(|(known, _)| *known == id).unwrap_or_else(|| panic!("there is no {id}")).1
}

/// `[[system]]` without a query.
pub fn plain_system(name: &str) -> String {
    format!("[[system]]\nname = \"{name}\"\n")
}

pub const WRITE_POSITION: (&str, &str, &str) = ("game:Position", "write", Position::LAYOUT);
pub const ENTITIES: (&str, &str, &str) = ("entity", "read", "u64");
pub const READ_VELOCITY: (&str, &str, &str) = ("game:Velocity", "read", Velocity::LAYOUT);

/// A mod that adds `step` to the x of every position each tick.
pub fn mover(id: &str, step: f32) -> ModText {
    let rights = "[permissions]\nwrite = [\"game:Position\"]\n";
    let add = format!("(f32.store (local.get $a) (f32.add (f32.load (local.get $a)) (f32.const {step})))");
    ModText {
        manifest: head(id) + rights + &system("move", &[WRITE_POSITION]),
        wat: module(&each_row("move", [8, 0], 4096, &add)),
    }
}

/// A mod with one system, without queries and permissions.
pub fn plain(id: &str, body: &str) -> ModText {
    ModText {
        manifest: head(id) + &plain_system("run"),
        wat: module(&format!("(func (export \"sys_run\") {body})")),
    }
}

/// A game with its mods. It runs without a watcher: the test reports changes of files.
pub struct Game {
    pub app: App,
    root: PathBuf,
    clock: Duration,
    reports: Vec<ModReport>,
}

impl Game {
    /// A game with these mods, in folders with the given names. The mods are loaded by the first frame.
    pub fn new(mods: &[(&str, &ModText)]) -> Game {
        Game::with(mods, |plugin| plugin)
    }

    /// The same with other settings.
    pub fn with(mods: &[(&str, &ModText)], settings: impl FnOnce(ModdingPlugin) -> ModdingPlugin) -> Game {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("tinkerbox-it-{}-{number}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let mut app = App::new();
        app.expose_component::<Position>()
            .expose_component::<Velocity>()
            .expose_component::<Mood>()
            .expose_component::<Species>()
            .expose_component::<Sheep>();
        expose(&mut app);
        app.add_plugins(settings(ModdingPlugin::new(&root).wait_for_mods(true).watch(false)))
            .add_systems(Update, (|mut time: ResMut<ModTime>| time.advance(0.5)).before(TickMods));
        let game = Game { app, root, clock: Duration::ZERO, reports: Vec::new() };
        for (folder, text) in mods {
            game.write(folder, text);
        }
        game
    }

    pub fn world(&mut self) -> &mut World {
        self.app.world_mut()
    }

    pub fn folder(&self, folder: &str) -> PathBuf {
        self.root.join(folder)
    }

    /// Writes a mod's files without telling the game.
    pub fn write(&self, folder: &str, text: &ModText) {
        self.write_file(folder, "mod.toml", text.manifest.as_bytes());
        let wasm = wat::parse_str(&text.wat).unwrap_or_else(|error| panic!("{error}\n{}", text.wat));
        self.write_file(folder, "mod.wasm", &wasm);
    }

    pub fn write_file(&self, folder: &str, name: &str, content: &[u8]) {
        fs::create_dir_all(self.folder(folder)).unwrap();
        fs::write(self.folder(folder).join(name), content).unwrap();
    }

    pub fn remove_folder(&self, folder: &str) {
        fs::remove_dir_all(self.folder(folder)).unwrap();
    }

    /// Runs one frame.
    pub fn frame(&mut self) {
        self.app.update();
        let mut messages = self.app.world_mut().resource_mut::<Messages<ModReport>>();
        self.reports.extend(messages.drain());
    }

    pub fn frames(&mut self, count: usize) {
        (0..count).for_each(|_| self.frame());
    }

    /// Tells the game that a mod's folder has changed, waits until it has settled and is built, and runs the frame
    /// that loads it.
    pub fn changed(&mut self, folder: &str) {
        let path = self.folder(folder);
        self.changed_path(&path);
    }

    pub fn changed_path(&mut self, path: &Path) {
        self.start_builds(&[path.to_owned()]);
        self.world().resource_mut::<ModReloads>().finish_builds();
        self.frame();
    }

    /// Removes a mod's folder, and runs the frame that notices it.
    pub fn take_out(&mut self, folder: &str) {
        self.remove_folder(folder);
        self.changed(folder);
    }

    /// Lets the game unload a mod.
    pub fn unload(&mut self, id: &str) {
        let entity = self.entity(id);
        self.world().resource_mut::<Mods>().unload(entity);
        self.frame();
    }

    /// Tells the game that several folders have changed at once.
    pub fn changed_all(&mut self, folders: &[&str]) {
        let paths: Vec<PathBuf> = folders.iter().map(|folder| self.folder(folder)).collect();
        self.start_builds(&paths);
        self.world().resource_mut::<ModReloads>().finish_builds();
        self.frame();
    }

    /// Tells the game that these paths have changed and settled, and does not wait until they are built.
    pub fn start_builds(&mut self, paths: &[PathBuf]) {
        self.clock += Duration::from_secs(1);
        let (then, now) = (self.clock, self.clock + Duration::from_millis(100));
        let mut reloads = self.world().resource_mut::<ModReloads>();
        paths.iter().for_each(|path| reloads.record(path, then));
        reloads.settle(now);
    }

    /// Writes a mod's files again, and then reloads it as above.
    pub fn rewrite(&mut self, folder: &str, text: &ModText) {
        self.write(folder, text);
        self.changed(folder);
    }

    /// The texts of all reports of a kind about a mod so far.
    pub fn reports(&self, id: &str, kind: ModReportKind) -> Vec<String> {
        let of_kind = self.reports.iter().filter(|report| report.mod_id == id && report.kind == kind);
        of_kind.map(|report| report.text.clone()).collect()
    }

    /// The one report of a kind about a mod.
    pub fn report(&self, id: &str, kind: ModReportKind) -> String {
        let [text] = &self.reports(id, kind)[..] else {
            panic!("one {kind:?} of {id} was expected in {:#?}", self.reports);
        };
        text.clone()
    }

    /// The numbers that a mod has logged so far, with `$tell`.
    pub fn told(&self, id: &str) -> Vec<i64> {
        let said = self.reports(id, ModReportKind::Log(LogLevel::Info));
        said.iter().map(|text| text.parse().unwrap_or_else(|_| panic!("{id} said {text}"))).collect()
    }

    /// Every report so far, in order.
    pub fn all_reports(&self) -> &[ModReport] {
        &self.reports
    }

    pub fn entity(&mut self, id: &str) -> Entity {
        let mut mods = self.world().query::<(Entity, &ModInfo)>();
        let found = mods.iter(self.app.world()).find(|(_, info)| info.id == id);
        found.unwrap_or_else(|| panic!("there is no mod {id}")).0
    }

    pub fn status(&mut self, id: &str) -> ModStatus {
        let entity = self.entity(id);
        *self.world().get(entity).unwrap()
    }

    pub fn stats(&mut self, id: &str) -> ModStats {
        let entity = self.entity(id);
        self.world().get::<ModStats>(entity).unwrap().clone()
    }

    pub fn spawn_at(&mut self, x: f32) -> Entity {
        self.world().spawn(Position { x, y: 0.0 }).id()
    }

    pub fn x(&self, entity: Entity) -> f32 {
        self.app.world().get::<Position>(entity).unwrap().x
    }
}

impl Drop for Game {
    fn drop(&mut self) {
        // A leftover in the temporary folder is harmless.
        let _ = fs::remove_dir_all(&self.root);
    }
}
