//! `tinkerbox dev` as authors use it: the real tool in a folder outside of this repository, which is waited for by what it
//! prints. Mods in each language are in `authors`.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod programs;
mod small_mod;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use programs::{Printed, save};
use rustix::process::{Pid, Signal, kill_process};
use tinkerbox::{DevBuild, DevBuilds};

/// A running `tinkerbox dev`.
struct Dev {
    child: Child,
    printed: Printed,
}

impl Dev {
    fn start(folder: &Path, arguments: &[&str]) -> Dev {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tinkerbox"));
        command.current_dir(folder).arg("dev").args(arguments);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let printed = Printed::of("tinkerbox dev", child.stderr.take().unwrap());
        Dev { child, printed }
    }

    /// Reads until a line has these words, and returns it.
    #[track_caller]
    fn wait(&mut self, words: &str) -> String {
        self.printed.wait(words)
    }

    /// Ends it as Ctrl-C does, and returns its exit code.
    fn end(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        self.wait("ended");
        self.child.wait().unwrap().code()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // It has ended unless a test has failed.
        let _ = self.child.kill();
    }
}

fn told(mods: &Path, name: &str) -> DevBuild {
    let text = fs::read_to_string(mods.join(DevBuilds::FILE)).unwrap();
    DevBuilds::parse(&text).unwrap().mods[name].clone()
}

/// A mod that a script builds. The script waits for ever if the source says so.
fn scripted(root: &Path) {
    fs::create_dir_all(root.join("gust/src")).unwrap();
    let dev = "build = \"sh build.sh\"\noutput = \"gust.wasm\"\nmods = \"../mods\"\n";
    fs::write(root.join("gust/mod.toml"), small_mod::manifest("gust", dev)).unwrap();
    for note in ["one", "two"] {
        fs::write(root.join(format!("gust/{note}.bin")), small_mod::wasm(note)).unwrap();
    }
    let script = "echo saw $(cat src/gust.c); if grep -q slow src/gust.c; then sleep 100000; fi; \
        cp $(cat src/gust.c).bin gust.wasm";
    fs::write(root.join("gust/build.sh"), script).unwrap();
    fs::write(root.join("gust/src/gust.c"), "one").unwrap();
}

#[test]
fn newer_edits_overtake_a_build_and_what_builds_write_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    scripted(&root);
    let source = root.join("gust/src/gust.c");
    let installed = || fs::read(root.join("mods/gust/gust.wasm")).unwrap();
    let mut dev = Dev::start(&root.join("gust/src"), &[]);
    dev.wait("watching");
    assert_eq!(installed(), small_mod::wasm("one"));
    save(&source, "slow");
    dev.wait("saw slow");
    save(&source, "two");
    dev.wait("saw two");
    dev.wait("installed gust");
    dev.wait("watching");
    assert_eq!(installed(), small_mod::wasm("two"));
    // A folder that is new, and a manifest.
    fs::create_dir(root.join("gust/src/deep")).unwrap();
    save(&root.join("gust/src/deep/more.c"), "more");
    dev.wait("unchanged gust");
    let manifest = fs::read_to_string(root.join("gust/mod.toml")).unwrap();
    save(&root.join("gust/mod.toml"), &manifest.replace("\"gust\"", "\"gust_of_wind\""));
    dev.wait("note gust: its id in mod.toml is `gust_of_wind`");
    save(&root.join("gust/mod.toml"), "[mod");
    dev.wait("not built gust: ");
    assert!(told(&root.join("mods"), "gust").errors[0].text.contains("mod.toml"));
    // In the middle of a build.
    save(&root.join("gust/mod.toml"), &manifest);
    dev.wait("watching");
    save(&source, "slow");
    dev.wait("saw slow");
    assert_eq!(dev.end(), Some(0));
    assert_eq!(installed(), small_mod::wasm("two"));
}

#[test]
fn the_game_is_started_once_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    scripted(&root);
    let game = "sh -c 'echo game runs >&2; echo $$ >> started; exec sleep 100000'";
    let mut dev = Dev::start(&root, &["--game", game]);
    dev.wait("game runs");
    save(&root.join("gust/src/gust.c"), "two");
    dev.wait("installed gust");
    dev.wait("watching");
    assert_eq!(dev.end(), Some(0));
    let started = fs::read_to_string(root.join("started")).unwrap();
    let ids: Vec<&str> = started.lines().collect();
    let [id] = ids[..] else { panic!("{started}") };
    // It is still there to be ended.
    assert!(Command::new("kill").arg(id).status().unwrap().success());
}

#[test]
fn an_interface_elsewhere_and_a_folder_that_comes_back_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    scripted(&root);
    fs::create_dir(root.join("game")).unwrap();
    let interface = root.join("game/zoo.interface.toml");
    fs::write(&interface, "game = \"zoo\"\napi = 1\n").unwrap();
    let manifest = fs::read_to_string(root.join("gust/mod.toml")).unwrap();
    fs::write(root.join("gust/mod.toml"), manifest + "interface = \"../game/zoo.interface.toml\"\n").unwrap();
    let mut dev = Dev::start(&root.join("gust"), &[]);
    dev.wait("installed gust");
    dev.wait("watching");
    save(&interface, "game = \"zoo\"\napi = 1\n\n");
    dev.wait("unchanged gust");
    dev.wait("watching");
    save(&interface, "game = 1\n");
    dev.wait("not built gust");
    dev.wait("watching");
    save(&interface, "game = \"zoo\"\napi = 1\n");
    dev.wait("unchanged gust");
    dev.wait("watching");
    fs::rename(root.join("gust"), root.join("away")).unwrap();
    dev.wait("not built gust");
    dev.wait("watching");
    fs::rename(root.join("away"), root.join("gust")).unwrap();
    dev.wait("gust in ");
    dev.wait("watching");
    save(&root.join("gust/src/gust.c"), "two");
    dev.wait("installed gust");
    assert_eq!(dev.end(), Some(0));
}

#[test]
fn a_build_that_writes_sources_does_not_go_on_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    scripted(&root);
    let script = fs::read_to_string(root.join("gust/build.sh")).unwrap();
    fs::write(root.join("gust/build.sh"), format!("date +%s%N > src/stamp.h; {script}")).unwrap();
    let mut dev = Dev::start(&root.join("gust"), &[]);
    let said = dev.wait("changes during each build");
    assert!(said.contains("src/stamp.h"), "{said}");
    dev.wait("watching");
    save(&root.join("gust/src/gust.c"), "two");
    dev.wait("saw two");
    assert_eq!(dev.end(), Some(0));
}
