//! Which command a mod may not give, for its author: found again in the records once they were refused.

use tinkerbox_abi::command::{Command, decode};
use tinkerbox_abi::component_key;

use crate::exposed::Exposed;
use crate::package::access::Rights;
use crate::package::lacking::Lacking;

/// The first of these commands that the mod may not give, and what to do about it.
#[cold]
pub(crate) fn denied(records: &[u8], rights: &Rights, exposed: &Exposed) -> String {
    let first = decode(records).map_while(Result::ok).find_map(|command| match command {
        Command::Spawn { .. } if !rights.may_spawn() => {
            Some(bare("spawn", Lacking { spawn: true, ..none() }, rights))
        }
        Command::Despawn { .. } if !rights.may_despawn() => {
            Some(bare("despawn", Lacking { despawn: true, ..none() }, rights))
        }
        Command::Spawn { components, .. } => {
            of_components("spawn", components.map(|(key, _)| key), rights, exposed)
        }
        Command::Insert { components, .. } => {
            of_components("insert", components.map(|(key, _)| key), rights, exposed)
        }
        Command::Remove { keys, .. } => of_components("remove", keys, rights, exposed),
        Command::Despawn { .. } => None,
    });
    // What has more components than the mod may write is not looked at any closer when it is refused.
    first.unwrap_or_else(|| "that names a component more than once. Name each once".to_owned())
}

fn none() -> Lacking {
    Lacking::default()
}

fn bare(command: &str, lacking: Lacking, rights: &Rights) -> String {
    format!("`{command}`. {}", lacking.advice(rights))
}

/// What is wrong with the components that a command names.
fn of_components(
    command: &str,
    keys: impl Iterator<Item = u64>,
    rights: &Rights,
    exposed: &Exposed,
) -> Option<String> {
    let components = exposed.components();
    let mut lacking = none();
    for key in keys {
        if rights.writable.get(&key).is_some_and(|component| !component.is_relationship_target()) {
            continue;
        }
        match components.iter().find(|component| component_key(component.id) == key) {
            None => {
                return Some(format!(
                    "`{command}` of a component that this game does not expose. Name another one"
                ));
            }
            Some(component) if component.flat.is_relationship_target() => {
                let id = component.id;
                return Some(format!(
                    "`{command}` of `{id}`, which follows from relationships. Change the component that makes them"
                ));
            }
            Some(component) => drop(lacking.write.insert(component.id.to_owned())),
        }
    }
    (!lacking.is_empty()).then(|| {
        let ids: Vec<String> = lacking.write.iter().map(|id| format!("`{id}`")).collect();
        format!("`{command}` of {}. {}", ids.join(", "), lacking.advice(rights))
    })
}
