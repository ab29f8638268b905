//! The script of the session.

use bevy::prelude::{KeyCode, World};
use tinkerbox::panel::ModPanel;
use tinkerbox::{ModStats, ModStatus, Mods};

use super::checks::Check::{self, *};
use super::mods;
use super::steps::Step::{self, *};

/// All steps.
pub fn steps() -> Vec<Step> {
    let mut steps = vec![
        Until(
            "the mods are live",
            |world| stats(world, "gather").is_some_and(|stats| stats.ticks > 0),
            2_000,
        ),
        Play(150),
        Picture("world", vec![Lively, NoPanel, Sprites, Gathered(false)]),
    ];
    steps.extend(panel());
    steps.extend(permissions());
    steps.extend(faults());
    steps.extend(log());
    steps.extend(reload());
    steps
}

fn panel() -> Vec<Step> {
    vec![
        Press(KeyCode::F10),
        Play(5),
        Picture(
            "panel",
            with_panel(vec![Says(&["9 mods", "Weather", "Grass", "Talking", "Turn off", "Reset"])]),
        ),
        Click("Talking"),
        Play(130),
        Picture("fuel", with_panel(vec![Says(&["Talking 0.1.0, by Ada, Grace"]), Graph])),
        Click("Turn off"),
        Until("chatty is off", |world| status(world, "chatty") == Some(ModStatus::Disabled), 60),
        Picture("off", with_panel(vec![Says(&["Talking 0.1.0, by Ada, Grace", "off (chatty)"])])),
        Click("Turn on"),
        Until("chatty is live", |world| status(world, "chatty") == Some(ModStatus::Live), 60),
    ]
}

fn permissions() -> Vec<Step> {
    vec![
        Do("asker asks for more", |session| mods::ask_for_more(&session.mods)),
        Until(
            "asker waits",
            |world| row_state(world, "asker").is_some_and(|state| state.contains("waits")),
            2_000,
        ),
        Click("Asking for more"),
        Picture(
            "waits",
            with_panel(vec![Says(&[
                "live, rebuild waits (asker)",
                "9 mods, 1 waiting",
                "It asks for 4 more of 4 things",
                "? reads `meadow:Position`",
                "Allow",
                "Refuse",
            ])]),
        ),
        Click("Allow"),
        Until("asker was allowed", |world| row_state(world, "asker").as_deref() == Some("live"), 200),
    ]
}

fn faults() -> Vec<Step> {
    vec![
        Until(
            "trapper is in quarantine",
            |world| status(world, "trapper") == Some(ModStatus::Quarantined),
            2_000,
        ),
        Click("Falling over"),
        Picture("quarantine", with_panel(vec![Says(&["quarantined (trapper)", "Falling over 0.1.0"])])),
    ]
}

fn log() -> Vec<Step> {
    vec![
        Click("Log: everything"),
        Click("Log: debugging"),
        Click("Log: information"),
        Click("Log: warnings"),
        Picture("errors", with_panel(vec![Says(&["Log: errors"]), Silent("one of the sheep")])),
        Click("Log: errors"),
        Click("Talking"),
        Click("of all mods"),
        Play(90),
        Picture(
            "log",
            with_panel(vec![Says(&["Log: everything", "of chatty alone"]), Silent("trapper faulted")]),
        ),
        Click("of chatty alone"),
    ]
}

fn reload() -> Vec<Step> {
    vec![
        Press(KeyCode::F10),
        Play(5),
        Picture("before-reload", vec![Lively, NoPanel, Sprites, Gathered(false)]),
        Do("gather changes", |session| mods::change_gather(&session.mods)),
        Until(
            "gather was reloaded",
            |world| stats(world, "gather").is_some_and(|stats| stats.generation == 2),
            2_000,
        ),
        Play(3),
        Picture("after-reload", vec![Lively, NoPanel, Gathered(true)]),
    ]
}

/// With the panel open, these too.
fn with_panel(mut checks: Vec<Check>) -> Vec<Check> {
    checks.extend([Lively, Panel, Sprites]);
    checks
}

fn stats<'w>(world: &'w mut World, id: &str) -> Option<&'w ModStats> {
    let entity = world.resource::<Mods>().entity(id)?;
    world.get::<ModStats>(entity)
}

fn status(world: &mut World, id: &str) -> Option<ModStatus> {
    let entity = world.resource::<Mods>().entity(id)?;
    world.get::<ModStatus>(entity).copied()
}

fn row_state(world: &mut World, id: &str) -> Option<String> {
    let panel = world.resource::<ModPanel>();
    panel.rows().iter().find(|row| row.id == id).map(|row| row.state())
}
