//! What the game allows of what it exposes, to all mods or to some, and the limits that it sets.

use bevy_ecs::prelude::*;
use tinkerbox::{Expose, ModLimits, ModReportKind, ModStatus};
use tinkerbox_abi::{ModType, command, component_key};
use tinkerbox_macros::mod_type;

use crate::modding::games::game::*;

#[mod_type("rules:Hull")]
#[derive(Component)]
struct Hull {
    planks: u32,
}

#[mod_type("rules:Tide")]
#[derive(Resource)]
struct Tide {
    height: f32,
}

#[mod_type("rules:Sunk")]
#[derive(Message)]
struct Sunk {
    ship: u32,
}

#[mod_type("rules:Order")]
#[derive(Message)]
struct Order {
    ship: u32,
}

fn expose(game: &mut Game) {
    game.app.expose_component::<Hull>().read_only().only_for(&["aaa", "shipyard"]);
    game.app.expose_resource::<Tide>().read_only();
    game.app.expose_event::<Sunk>().hear_only().expose_event::<Order>().send_only();
    game.app.expose_function("rules:sink", 10, |_: u32| ()).only_for(&["admiral", "aaa"]);
}

fn text(id: &str, permissions: &str, systems: &str, imports: &str) -> ModText {
    ModText {
        manifest: format!("{}[permissions]\n{permissions}\n{systems}", head(id)),
        wat: module_with(imports, "(func (export \"sys_run\"))"),
    }
}

/// Why the mod is refused; empty if it runs.
fn refusal(text: &ModText, id: &str) -> String {
    let mut game = Game::new(&[("mod", text)]);
    expose(&mut game);
    game.frames(2);
    match game.status(id) {
        ModStatus::Live => String::new(),
        _ => game.report(id, ModReportKind::Refused),
    }
}

#[test]
fn no_mod_gets_what_the_game_keeps() {
    let column = |access: &str| {
        format!(
            "[[system]]\nname = \"run\"\n[[system.query]]\ncolumns = [{{ component = \"rules:Hull\", access = \"{access}\", \
             layout = \"{{ planks: u32 }}\" }}]\n"
        )
    };
    let resource = |access: &str| {
        format!(
            "[[system]]\nname = \"run\"\n[[system.resource]]\nresource = \"rules:Tide\"\naccess = \"{access}\"\n\
             layout = \"{{ height: f32 }}\"\n"
        )
    };
    let event = |key: &str, id: &str| {
        format!("[[system]]\nname = \"run\"\n{key} = {{ event = \"{id}\", layout = \"{{ ship: u32 }}\" }}\n")
    };
    let sends = |id: &str| {
        format!(
            "[[system]]\nname = \"run\"\n[[system.send]]\nevent = \"{id}\"\nlayout = \"{{ ship: u32 }}\"\n"
        )
    };
    let none = &plain_system("run");
    let sink = "(import \"rules\" \"sink\" (func (param i32)))";
    let cases: [(&str, &str, &str, &str, &str); 17] = [
        ("aaa", "read = [\"rules:Hull\"]", &column("read"), "", ""),
        (
            "bbb",
            "read = [\"rules:Hull\"]",
            none,
            "",
            "`rules:Hull` under `read`, which this game exposes to other mods only",
        ),
        (
            "aaa",
            "write = [\"rules:Hull\"]",
            none,
            "",
            "`rules:Hull` under `write`, which mods of this game may only read",
        ),
        (
            "aaa",
            "read = [\"rules:Hull\"]",
            &column("write"),
            "",
            "system `run` writes `rules:Hull`, which mods of this game may only read",
        ),
        (
            "bbb",
            "",
            &column("read"),
            "",
            "system `run` reads `rules:Hull`, which this game exposes to other mods only",
        ),
        ("bbb", "read = [\"rules:Tide\"]", &resource("read"), "", ""),
        ("bbb", "write = [\"rules:Tide\"]", none, "", "may only read"),
        (
            "bbb",
            "read = [\"rules:Tide\"]",
            &resource("write"),
            "",
            "system `run` writes `rules:Tide`, which mods of this game may only read",
        ),
        ("bbb", "events = [\"rules:Sunk\"]", &event("on", "rules:Sunk"), "", ""),
        (
            "bbb",
            "send = [\"rules:Sunk\"]",
            none,
            "",
            "`rules:Sunk` under `send`, which mods of this game may only listen to",
        ),
        (
            "bbb",
            "events = [\"rules:Sunk\"]",
            &sends("rules:Sunk"),
            "",
            "sends `rules:Sunk`, which mods of this game may only listen to",
        ),
        ("bbb", "send = [\"rules:Order\"]", &sends("rules:Order"), "", ""),
        (
            "bbb",
            "events = [\"rules:Order\"]",
            none,
            "",
            "`rules:Order` under `events`, which mods of this game may only send",
        ),
        (
            "bbb",
            "send = [\"rules:Order\"]",
            &event("on", "rules:Order"),
            "",
            "handles `rules:Order`, which mods of this game may only send",
        ),
        ("aaa", "functions = [\"rules:sink\"]", none, sink, ""),
        (
            "bbb",
            "functions = [\"rules:sink\"]",
            none,
            sink,
            "`rules:sink` under `functions`, which this game exposes to other mods only",
        ),
        ("bbb", "", none, sink, "lacks functions that the mod imports: `rules:sink`"),
    ];
    for (id, permissions, systems, imports, expected) in cases {
        let refusal = refusal(&text(id, permissions, systems, imports), id);
        let context = format!("{id} with {permissions} and\n{systems}: {refusal}");
        assert_eq!(refusal.is_empty(), expected.is_empty(), "{context}");
        assert!(refusal.contains(expected), "{context}");
        assert!(refusal.is_empty() || refusal.ends_with('.'), "it says what to do: {context}");
    }
}

