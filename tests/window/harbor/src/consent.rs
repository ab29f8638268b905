//! The question whether a mod may run, and what was answered to it, which is kept in a file.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use bevy::prelude::*;
use tinkerbox::prelude::*;

use crate::settings::Settings;

/// What the player is asked at the moment.
#[derive(Resource, Clone, Debug)]
pub struct Question {
    /// The entity of the mod.
    about: Entity,
    /// What is asked: an answer is about this and nothing else.
    permissions: ModPermissions,
    /// The question, as the player reads it.
    pub text: String,
}

/// Where grants are kept.
#[derive(Resource)]
struct GrantsFile(PathBuf);

/// Loads what was granted before, asks, and saves what is granted.
pub fn add_to(app: &mut App, settings: &Settings) {
    app.insert_resource(load(&settings.grants))
        .insert_resource(GrantsFile(settings.grants.clone()))
        .add_systems(Update, ask)
        .add_systems(Last, save.run_if(resource_changed::<ModGrants>));
}

/// The player has answered. Without a question this does nothing.
pub fn answer(world: &mut World, is_allowed: bool) {
    let Some(question) = world.remove_resource::<Question>() else { return };
    let mut mods = world.resource_mut::<Mods>();
    if is_allowed {
        mods.grant_seen(question.about, &question.permissions);
    } else {
        mods.refuse_seen(question.about, &question.permissions);
    }
}

/// Asks about one mod at a time, and no longer if that is gone or wants something else by now.
fn ask(
    mut commands: Commands,
    mods: Query<(Entity, &ModInfo, &ModPermissions)>,
    open: Option<Res<Question>>,
) {
    if let Some(open) = &open
        && mods.get(open.about).is_ok_and(|(_, _, permissions)| *permissions == open.permissions)
    {
        return;
    }
    match mods.iter().find(|(_, _, permissions)| permissions.is_waiting) {
        Some((about, info, permissions)) => {
            let mut text = format!("{} {} would like to do this:", info.title, permissions.version);
            for asked in &permissions.asked {
                text += &format!("\n- it {}", asked.words());
            }
            commands.insert_resource(Question { about, permissions: permissions.clone(), text });
        }
        None => commands.remove_resource::<Question>(),
    }
}

fn load(file: &Path) -> ModGrants {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        // Nothing was granted yet.
        Err(error) if error.kind() == ErrorKind::NotFound => return ModGrants::default(),
        Err(error) => return without_grants(file, &error.to_string()),
    };
    ModGrants::from_toml(&text).unwrap_or_else(|error| without_grants(file, &error.to_string()))
}

fn without_grants(file: &Path, why: &str) -> ModGrants {
    warn!("each mod asks again, since {} can't be read: {why}", file.display());
    ModGrants::default()
}

/// A player who can't save what was granted is asked again, and plays on.
fn save(grants: Res<ModGrants>, file: Res<GrantsFile>) {
    if let Err(error) = fs::write(&file.0, grants.to_toml()) {
        warn!("what was granted to mods can't be saved in {}: {error}", file.0.display());
    }
}
