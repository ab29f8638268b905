//! What a reload works on: the world, the mods in it, and what is kept from frame to frame.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;
use tinkerbox_abi::export::InitReason;

use super::development::known::Development;
use super::grants::{Grants, Judge};
use super::loading::stages::Loading;
use crate::exposed::time::Moment;
use crate::game::consent::{Consent, ModGrants};
use crate::game::ownership::WhenGone;
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
    /// The name of the game, and whether its player is asked.
    pub game: String,
    pub consent: Consent,
    /// What becomes of the entities of a mod that is removed.
    pub when_gone: WhenGone,
    /// What were the entities of removed mods that have left others behind, by id.
    pub left_behind: BTreeMap<String, Vec<Entity>>,
    /// What an author's tool has said.
    pub development: Development,
    /// Some mods have a staged build.
    pub has_staged: bool,
    /// Mods were added, changed or removed since it was last decided which of them run.
    pub is_undecided: bool,
    /// Mods that may still be started in this frame.
    pub starts_left: usize,
    /// Mods were removed since the systems of all mods were last ordered.
    pub is_unordered: bool,
    pub loading: Loading,
    /// The number of mods that were built at the start.
    pub found_at_start: usize,
    /// The folders that hold mods' folders. A later one takes precedence.
    pub roots: Vec<PathBuf>,
}

impl ReloadState {
    /// Of mods with the same id, the one with the greatest precedence runs; then the first by its folder. Mods that the game
    /// has in memory come last, so that those in folders can replace them.
    pub fn precedence(&self, folder: &Path) -> usize {
        let root = self.roots.iter().rposition(|root| folder.parent() == Some(root));
        root.map_or(0, |root| root + 1)
    }
}

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
    /// Decides which builds may run. While it is used the world can't change.
    pub fn judge(&self) -> Judge<'_> {
        static NOTHING: ModGrants = ModGrants::NOTHING;
        let given = self.world.get_resource::<ModGrants>().unwrap_or(&NOTHING);
        Judge { consent: self.state.consent, session: &self.state.grants, given }
    }

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
        self.state.is_unordered = false;
        self.table.order = order;
        // The handlers of events, and of what happens to components, are found again.
        self.tick.channels.update(self.world, &self.table.mods);
        self.tick.lifecycles.update(self.world, &self.table.mods);
    }

    /// The mod of this folder has other code now, or none: staged builds that have waited for it may take over.
    pub fn release(&mut self, folder: &Path) {
        if self.state.has_staged {
            self.table.release(folder);
        }
    }

    /// Orders systems again if mods were removed. Once, however many there were.
    pub fn order_if_needed(&mut self) {
        if self.state.is_unordered {
            let order = self.table.order_of_running().expect("the remaining systems had an order before");
            self.adopt_order(order);
        }
    }
}
