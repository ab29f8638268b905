//! Spawning and despawning by command.

use bevy_ecs::prelude::*;
use tinkerbox::{LogLevel, ModReportKind};
use tinkerbox_abi::{ModType, command, component_key};

use crate::modding::games::game::*;

/// A mod that queues these records in its first tick and tells the host's answers.
fn commander(rights: &str, records: &[u64]) -> ModText {
    let bytes: String =
        records.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("\\{byte:02x}")).collect();
    let len = records.len() * 8;
    let body = format!(
        r#"(data (i32.const 1024) "{bytes}")
        (global $done (mut i32) (i32.const 0))
        (func (export "sys_run")
            (if (global.get $done) (then return))
            (global.set $done (i32.const 1))
            (i32.store8 (i32.const 0) (i32.add (i32.const 64) (call $command (i32.const 1024) (i32.const {len}))))
            (call $log (i32.const 2) (i32.const 0) (i32.const 1)))"#
    );
    ModText {
        manifest: head("commander") + rights + &plain_system("run") + "commands = true\n",
        wat: module(&body),
    }
}

const ALL_RIGHTS: &str = "[permissions]\n\
    write = [\"game:Position\", \"game:Mood\", \"game:Sheep\", \"game:Species\"]\n\
    spawn = true\ndespawn = true\n";

fn spawn(components: &[(&str, &[u8])]) -> Vec<u64> {
    let mut words = Vec::new();
    command::push_spawn(&mut words, 0, components.len() as u32);
    for (id, value) in components {
        command::push_component(&mut words, component_key(id), value);
    }
    words
}

fn despawn(entity: Entity) -> Vec<u64> {
    let mut words = Vec::new();
    command::push_despawn(&mut words, entity.to_bits());
    words
}

/// The answer to the mod's command, as a number.
fn answer(game: &mut Game) -> i32 {
    game.frame();
    let said = game.report("commander", ModReportKind::Log(LogLevel::Info));
    i32::from(said.as_bytes()[0]) - 64
}

#[test]
fn entities_are_spawned_with_their_components() {
    let position = bytemuck::bytes_of(&Position { x: 3.0, y: 4.0 }).to_vec();
    let parts: [(&str, &[u8]); 4] = [
        (Sheep::ID, &[]),
        (Mood::ID, &[9, 0, 0, 0]),
        (Position::ID, &position),
        (Species::ID, &[5, 0, 0, 0]),
    ];
    let mut game = Game::new(&[("a", &commander(ALL_RIGHTS, &spawn(&parts)))]);
    assert_eq!(answer(&mut game), 0);
    let mut spawned = game.world().query_filtered::<(&Position, &Mood, &Species), With<Sheep>>();
    let spawned: Vec<_> = spawned.iter(game.app.world()).collect();
    assert_eq!(spawned, [(&Position { x: 3.0, y: 4.0 }, &Mood(9), &Species(5))]);
}

#[test]
fn entities_are_despawned() {
    let mut game = Game::new(&[]);
    let [entity, other] = [game.spawn_at(1.0), game.spawn_at(2.0)];
    // Despawning twice is the same as once, and not an error.
    game.write("a", &commander(ALL_RIGHTS, &[despawn(entity), despawn(entity)].concat()));
    assert_eq!(answer(&mut game), 0);
    assert!(game.world().get_entity(entity).is_err());
    assert!(game.world().get_entity(other).is_ok());
    assert_eq!(game.stats("commander").writes_skipped, 1);
}

/// The author is told of the system, the command, and the line to write.
#[test]
fn what_is_not_permitted_is_denied() {
    let sheep: &[(&str, &[u8])] = &[(Sheep::ID, &[])];
    let all =
        "`write = [\"game:Mood\", \"game:Position\", \"game:Sheep\", \"game:Species\", \"game:Velocity\"]`";
    let velocity =
        |command: &str| format!("`{command}` of `game:Velocity`. Write under [permissions]: {all}");
    let (insert, remove) = (
        {
            let mut words = Vec::new();
            command::push_insert(&mut words, 1, 1);
            command::push_component(&mut words, component_key("game:Velocity"), &[0; 8]);
            words
        },
        {
            let mut words = Vec::new();
            command::push_remove(&mut words, 1, &[component_key("game:Velocity")]);
            words
        },
    );
    let one = |text: &str| text.to_owned();
    let cases = [
        (
            "[permissions]\nwrite = [\"game:Sheep\"]\n",
            spawn(sheep),
            one("`spawn`. Write under [permissions]: `spawn = true`"),
        ),
        (
            "[permissions]\nread = [\"game:Mood\", \"game:Sheep\"]\nwrite = [\"game:Species\"]\nspawn = true\n",
            spawn(sheep),
            one(
                "`spawn` of `game:Sheep`. Write under [permissions]: `write = [\"game:Sheep\", \"game:Species\"]`",
            ),
        ),
        (
            "[permissions]\nspawn = true\n",
            despawn(Entity::PLACEHOLDER),
            one("`despawn`. Write under [permissions]: `despawn = true`"),
        ),
        (ALL_RIGHTS, spawn(&[("game:Velocity", &[0; 8])]), velocity("spawn")),
        (ALL_RIGHTS, insert, velocity("insert")),
        (ALL_RIGHTS, remove, velocity("remove")),
        (
            ALL_RIGHTS,
            spawn(&[("game:Nothing", &[])]),
            one("`spawn` of a component that this game does not expose."),
        ),
        (ALL_RIGHTS, spawn(&[(Sheep::ID, &[][..]); 6]), one("that names a component more than once.")),
    ];
    for (rights, records, told) in cases {
        let mut game = Game::new(&[("a", &commander(rights, &records))]);
        assert_eq!(answer(&mut game), -1, "{rights}");
        let warning = game.report("commander", ModReportKind::Log(LogLevel::Warn));
        let expected = format!("system `run`: mod.toml does not allow its command {told}");
        assert!(warning.starts_with(&expected), "{warning}");
    }
}

