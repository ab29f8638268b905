//! A mod in the world at a moment: what nearly everything that happens to a mod needs.

use bevy_ecs::world::World;

use super::entry::ModEntry;
use crate::exposed::time::Moment;

/// A mod in the world at a moment. What can be done with it is in `lifecycle.rs` and `reporting.rs`.
pub(crate) struct ModContext<'a> {
    pub world: &'a mut World,
    pub entry: &'a mut ModEntry,
    pub moment: &'a Moment,
}

impl ModContext<'_> {
    /// The same for a shorter time. Made where it is needed, it is not in memory on the way there, which matters in the loop
    /// over all systems.
    #[inline(always)]
    pub fn reborrow(&mut self) -> ModContext<'_> {
        ModContext { world: self.world, entry: self.entry, moment: self.moment }
    }
}
