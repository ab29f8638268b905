//! Real folders, links and events: what is done to the files is noticed as what it is.
//!
//! Each step waits for the system's own event, however long that takes; nothing waits for time to pass.

use std::fs;
use std::time::{Duration, Instant};

use super::*;

/// Long enough for any machine; only a change that is never noticed takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

struct Case {
    disk: tempfile::TempDir,
    watcher: Watcher,
}

impl Case {
    /// `prepare` makes the disk; the mods' folder is `game/mods` on it.
    fn new(prepare: impl FnOnce(&Path)) -> Case {
        let disk = tempfile::tempdir().unwrap();
        prepare(disk.path());
        let watcher = Watcher::new(&disk.path().join("game/mods"), true).unwrap();
        let case = Case { disk, watcher };
        case.follow();
        case
    }

    fn follow(&self) {
        let followed = self.watcher.follower().lock().unwrap().follow();
        assert!(followed.trouble.is_empty(), "{:?}", followed.trouble);
    }

    fn path(&self, path: &str) -> PathBuf {
        self.disk.path().join(path)
    }

    /// Waits until this is noticed.
    fn wait(&self, expected: &Subject) {
        let until = Instant::now() + PATIENCE;
        let mut state = self.watcher.shared.state();
        while !state.noticed.subjects.contains(expected) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(left > Duration::ZERO, "{expected:?} was not noticed, but {:?}", state.noticed);
            state = self.watcher.shared.has_news.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Waits until all that has happened so far has been told: events come in their order.
    fn hear_all(&self) {
        let last = self.path("game/mods/last");
        if last.parent().is_some_and(Path::is_dir) {
            fs::write(&last, "").unwrap();
            self.wait(&Subject::Folder("last".into()));
            fs::remove_file(last).unwrap();
        }
        self.watcher.noticed();
    }

    /// Does something, waits until it is noticed as this, and follows as the game would.
    fn notices(&self, subject: &str, change: impl FnOnce(&dyn Fn(&str) -> PathBuf)) {
        let expected = match subject {
            "everything" => Subject::Everything,
            name => Subject::Folder(name.into()),
        };
        self.hear_all();
        change(&|path| self.path(path));
        self.wait(&expected);
        self.follow();
    }
}

fn write(path: PathBuf) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "x").unwrap();
}

/// Puts a file in place of another as compilers and editors do.
fn put(path: PathBuf) {
    let new = path.with_extension("new");
    fs::write(&new, "y").unwrap();
    fs::rename(new, path).unwrap();
}

#[test]
fn files_of_a_mod_are_written_and_put_in_place() {
    let case = Case::new(|disk| write(disk.join("game/mods/flock/flock.wasm")));
    case.notices("flock", |at| write(at("game/mods/flock/flock.wasm")));
    case.notices("flock", |at| put(at("game/mods/flock/flock.wasm")));
    case.notices("grass", |at| write(at("game/mods/grass/grass.wasm")));
    case.notices("grass", |at| write(at("game/mods/grass/mod.toml")));
    case.notices("grass", |at| fs::remove_file(at("game/mods/grass/mod.toml")).unwrap());
    case.notices("reeds", |at| fs::rename(at("game/mods/grass"), at("game/mods/reeds")).unwrap());
    case.notices("reeds", |at| write(at("game/mods/reeds/mod.toml")));
    case.notices("reeds", |at| fs::remove_dir_all(at("game/mods/reeds")).unwrap());
}

