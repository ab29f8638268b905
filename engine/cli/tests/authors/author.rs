//! An author's folder outside of this repository, the tool, and the running game.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Nothing takes so long, except a compiler on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The command that starts the game: this process is it as well.
fn meadow() -> String {
    format!("{} {}", std::env::current_exe().unwrap().display(), crate::PLAY)
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
        let mut game = Command::new(std::env::current_exe().unwrap());
        game.current_dir(self.folder()).args([crate::PLAY, "--write-interface", "meadow.interface.toml"]);
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

    /// Saves a file as many editors do: under another name, which is then renamed.
    pub fn save(&self, file: &Path, text: &str) {
        let new = file.with_extension("new.tmp");
        fs::write(&new, text).unwrap();
        fs::rename(new, file).unwrap();
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

/// What a program prints, read line by line as it comes.
pub struct Printed {
    of: &'static str,
    lines: Receiver<String>,
    /// Everything so far, for a failing test.
    all: String,
}

impl Printed {
    fn of(of: &'static str, output: impl Read + Send + 'static) -> Printed {
        let (send, lines) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            // Nobody listens if the test has ended.
            lines.map(|line| send.send(line)).take_while(Result::is_ok).for_each(drop);
        });
        Printed { of, lines, all: String::new() }
    }

    /// Reads until a line has these words, and returns it.
    #[track_caller]
    pub fn wait(&mut self, words: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.all += &format!("{line}\n");
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(error) => panic!("{} did not say `{words}` ({error}):\n{}", self.of, self.all),
            }
        }
    }
}
