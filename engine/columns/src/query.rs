//! Which rows a query matches: tables and archetypes go in, runs of rows come out.
//!
//! The first step on the way out of the world. It works on positions and entities, and must not know bytes.
//!
//! A query whose components all lie in tables takes whole tables. If one of them lies in a sparse set, entities of one table
//! may differ, so the query goes by archetype and joins neighbouring rows of a table to runs. Either way, rows come in the
//! order in which tables and archetypes were created, then in the order of rows: the same in two worlds with the same
//! history.

use std::collections::BTreeSet;

use bevy_ecs::archetype::{Archetype, ArchetypeGeneration, ArchetypeId};
use bevy_ecs::change_detection::Tick;
use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::entity_disabling::DefaultQueryFilters;
use bevy_ecs::storage::TableId;
use bevy_ecs::world::World;

use crate::component::FlatComponent;
use crate::read;
use crate::run::Run;

/// The most optional components of a query: a run has a bit for each.
const MAX_OPTIONAL: usize = u32::BITS as usize;

/// What a query requires of its entities.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Components that they must have.
    pub all: Vec<FlatComponent>,
    /// Components that they must not have.
    pub none: Vec<FlatComponent>,
    /// Components that they may have: at most 32. All rows of a run have the same ones.
    pub optional: Vec<FlatComponent>,
    /// Components that they must have, and that were added or changed since a given tick.
    pub changed: Vec<FlatComponent>,
    /// Components that they must have, and that were added since a given tick.
    pub added: Vec<FlatComponent>,
}

/// What must have happened to a value since a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    Added,
    /// It was added or changed.
    Changed,
}

/// A query by component ids, with the tables and archetypes of a world that match.
#[derive(Debug)]
pub struct RowQuery {
    all: Vec<ComponentId>,
    none: Vec<ComponentId>,
    optional: Vec<ComponentId>,
    news: Vec<(FlatComponent, News)>,
    by_table: bool,
    seen: ArchetypeGeneration,
    /// Ascending, since archetypes are numbered in the order in which they are created.
    archetypes: Vec<ArchetypeId>,
    tables: Vec<TableId>,
    /// The same tables by number, to find out quickly whether the table of a new archetype is known.
    known_tables: BTreeSet<usize>,
}

/// What [`RowQuery::runs`] must look at. It is known in advance, so that it can be paid for first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Tables or archetypes.
    pub groups: usize,
    /// Rows, once for each check that is made of them.
    pub rows: usize,
    /// Values that are looked up by entity, because they lie in a sparse set.
    pub lookups: usize,
}

impl RowQuery {
    /// Makes a query. As in Bevy's own queries, disabled entities do not match unless the query names the component that
    /// disables them.
    ///
    /// # Panics
    /// If a component was registered in another world, or if there are more than 32 optional ones.
    pub fn new(world: &World, terms: &Terms) -> Self {
        let Terms { all, none, optional, changed, added } = terms;
        assert!(
            optional.len() <= MAX_OPTIONAL,
            "{} optional components; the limit is {MAX_OPTIONAL}",
            optional.len()
        );
        let named = || all.iter().chain(none).chain(optional).chain(changed).chain(added);
        named().for_each(|component| component.check_world(world));
        let of = |components: &[FlatComponent], news| {
            components.iter().map(move |component| (*component, news)).collect::<Vec<_>>().into_iter()
        };
        let ids = |components: &[FlatComponent]| components.iter().map(FlatComponent::id).collect::<Vec<_>>();
        let disabling =
            disabling_components(world).filter(|id| !named().any(|component| component.id() == *id));
        let disabling: Vec<_> = disabling.collect();
        let by_table =
            named().all(FlatComponent::is_in_table) && disabling.iter().all(|&id| lies_in_table(world, id));
        Self {
            all: ids(&[&all[..], changed, added].concat()),
            none: [ids(none), disabling].concat(),
            optional: ids(optional),
            news: of(changed, News::Changed).chain(of(added, News::Added)).collect(),
            by_table,
            seen: ArchetypeGeneration::initial(),
            archetypes: Vec::new(),
            tables: Vec::new(),
            known_tables: BTreeSet::new(),
        }
    }

    /// The same query without the entities that have this component, which it does not name.
    pub fn without(mut self, world: &World, component: ComponentId) -> Self {
        self.by_table &= lies_in_table(world, component);
        self.none.push(component);
        self
    }

    /// Adds archetypes that were created since the last update. Returns how many of them match.
    pub fn update(&mut self, world: &World) -> usize {
        let archetypes = world.archetypes();
        let before = self.archetypes.len();
        let seen = std::mem::replace(&mut self.seen, archetypes.generation());
        for archetype in &archetypes[seen..] {
            if !self.matches(archetype) {
                continue;
            }
            self.archetypes.push(archetype.id());
            if self.known_tables.insert(archetype.table_id().as_usize()) {
                self.tables.push(archetype.table_id());
            }
        }
        self.archetypes.len() - before
    }

