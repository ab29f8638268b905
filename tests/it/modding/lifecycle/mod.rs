//! Additions and removals of components, and despawns, of which mods are told.

mod crossing;
mod declared;
mod waiting;

use bevy_ecs::entity::Entity;

use crate::modding::games::game::*;

/// Tells the id of each entity of the call, which are read one at a time.
pub const TELL_EACH: &str = "(loop $more
    (if (i32.gt_s (call $event_next (i32.const 64) (i32.const 8)) (i32.const 0)) (then
        (call $tell_i64 (i64.load (i32.const 64)))
        (br $more))))";

/// The key of a handler in the manifest; `what` is `added`, `removed` or `despawned`.
pub fn on(what: &str, id: &str) -> String {
    format!("on = {{ {what} = \"{id}\" }}\n")
}

pub fn on_removed(id: &str) -> String {
    on("removed", id)
}

/// A mod with one system, which is told what happens to a component.
pub fn teller(id: &str, what: &str, component: &str, code: &str) -> ModText {
    let mut text = mourner(id, component, code);
    text.manifest = text.manifest.replace(&on_removed(component), &on(what, component));
    text
}

/// A mod with one system, which handles the removals of a component.
pub fn mourner(id: &str, component: &str, code: &str) -> ModText {
    let rights = format!("[permissions]\nread = [\"{component}\"]\n");
    ModText {
        manifest: head(id) + &rights + &plain_system("mourn") + &on_removed(component),
        wat: module(&format!("{TELL} (func (export \"sys_mourn\") {code})")),
    }
}

pub fn ids(entities: &[Entity]) -> Vec<i64> {
    entities.iter().map(|entity| entity.to_bits() as i64).collect()
}
