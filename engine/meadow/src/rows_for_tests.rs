//! Mods as the tests of the shells show them.

use bevy_ecs::entity::Entity;
use tinkerbox::panel::ModRow;
use tinkerbox::{FuelBudget, ModStats, ModStatus};

/// A mod that has used half of its 300,000 units.
pub(crate) fn row(id: &str, status: ModStatus) -> ModRow {
    let stats = ModStats {
        fuel_used: 150_000,
        fuel_total: 1_200_000,
        ticks: 10,
        generation: 1,
        last_message: "version 0.1.0 with 1 systems".to_owned(),
        ..ModStats::default()
    };
    ModRow {
        entity: Entity::PLACEHOLDER,
        id: id.to_owned(),
        title: id.to_owned(),
        version: "0.1.0".to_owned(),
        authors: "Ada".to_owned(),
        folder: id.into(),
        status,
        budget: FuelBudget { grant: 300_000, burst: 600_000 },
        stats,
        permissions: Vec::new(),
        content: String::new(),
        is_behind: false,
        is_waiting: false,
        fails_to_build: false,
    }
}
