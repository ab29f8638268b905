//! The schema: which systems a mod has, what their queries see, and in which order they want to run.
//!
//! One data model with two carriers, `mod.toml` and the custom section `tinkerbox.schema`. What its names stand for in this
//! game is not known here.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use tinkerbox_abi::names::{NAME_RULE, is_system_name};
use tinkerbox_abi::{COLUMNS_MAX, ENTITY, SCHEMA_SECTION};

use super::refusal::Refusal;
use super::toml_text;
use crate::limits::{
    FILTERS_MAX, ORDERS_MAX, QUERIES_MAX, RESOURCES_MAX, SCHEMA_BYTES_MAX, SENDS_MAX, SYSTEMS_MAX,
};
use crate::text::{list, shown};

/// A system: the export `sys_<name>`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SystemDeclaration {
    pub name: String,
    /// Where it is written, if systems are sorted by that.
    pub source: Option<SourcePosition>,
    #[serde(default)]
    pub after: Vec<String>,
    #[serde(default)]
    pub before: Vec<String>,
    /// Whether it queues commands.
    #[serde(default)]
    pub commands: bool,
    /// What it handles: it is called when there is some.
    pub on: Option<Trigger>,
    #[serde(default, rename = "query")]
    pub queries: Vec<QueryDeclaration>,
    #[serde(default, rename = "resource")]
    pub resources: Vec<ResourceDeclaration>,
    #[serde(default, rename = "send")]
    pub sends: Vec<EventDeclaration>,
}

/// A position in the source, which is the same wherever the mod is built.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourcePosition {
    #[serde(rename = "crate")]
    crate_name: String,
    /// The path within its package, with `/`.
    file: String,
    /// Lines and columns, from the outermost macro inward.
    position: Vec<u32>,
}

