//! The whole game as a Bevy app: Meadow's own systems and its mods.

use bevy_app::App;
use tinkerbox::ModdingPlugin;

use crate::game::MeadowPlugin;
use crate::meadow_file::MeadowFile;

/// The game that a file describes, with the mods of a plugin. The seed decides where everything is at first.
pub fn meadow(file: &MeadowFile, modding: ModdingPlugin, seed: u64) -> App {
    let mut app = App::new();
    let (start, tick_seconds) = (file.start, file.world.tick_seconds);
    app.add_plugins((MeadowPlugin { start, tick_seconds, seed }, modding));
    app
}
