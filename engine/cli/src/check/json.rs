//! What a mod is and may do, for other programs.

use tinkerbox::{FuelBound, ModDetails, NotedInterface, Permission, SystemDetails};
use tinyjson::JsonValue;

use super::{Checked, ModuleFacts};
use crate::json::{list, object, or_null, text, texts};

/// What was found, as one line.
pub(crate) fn json(checked: &Checked) -> String {
    let Checked { about, interface, refusals } = checked;
    let mut members = vec![
        ("refusals", texts(refusals)),
        ("game", or_null(interface.as_ref(), |interface| text(&interface.game))),
    ];
    if let Some((details, facts)) = about {
        members.extend(members_of(details, facts));
    }
    object(members).stringify().expect("its numbers are finite")
}

fn members_of(details: &ModDetails, facts: &ModuleFacts) -> Vec<(&'static str, JsonValue)> {
    vec![
        ("id", text(&details.id)),
        ("version", text(&details.version)),
        ("title", text(&details.title)),
        ("authors", texts(&details.authors)),
        ("hash", text(&details.hash)),
        ("interfaces", list(&details.interfaces, interface)),
        ("wasm_bytes", number(details.wasm_bytes)),
        ("fuel", number(details.fuel)),
        ("memory_bytes", number(details.memory_bytes)),
        ("permissions", list(&details.permissions, permission)),
        ("systems", list(&details.systems, system)),
        ("functions", number(facts.functions.into())),
        ("code_bytes", number(facts.code_bytes)),
        ("data_bytes", number(facts.data_bytes)),
        ("simd", JsonValue::Boolean(facts.simd)),
        ("floats", JsonValue::Boolean(facts.floats)),
    ]
}

fn interface(noted: &NotedInterface) -> JsonValue {
    object([("game", text(&noted.game)), ("hash", text(&noted.hash))])
}

fn permission(permission: &Permission) -> JsonValue {
    object([("words", text(&permission.words())), ("id", or_null(permission.id(), text))])
}

fn system(system: &SystemDetails) -> JsonValue {
    object([
        ("name", text(&system.name)),
        ("on", or_null(system.handles.as_deref(), text)),
        ("on_added", or_null(system.handles_added.as_deref(), text)),
        ("on_despawned", or_null(system.handles_despawned.as_deref(), text)),
        ("on_removed", or_null(system.handles_removed.as_deref(), text)),
        ("reads", texts(&system.reads)),
        ("writes", texts(&system.writes)),
        ("sends", texts(&system.sends)),
        ("commands", JsonValue::Boolean(system.commands)),
        (
            "own_fuel",
            match system.own_fuel {
                Some(FuelBound::AtMost(units)) => number(units),
                _ => JsonValue::Null,
            },
        ),
    ])
}

/// A number, which JSON has as a double: those of mods are far below 2^53, or it does not matter.
fn number(number: u64) -> JsonValue {
    JsonValue::Number(number as f64)
}
