//! Plays the harbour without a window.
//!
//! ```text
//! harbor play MODS GRANTS [--allow]   sails for a minute with the mods of a folder, and prints what happens; GRANTS is the file
//!                                     of what was allowed
//! harbor interface FILE               writes what the game exposes, for authors of mods
//! ```

use std::path::Path;

use bevy::app::AppExit;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use harbor::consent::{Question, answer};
use harbor::harbour::{Logbook, MooredAt};
use harbor::screen::Screen;
use harbor::{Settings, app, modding};
use harbor_types::Treasury;

const USAGE: &str = "harbor play MODS GRANTS [--allow]\nharbor interface FILE";

/// How long the game is played.
const TICKS: u32 = 60 * 64;

fn main() -> Result {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["play", mods, grants] => play(mods, grants, false),
        ["play", mods, grants, "--allow"] => play(mods, grants, true),
        ["interface", file] => return write_interface(Path::new(file)),
        _ => println!("{USAGE}"),
    }
    Ok(())
}

/// Writes what authors of mods need to know of the game.
fn write_interface(file: &Path) -> Result {
    std::fs::write(file, modding::interface_text()?)?;
    Ok(())
}

fn play(mods: &str, grants: &str, allows_all: bool) {
    let mut game = app(&Settings { mods: mods.into(), grants: grants.into(), is_played: true });
    game.add_plugins(LogPlugin::default())
        .add_systems(Startup, |mut screen: ResMut<NextState<Screen>>| screen.set(Screen::Sailing))
        .add_systems(PostUpdate, print_question.run_if(resource_added::<Question>))
        .add_systems(FixedUpdate, print_books);
    if allows_all {
        game.add_systems(Last, |world: &mut World| answer(world, true));
    }
    game.run();
}

fn print_question(question: Res<Question>) {
    println!("{}", question.text);
}

/// Prints a line a second, and quits after a minute.
fn print_books(
    mut tick: Local<u32>,
    treasury: Res<Treasury>,
    logbook: Res<Logbook>,
    moored: Query<(), With<MooredAt>>,
    mut exit: MessageWriter<AppExit>,
) {
    *tick += 1;
    if tick.is_multiple_of(64) {
        let (moored, whistles) = (moored.count(), logbook.whistles.len());
        println!("{moored} ships at the quay, {whistles} brought in, {} coins", treasury.coins);
    }
    if *tick == TICKS {
        exit.write(AppExit::Success);
    }
}
