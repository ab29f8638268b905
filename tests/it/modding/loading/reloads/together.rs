//! Mods whose systems are ordered by each other's new code get it in the same frame, or not at all.

use tinkerbox::{ModInfo, ModReportKind, ModStatus, Mods};

use crate::modding::games::game::*;

/// A version of a mod with these systems, each with its order. It takes several frames for each of them if it is slow.
#[derive(Clone, Copy)]
struct Version<'a> {
    id: &'a str,
    version: u32,
    systems: &'a [(&'a str, &'a str)],
}

impl Version<'_> {
    fn text(&self) -> ModText {
        self.with("")
    }

    fn slow(&self) -> ModText {
        self.with(&ado(1_000))
    }

    fn failing(&self) -> ModText {
        let mut text = self.text();
        text.wat = text.wat.replace(
            "(memory (export",
            "(func (export \"tb_init\") (param i32) unreachable) (memory (export",
        );
        text
    }

    fn with(&self, body: &str) -> ModText {
        let systems = self.systems.iter().map(|(name, order)| plain_system(name) + order + "\n");
        let code = self
            .systems
            .iter()
            .map(|(name, _)| format!("(func (export \"sys_{name}\") (local $i i32) {body})"));
        ModText {
            manifest: head(self.id).replace("0.1.0", &format!("{}.0.0", self.version))
                + "[budget]\nfuel = 2000\n"
                + &systems.collect::<String>(),
            wat: module(&code.collect::<String>()),
        }
    }
}