#[test]
fn the_interface_tells_authors_what_the_game_allows() {
    let mut game = Game::new(&[]);
    expose(&mut game);
    let interface = tinkerbox::interface(game.world(), "rules").unwrap();
    let toml = interface.to_toml().unwrap();
    let read = tinkerbox::Interface::parse(&toml).unwrap();
    assert_eq!(read.components, interface.components);
    for line in ["only = \"read\"", "only = \"hear\"", "only = \"send\"", "read_only = true", "mods = ["] {
        assert!(toml.contains(line), "{line} in {toml}");
    }
    let hull = read.components.iter().find(|ty| ty.id == "rules:Hull").unwrap();
    assert_eq!((hull.read_only, &hull.mods), (true, &Some(vec!["aaa".to_owned(), "shipyard".to_owned()])));
}

#[test]
fn a_rule_for_something_else_is_a_mistake_that_is_named() {
    type Wrong = fn(&mut Game);
    let wrong: [Wrong; 4] = [
        |game| _ = game.app.expose_event::<Sunk>().read_only(),
        |game| _ = game.app.expose_component::<Hull>().hear_only(),
        |game| _ = game.app.expose_function("rules:f", 1, || ()).send_only(),
        |game| _ = game.app.expose_resource::<Tide>().send_only(),
    ];
    for wrong in wrong {
        let mut game = Game::new(&[]);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| wrong(&mut game)));
        let payload = caught.unwrap_err();
        let text = payload.downcast_ref::<String>().unwrap();
        assert!(
            text.contains("this restricts what was exposed last") && text.contains("that was `rules:"),
            "{text}"
        );
    }
}

#[test]
fn a_mod_has_the_limits_of_its_id_or_those_of_all() {
    let limits = |fuel, spawned| ModLimits { fuel, spawned, ..ModLimits::default() };
    let mut words = Vec::new();
    command::push_spawn(&mut words, 0, 1);
    command::push_component(&mut words, component_key(Mood::ID), &[7, 0, 0, 0]);
    let (bytes, len) = (escaped(words.iter().flat_map(|word| word.to_le_bytes())), words.len() * 8);
    // Spawns an entity in each tick.
    let spawner = |id: &str, fuel: u32| ModText {
        manifest: head(id)
            + &format!(
                "[budget]\nfuel = {fuel}\nburst = {fuel}\n[permissions]\nwrite = [\"game:Mood\"]\nspawn = true\n"
            )
            + &plain_system("run")
            + "commands = true\n",
        wat: module(&format!(
            "(data (i32.const 1024) \"{bytes}\") (func (export \"sys_run\") \
             (drop (call $command (i32.const 1024) (i32.const {len}))))"
        )),
    };
    for (id, fuel, runs) in
        [("big", 90_000, true), ("any", 50_000, true), ("any", 50_001, false), ("big", 90_001, false)]
    {
        let mut game = Game::with(&[(id, &spawner(id, fuel))], |plugin| {
            plugin.limits(limits(50_000, 3)).limits_for("big", limits(90_000, 5))
        });
        game.frames(9);
        assert_eq!(game.status(id) == ModStatus::Live, runs, "{id} {fuel}");
        let spawned = game.world().query::<&Mood>().iter(game.app.world()).count();
        let most = if id == "big" { 5 } else { 3 };
        assert_eq!(spawned, if runs { most } else { 0 }, "{id} {fuel}");
    }
}
