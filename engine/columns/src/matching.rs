//! Which rows a query sees: tables and archetypes on the one side, runs of rows on the other.
//!
//! First step on the way out of the world. It knows positions and entities, never bytes.
//!
//! A query whose components all lie in tables takes whole tables. As soon as one of them lies in a sparse
//! set, entities of one table may differ, so that it goes by archetype and joins neighbours in the table to
//! runs again. Either way the order is that in which tables and archetypes came into being, then that of
//! the rows: the same in two worlds with the same history.

use bevy_ecs::archetype::{Archetype, ArchetypeGeneration, ArchetypeId};
use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::entity_disabling::DefaultQueryFilters;
use bevy_ecs::storage::TableId;
use bevy_ecs::world::World;

use crate::component::PlainComponent;
use crate::read;

/// Neighbouring rows of one table. Holds until the world changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub(crate) table: TableId,
    pub(crate) row: u32,
    pub(crate) rows: u32,
}

impl Run {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows as usize
    }

    /// The first `rows` rows, and what is left.
    ///
    /// # Panics
    /// If the run is shorter than that.
    pub fn split_at(self, rows: usize) -> (Run, Run) {
        assert!(rows <= self.rows(), "a run of {} rows is cut at {rows}", self.rows);
        let rows = rows as u32;
        (Run { rows, ..self }, Run { row: self.row + rows, rows: self.rows - rows, ..self })
    }

    /// `rows` rows from `start` on.
    pub(crate) fn part(self, start: usize, rows: usize) -> Run {
        debug_assert!(start + rows <= self.rows());
        Run { row: self.row + start as u32, rows: rows as u32, ..self }
    }
}

/// The entities of these runs: rows to keep while the world changes.
pub fn pin(world: &World, runs: &[Run]) -> Vec<Entity> {
    let mut pinned = Vec::with_capacity(runs.iter().map(Run::rows).sum());
    for run in runs {
        pinned.extend_from_slice(read::entities(world, run));
    }
    pinned
}

/// A query by component ids, with what it has learnt of a world's tables.
#[derive(Debug)]
pub struct RowQuery {
    all: Vec<ComponentId>,
    none: Vec<ComponentId>,
    by_table: bool,
    seen: ArchetypeGeneration,
    /// Ascending, since archetypes are numbered as they come.
    archetypes: Vec<ArchetypeId>,
    tables: Vec<TableId>,
}

impl RowQuery {
    /// A query for entities that have every component of `all` and no component of `none`.
    ///
    /// As with Bevy's own queries, disabled entities are left out unless the query names what disables them.
    ///
    /// # Panics
    /// If a component was registered in another world.
    pub fn new(world: &World, all: &[PlainComponent], none: &[PlainComponent]) -> Self {
        for component in all.iter().chain(none) {
            component.check_world(world);
        }
        let by_table = all.iter().chain(none).all(PlainComponent::is_in_table);
        let all: Vec<_> = all.iter().map(PlainComponent::id).collect();
        let mut none: Vec<_> = none.iter().map(PlainComponent::id).collect();
        let disabling = disabling_components(world).filter(|id| !all.contains(id) && !none.contains(id));
        let disabling: Vec<_> = disabling.collect();
        let by_table = by_table && disabling.iter().all(|&id| lies_in_table(world, id));
        none.extend(disabling);
        let seen = ArchetypeGeneration::initial();
        Self { all, none, by_table, seen, archetypes: Vec::new(), tables: Vec::new() }
    }

    /// Learns of archetypes that are new since the last time.
    pub fn update(&mut self, world: &World) {
        let archetypes = world.archetypes();
        let seen = std::mem::replace(&mut self.seen, archetypes.generation());
        for archetype in &archetypes[seen..] {
            if !self.matches(archetype) {
                continue;
            }
            self.archetypes.push(archetype.id());
            if !self.tables.contains(&archetype.table_id()) {
                self.tables.push(archetype.table_id());
            }
        }
    }

    fn matches(&self, archetype: &Archetype) -> bool {
        self.all.iter().all(|&id| archetype.contains(id))
            && !self.none.iter().any(|&id| archetype.contains(id))
    }

    /// All matching rows, as known at the last [`RowQuery::update`].
    pub fn runs(&self, world: &World) -> Vec<Run> {
        let mut runs = Vec::new();
        if self.by_table {
            for &table in &self.tables {
                let rows = world.storages().tables[table].entity_count();
                push(&mut runs, Run { table, row: 0, rows });
            }
        } else {
            for &id in &self.archetypes {
                let archetype = &world.archetypes()[id];
                let table = archetype.table_id();
                for entity in archetype.entities() {
                    push(&mut runs, Run { table, row: entity.table_row().index_u32(), rows: 1 });
                }
            }
        }
        runs
    }

    /// Where these entities are now; those that have gone or no longer match are left out.
    pub fn locate(&self, world: &World, entities: &[Entity]) -> Vec<Run> {
        let mut runs = Vec::new();
        for &entity in entities {
            let Ok(location) = world.entities().get_spawned(entity) else {
                continue;
            };
            if self.archetypes.binary_search_by_key(&location.archetype_id.index(), |id| id.index()).is_err()
            {
                continue;
            }
            push(&mut runs, Run { table: location.table_id, row: location.table_row.index_u32(), rows: 1 });
        }
        runs
    }
}

/// Appends `run`, joined to the last where it follows it in the table.
fn push(runs: &mut Vec<Run>, run: Run) {
    if run.rows == 0 {
        return;
    }
    match runs.last_mut() {
        Some(last) if last.table == run.table && last.row + last.rows == run.row => last.rows += run.rows,
        _ => runs.push(run),
    }
}

fn disabling_components(world: &World) -> impl Iterator<Item = ComponentId> {
    world.get_resource::<DefaultQueryFilters>().into_iter().flat_map(DefaultQueryFilters::disabling_ids)
}

fn lies_in_table(world: &World, id: ComponentId) -> bool {
    let info = world.components().get_info(id);
    info.is_some_and(|info| info.storage_type() == bevy_ecs::component::StorageType::Table)
}
