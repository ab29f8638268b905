//! Names become access: what a mod's systems see, and what it may do at all.
//!
//! Three lists meet here, and each must lie within the next: the schema, the manifest's permissions, the
//! components that the game exposes. What comes out holds no name any more that could be looked up wrongly
//! later.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tinkerbox_columns::PlainComponent;

use super::manifest::Permissions;
use super::schema::{Access, QueryDeclaration, Schema};
use crate::exposed::{Exposed, ExposedComponent};
use crate::refusal::Refusal;
use crate::text::list;

/// What a mod may do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rights {
    read: BTreeSet<&'static str>,
    write: BTreeSet<&'static str>,
    spawn: bool,
    despawn: bool,
    /// Components of entities that it spawns, by key.
    pub spawnable: BTreeMap<u64, PlainComponent>,
    /// An entity that carries one of them can be named in a despawn.
    pub readable: Vec<PlainComponent>,
}

impl Rights {
    pub fn may_spawn(&self) -> bool {
        self.spawn
    }

    pub fn may_despawn(&self) -> bool {
        self.despawn
    }

    /// What is allowed here and not in `other`, in words.
    pub fn beyond(&self, other: &Rights) -> Vec<String> {
        let mut more: Vec<String> = Vec::new();
        more.extend(self.read.difference(&other.read).map(|id| format!("read {id}")));
        more.extend(self.write.difference(&other.write).map(|id| format!("write {id}")));
        more.extend((self.spawn && !other.spawn).then(|| "spawn".to_owned()));
        more.extend((self.despawn && !other.despawn).then(|| "despawn".to_owned()));
        more
    }
}

/// A system, ready to be called.
#[derive(Clone, Debug)]
pub(crate) struct System {
    pub name: String,
    pub after: Vec<String>,
    pub before: Vec<String>,
    pub queries: Vec<QueryPlan>,
}

/// A query, by component.
#[derive(Clone, Debug)]
pub(crate) struct QueryPlan {
    pub columns: Vec<Column>,
    /// Components that an entity must have, those of the columns among them.
    pub all: Vec<PlainComponent>,
    /// Components that an entity must not have.
    pub none: Vec<PlainComponent>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub component: PlainComponent,
    pub is_written: bool,
}

/// Looks the permissions up among the exposed components.
pub(crate) fn rights(file: &Path, permissions: &Permissions, exposed: &Exposed) -> Result<Rights, Refusal> {
    let ids = permissions.read.iter().chain(&permissions.write);
    let unknown: BTreeSet<_> = ids.filter(|id| exposed.by_id(id).is_none()).collect();
    if !unknown.is_empty() {
        let problem = format!("[permissions] names what this game does not expose: {}", list(unknown));
        return Err(not_exposed(file, problem, exposed));
    }
    let find = |ids: &[String]| -> Vec<ExposedComponent> {
        ids.iter().filter_map(|id| exposed.by_id(id)).copied().collect()
    };
    let (read, write) = (find(&permissions.read), find(&permissions.write));
    let readable: BTreeMap<_, _> =
        read.iter().chain(&write).map(|component| (component.id, component.plain)).collect();
    Ok(Rights {
        read: readable.keys().copied().collect(),
        write: write.iter().map(|component| component.id).collect(),
        spawn: permissions.spawn,
        despawn: permissions.despawn,
        spawnable: write.iter().map(|it| (tinkerbox_abi::component_key(it.id), it.plain)).collect(),
        readable: readable.into_values().collect(),
    })
}

/// Resolves the schema's names, and checks each against the permissions and the game's own layout.
pub(crate) fn systems(
    manifest_file: &Path,
    schema: Schema<'_>,
    rights: &Rights,
    exposed: &Exposed,
) -> Result<Vec<System>, Refusal> {
    let mut lacking = BTreeSet::new();
    let mut systems = Vec::new();
    for system in schema.systems {
        let of = format!("system `{}`", system.name);
        let queries: Result<_, _> = system
            .queries
            .iter()
            .map(|query| plan(schema.file, &of, query, rights, exposed, &mut lacking))
            .collect();
        systems.push(System {
            name: system.name,
            after: system.after,
            before: system.before,
            queries: queries?,
        });
    }
    match lacking.is_empty() {
        true => Ok(systems),
        false => Err(Refusal::new(
            manifest_file,
            format!("[permissions] lacks what the mod's systems do: {}", list(&lacking)),
            "Add the components to `read` or `write` there, or take them out of the systems' queries.",
        )),
    }
}

fn plan(
    file: &Path,
    of: &str,
    query: &QueryDeclaration,
    rights: &Rights,
    exposed: &Exposed,
    lacking: &mut BTreeSet<String>,
) -> Result<QueryPlan, Refusal> {
    let find = |id: &str| {
        exposed.by_id(id).ok_or_else(|| {
            not_exposed(file, format!("{of} asks for `{id}`, which this game does not expose"), exposed)
        })
    };
    let mut plan = QueryPlan { columns: Vec::new(), all: Vec::new(), none: Vec::new() };
    for declared in &query.columns {
        let component = find(&declared.component)?;
        check_layout(file, of, component, &declared.layout)?;
        let is_written = declared.access == Access::Write;
        if is_written && !rights.write.contains(component.id) {
            lacking.insert(format!("write {}", component.id));
        } else if !rights.read.contains(component.id) {
            lacking.insert(format!("read {}", component.id));
        }
        if is_written && !component.plain.is_mutable() {
            let problem = format!("{of} writes `{}`, which is immutable in this game", component.id);
            return Err(Refusal::new(
                file,
                problem,
                "Ask for it with access = \"read\" (a shared reference).",
            ));
        }
        plan.columns.push(Column { component: component.plain, is_written });
        plan.all.push(component.plain);
    }
    for (ids, components) in [(&query.with, &mut plan.all), (&query.without, &mut plan.none)] {
        for id in ids {
            let component = find(id)?;
            if !rights.read.contains(component.id) {
                lacking.insert(format!("read {}", component.id));
            }
            components.push(component.plain);
        }
    }
    Ok(plan)
}

fn check_layout(file: &Path, of: &str, component: &ExposedComponent, theirs: &str) -> Result<(), Refusal> {
    let same = theirs.split_whitespace().eq(component.layout.split_whitespace());
    match same {
        true => Ok(()),
        false => Err(Refusal::new(
            file,
            format!(
                "{of} was built for another `{}`: the game's is {}, the mod's is {theirs}",
                component.id, component.layout
            ),
            "Build the mod with the game's version of the shared types.",
        )),
    }
}

fn not_exposed(file: &Path, problem: String, exposed: &Exposed) -> Refusal {
    Refusal::new(file, problem, format!("This game exposes {}.", list(exposed.ids())))
}