/// Two mods, and the two that replace them, between which there is an order that any mixture lacks.
struct Case {
    name: &'static str,
    /// Whether each of them names what only the other's new version has, or closes a circle with the old one.
    needs: [bool; 2],
    old: [Version<'static>; 2],
    new: [Version<'static>; 2],
}

const fn version(
    id: &'static str,
    version: u32,
    systems: &'static [(&'static str, &'static str)],
) -> Version<'static> {
    Version { id, version, systems }
}

const CASES: [Case; 6] = [
    Case {
        name: "a new system that the other one names in `after`",
        needs: [true, false],
        old: [version("aaa", 1, &[("move", "")]), version("bbb", 1, &[("eat", "")])],
        new: [version("aaa", 2, &[("move", "after = [\"bbb:graze\"]")]), version("bbb", 2, &[("graze", "")])],
    },
    Case {
        name: "a new system that the other one names in `before`",
        needs: [true, true],
        old: [version("aaa", 1, &[("move", "")]), version("bbb", 1, &[("eat", "")])],
        new: [
            version("aaa", 2, &[("move", "before = [\"bbb:graze\"]"), ("rest", "")]),
            version("bbb", 2, &[("graze", "after = [\"aaa:rest\"]")]),
        ],
    },
    Case {
        name: "systems with other names",
        needs: [false, true],
        old: [version("aaa", 1, &[("move", "")]), version("bbb", 1, &[("eat", "after = [\"aaa:move\"]")])],
        new: [version("aaa", 2, &[("walk", "")]), version("bbb", 2, &[("eat", "after = [\"aaa:walk\"]")])],
    },
    Case {
        name: "the order turned around",
        needs: [true, false],
        old: [version("aaa", 1, &[("move", "")]), version("bbb", 1, &[("eat", "after = [\"aaa:move\"]")])],
        new: [
            version("aaa", 2, &[("move", "after = [\"bbb:eat\"]"), ("rest", "after = [\"bbb:rest\"]")]),
            version("bbb", 2, &[("eat", ""), ("rest", "")]),
        ],
    },
    Case {
        name: "each before the other's new system",
        needs: [false, true],
        old: [version("aaa", 1, &[("move", "before = [\"bbb:eat\"]")]), version("bbb", 1, &[("eat", "")])],
        new: [version("aaa", 2, &[("run", "")]), version("bbb", 2, &[("eat", "before = [\"aaa:run\"]")])],
    },
    Case {
        name: "a circle of two that both have to break",
        needs: [true, true],
        old: [
            version("aaa", 1, &[("x", "after = [\"bbb:x\"]"), ("y", "")]),
            version("bbb", 1, &[("x", ""), ("y", "after = [\"aaa:y\"]")]),
        ],
        new: [
            version("aaa", 2, &[("x", ""), ("y", "after = [\"bbb:y\"]")]),
            version("bbb", 2, &[("x", "after = [\"aaa:x\"]"), ("y", "")]),
        ],
    },
];

/// The running version of each mod, as its major number.
fn versions(game: &mut Game) -> Vec<u32> {
    let world = game.world();
    let mut mods = world.query::<(&ModInfo, &ModStatus)>();
    let live = mods
        .iter(world)
        .filter(|(_, status)| !matches!(status, ModStatus::Refused | ModStatus::AwaitsConsent));
    let mut versions: Vec<_> =
        live.map(|(info, _)| (info.id.clone(), info.version[..1].parse().unwrap())).collect();
    versions.sort();
    versions.into_iter().map(|(_, version)| version).collect()
}

/// The folders of both mods, in either order.
const FOLDERS: [[&str; 2]; 2] = [["a", "b"], ["b", "a"]];

#[test]
fn no_frame_has_one_new_and_one_old() {
    for case in &CASES {
        for folders in FOLDERS {
            for slow in [[false, false], [true, false], [false, true], [true, true]] {
                let text = |at: usize| if slow[at] { case.old[at].slow() } else { case.old[at].text() };
                let mut game = Game::new(&[(folders[0], &text(0)), (folders[1], &text(1))]);
                // At any point of what their systems do.
                for frames in 1..=4 {
                    let about = format!("{}, {folders:?}, {slow:?}, {frames}", case.name);
                    game.frames(frames);
                    (0..2).for_each(|at| game.write(folders[at], &case.new[at].text()));
                    game.changed_all(&folders);
                    let mut seen = vec![versions(&mut game)];
                    for _ in 0..10 {
                        game.frame();
                        seen.push(versions(&mut game));
                    }
                    assert!(seen.iter().all(|both| both[0] == both[1]), "{about}: {seen:?}");
                    assert_eq!(seen.last(), Some(&vec![2, 2]), "{about}: {:#?}", game.all_reports());
                    assert!(slow.contains(&true) || seen[0] == [2, 2], "{about}: {seen:?}");
                    (0..2).for_each(|at| game.write(folders[at], &text(at)));
                    game.changed_all(&folders);
                    game.frames(10);
                    assert_eq!(versions(&mut game), [1, 1], "{about}: {:#?}", game.all_reports());
                }
            }
        }
    }
}

#[test]
fn if_one_of_them_can_not_start_the_other_waits_if_it_needs_it() {
    for case in &CASES {
        for folders in FOLDERS {
            for failing in [0, 1] {
                let about = format!("{}, {folders:?}, {failing}", case.name);
                let mut game =
                    Game::new(&[(folders[0], &case.old[0].text()), (folders[1], &case.old[1].text())]);
                game.frames(2);
                let text =
                    |at: usize| if at == failing { case.new[at].failing() } else { case.new[at].text() };
                (0..2).for_each(|at| game.write(folders[at], &text(at)));
                game.changed_all(&folders);
                game.frames(3);
                let expected: Vec<_> =
                    (0..2).map(|at| if at == failing || case.needs[at] { 1 } else { 2 }).collect();
                assert_eq!(versions(&mut game), expected, "{about}: {:#?}", game.all_reports());
                for (at, version) in case.new.iter().enumerate() {
                    let refusals = game.reports(version.id, ModReportKind::ReloadRefused);
                    assert_eq!(refusals.len(), usize::from(expected[at] == 1), "{about}: {refusals:#?}");
                    for refusal in refusals {
                        assert_eq!(
                            refusal.contains("before its first tick"),
                            at == failing,
                            "{about}: {refusal}"
                        );
                        assert!(refusal.contains("The old code continues"), "{about}: {refusal}");
                    }
                    assert_eq!(game.stats(version.id).faults, 0);
                }
                // Once that one is corrected, both are new.
                game.rewrite(folders[failing], &case.new[failing].text());
                assert_eq!(versions(&mut game), [2, 2], "{about}: {:#?}", game.all_reports());
            }
        }
    }
}

#[test]
fn the_last_good_version_of_a_broken_mod_is_not_displaced_by_a_circle() {
    let good = version("aaa", 1, &[("x", "after = [\"bbb:x\"]")]);
    let other = version("bbb", 2, &[("x", "after = [\"aaa:x\"]")]);
    for folders in FOLDERS {
        for is_failing in [true, false] {
            let old = version("bbb", 1, &[("x", "")]);
            let mut game = Game::new(&[(folders[0], &good.text()), (folders[1], &old.text())]);
            game.frames(2);
            match is_failing {
                true => game.rewrite(folders[0], &version("aaa", 2, good.systems).failing()),
                false => {
                    game.write_file(folders[0], "mod.wasm", b"");
                    game.changed(folders[0]);
                }
            }
            game.rewrite(folders[1], &other.text());
            game.frames(3);
            assert_eq!(versions(&mut game), [1, 1], "{folders:?}: {:#?}", game.all_reports());
            let refusal = game.report("bbb", ModReportKind::ReloadRefused);
            assert!(refusal.contains("can't be ordered"), "{refusal}");
        }
    }
}

#[test]
fn one_that_waits_goes_on_alone_once_the_other_is_gone_or_as_it_was() {
    let [case, ..] = &CASES;
    for is_removed in [true, false] {
        let mut game = Game::new(&[("a", &case.old[0].text()), ("b", &case.old[1].text())]);
        game.frames(2);
        game.write("a", &case.new[0].text());
        game.write("b", &case.new[1].failing());
        game.changed_all(&["a", "b"]);
        let refusal = game.report("aaa", ModReportKind::ReloadRefused);
        assert!(
            refusal.contains("ordered by those of the new version of `bbb`, which could not be started"),
            "{refusal}"
        );
        match is_removed {
            true => game.remove_folder("b"),
            false => game.write("b", &case.old[1].text()),
        }
        game.changed("b");
        game.frame();
        assert_eq!(versions(&mut game)[0], 2, "{:#?}", game.all_reports());
    }
}

#[test]
fn one_that_asks_for_more_is_waited_for() {
    let [case, ..] = &CASES;
    let mut game = Game::new(&[("a", &case.old[0].text()), ("b", &case.old[1].text())]);
    game.frames(2);
    let mut wider = case.new[1].text();
    wider.manifest = wider.manifest.replacen("[[system]]", "[permissions]\nspawn = true\n[[system]]", 1);
    game.write("a", &case.new[0].text());
    game.write("b", &wider);
    game.changed_all(&["a", "b"]);
    game.frames(5);
    assert_eq!(versions(&mut game), [1, 1]);
    let refusal = game.report("aaa", ModReportKind::ReloadRefused);
    assert!(refusal.contains("new version of `bbb`, which asks for more than it was granted"), "{refusal}");
    let entity = game.entity("bbb");
    game.world().resource_mut::<Mods>().grant(entity);
    game.frame();
    assert_eq!(versions(&mut game), [2, 2], "{:#?}", game.all_reports());
}

#[test]
fn one_that_asks_for_more_keeps_no_other_waiting_that_does_not_need_it() {
    let [case, ..] = &CASES;
    let mut game = Game::new(&[("a", &case.old[0].text()), ("b", &case.old[1].text())]);
    game.frames(2);
    let mut wider = case.new[0].text();
    wider.manifest = wider.manifest.replacen("[[system]]", "[permissions]\nspawn = true\n[[system]]", 1);
    game.write("a", &wider);
    game.write("b", &case.new[1].text());
    game.changed_all(&["a", "b"]);
    assert_eq!(versions(&mut game), [1, 2], "{:#?}", game.all_reports());
}

#[test]
fn one_whose_files_are_refused_is_as_if_it_had_not_changed() {
    let [case, ..] = &CASES;
    let mut game = Game::new(&[("a", &case.old[0].text()), ("b", &case.old[1].text())]);
    game.frames(2);
    game.write("a", &case.new[0].text());
    game.write_file("b", "mod.wasm", b"not WebAssembly");
    game.changed_all(&["a", "b"]);
    assert_eq!(versions(&mut game), [2, 1]);
}

#[test]
fn a_chain_takes_over_at_once_and_others_do_not_wait_for_it() {
    let chain = |number: u32| -> Vec<ModText> {
        let name = |at: usize| ["aaa", "bbb", "ccc", "ddd"][at];
        let order = |at: usize| {
            if at < 3 { format!("after = [\"{}:run_{number}\"]", name(at + 1)) } else { String::new() }
        };
        let system = format!("run_{number}");
        (0..4).map(|at| version_of(name(at), number, &[(&system, &order(at))])).collect()
    };
    let lone = |number: u32| version_of("lone", number, &[("run", "")]);
    let slow = Version { id: "ccc", version: 1, systems: &[("run_1", "after = [\"ddd:run_1\"]")] }.slow();
    let mut texts = chain(1);
    texts[2] = slow;
    let folders = ["a", "b", "c", "d", "e"];
    texts.push(lone(1));
    let mods: Vec<_> = folders.iter().copied().zip(&texts).collect();
    let mut game = Game::new(&mods);
    game.frame();
    folders.iter().zip(chain(2).iter().chain([&lone(2)])).for_each(|(folder, text)| game.write(folder, text));
    game.changed_all(&folders);
    // The third is in the middle of its system.
    assert_eq!(versions(&mut game), [1, 1, 1, 1, 2]);
    game.frames(5);
    assert_eq!(versions(&mut game), [2; 5], "{:#?}", game.all_reports());
}

fn version_of(id: &str, version: u32, systems: &[(&str, &str)]) -> ModText {
    Version { id, version, systems }.text()
}

#[test]
fn a_new_mod_waits_for_an_order_and_others_may_go_meanwhile() {
    let slow = version("bbb", 1, &[("eat", "after = [\"aaa:move\"]")]).slow();
    let bystander = version("ccc", 1, &[("run", "")]).text();
    let mut game = Game::new(&[("b", &slow), ("c", &bystander)]);
    game.frame();
    assert!(matches!(game.status("bbb"), ModStatus::Suspended { .. }));
    game.write("a", &version("aaa", 1, &[("move", "after = [\"bbb:eat\"]")]).text());
    game.write("b", &version("bbb", 2, &[("eat", "")]).text());
    game.changed_all(&["a", "b"]);
    assert_eq!(
        versions(&mut game),
        [1, 1],
        "it can't be loaded beside the old code, whose system is suspended"
    );
    game.take_out("c");
    game.frames(5);
    assert_eq!(versions(&mut game), [1, 2], "{:#?}", game.all_reports());
}
