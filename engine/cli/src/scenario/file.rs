//! A scenario file: a small world, what happens in it, and what is expected.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;
use tinkerbox_interface::toml_problem;
use toml::{Table, Value};

/// A test of a mod, as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The seed of random numbers.
    #[serde(default)]
    pub seed: u64,
    /// Seconds of simulation that each tick covers.
    #[serde(default = "default_seconds")]
    pub seconds_per_tick: f32,
    /// The entities that are there at first.
    #[serde(default, rename = "entity")]
    pub entities: Vec<Entity>,
    /// Resources, by name.
    #[serde(default)]
    pub resources: Table,
    /// What the game's functions answer, by name.
    #[serde(default)]
    pub functions: Table,
    /// What happens, one after the other.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// An entity that is there at first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// What the scenario calls it.
    pub name: Option<String>,
    /// The kind of entity that it is: it has the components that the interface says.
    pub kind: Option<String>,
    /// Its components, by name.
    #[serde(default)]
    pub components: Table,
}

/// Something that happens, some ticks, and what is expected then.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Components that are set first.
    #[serde(default)]
    pub set: Vec<Set>,
    /// Resources that are set first, by name.
    #[serde(default)]
    pub resources: Table,
    /// Entities that are despawned first.
    #[serde(default)]
    pub despawn: Vec<String>,
    /// Events that are sent first.
    #[serde(default)]
    pub send: Vec<Event>,
    /// How many ticks the mod runs.
    #[serde(default = "one")]
    pub ticks: u32,
    /// The most fuel that the mod may use in one of these ticks.
    pub max_fuel: Option<u64>,
    /// What is expected after them.
    #[serde(default)]
    pub expect: Expect,
}

/// Components of an entity that are set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// The name of the entity.
    pub entity: String,
    /// The components, by name.
    pub components: Table,
}

/// An event.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its name.
    pub event: String,
    /// Its fields.
    #[serde(default = "no_fields")]
    pub value: Value,
}

/// What is expected after a step.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Entities by the scenario's names.
    pub entities: Vec<ExpectedEntity>,
    /// How many entities there are.
    pub counts: Vec<Count>,
    /// Resources, by name.
    pub resources: Table,
    /// The events that the mod sent in the step, all of them and in order.
    pub events: Option<Vec<Event>>,
    /// Texts that stand in messages of the mod.
    pub logs: Vec<String>,
    /// Texts that stand in the reports of faults, one for each fault; without it no fault is expected.
    pub faults: Vec<String>,
}

/// What is expected of an entity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedEntity {
    /// Its name.
    pub name: String,
    /// Whether it is there.
    #[serde(default = "yes")]
    pub exists: bool,
    /// Components and fields, as far as they matter.
    #[serde(default)]
    pub components: Table,
    /// Components that it does not have.
    #[serde(default)]
    pub lacks: Vec<String>,
}

/// How many entities have some components.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The components, by name.
    pub with: Vec<String>,
    /// How many there are: a number, or conditions.
    pub is: Value,
}

fn default_seconds() -> f32 {
    0.05
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

fn no_fields() -> Value {
    Value::Table(Table::new())
}

/// The scenario files beside a mod, sorted.
///
/// # Errors
/// If the folder `tests` can't be read.
pub fn beside(source: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let folder = source.join("tests");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    let entries =
        std::fs::read_dir(&folder).with_context(|| format!("{} can't be read", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("{} can't be read", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads a scenario.
///
/// # Errors
/// What is wrong, with the line.
pub fn parse(text: &str) -> Result<Scenario, String> {
    let scenario: Scenario = toml::from_str(text).map_err(|error| toml_problem(&error, text))?;
    match scenario.steps.is_empty() {
        false => Ok(scenario),
        true => Err("it has no [[step]], so nothing would be tested".to_owned()),
    }
}
