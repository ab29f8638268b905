//! What the systems of a mod see, and what the mod may do at all: names resolved to components and events.
//!
//! `permission.rs` makes it of three lists, each of which must be within the next: the schema, the manifest's permissions,
//! what the game exposes. It contains no name that would have to be looked up later.

use std::collections::{BTreeMap, BTreeSet};

use tinkerbox_abi::{COLUMNS_MAX, component_key};
use tinkerbox_columns::{FlatComponent, Terms};

use super::schema::Lifecycle;
use crate::exposed::event::ExposedEvent;
use crate::exposed::{Exposed, ExposedType};
use crate::schedule::batches::SystemAccess;

/// What a mod may do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rights {
    /// Components and resources that it may read.
    pub(super) read: BTreeSet<&'static str>,
    /// Components and resources that it may write.
    pub(super) write: BTreeSet<&'static str>,
    pub(super) events: BTreeSet<&'static str>,
    pub(super) send: BTreeSet<&'static str>,
    /// Functions of the game, as `game:name`.
    pub(super) functions: BTreeSet<String>,
    pub(super) spawn: bool,
    /// Living entities that it may have spawned: the game's limit.
    pub spawned_max: usize,
    pub(super) despawn: bool,
    /// Components that it may spawn, insert and remove, by key.
    pub writable: BTreeMap<u64, FlatComponent>,
    /// Components that it may read: an entity with one of them can be named in commands.
    pub readable: Vec<FlatComponent>,
}

impl Rights {
    pub fn may_spawn(&self) -> bool {
        self.spawn
    }

    pub fn may_despawn(&self) -> bool {
        self.despawn
    }

    /// Finds the components among what may be read and written.
    pub(super) fn look_up_components(&mut self, exposed: &Exposed) {
        let find = |id: &&'static str| exposed.component(id).map(|component| component.flat);
        self.readable = self.read.iter().filter_map(find).collect();
        let writable = self.write.iter().filter_map(|id| Some((component_key(id), find(id)?)));
        self.writable = writable.collect();
    }

    /// What these rights allow and `other` do not, in words.
    pub fn beyond(&self, other: &Rights) -> Vec<String> {
        let mut more: Vec<String> = Vec::new();
        let mut add = |what: &str, ours: &BTreeSet<&'static str>, theirs: &BTreeSet<&'static str>| {
            more.extend(ours.difference(theirs).map(|id| format!("{what} {id}")));
        };
        add("read", &self.read, &other.read);
        add("write", &self.write, &other.write);
        add("listen to", &self.events, &other.events);
        add("send", &self.send, &other.send);
        more.extend(self.functions.difference(&other.functions).map(|id| format!("call {id}")));
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
    /// What it handles, if it is a handler.
    pub handles: Option<Handled>,
    pub queries: Vec<QueryPlan>,
    pub resources: Vec<ResourcePlan>,
    pub sends: Vec<ExposedEvent>,
    pub has_commands: bool,
    pub access: SystemAccess,
}

/// What a handler is called for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Handled {
    Event(ExposedEvent),
    /// What has happened to a component. What a mod reads of it is the entity.
    Lifecycle(Lifecycle, ExposedType),
}

impl Handled {
    /// The size of one item in bytes.
    pub fn size(&self) -> usize {
        match self {
            Handled::Event(event) => event.size,
            Handled::Lifecycle(..) => size_of::<u64>(),
        }
    }

    /// Whether items of the one can be read as those of the other.
    pub fn is_like(&self, other: &Handled) -> bool {
        match (self, other) {
            (Handled::Event(event), Handled::Event(other)) => event.is_of_the_type_of(other),
            (Handled::Lifecycle(what, component), Handled::Lifecycle(other, of)) => {
                what == other && component.flat.id() == of.flat.id()
            }
            _ => false,
        }
    }
}

/// A query, by component.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryPlan {
    pub columns: Vec<Column>,
    pub terms: Terms,
}

impl QueryPlan {
    /// Whether it matches only what was added or changed since a system last ran.
    pub fn asks_for_news(&self) -> bool {
        !self.terms.changed.is_empty() || !self.terms.added.is_empty()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    /// The rows' ids.
    Entity,
    Value {
        component: FlatComponent,
        is_written: bool,
        /// Its number among the query's optional components, if it is one.
        optional: Option<usize>,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourcePlan {
    pub resource: FlatComponent,
    pub is_written: bool,
}

impl Column {
    /// The size of a value in bytes.
    pub fn size(&self) -> usize {
        match self {
            Column::Entity => size_of::<u64>(),
            Column::Value { component, .. } => component.size(),
        }
    }

    pub fn is_written(&self) -> bool {
        matches!(self, Column::Value { is_written: true, .. })
    }

    /// Whether these rows have the column.
    pub fn is_in(&self, rows: &tinkerbox_columns::Run) -> bool {
        match self {
            Column::Value { optional: Some(number), .. } => rows.has_optional(*number),
            _ => true,
        }
    }
}

impl QueryPlan {
    /// The columns that are written and that the rows have, with their addresses.
    pub fn written<'a>(
        &'a self,
        addresses: &'a [u32; COLUMNS_MAX],
    ) -> impl Iterator<Item = (&'a FlatComponent, u32)> {
        self.columns.iter().zip(addresses).filter_map(|(column, &address)| match column {
            Column::Value { component, is_written: true, .. } if address != 0 => Some((component, address)),
            _ => None,
        })
    }
}