impl SourcePosition {
    /// Crates are sorted by their names, files by their modules (`lib.rs` is the first, `birds.rs` comes before
    /// `birds/eggs.rs`), and systems in a file from its top to its end.
    fn sort_key(&self) -> (&str, Vec<&str>, &str, &[u32]) {
        let mut modules: Vec<&str> = self.file.split('/').collect();
        if let Some(last) = modules.pop() {
            let stem = last.strip_suffix(".rs").unwrap_or(last);
            modules.extend((!matches!(stem, "lib" | "main" | "mod")).then_some(stem));
        }
        (&self.crate_name, modules, &self.file, &self.position)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventDeclaration {
    pub event: String,
    pub layout: String,
}

/// What a handler is called for.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "TriggerText")]
pub(crate) enum Trigger {
    Event(EventDeclaration),
    /// This has happened to a component of entities.
    Lifecycle(Lifecycle, String),
}

/// What happens to a component of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lifecycle {
    /// It was added to an entity that did not have it, which may be new.
    Added,
    /// It was removed from an entity, or the entity was despawned with it.
    Removed,
    /// The entity was despawned with it.
    Despawned,
}

impl Lifecycle {
    /// What a handler is told, for messages: `removals` of a component.
    pub fn plural(self) -> &'static str {
        match self {
            Lifecycle::Added => "additions",
            Lifecycle::Removed => "removals",
            Lifecycle::Despawned => "despawns",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TriggerText {
    event: Option<String>,
    layout: Option<String>,
    added: Option<String>,
    removed: Option<String>,
    despawned: Option<String>,
}

impl TryFrom<TriggerText> for Trigger {
    type Error = &'static str;

    fn try_from(text: TriggerText) -> Result<Trigger, &'static str> {
        let TriggerText { event, layout, added, removed, despawned } = text;
        let lifecycles =
            [(Lifecycle::Added, added), (Lifecycle::Removed, removed), (Lifecycle::Despawned, despawned)];
        let mut lifecycles = lifecycles.into_iter().filter_map(|(what, id)| Some((what, id?)));
        match (event, layout, lifecycles.next(), lifecycles.next()) {
            (Some(event), Some(layout), None, None) => Ok(Trigger::Event(EventDeclaration { event, layout })),
            (None, None, Some((what, id)), None) => Ok(Trigger::Lifecycle(what, id)),
            _ => Err(
                "`on` is one of { event = \"..\", layout = \"..\" }, { added = \"..\" }, { removed = \"..\" } and \
                 { despawned = \"..\" }",
            ),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourceDeclaration {
    pub resource: String,
    pub access: AccessMode,
    pub layout: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueryDeclaration {
    #[serde(default)]
    pub columns: Vec<ColumnDeclaration>,
    #[serde(default)]
    pub with: Vec<String>,
    #[serde(default)]
    pub without: Vec<String>,
    #[serde(default)]
    pub changed: Vec<String>,
    #[serde(default)]
    pub added: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnDeclaration {
    /// A component, or [`ENTITY`] for the rows' ids.
    pub component: String,
    pub access: AccessMode,
    /// Whether the query matches rows that lack it.
    #[serde(default)]
    pub optional: bool,
    pub layout: String,
}

/// What a system does with a column or a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AccessMode {
    Read,
    Write,
}

/// A schema and the file that carries it, for messages.
#[derive(Clone, Debug)]
pub(crate) struct Schema<'f> {
    pub file: &'f Path,
    pub systems: Vec<SystemDeclaration>,
}

/// Reads the schema from its one carrier.
pub(crate) fn read<'f>(
    (manifest_file, in_manifest): (&'f Path, Option<Vec<SystemDeclaration>>),
    (wasm_file, sections): (&'f Path, &[&[u8]]),
) -> Result<Schema<'f>, Refusal> {
    let mut schema = match (in_manifest, sections) {
        (Some(systems), []) => Schema { file: manifest_file, systems },
        (None, [_, ..]) => Schema { file: wasm_file, systems: read_sections(wasm_file, sections)? },
        (Some(_), [_, ..]) => {
            return Err(Refusal::new(
                manifest_file,
                format!(
                    "[[system]] is here, and {} has a custom section `{SCHEMA_SECTION}`",
                    shown(wasm_file)
                ),
                "Remove [[system]] from the manifest: the SDK's macros have written the schema already.",
            ));
        }
        (None, []) => {
            return Err(Refusal::new(
                manifest_file,
                format!(
                    "the mod has no system: no [[system]] here, and {} has no custom section `{SCHEMA_SECTION}`",
                    shown(wasm_file)
                ),
                "Mark a function with #[system], or declare it here with [[system]].",
            ));
        }
    };
    schema.check()?;
    sort(&mut schema.systems);
    Ok(schema)
}

/// The order of sections is that in which a linker has found them, so systems that say where they are written are sorted by
/// that. The others come first, in their order.
fn sort(systems: &mut [SystemDeclaration]) {
    fn sort_key(system: &SystemDeclaration) -> Option<(impl Ord, &str)> {
        Some((system.source.as_ref()?.sort_key(), system.name.as_str()))
    }
    systems.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
}

fn read_sections(file: &Path, sections: &[&[u8]]) -> Result<Vec<SystemDeclaration>, Refusal> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fragment {
        #[serde(default, rename = "system")]
        systems: Vec<SystemDeclaration>,
    }
    let location = format!("custom section `{SCHEMA_SECTION}`, ");
    let text = sections.join(&b'\n');
    if text.len() > SCHEMA_BYTES_MAX {
        let problem = format!("custom section `{SCHEMA_SECTION}` has more than {SCHEMA_BYTES_MAX} bytes");
        return Err(Refusal::new(file, problem, "Declare fewer systems and queries."));
    }
    let text = String::from_utf8(text).map_err(|_| {
        let problem = format!("custom section `{SCHEMA_SECTION}` is not UTF-8 text");
        Refusal::new(file, problem, "Build the mod with this game's version of the SDK.")
    })?;
    Ok(toml_text::parse::<Fragment>(file, &location, &text)?.systems)
}

impl Schema<'_> {
    fn check(&self) -> Result<(), Refusal> {
        self.at_most("systems", self.systems.len(), SYSTEMS_MAX, "the mod")?;
        let mut names = BTreeSet::new();
        for system in &self.systems {
            self.check_name(&system.name)?;
            if !names.insert(system.name.as_str()) {
                let problem = format!("system `{}` is declared twice", system.name);
                return Err(Refusal::new(self.file, problem, "Give each system a name of its own."));
            }
        }
        for system in &self.systems {
            self.check_order(system, &names)?;
            let of = format!("system `{}`", system.name);
            self.at_most("queries", system.queries.len(), QUERIES_MAX, &of)?;
            for query in &system.queries {
                self.check_query(query, &of)?;
            }
            self.at_most("resources", system.resources.len(), RESOURCES_MAX, &of)?;
            self.at_most("events that it sends", system.sends.len(), SENDS_MAX, &of)?;
        }
        Ok(())
    }

    fn check_name(&self, name: &str) -> Result<(), Refusal> {
        match is_system_name(name) {
            true => Ok(()),
            false => {
                let problem = format!("invalid system name `{name}`");
                Err(Refusal::new(self.file, problem, format!("Use {NAME_RULE}.")))
            }
        }
    }

    /// Checks that systems of the same mod exist; those of other mods may be absent.
    fn check_order(&self, system: &SystemDeclaration, names: &BTreeSet<&str>) -> Result<(), Refusal> {
        let of = format!("system `{}`", system.name);
        self.at_most("names in after and before", system.after.len() + system.before.len(), ORDERS_MAX, &of)?;
        for other in system.after.iter().chain(&system.before) {
            if !other.contains(':') && !names.contains(other.as_str()) {
                return Err(Refusal::new(
                    self.file,
                    format!("{of} wants an order with `{other}`, and the mod has no such system"),
                    format!("Its systems are {}; another mod's is written \"mod:system\".", list(names)),
                ));
            }
        }
        self.check_phase(system, &of)?;
        Ok(())
    }

    /// Checks that no wish contradicts the rule that handlers of events run before all other systems.
    fn check_phase(&self, system: &SystemDeclaration, of: &str) -> Result<(), Refusal> {
        let is_handler = |name: &String| {
            self.systems.iter().find(|other| other.name == *name).map(|other| other.on.is_some())
        };
        let (impossible, relation) = match system.on.is_some() {
            true => (system.after.iter().find(|name| is_handler(name) == Some(false)), "after"),
            false => (system.before.iter().find(|name| is_handler(name) == Some(true)), "before"),
        };
        match impossible {
            None => Ok(()),
            Some(other) => Err(Refusal::new(
                self.file,
                format!(
                    "{of} wants to run {relation} `{other}`, and handlers of events run before all other systems"
                ),
                format!("Remove it from {relation}."),
            )),
        }
    }

    fn check_query(&self, query: &QueryDeclaration, of: &str) -> Result<(), Refusal> {
        self.at_most("columns in a query", query.columns.len(), COLUMNS_MAX, of)?;
        let news = query.changed.len() + query.added.len();
        let filters = query.with.len() + query.without.len() + news;
        self.at_most("filters in a query", filters, FILTERS_MAX, of)?;
        let is_needed = |column: &&ColumnDeclaration| column.component != ENTITY && !column.optional;
        let needed = query.columns.iter().filter(is_needed).count() + query.with.len() + news;
        if needed == 0 {
            return Err(Refusal::new(
                self.file,
                format!(
                    "{of} has a query that needs no component, neither in columns nor in with, changed or added"
                ),
                "Name at least one that is not optional: a mod sees only entities that carry a component it may read.",
            ));
        }
        self.check_entities(query, of)?;
        let mut seen = BTreeSet::new();
        match query.columns.iter().find(|column| !seen.insert(&column.component)) {
            None => Ok(()),
            Some(column) => Err(Refusal::new(
                self.file,
                format!("{of} has a query with two columns of `{}`", column.component),
                "Ask for it once: a column that is written can be read too.",
            )),
        }
    }

    /// Checks that a column of ids is neither written nor optional.
    fn check_entities(&self, query: &QueryDeclaration, of: &str) -> Result<(), Refusal> {
        let is_wrong = |column: &&ColumnDeclaration| {
            column.component == ENTITY
                && (column.access != AccessMode::Read || column.optional || column.layout.trim() != "u64")
        };
        match query.columns.iter().find(is_wrong) {
            None => Ok(()),
            Some(_) => Err(Refusal::new(
                self.file,
                format!("{of} has a query with a column `{ENTITY}` that is written, optional, or not a u64"),
                format!("Write {{ component = \"{ENTITY}\", access = \"read\", layout = \"u64\" }}."),
            )),
        }
    }

    fn at_most(&self, what: &str, count: usize, most: usize, of: &str) -> Result<(), Refusal> {
        match count <= most {
            true => Ok(()),
            false => Err(Refusal::new(
                self.file,
                format!("{of} has {count} {what}; the limit is {most}"),
                "Split it up.",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_section(text: &str) -> Result<Vec<SystemDeclaration>, String> {
        let read = read((Path::new("mod.toml"), None), (Path::new("a.wasm"), &[text.as_bytes()]));
        read.map(|schema| schema.systems).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn fragments_are_one_schema() {
        let fragments: [&[u8]; 2] =
            [b"[[system]]\nname = \"grow\"", b"[[system]]\nname = \"graze\"\nafter = [\"grow\"]"];
        let schema = read((Path::new("mod.toml"), None), (Path::new("a.wasm"), &fragments)).unwrap();
        assert_eq!(schema.systems.len(), 2);
        assert_eq!(schema.systems[1].after, ["grow"]);
    }

    #[test]
    fn systems_run_as_they_stand_in_the_source() {
        let written = [
            ("alpha", "src/lib.rs", "9, 1, 1, 1"),
            ("gale", "src/lib.rs", "3, 1, 3, 1"),
            ("gale", "src/lib.rs", "3, 1, 12, 1"),
            ("gale", "src/lib.rs", "20, 1, 2, 1"),
            ("gale", "src/birds.rs", "1, 1, 1, 1"),
            ("gale", "src/birds/eggs.rs", "7, 1, 7, 1"),
            ("gale", "src/birds/eggs.rs", "7, 5, 7, 5"),
            ("gale", "src/birds/eggs/mod.rs", "1, 1, 1, 1"),
            ("gale", "src/cats/mod.rs", "90, 1, 90, 1"),
            ("gale", "src/cats/claws.rs", "2, 1, 2, 1"),
        ];
        let fragments: Vec<String> = (0..written.len())
            .map(|number| {
                let (krate, file, position) = written[number];
                format!(
                    "[[system]]\nname = \"s{number}\"\n\
                     source = {{ crate = \"{krate}\", file = \"{file}\", position = [{position}] }}"
                )
            })
            .chain(["z", "y"].map(|name| format!("[[system]]\nname = \"{name}\"")))
            .collect();
        // However the linker lays them: each rotation, forwards and backwards.
        for first in 0..fragments.len() {
            let mut laid: Vec<&[u8]> = fragments.iter().map(String::as_bytes).collect();
            laid.rotate_left(first);
            for _ in 0..2 {
                let schema = read((Path::new("mod.toml"), None), (Path::new("a.wasm"), &laid)).unwrap();
                let names: Vec<&str> = schema.systems.iter().map(|system| system.name.as_str()).collect();
                let numbers: Vec<String> = (0..written.len()).map(|number| format!("s{number}")).collect();
                assert!(names[2..].iter().eq(&numbers), "{names:?}");
                laid.reverse();
            }
        }
    }

    #[test]
    fn a_schema_has_one_carrier() {
        let section: &[&[u8]] = &[b""];
        let both = read((Path::new("mod.toml"), Some(Vec::new())), (Path::new("a.wasm"), section));
        assert!(both.unwrap_err().to_string().contains("Remove [[system]] from the manifest"));
        let none = read((Path::new("mod.toml"), None), (Path::new("a.wasm"), &[]));
        assert!(none.unwrap_err().to_string().contains("the mod has no system"));
    }

    #[test]
    fn every_bad_schema_says_what_and_what_to_do() {
        let one = |query: &str| format!("[[system]]\nname = \"graze\"\n[[system.query]]\n{query}");
        let column = "{ component = \"a:A\", access = \"read\", layout = \"{}\" }";
        let columns = |columns: &[&str]| one(&format!("columns = [{}]", columns.join(", ")));
        let cases = [
            ("[[system]]\nname = \"A\"".to_owned(), "invalid system name `A`"),
            ("[[system]]\nname = \"a\"\n[[system]]\nname = \"a\"".to_owned(), "declared twice"),
            ("[[system]]\nname = \"a\"\nafter = [\"b\"]".to_owned(), "no such system. Its systems are `a`"),
            (
                "[[system]]\nname = \"a\"\nbefore = [\"b\"]\n[[system]]\nname = \"b\"\n\
                    on = { event = \"a:E\", layout = \"{}\" }"
                    .to_owned(),
                "wants to run before `b`, and handlers of events run before all other systems",
            ),
            (one("wiht = []"), "custom section `tinkerbox.schema`, line 4: unknown field `wiht`"),
            (one(""), "needs no component"),
            (columns(&[column, column]), "two columns of `a:A`"),
            (columns(&[column; 13]), "has 13 columns in a query; the limit is 12"),
            (columns(&[&column.replace("read", "own")]), "unknown variant `own`"),
        ];
        for (text, expected) in cases {
            let message = from_section(&text).unwrap_err();
            assert!(message.contains(expected), "{message}");
            assert!(message.starts_with("a.wasm: ") && message.ends_with('.'), "{message}");
        }
    }
}
