//! Bevy's own types for mods, each one line of the game's: transforms, names, the hierarchy, states, time and input.
//!
//! It stands on [`Expose`](crate::Expose), and does what a game could do itself. It knows no mod, and nothing of how a frame runs.

mod read_only;

mod hierarchy;
mod input;
mod time;
mod transform;

mod states;

use bevy_app::{App, Plugin};

pub use states::ExposeStates;
pub(crate) use time::{follow_fixed_time, follow_time};

/// Exposes types of Bevy's to mods: those that are named.
///
/// ```
/// use bevy_app::App;
/// use tinkerbox::ExposeBevy;
///
/// App::new().add_plugins(ExposeBevy::new().transform().name().hierarchy().time().input());
/// ```
///
/// Their ids begin with `bevy:`, and mods name them in their permissions as they name the game's own. What the game itself
/// computes, such as `bevy:GlobalTransform`, can be read only: a mod that asks to write it is refused.
#[derive(Clone, Debug, Default)]
pub struct ExposeBevy {
    chosen: Vec<fn(&mut App)>,
}

impl ExposeBevy {
    /// Exposes nothing yet.
    pub fn new() -> ExposeBevy {
        ExposeBevy::default()
    }

    fn with(mut self, expose: fn(&mut App)) -> ExposeBevy {
        self.chosen.push(expose);
        self
    }

    /// `bevy:Transform`: `{ translation: Vec3, rotation: Quat, scale: Vec3 }`.
    pub fn transform(self) -> ExposeBevy {
        self.with(transform::expose_transform)
    }

    /// `bevy:GlobalTransform`, with the fields of a transform, to be read.
    pub fn global_transform(self) -> ExposeBevy {
        self.with(transform::expose_global_transform)
    }

    /// `bevy:Name`: the first 64 bytes of the name.
    pub fn name(self) -> ExposeBevy {
        self.with(hierarchy::expose_name)
    }

    /// `bevy:ChildOf`, which mods read and insert, and `bevy:Children`, to be read: their number, and the first 15.
    pub fn hierarchy(self) -> ExposeBevy {
        self.with(hierarchy::expose_hierarchy)
    }

    /// `bevy:Time`, to be read: what `Time` says in the schedule in which mods run.
    pub fn time(self) -> ExposeBevy {
        self.with(time::expose_time)
    }

    /// Events to be handled: `bevy:KeyboardInput` and `bevy:MouseButtonInput`, `bevy:MouseMotion` and `bevy:MouseWheel`.
    pub fn input(self) -> ExposeBevy {
        self.with(input::expose_input)
    }
}

impl Plugin for ExposeBevy {
    fn build(&self, app: &mut App) {
        self.chosen.iter().for_each(|expose| expose(app));
    }

    /// Several plugins of a game may each expose what they need.
    fn is_unique(&self) -> bool {
        false
    }
}