#[test]
fn the_mods_folder_comes_late_goes_and_comes_again() {
    let case = Case::new(|_| {});
    case.notices("everything", |at| fs::create_dir_all(at("game/mods")).unwrap());
    case.notices("flock", |at| write(at("game/mods/flock/mod.toml")));
    case.notices("everything", |at| fs::rename(at("game/mods"), at("game/old")).unwrap());
    case.notices("everything", |at| write(at("game/mods/flock/mod.toml")));
    case.notices("flock", |at| write(at("game/mods/flock/mod.toml")));
    case.notices("everything", |at| fs::remove_dir_all(at("game/mods")).unwrap());
    case.notices("everything", |at| fs::create_dir_all(at("game/mods")).unwrap());
    // A folder above is replaced.
    case.notices("everything", |at| fs::rename(at("game"), at("old game")).unwrap());
    case.notices("everything", |at| fs::create_dir_all(at("game/mods")).unwrap());
    case.notices("flock", |at| write(at("game/mods/flock/mod.toml")));
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A link is replaced by another, in one step as installers do, or in two.
    fn turn(link: &Path, to: &Path, in_one_step: bool) {
        if !in_one_step {
            fs::remove_file(link).unwrap();
            return symlink(to, link).unwrap();
        }
        let new = link.with_extension("turned");
        symlink(to, &new).unwrap();
        fs::rename(new, link).unwrap();
    }

    #[test]
    fn the_mods_folder_is_a_link_that_is_turned() {
        let case = Case::new(|disk| {
            write(disk.join("v1/flock/mod.toml"));
            write(disk.join("v2/flock/mod.toml"));
            fs::create_dir(disk.join("game")).unwrap();
            symlink("../v1", disk.join("game/mods")).unwrap();
        });
        case.notices("flock", |at| write(at("v1/flock/mod.toml")));
        for in_one_step in [true, false] {
            case.notices("everything", |at| turn(&at("game/mods"), Path::new("../v2"), in_one_step));
            case.notices("flock", |at| write(at("v2/flock/mod.toml")));
            case.notices("everything", |at| turn(&at("game/mods"), &at("v1"), in_one_step));
            case.notices("flock", |at| put(at("v1/flock/mod.toml")));
        }
        // What it leads to goes and comes.
        case.notices("everything", |at| fs::rename(at("v1"), at("v0")).unwrap());
        case.notices("everything", |at| fs::rename(at("v2"), at("v1")).unwrap());
        case.notices("flock", |at| write(at("v1/flock/mod.toml")));
    }

    #[test]
    fn a_mods_folder_is_a_link_made_later() {
        let case = Case::new(|disk| {
            write(disk.join("src/flock/mod.toml"));
            write(disk.join("game/mods/grass/mod.toml"));
        });
        case.notices("flock", |at| symlink("../../src/flock", at("game/mods/flock")).unwrap());
        case.notices("flock", |at| write(at("src/flock/mod.toml")));
        case.notices("flock", |at| write(at("src/flock/flock.wasm")));
        case.notices("flock", |at| fs::rename(at("src"), at("elsewhere")).unwrap());
        case.notices("flock", |at| write(at("src/flock/mod.toml")));
        case.notices("flock", |at| put(at("src/flock/mod.toml")));
        case.notices("grass", |at| write(at("game/mods/grass/mod.toml")));
    }

    #[test]
    fn the_wasm_is_a_link_into_a_build_folder() {
        let case = Case::new(|disk| {
            write(disk.join("out/release/flock.wasm"));
            write(disk.join("game/mods/flock/mod.toml"));
            symlink(disk.join("out/release/flock.wasm"), disk.join("game/mods/flock/flock.wasm")).unwrap();
        });
        case.notices("flock", |at| write(at("out/release/flock.wasm")));
        case.notices("flock", |at| put(at("out/release/flock.wasm")));
        case.notices("flock", |at| put(at("out/release/flock.wasm")));
        // The build folder is cleaned and made again.
        case.notices("flock", |at| fs::remove_dir_all(at("out")).unwrap());
        case.notices("flock", |at| write(at("out/release/flock.wasm")));
        case.notices("flock", |at| put(at("out/release/flock.wasm")));
    }

    #[test]
    fn links_that_lead_nowhere_or_in_a_circle_are_noticed_once_they_lead_somewhere() {
        let case = Case::new(|disk| {
            write(disk.join("game/mods/grass/mod.toml"));
            symlink("round", disk.join("game/mods/round")).unwrap();
            symlink("../../lost/flock", disk.join("game/mods/flock")).unwrap();
        });
        case.notices("grass", |at| write(at("game/mods/grass/mod.toml")));
        case.notices("flock", |at| write(at("lost/flock/mod.toml")));
        case.notices("flock", |at| write(at("lost/flock/mod.toml")));
        case.notices("round", |at| turn(&at("game/mods/round"), Path::new("grass"), true));
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_can_not_be_read_keeps_no_other_from_being_watched() {
    use std::os::unix::fs::PermissionsExt;
    let case = Case::new(|disk| {
        write(disk.join("game/mods/bad/mod.toml"));
        write(disk.join("game/mods/flock/mod.toml"));
    });
    let allow =
        |mode| fs::set_permissions(case.path("game/mods/bad"), fs::Permissions::from_mode(mode)).unwrap();
    case.hear_all();
    allow(0);
    case.wait(&Subject::Folder("bad".into()));
    // It is watched anew, which only some users may.
    case.watcher.shared.state().lose("a test");
    let trouble = case.watcher.follower().lock().unwrap().follow().trouble;
    assert!(trouble.keys().all(|folder| folder.ends_with("bad")), "{trouble:?}");
    case.hear_all();
    write(case.path("game/mods/flock/mod.toml"));
    case.wait(&Subject::Folder("flock".into()));
    case.hear_all();
    allow(0o755);
    case.wait(&Subject::Folder("bad".into()));
    case.follow();
    case.notices("bad", |at| write(at("game/mods/bad/mod.toml")));
}

#[test]
fn a_queue_that_overflows_means_everything_and_is_reported_once() {
    let case = Case::new(|disk| write(disk.join("game/mods/flock/mod.toml")));
    let overflow = || Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
    case.notices("everything", |_| {
        (0..3).for_each(|_| case.watcher.shared.notice(Ok(overflow())));
    });
    let mut state = State::default();
    state.watched.insert(PathBuf::from("/mods"));
    state.notice(Ok(overflow()));
    state.notice(Err(notify::Error::generic("the disk is gone")));
    assert_eq!(state.noticed.lost.as_deref(), Some("changes came faster than they could be reported"));
    assert!(state.stale.contains(Path::new("/mods")), "folders may be others by now");
    // What is watched stays watched.
    case.notices("flock", |at| write(at("game/mods/flock/mod.toml")));
}

#[test]
fn what_can_not_be_watched_says_what_to_do() {
    let text = not_watched(Path::new("/mods/a"), &notify::Error::new(notify::ErrorKind::MaxFilesWatch));
    assert!(text.contains("/mods/a") && text.contains("max_user_watches"), "{text}");
    let text = not_watched(Path::new("/mods/a"), &notify::Error::generic("Permission denied"));
    assert!(text.contains("Permission denied; make it readable"), "{text}");
}
