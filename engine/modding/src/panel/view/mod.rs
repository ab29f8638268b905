//! The view in bevy_ui: a panel at the right border of the window.
//!
//! ```text
//!  +- head: how many mods, and what is wrong with some -------+
//!  | mods: title, state, fuel                   (a list)      |
//!  +- chosen mod: who made it, faults, message, fuel graph ---+
//!  | what can be done to it                     (buttons)     |
//!  | what it asks for                           (a list)      |
//!  +- log: level, mod                           (buttons) ----+
//!  | lines                                      (a list)      |
//!  +----------------------------------------------------------+
//! ```
//!
//! `layout` spawns the nodes once. Lists have a fixed number of rows, of which those are shown that fit; so the number of
//! nodes does not depend on the mods. `draw` writes what the model says into the nodes, and changes only those that differ.
//! Clicks are decided by where the cursor is, which bevy_ui says of each node with
//! [`RelativeCursorPosition`](bevy_ui::RelativeCursorPosition): that needs no plugin for picking. Everything runs in frames
//! in which mods don't, too.

mod draw;
mod input;
mod layout;
mod pointer;
mod state;
mod style;

use bevy_app::{App, Plugin, PostUpdate, PreUpdate};
use bevy_ecs::schedule::IntoScheduleConfigs;
use bevy_ecs::world::{Mut, World};
use bevy_input::keyboard::KeyCode;
use bevy_ui::UiSystems;

pub use state::ModPanel;

/// Adds a panel about mods to a game with a window: what mods are there, what they use and ask for, and what they say. Players
/// turn them off and on and allow them there.
///
/// A key shows and hides it, F10 by default. The game needs bevy_ui, as it is in Bevy's `DefaultPlugins`, and a camera.
///
/// ```no_run
/// use bevy_app::App;
/// use tinkerbox::ModdingPlugin;
/// use tinkerbox::panel::ModPanelPlugin;
///
/// // And `DefaultPlugins`, in a game with a window.
/// App::new().add_plugins((ModdingPlugin::new("mods"), ModPanelPlugin::default()));
/// ```
#[derive(Clone, Debug)]
pub struct ModPanelPlugin {
    key: Option<KeyCode>,
    first: Vec<String>,
}

impl Default for ModPanelPlugin {
    fn default() -> ModPanelPlugin {
        ModPanelPlugin { key: Some(KeyCode::F10), first: Vec::new() }
    }
}

impl ModPanelPlugin {
    /// The key that shows and hides the panel; with `None` only the game does, with [`ModPanel::open`].
    pub fn key(mut self, key: Option<KeyCode>) -> Self {
        self.key = key;
        self
    }

    /// The ids of the mods that come first in the list. The others follow in alphabetical order.
    pub fn first(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        self.first = ids.into_iter().collect();
        self
    }
}

impl Plugin for ModPanelPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(ModPanel::new(self.key, self.first.clone()))
            .add_systems(PreUpdate, take_input.after(UiSystems::Focus))
            // A click acts on what was drawn before it: nothing is read in between.
            .add_systems(PostUpdate, (read_frame, draw_panel).chain().before(UiSystems::Prepare));
    }
}

fn take_input(world: &mut World) {
    world.resource_scope(|world, mut panel: Mut<ModPanel>| input::take(world, &mut panel));
}

fn draw_panel(world: &mut World) {
    world.resource_scope(|world, mut panel: Mut<ModPanel>| draw::draw(world, &mut panel));
}

/// Reads what has happened, whether the panel is shown or not, and whether mods ran in this frame or not.
fn read_frame(world: &mut World) {
    world.resource_scope(|world, mut panel: Mut<ModPanel>| panel.read(world));
}
