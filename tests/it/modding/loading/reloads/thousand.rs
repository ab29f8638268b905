//! A thousand reloads under whatever can happen to files: in every frame the last good version of each mod runs, and at the
//! end the process holds no more than after the first ones.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use bevy_ecs::prelude::*;
use tinkerbox::{ModReloads, ModReportKind};

use crate::modding::games::game::*;

/// A small pseudo-random generator, the same on every platform.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

const FOLDERS: [&str; 4] = ["m0", "m1", "m2", "m3"];
/// Where a folder is while it is renamed away.
const AWAY: [&str; 4] = [".m0", ".m1", ".m2", ".m3"];
/// The versions are 1 to 30. What a mod adds each frame says which version of it runs.
const VERSIONS: usize = 30;
const BASE: f32 = 32.0;

fn mod_of(number: usize, version: usize) -> ModText {
    let mut text = mover(FOLDERS[number], version as f32 * BASE.powi(number as i32));
    text.manifest = text.manifest.replace("0.1.0", &format!("{version}.0.0"));
    text.manifest += "[budget]\nfuel = 2000\n";
    text
}

/// What is in a folder.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Files {
    Good(usize),
    Broken,
    Absent,
    Away(usize),
}

/// The folders as they are, and what should run.
struct Disk {
    game: Game,
    entity: Entity,
    chance: Chance,
    files: [Files; 4],
    running: [Option<usize>; 4],
    done: BTreeMap<&'static str, usize>,
}

impl Disk {
    fn new(seed: u64) -> Disk {
        let mut game = Game::new(&[]);
        let entity = game.spawn_at(0.0);
        game.frame();
        let (files, running) = ([Files::Absent; 4], [None; 4]);
        Disk { game, entity, chance: Chance(seed), files, running, done: BTreeMap::new() }
    }

    /// What the position gains in a frame with these mods.
    fn expected(running: [Option<usize>; 4]) -> f32 {
        let step = |(number, version): (usize, &Option<usize>)| {
            version.map_or(0.0, |version| version as f32 * BASE.powi(number as i32))
        };
        running.iter().enumerate().map(step).sum()
    }

    /// Runs a frame. What runs is one of these.
    fn frame(&mut self, either: &[[Option<usize>; 4]]) -> bool {
        let entity = self.entity;
        self.game.world().get_mut::<Position>(entity).unwrap().x = 0.0;
        self.game.frame();
        let x = self.game.x(entity);
        let expected: Vec<f32> = either.iter().map(|running| Disk::expected(*running)).collect();
        assert!(expected.contains(&x), "{x} is none of {expected:?}: {:?}, {:?}", self.files, self.done);
        x == expected[expected.len() - 1]
    }

    /// Changes the files of a mod in one of the ways in which that happens.
    fn change(&mut self, number: usize) {
        let folder = FOLDERS[number];
        let version = 1 + self.chance.below(VERSIONS);
        let is_there = matches!(self.files[number], Files::Good(_) | Files::Broken);
        let path = self.game.folder(folder);
        let text = mod_of(number, version);
        let name = match self.chance.below(12) {
            // An editor or a linker writes over the files.
            0 | 1 => {
                let _ = fs::remove_dir_all(self.game.folder(AWAY[number]));
                self.game.write(folder, &text);
                self.files[number] = Files::Good(version);
                "written in place"
            }
            // A careful tool writes beside them and renames.
            2 | 3 if is_there => {
                self.game.write(".new", &text);
                for file in ["mod.toml", "mod.wasm"] {
                    fs::rename(self.game.folder(".new").join(file), path.join(file)).unwrap();
                }
                self.files[number] = Files::Good(version);
                "written beside and renamed"
            }
            4 if is_there => {
                let wasm = wat::parse_str(&text.wat).unwrap();
                let len = self.chance.below(wasm.len() / 2);
                self.game.write_file(folder, "mod.wasm", &wasm[..len]);
                self.files[number] = Files::Broken;
                "cut"
            }
            5 if is_there => {
                for file in ["mod.toml", "mod.wasm"].map(|file| path.join(file)) {
                    if let Ok(content) = fs::read(&file) {
                        fs::write(file, content).unwrap();
                    }
                }
                "touched"
            }
            6 if is_there => {
                // A leftover may be missing already.
                let _ = fs::remove_file(path.join("mod.wasm"));
                self.files[number] = Files::Broken;
                "its code deleted"
            }
            7 if is_there => {
                self.game.write(
                    folder,
                    &ModText { wat: module("(func (export \"tb_init\") (param i32) unreachable)"), ..text },
                );
                self.files[number] = Files::Broken;
                "broken code"
            }
            8 if is_there => {
                self.game.write_file(folder, "mod.toml", b"[mod]\nid = 7\n");
                self.files[number] = Files::Broken;
                "a broken manifest"
            }
            9 if is_there => {
                self.game.remove_folder(folder);
                self.files[number] = Files::Absent;
                "deleted"
            }
            10 => match self.files[number] {
                Files::Good(version) => {
                    fs::rename(&path, self.game.folder(AWAY[number])).unwrap();
                    self.files[number] = Files::Away(version);
                    "renamed away"
                }
                Files::Away(version) => {
                    fs::rename(self.game.folder(AWAY[number]), path).unwrap();
                    self.files[number] = Files::Good(version);
                    "renamed back"
                }
                _ => return,
            },
            11 if is_there => {
                let trap =
                    "(func (export \"tb_init\") (param i32) (loop $forever (br $forever))) (memory (export";
                self.game.write(folder, &ModText { wat: text.wat.replace("(memory (export", trap), ..text });
                self.files[number] = Files::Broken;
                "code without end"
            }
            _ => return,
        };
        *self.done.entry(name).or_default() += 1;
    }

