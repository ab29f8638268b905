//! The keys, which are those of the terminal where they make sense.

use bevy::prelude::*;
use tinkerbox::ModStatus;
use tinkerbox::panel::{ModAction, ModPanel};

use crate::pace::Pace;

/// The line that explains them.
pub const KEYS: &str = "m, F10 mods   space pause   q quit\nin the panel: up, down choose   o on/off   a allow   x refuse   r reset\n\
                        f, t filter the log";

/// Adds the keys.
pub fn add(app: &mut App) {
    app.add_systems(Update, take);
}

fn take(world: &mut World) {
    let keys = world.resource::<ButtonInput<KeyCode>>();
    let pressed: Vec<KeyCode> = keys.get_just_pressed().copied().collect();
    world.resource_scope(|world, mut panel: Mut<ModPanel>| {
        pressed.into_iter().for_each(|key| press(key, world, &mut panel));
    });
}

fn press(key: KeyCode, world: &mut World, panel: &mut ModPanel) {
    let is_open = panel.view.is_open;
    match key {
        KeyCode::Space | KeyCode::KeyP => {
            let mut pace = world.resource_mut::<Pace>();
            *pace = if *pace == Pace::Paused { Pace::Timed } else { Pace::Paused };
        }
        KeyCode::KeyM => panel.open(!is_open),
        KeyCode::Escape if is_open => panel.open(false),
        KeyCode::KeyQ | KeyCode::Escape => {
            world.write_message(AppExit::Success);
        }
        _ if !is_open => {}
        KeyCode::ArrowUp | KeyCode::KeyK => panel.step(-1),
        KeyCode::ArrowDown | KeyCode::KeyJ => panel.step(1),
        KeyCode::PageUp => panel.view.scroll_log(-10),
        KeyCode::PageDown => panel.view.scroll_log(10),
        KeyCode::KeyF => panel.view.next_level(),
        KeyCode::KeyT => panel.toggle_only(),
        KeyCode::KeyO | KeyCode::Enter => {
            let is_off = panel.chosen().is_some_and(|row| row.status == ModStatus::Disabled);
            panel.act(if is_off { ModAction::Enable } else { ModAction::Disable }, world);
        }
        KeyCode::KeyA => panel.act(ModAction::Allow, world),
        KeyCode::KeyX => panel.act(ModAction::Refuse, world),
        KeyCode::KeyR => panel.act(ModAction::Reset, world),
        _ => {}
    }
}
