//! What the player asks for with keys, clicks and the wheel.

use bevy_ecs::world::World;
use bevy_input::ButtonInput;
use bevy_input::keyboard::KeyCode;
use bevy_ui::RelativeCursorPosition;

use super::layout::Click;
use super::pointer::{has_clicked, is_over};
use super::state::ModPanel;

/// Does what the player asks for.
pub(super) fn take(world: &mut World, panel: &mut ModPanel) {
    let keys = world.get_resource::<ButtonInput<KeyCode>>();
    if panel.key.is_some_and(|key| keys.is_some_and(|keys| keys.just_pressed(key))) {
        panel.view.is_open = !panel.view.is_open;
    }
    let rows = panel.wheel.rows(world);
    let root = panel.nodes.as_ref().map(|nodes| nodes.root);
    panel.has_pointer = panel.view.is_open && root.is_some_and(|root| is_over(world, root));
    if !panel.has_pointer {
        return;
    }
    scroll(world, panel, rows);
    if let Some(click) = has_clicked(world).then(|| clicked(world)).flatten() {
        act(world, panel, click);
    }
}

fn act(world: &mut World, panel: &mut ModPanel, click: Click) {
    match click {
        Click::Mod(at) => {
            let at = panel.view.mods(panel.sizes).start + at;
            if let Some(row) = panel.rows.get(at) {
                panel.view.choose(row);
            }
        }
        Click::Act(action) => panel.act(action, world),
        Click::Level => panel.view.next_level(),
        Click::Only => panel.toggle_only(),
    }
}

/// Moves the list below the cursor.
fn scroll(world: &World, panel: &mut ModPanel, rows: isize) {
    let Some(nodes) = panel.nodes.as_ref().filter(|_| rows != 0) else { return };
    let (mods, permissions, log) = (nodes.mods, nodes.permissions, nodes.log);
    if is_over(world, mods) {
        panel.view.scroll_mods(rows);
    } else if is_over(world, permissions) {
        panel.view.scroll_permissions(rows);
    } else if is_over(world, log) {
        panel.view.scroll_log(rows);
    }
    panel.view.fit(panel.sizes);
}

/// What the node below the cursor asks for when it is clicked.
fn clicked(world: &mut World) -> Option<Click> {
    let mut nodes = world.query::<(&Click, &RelativeCursorPosition)>();
    nodes.iter(world).find(|(_, cursor)| cursor.cursor_over).map(|(click, _)| *click)
}
