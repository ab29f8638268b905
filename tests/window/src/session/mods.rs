//! The mods of the session: Meadow's own, and some that show what a panel is for. Those are WebAssembly text.

use std::fs;
use std::path::Path;

use anyhow::Context;
use meadow_game::own_mods;
use meadow_game::project::Project;

/// Meadow's mods that are played with: they need no compiler but Rust's. The last one never returns.
const OWN: [&str; 5] = ["weather", "grass", "flock", "wolves", "runaway"];

/// How many are WebAssembly text.
#[cfg(test)]
pub const TEXTS: usize = 4;

/// Where the new version of `gather` puts all sheep, from the north.
pub const GATHERED_AT: f32 = 20.0;

/// Builds and writes all mods into a folder.
///
/// # Errors
/// If one can't be built or written.
pub fn install(mods: &Path) -> anyhow::Result<()> {
    let project = Project::find()?;
    let names = OWN.map(str::to_owned);
    own_mods::build(&project, &names)?.check()?;
    for name in OWN {
        copy(&project.installed_mods().join(name), &mods.join(name))
            .with_context(|| format!("the mod {name} can't be copied"))?;
    }
    install_texts(mods)
}

/// Writes those that are WebAssembly text into a folder.
///
/// # Errors
/// If one can't be written.
pub fn install_texts(mods: &Path) -> anyhow::Result<()> {
    write(mods, "gather", "Gathering", GATHER, &gather_code(false))?;
    write(mods, "asker", "Asking for more", ASKER, IDLE)?;
    write(mods, "trapper", "Falling over", "[[system]]\nname = \"run\"", TRAPPER)?;
    write(mods, "chatty", "Talking", "[[system]]\nname = \"run\"", CHATTY)
}

/// Writes a new version of `gather`, which gathers the sheep.
///
/// # Errors
/// If it can't be written.
pub fn change_gather(mods: &Path) -> anyhow::Result<()> {
    write(mods, "gather", "Gathering", GATHER, &gather_code(true))
}

/// Writes a new version of `asker`, which asks for permissions.
///
/// # Errors
/// If it can't be written.
pub fn ask_for_more(mods: &Path) -> anyhow::Result<()> {
    let permissions = "[permissions]\nread = [\"meadow:Position\", \"meadow:Energy\"]\nwrite = [\"meadow:Velocity\"]\nspawn = true\n";
    write(mods, "asker", "Asking for more", &format!("{permissions}{ASKER}"), IDLE)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(())
}

fn write(mods: &Path, id: &str, title: &str, rest: &str, wat: &str) -> anyhow::Result<()> {
    let folder = mods.join(id);
    let manifest = format!(
        "[mod]\nid = \"{id}\"\nversion = \"0.1.0\"\napi = 1\ntitle = \"{title}\"\nauthors = [\"Ada\", \"Grace\"]\n{rest}\n"
    );
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("mod.wasm"), wat::parse_str(wat).with_context(|| format!("the text of {id}"))?)?;
    fs::write(folder.join("mod.toml"), manifest)?;
    Ok(())
}

const ASKER: &str = "[[system]]\nname = \"run\"";
const IDLE: &str = r#"(module (memory (export "memory") 1) (func (export "sys_run")))"#;
const TRAPPER: &str = r#"(module (memory (export "memory") 1) (func (export "sys_run") unreachable))"#;

const GATHER: &str = r#"
[permissions]
read = ["meadow:Sheep"]
write = ["meadow:Position"]
[[system]]
name = "gather"
[[system.query]]
columns = [{ component = "meadow:Position", access = "write", layout = "{ x: f32, y: f32 }" }]
with = ["meadow:Sheep"]"#;

/// Reads all rows of sheep, and puts them on a line if it gathers.
fn gather_code(gathers: bool) -> String {
    let store = match gathers {
        true => format!("(f32.store offset=4 (local.get $position) (f32.const {GATHERED_AT}))"),
        false => String::new(),
    };
    format!(
        r#"(module
        (import "tinkerbox1" "view_next" (func $view_next (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "sys_gather") (local $rows i32) (local $position i32)
            (loop $chunks
                (local.set $rows (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 4096)))
                (if (i32.gt_s (local.get $rows) (i32.const 0)) (then
                    (local.set $position (i32.load (i32.const 8)))
                    (loop $row
                        {store}
                        (local.set $position (i32.add (local.get $position) (i32.const 8)))
                        (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
                    (br $chunks))))))"#
    )
}

/// Says something on three levels every 40 ticks, and uses fuel that goes up and down like a saw.
const CHATTY: &str = r#"(module
    (import "tinkerbox1" "log" (func $log (param i32 i32 i32)))
    (import "tinkerbox1" "tick" (func $tick (result i64)))
    (memory (export "memory") 1)
    (data (i32.const 0) "the sheep are counted, and all of them are there")
    (data (i32.const 100) "one of the sheep looks odd")
    (func (export "sys_run") (local $left i32)
        (local.set $left (i32.mul (i32.const 200) (i32.wrap_i64 (i64.rem_u (call $tick) (i64.const 40)))))
        (if (i32.eqz (local.get $left)) (then
            (call $log (i32.const 2) (i32.const 0) (i32.const 48))
            (call $log (i32.const 1) (i32.const 100) (i32.const 26))
            (call $log (i32.const 3) (i32.const 0) (i32.const 21))))
        (loop $again
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br_if $again (i32.gt_s (local.get $left) (i32.const 0))))))"#;