    fn matches(&self, archetype: &Archetype) -> bool {
        self.all.iter().all(|&id| archetype.contains(id))
            && !self.none.iter().any(|&id| archetype.contains(id))
    }

    /// How many tables or archetypes [`RowQuery::listing`] itself iterates over.
    pub fn groups(&self) -> usize {
        if self.by_table { self.tables.len() } else { self.archetypes.len() }
    }

    /// What [`RowQuery::runs`] would look at.
    pub fn listing(&self, world: &World, since: Option<Tick>) -> Listing {
        let rows: usize = match self.by_table {
            true => {
                let rows = |table: &TableId| world.storages().tables[*table].entity_count() as usize;
                self.tables.iter().map(rows).sum()
            }
            false => self.archetypes.iter().map(|id| world.archetypes()[*id].len() as usize).sum(),
        };
        let news = since.map_or(&[][..], |_| &self.news[..]);
        let in_tables = news.iter().filter(|(component, _)| component.is_in_table()).count();
        let one_by_one = usize::from(!self.by_table);
        Listing {
            groups: self.groups(),
            rows: rows * (one_by_one + in_tables),
            lookups: rows * (news.len() - in_tables),
        }
    }

    /// All matching rows as of the last [`RowQuery::update`]. If the query asks for what was added or changed, only rows to
    /// which that has happened since `since`; without a tick, all rows count.
    pub fn runs(&self, world: &World, since: Option<Tick>) -> Vec<Run> {
        let mut runs = Vec::new();
        if self.by_table {
            for &table in &self.tables {
                let rows = world.storages().tables[table].entity_count();
                let optional = bits(&self.optional, |id| world.storages().tables[table].has_column(id));
                push(&mut runs, Run { table, row: 0, rows, optional });
            }
        } else {
            for &id in &self.archetypes {
                let archetype = &world.archetypes()[id];
                let table = archetype.table_id();
                let optional = bits(&self.optional, |id| archetype.contains(id));
                for entity in archetype.entities() {
                    let row = entity.table_row().index_u32();
                    push(&mut runs, Run { table, row, rows: 1, optional });
                }
            }
        }
        match since.filter(|_| !self.news.is_empty()) {
            Some(since) => self.new_of(world, &runs, since),
            None => runs,
        }
    }

    fn new_of(&self, world: &World, runs: &[Run], since: Tick) -> Vec<Run> {
        let mut new = Vec::new();
        for run in runs {
            let mut kept = vec![true; run.rows()];
            for (component, news) in &self.news {
                match news {
                    News::Added => read::keep_added(world, run, component, since, &mut kept),
                    News::Changed => read::keep_changed(world, run, component, since, &mut kept),
                }
            }
            for at in (0..run.rows()).filter(|&at| kept[at]) {
                push(&mut new, run.part(at, 1));
            }
        }
        new
    }

    /// Where these entities are now. Entities that are gone or no longer match are left out, whether they have changed is
    /// not checked.
    pub fn locate(&self, world: &World, entities: &[Entity]) -> Vec<Run> {
        let mut runs = Vec::new();
        for &entity in entities {
            if let Some(run) = self.find(world, entity) {
                push(&mut runs, run);
            }
        }
        runs
    }

    /// As [`RowQuery::locate`], up to the first matching entity that has other optional components than `first`. Also
    /// returns how many entities that covers.
    pub fn locate_like(&self, world: &World, entities: &[Entity], first: &Run) -> (Vec<Run>, usize) {
        let mut runs = Vec::new();
        for (at, &entity) in entities.iter().enumerate() {
            match self.find(world, entity) {
                Some(run) if !run.is_like(first) => return (runs, at),
                Some(run) => push(&mut runs, run),
                None => {}
            }
        }
        (runs, entities.len())
    }

    /// The row of an entity if it matches, whether it has changed or not.
    pub fn find(&self, world: &World, entity: Entity) -> Option<Run> {
        let location = world.entities().get_spawned(entity).ok()?;
        self.archetypes.binary_search_by_key(&location.archetype_id.index(), |id| id.index()).ok()?;
        let archetype = &world.archetypes()[location.archetype_id];
        let optional = bits(&self.optional, |id| archetype.contains(id));
        Some(Run { table: location.table_id, row: location.table_row.index_u32(), rows: 1, optional })
    }
}

fn bits(ids: &[ComponentId], is_there: impl Fn(ComponentId) -> bool) -> u32 {
    ids.iter().enumerate().fold(0, |bits, (number, &id)| bits | u32::from(is_there(id)) << number)
}

/// Appends `run`, or extends the last run if `run` follows it in the table.
fn push(runs: &mut Vec<Run>, run: Run) {
    if run.rows == 0 {
        return;
    }
    match runs.last_mut() {
        Some(last) if last.table == run.table && last.row + last.rows == run.row && last.is_like(&run) => {
            last.rows += run.rows;
        }
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
