//! The prices of the host's work for a mod, in fuel, and the bound that they keep.
//!
//! The host takes at most 20 nanoseconds for one unit, whatever a mod asks for and whether it succeeds or not: no longer
//! than some hundred instructions of the mod's own. `cargo bench -p tinkerbox-tests --bench unpaid` measures that for every
//! function, error and limit, and fails above the bound.
//!
//! Work is paid for in advance: a [`Bill`] grows before each part of the work is done, and is charged on every way out,
//! errors and faults included. So no price may depend on what a mod is not allowed to see, since it can read its own fuel.

/// Any call of the host that works on the mod's memory or the world.
pub(crate) const CALL: u64 = 50;
/// This many bytes that are copied or compared cost one unit.
pub(crate) const BYTES_PER_UNIT: usize = 8;

/// A system is called, or resumed.
pub(crate) const SYSTEM: u64 = 30;
/// Each query of a system that is called, whether it is read or not.
pub(crate) const QUERY: u64 = 5;
/// A new set of components that a query matches.
pub(crate) const MATCH: u64 = 4;
/// The events of a frame that wait for a handler when it is called, however many there are.
pub(crate) const EVENT_BATCH: u64 = 5;

/// Each table, or set of components, whose rows are listed when a query is first read.
pub(crate) const GROUP: u64 = 4;
/// This many rows that have to be checked to list them cost one unit.
pub(crate) const ROWS_PER_UNIT: usize = 2;
/// A value that is looked up by its entity: a row of a suspended system, a change in a sparse set.
pub(crate) const LOOKUP: u64 = 8;
/// A row that a suspended system has not seen yet is recorded by its entity.
pub(crate) const PINNED_ROW: u64 = 1;
/// Each column of each stretch of neighbouring rows that is lent or taken back.
pub(crate) const STRETCH: u64 = 2;
/// A value of a mirrored type, or in a sparse set, each time it is lent or taken back.
pub(crate) const VALUE: u64 = 8;
/// A stretch of changed rows, or a single changed value: it is looked up again when it is applied.
pub(crate) const LANDING: u64 = 8;
/// A value that is set for one entity or resource: it is looked up again when it is applied.
pub(crate) const SET: u64 = 30;

/// An entity that is visited along relationships, and that the mod may see.
pub(crate) const RELATED: u64 = 10;
/// A command record.
pub(crate) const COMMAND: u64 = 250;
/// Each component that a record names.
pub(crate) const COMPONENT: u64 = 25;
/// Each entity that the mod has spawned, when they are counted again because many are remembered.
pub(crate) const RECOUNTED_ENTITY: u64 = 2;
/// An id of an entity.
pub(crate) const RESERVED_ID: u64 = 20;
/// The first ids that a run reserves: the world's order of ids has to be restored afterwards.
pub(crate) const FIRST_RESERVATION: u64 = 2_500;

/// An event that is sent.
pub(crate) const SENT_EVENT: u64 = 20;
/// An event that is read.
pub(crate) const READ_EVENT: u64 = 4;

/// A message for the author, which goes to the game and to its log.
pub(crate) const MESSAGE: u64 = 500;
/// Each byte of a message.
pub(crate) const MESSAGE_BYTE: u64 = 5;
/// A random number.
pub(crate) const RANDOM: u64 = 10;

/// Any attempt of `memory.grow` and `table.grow`, in addition to the price of the operator.
pub(crate) const GROWTH: u64 = 10;
/// Each page of 64 KiB that a memory starts with or grows by: the system clears it when it is first touched.
pub(crate) const PAGE: u64 = 256;

/// An instance, whatever it contains.
pub(crate) const INSTANCE: u64 = 1_000;
/// Each system of an instance.
pub(crate) const INSTANCE_SYSTEM: u64 = 50;
/// Each query of an instance: some twenty allocations, made and later dropped. With many queries none of them is in the
/// processor's cache.
pub(crate) const INSTANCE_QUERY: u64 = 150;
/// Each import of a module.
pub(crate) const IMPORT: u64 = 10;
/// Each global, and each function that can be named, of an instance.
pub(crate) const ITEM: u64 = 2;
/// Each element that an active segment writes into a table.
pub(crate) const ELEMENT: u64 = 1;
/// This many elements of tables, which are cleared, cost one unit.
pub(crate) const CLEARED_ELEMENTS_PER_UNIT: usize = 8;
/// This many bytes of active data segments cost one unit.
pub(crate) const DATA_BYTES_PER_UNIT: usize = 64;

/// The price of a piece of work, added up before each part of the work is done.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bill(u64);

impl Bill {
    /// In units of fuel.
    pub fn total(self) -> u64 {
        self.0
    }

    pub fn add(&mut self, fuel: u64) {
        self.0 = self.0.saturating_add(fuel);
    }

    /// Adds `count` times a price.
    pub fn each(&mut self, count: usize, price: u64) {
        self.add(price.saturating_mul(count as u64));
    }

    /// Adds the price of `count` things, of which `per_unit` cost one unit.
    pub fn part(&mut self, count: usize, per_unit: usize) {
        self.add((count / per_unit) as u64);
    }

    pub fn bytes(&mut self, bytes: usize) {
        self.part(bytes, BYTES_PER_UNIT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_says_them() {
        let guide = include_str!("../README.md");
        let rows = [
            format!("| `random` | {RANDOM} |"),
            format!("{SYSTEM}, {QUERY} for each query, {MATCH} for each set of components"),
            format!("{EVENT_BATCH} for each frame's events |"),
            format!(
                "| `view_next` | {CALL}, 1 for {BYTES_PER_UNIT} bytes lent or taken back, {STRETCH} for each column"
            ),
            format!("{LANDING} for each place that has changed |"),
            format!("| values of mirrored types, and in sparse sets | {VALUE} more"),
            format!("| {GROUP} for each table; 1 for {ROWS_PER_UNIT} rows where"),
            format!("{LOOKUP} for each change looked up in a sparse set |"),
            format!("| `set`, `resource_set` | {}, 1 for {BYTES_PER_UNIT} bytes |", CALL + SET),
            format!(
                "{COMMAND} for each command, {COMPONENT} for each component that it names, {RECOUNTED_ENTITY} for"
            ),
            format!("| `entity_reserve` | {CALL}, {RESERVED_ID} for each id, 2,500 for the first of a run |"),
            format!("| `event_next` | {CALL}, 1 for {BYTES_PER_UNIT} bytes, {READ_EVENT} for each event |"),
            format!("| `event_send` | {CALL}, 1 for {BYTES_PER_UNIT} bytes, {SENT_EVENT} for each event |"),
            format!("| `log`, `panic` | {MESSAGE}, {MESSAGE_BYTE} for each byte |"),
            format!("| relationships, and what is despawned with an entity | {RELATED} for each entity"),
            format!("| a suspension | {PINNED_ROW} for each row"),
            format!(
                "| memory | {PAGE} for each page of 64 KiB that is new, {GROWTH} for each attempt to grow |"
            ),
            format!(
                "{INSTANCE_SYSTEM} for each system, {INSTANCE_QUERY} for each query, {IMPORT} for each import, {ITEM} for each global"
            ),
            format!("{ELEMENT} for each element and {DATA_BYTES_PER_UNIT} bytes of active segments"),
        ];
        for row in rows {
            assert!(guide.contains(&row), "the guide says otherwise: {row}");
        }
        assert_eq!(FIRST_RESERVATION, 2_500);
    }
}
