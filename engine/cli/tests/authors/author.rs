//! An author's folder outside of this repository, the tool, and the running game.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use clap::Parser as _;
use meadow_game::command_line::Arguments;

use crate::programs::Printed;

/// With this argument, the process is the game, and what follows is for it.
const PLAY: &str = "--play-meadow";

/// The command that starts the game: this process is it as well, see [`play_if_asked`].
fn meadow() -> String {
    format!("{} {PLAY}", env::current_exe().unwrap().display())
}

/// Plays to the end if this process was started as the game.
pub fn play_if_asked() -> Option<ExitCode> {
    let mut arguments = env::args();
    if arguments.nth(1).as_deref() != Some(PLAY) {
        return None;
    }
    let arguments = ["meadow".to_owned()].into_iter().chain(arguments);
    Some(match meadow_game::run(&Arguments::parse_from(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    })
}

/// Settings for cargo. Crates that mods depend on are compiled once for all tests: mods that are built at the same time have
/// different names.
const CARGO: [(&str, &str); 2] =
    [("CARGO_NET_OFFLINE", "true"), ("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/new-mods"))];

/// An empty folder, and the programs that an author has.
pub struct Author(tempfile::TempDir);

impl Author {
    pub fn new() -> Author {
        Author(tempfile::tempdir().unwrap())
    }

    pub fn folder(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    /// The game tells what it exposes.
    pub fn write_interface(&self) {
        let mut game = Command::new(env::current_exe().unwrap());
        game.current_dir(self.folder()).args([PLAY, "--write-interface", "meadow.interface.toml"]);
        assert!(game.status().unwrap().success());
    }

    /// Runs the tool to its end, and returns all that it has printed.
    #[track_caller]
    pub fn tinkerbox(&self, folder: &str, arguments: &[&str]) -> String {
        let ended = tinkerbox(&self.folder().join(folder)).args(arguments).output().unwrap();
        let said = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert!(ended.status.success(), "tinkerbox {arguments:?}: {said}");
        said
    }
}

fn tinkerbox(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tinkerbox"));
    command.current_dir(folder).envs(CARGO);
    command
}

/// `tinkerbox dev`, and the game that it has started.
pub struct Dev {
    pub tool: Printed,
    pub game: Printed,
    child: Child,
    game_id: i32,
}

impl Dev {
    /// Starts it for the folder of a mod, and the game with its own data.
    pub fn start(author: &Author, of_mod: &str) -> Dev {
        let assets =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/meadow").canonicalize().unwrap();
        Dev::start_with(author, of_mod, &assets)
    }

    /// The same with data from this folder. The game's output goes where the tool's standard output does.
    pub fn start_with(author: &Author, of_mod: &str, assets: &Path) -> Dev {
        let game = format!(
            "sh -c 'echo game $$; exec {} --watch --mods mods --assets {}'",
            meadow(),
            assets.display()
        );
        // Started in the author's folder, from where the mod is named.
        let mut command = tinkerbox(&author.folder());
        command.args(["dev", of_mod, "--to", "mods", "--game", &game]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let tool = Printed::of("tinkerbox dev", child.stderr.take().unwrap());
        let mut game = Printed::of("the game", child.stdout.take().unwrap());
        let started = game.wait("game ");
        let game_id = started.trim_start_matches("game ").trim().parse().unwrap();
        Dev { tool, game, child, game_id }
    }

    /// Ends the tool as Ctrl-C does.
    pub fn end(mut self) {
        self.kill(&self.child.id().to_string(), "INT");
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        // The game is still there.
        self.game.wait("gale says: ");
    }

    fn kill(&self, id: &str, signal: &str) {
        let _ = Command::new("kill").args(["-s", signal, id]).stderr(Stdio::null()).status();
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        self.kill(&self.game_id.to_string(), "KILL");
        // It has ended unless a test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
