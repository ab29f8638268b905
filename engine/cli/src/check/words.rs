//! What a mod is and may do, for people.

use tinkerbox::{FuelBound, Interface, ModDetails, Permission, SystemDetails};

use super::ModuleFacts;

/// What a mod is and may do, in words. With an interface, they say more about what the mod names.
pub(crate) fn describe(details: &ModDetails, facts: &ModuleFacts, interface: Option<&Interface>) -> String {
    let mut lines = vec![format!("{} {} ({} bytes)", details.title, details.version, details.wasm_bytes)];
    if !details.authors.is_empty() {
        lines.push(format!("  by {}", details.authors.join(", ")));
    }
    lines.push(format!(
        "  asks for {} units of fuel in each frame and {} bytes of memory",
        details.fuel, details.memory_bytes
    ));
    lines.push(match details.permissions.is_empty() {
        true => "  asks to be allowed nothing".to_owned(),
        false => "  asks to be allowed what it needs, since it:".to_owned(),
    });
    let permission = |permission: &Permission| {
        let about = about(permission, interface).map(|text| format!(" ({text})")).unwrap_or_default();
        format!("    - {}{about}", permission.words())
    };
    lines.extend(details.permissions.iter().map(permission));
    lines.push("  its systems, in the order in which they run:".to_owned());
    lines.extend(details.systems.iter().map(|system| format!("    - {}: {}", system.name, does(system))));
    lines.push(format!(
        "  consists of {} functions ({} bytes of code, {} of data); instructions: {}",
        facts.functions,
        facts.code_bytes,
        facts.data_bytes,
        facts.features()
    ));
    for noted in &details.interfaces {
        lines.push(format!("  built against the interface of {} with the hash {}", noted.game, noted.hash));
    }
    lines.push(format!("  hash {}", details.hash));
    lines.join("\n")
}

/// The first line that the interface has about what a permission is for.
fn about<'i>(permission: &Permission, interface: Option<&'i Interface>) -> Option<&'i str> {
    let (id, interface) = (permission.id()?, interface?);
    let shared = interface.shared(id).map(|ty| ty.docs.as_str());
    let function = interface.functions.iter().find(|of| of.id == id).map(|of| of.docs.as_str());
    shared.or(function)?.lines().next().filter(|line| !line.is_empty())
}

/// What a system does.
fn does(system: &SystemDetails) -> String {
    let lifecycles = [
        (&system.handles_added, "added to an entity"),
        (&system.handles_removed, "removed"),
        (&system.handles_despawned, "despawned with its entity"),
    ];
    let told =
        |(id, what): (&Option<String>, &str)| id.as_ref().map(|id| format!("is told when {id} is {what}"));
    let mut does: Vec<String> = lifecycles.into_iter().filter_map(told).collect();
    let mut add = |what: &str, ids: &[String]| {
        if !ids.is_empty() {
            does.push(format!("{what} {}", ids.join(", ")));
        }
    };
    add("on", system.handles.as_slice());
    add("reads", &system.reads);
    add("writes", &system.writes);
    add("sends", &system.sends);
    does.extend(system.commands.then(|| "spawns, despawns, inserts or removes".to_owned()));
    if does.is_empty() {
        does.push("touches nothing of the game".to_owned());
    }
    does.extend(system.own_fuel.map(fuel));
    does.join("; ")
}

/// What bounds the fuel of a system's own code.
fn fuel(bound: FuelBound) -> String {
    let why = match bound {
        FuelBound::AtMost(units) => return format!("at most {units} units of fuel a call in its own code"),
        FuelBound::Loops => "it has a loop",
        FuelBound::CallsIndirectly => "it calls by reference",
        FuelBound::Recurses => "it calls itself",
        FuelBound::CopiesInBulk => "it copies in bulk",
    };
    format!("its fuel depends on data, since {why}")
}
