//! What an outsider tried who had read the guide alone, and what was wrong then: rights without a question, texts that pose as
//! something else, a game that takes away what the plugin has made.

mod lifecycle;
mod monkey;
mod names;
mod policy;
mod questions;
mod starting;
mod texts;

use bevy_ecs::entity::Entity;
use tinkerbox::{Consent, LogLevel, ModInfo, ModPermissions, ModReportKind, Mods};

use super::games::game::*;

pub const LOOK: &str = "[permissions]\nread = [\"game:Position\"]\n";
pub const TOUCH: &str = "[permissions]\nwrite = [\"game:Position\"]\nspawn = true\n";

/// A mod that tells its number when it is initialised and in each tick.
pub fn version(id: &str, number: u32, rest: &str) -> ModText {
    let tell = format!("(call $tell (i32.const {number}))");
    ModText {
        manifest: head(id).replace("0.1.0", &format!("0.{number}.0")) + rest + &plain_system("run"),
        wat: module(&format!(
            "{TELL} (func (export \"tb_init\") (param i32) {tell}) (func (export \"sys_run\") {tell})"
        )),
    }
}

pub fn asking(mods: &[(&str, &ModText)]) -> Game {
    let mut game = Game::with(mods, |plugin| plugin.game("pasture").consent(Consent::Ask));
    game.frame();
    game
}

/// The entity of the mod in a folder.
pub fn in_folder(game: &mut Game, folder: &str) -> Entity {
    let path = game.folder(folder);
    let mut mods = game.world().query::<(Entity, &ModInfo)>();
    let found = mods.iter(game.app.world()).find(|(_, info)| info.folder == path);
    found.unwrap_or_else(|| panic!("there is no mod in {folder}")).0
}

pub fn permissions(game: &mut Game, folder: &str) -> ModPermissions {
    let entity = in_folder(game, folder);
    game.world().get::<ModPermissions>(entity).unwrap().clone()
}

pub fn info(game: &mut Game, folder: &str) -> ModInfo {
    let entity = in_folder(game, folder);
    game.world().get::<ModInfo>(entity).unwrap().clone()
}

pub fn ask(game: &mut Game, folder: &str, request: fn(&mut Mods, Entity)) {
    let entity = in_folder(game, folder);
    request(&mut game.world().resource_mut::<Mods>(), entity);
    game.frame();
}

/// Every number that any mod has told.
pub fn heard(game: &Game) -> Vec<u32> {
    let logs = game.all_reports().iter().filter(|report| report.kind == ModReportKind::Log(LogLevel::Info));
    let mut numbers: Vec<u32> = logs.map(|report| report.text.parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
