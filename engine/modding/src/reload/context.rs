//! What a reload works on: the world, the mods in it, and what is kept from frame to frame.

use bevy_ecs::entity::Entity;
use bevy_ecs::entity_disabling::Disabled;
use bevy_ecs::query::{Allow, QueryState, With};
use bevy_ecs::world::World;
use tinkerbox_abi::export::InitReason;

use super::development::known::Development;
use super::grants::Grants;
use crate::exposed::time::Moment;
use crate::game::entity::AllowPermissions;
use crate::guest::instance::GuestEnvironment;
use crate::mods::context::ModContext;
use crate::mods::run_order::RunOrder;
use crate::mods::table::Table;
use crate::schedule::index::ModIndex;
use crate::tick::TickState;

/// What reloading keeps between frames.
#[derive(Default)]
pub(crate) struct ReloadState {
    pub grants: Grants,
    pub allowances: Option<Allowances>,
    /// What an author's tool has said.
    pub development: Development,
    /// Some mods have a staged build.
    pub has_staged: bool,
    /// Mods were added, changed or removed since it was last decided which of them run.
    pub is_undecided: bool,
}

/// The entities on which the game has put [`AllowPermissions`].
pub(crate) type Allowances = QueryState<Entity, (With<AllowPermissions>, Allow<Disabled>)>;

/// What a reload works on.
pub(crate) struct ReloadContext<'a> {
    pub world: &'a mut World,
    pub table: &'a mut Table,
    pub environment: &'a mut GuestEnvironment,
    pub tick: &'a mut TickState,
    pub state: &'a mut ReloadState,
    /// The start of the frame.
    pub moment: Moment,
}

impl ReloadContext<'_> {
    /// A mod in the world.
    pub fn of(&mut self, index: ModIndex) -> ModContext<'_> {
        ModContext { world: self.world, entry: &mut self.table.mods[index], moment: &self.moment }
    }

    /// Starts a new guest of a mod that has none.
    pub fn restart(&mut self, index: ModIndex) {
        let (entry, moment) = (&mut self.table.mods[index], &self.moment);
        ModContext { world: self.world, entry, moment }.restart(self.environment, InitReason::New, None);
    }

    /// From now on systems run in this order.
    pub fn adopt_order(&mut self, order: RunOrder) {
        self.table.order = order;
        self.update_channels();
    }

    /// Finds the handlers of events and removals again.
    pub fn update_channels(&mut self) {
        self.tick.channels.update(self.world, &self.table.mods);
        self.tick.removals.update(self.world, &self.table.mods);
    }
}