#[test]
fn a_denied_command_is_told_once_for_each_system() {
    let records = spawn(&[(Sheep::ID, &[])]);
    let mut text = commander("[permissions]\nwrite = [\"game:Sheep\"]\n", &records);
    text.wat = text.wat.replace("(if (global.get $done) (then return))", "");
    let mut game = Game::new(&[("a", &text)]);
    game.frames(5);
    assert_eq!(game.reports("commander", ModReportKind::Log(LogLevel::Info)).len(), 5);
    game.report("commander", ModReportKind::Log(LogLevel::Warn));
}

#[test]
fn a_mod_can_only_despawn_what_it_could_see() {
    // For an entity that it may not see, the mod gets the same answer as for one that is gone.
    for (rights, expected, is_done) in [
        ("[permissions]\nread = [\"game:Position\"]\n", -1, false),
        ("[permissions]\nread = [\"game:Sheep\"]\ndespawn = true\n", 0, false),
        ("[permissions]\nread = [\"game:Position\"]\ndespawn = true\n", 0, true),
    ] {
        let mut game = Game::new(&[]);
        let entity = game.spawn_at(0.0);
        game.write("a", &commander(rights, &despawn(entity)));
        assert_eq!(answer(&mut game), expected, "{rights}");
        assert_eq!(game.world().get_entity(entity).is_err(), is_done);
    }
    let mut game = Game::new(&[]);
    let secret = game.world().spawn(Secret).id();
    game.write("a", &commander(ALL_RIGHTS, &despawn(secret)));
    assert_eq!(answer(&mut game), 0);
    assert!(game.world().get_entity(secret).is_ok());
}

#[test]
fn what_is_malformed_is_a_bad_argument_and_nothing_of_it_happens() {
    let good = spawn(&[(Mood::ID, &[1, 0, 0, 0])]);
    let cases = [
        vec![7],
        spawn(&[]),
        spawn(&[(Mood::ID, &[1, 0, 0])]),
        spawn(&[(Mood::ID, &[1, 0, 0, 0]), (Mood::ID, &[2, 0, 0, 0])]),
        vec![u64::from(command::OP_DESPAWN) | 1 << 32, 5],
        good[..2].to_vec(),
    ];
    for bad in cases {
        let mut game = Game::new(&[("a", &commander(ALL_RIGHTS, &[good.clone(), bad].concat()))]);
        assert_eq!(answer(&mut game), -4);
        let mut moods = game.world().query::<&Mood>();
        assert_eq!(moods.iter(game.app.world()).count(), 0);
    }
}

#[test]
fn there_is_an_end_to_commands_and_they_cost_fuel() {
    let many: Vec<u64> =
        std::iter::repeat_with(|| spawn(&[(Sheep::ID, &[])])).take(4_097).flatten().collect();
    let mut text = commander(ALL_RIGHTS, &many);
    text.wat = text.wat.replace("(memory (export \"memory\") 2)", "(memory (export \"memory\") 4)");
    text.manifest += "[budget]\nfuel = 2_000_000\n";
    let mut game = Game::new(&[("a", &text)]);
    assert_eq!(answer(&mut game), -3);
    let mut text = commander(ALL_RIGHTS, &many[..many.len() - 4]);
    text.wat = text.wat.replace("(memory (export \"memory\") 2)", "(memory (export \"memory\") 4)");
    text.manifest += "[budget]\nfuel = 2_000_000\n";
    let mut game = Game::new(&[("a", &text)]);
    assert_eq!(answer(&mut game), 0);
    let mut sheep = game.world().query::<&Sheep>();
    assert_eq!(sheep.iter(game.app.world()).count(), 4_096);
    assert!(game.stats("commander").fuel_used > 4_096 * 250);
}

#[test]
fn commands_of_a_system_that_faults_are_dropped() {
    let mut text = commander(ALL_RIGHTS, &spawn(&[(Sheep::ID, &[])]));
    text.wat = text.wat.replace("(call $log (i32.const 2) (i32.const 0) (i32.const 1)))", "unreachable)");
    let mut game = Game::new(&[("a", &text)]);
    game.frame();
    game.report("commander", ModReportKind::Faulted);
    let mut sheep = game.world().query::<&Sheep>();
    assert_eq!(sheep.iter(game.app.world()).count(), 0);
}