    /// What should run once these folders are built.
    fn after(&self, changed: &[usize]) -> [Option<usize>; 4] {
        let mut running = self.running;
        for &number in changed {
            running[number] = match self.files[number] {
                Files::Good(version) => Some(version),
                Files::Broken => running[number],
                Files::Absent | Files::Away(_) => None,
            };
        }
        running
    }

    /// Changes some files, and runs frames until what is in the folders runs.
    fn round(&mut self) {
        let mut changed = Vec::new();
        for _ in 0..=self.chance.below(3) {
            let number = self.chance.below(FOLDERS.len());
            self.change(number);
            changed.push(number);
            // Nothing happens before a folder is quiet.
            self.frame(&[self.running]);
        }
        let after = self.after(&changed);
        let paths: Vec<_> = changed.iter().map(|&number| self.game.folder(FOLDERS[number])).collect();
        self.game.start_builds(&paths);
        // Frames do not wait for builds: these may or may not be ready.
        let mut is_ready = false;
        for _ in 0..self.chance.below(3) {
            let either = if is_ready { vec![after] } else { vec![self.running, after] };
            is_ready = self.frame(&either) && after != self.running;
        }
        self.game.world().resource_mut::<ModReloads>().finish_builds();
        self.frame(&[after]);
        self.running = after;
    }

    /// How often a mod was given other code so far, or refused.
    fn reloads(&self) -> usize {
        let is_one = |kind: &ModReportKind| {
            matches!(
                kind,
                ModReportKind::Loaded
                    | ModReportKind::Reloaded
                    | ModReportKind::ReloadRefused
                    | ModReportKind::AsksForMore
                    | ModReportKind::Refused
            )
        };
        self.game.all_reports().iter().filter(|report| is_one(&report.kind)).count()
    }

    /// Puts every mod into its first version.
    fn settle(&mut self) {
        for number in 0..FOLDERS.len() {
            let _ = fs::remove_dir_all(self.game.folder(AWAY[number]));
            self.game.write(FOLDERS[number], &mod_of(number, 1));
            self.files[number] = Files::Good(1);
        }
        let after = self.after(&[0, 1, 2, 3]);
        let paths = FOLDERS.map(|folder| self.game.folder(folder));
        self.game.start_builds(&paths);
        self.game.world().resource_mut::<ModReloads>().finish_builds();
        self.frame(&[after]);
        self.running = after;
    }
}

/// What the process holds.
#[derive(Debug)]
struct Held {
    mappings: usize,
    executable: usize,
    files: usize,
    threads: usize,
    resident_pages: usize,
}

fn held() -> Held {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    Held {
        mappings: maps.lines().count(),
        executable: maps.lines().filter(|line| line.contains("r-xp")).count(),
        files: fs::read_dir("/proc/self/fd").unwrap().count(),
        threads: fs::read_dir("/proc/self/task").unwrap().count(),
        resident_pages: pages.split(' ').nth(1).unwrap().parse().unwrap(),
    }
}

const CHILD: &str = "TINKERBOX_RELOADS_TEST";

#[test]
fn a_thousand_reloads_leave_the_last_good_version_running_and_nothing_behind() {
    // Other tests in this process hold files and threads of their own.
    if std::env::var_os(CHILD).is_none() {
        let name = "modding::loading::reloads::thousand::a_thousand_reloads_leave_the_last_good_version_running_and_nothing_behind";
        let mut child = Command::new(std::env::current_exe().unwrap());
        let output = child.args(["--exact", name, "--nocapture"]).env(CHILD, "1").output().unwrap();
        let said =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success() && said.contains("1 passed"), "in a process of its own: {said}");
        return;
    }
    let mut disk = Disk::new(14);
    while disk.reloads() < 200 {
        disk.round();
    }
    disk.settle();
    let before = held();
    while disk.reloads() < 1_200 {
        disk.round();
    }
    disk.settle();
    let after = held();
    println!("{before:?}\n{after:?}\n{:?}", disk.done);
    assert!(disk.done.len() >= 11 && disk.done.values().all(|count| *count > 20), "{:?}", disk.done);
    assert_eq!((before.files, before.threads), (after.files, after.threads));
    assert!(after.executable <= before.executable, "{before:?} {after:?}");
    // A mapping for each reload would be a thousand; those of the allocator's arenas, which grow by thread, come and go.
    assert!(after.mappings <= before.mappings + 64, "{before:?} {after:?}");
    assert!(after.resident_pages <= before.resident_pages + 1024, "{before:?} {after:?}");
}
