//! Positions of mods and systems. Each has its own type, so that mixing them up does not compile.

/// A mod's position in the table of mods. It changes when a mod before it is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModIndex(u32);

/// A system's position among the systems of its mod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SystemIndex(u32);

/// A system of any mod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SystemRef {
    pub of_mod: ModIndex,
    pub system: SystemIndex,
}

impl ModIndex {
    /// # Panics
    /// There are more mods than 32 bits can count.
    pub fn new(index: usize) -> ModIndex {
        ModIndex(u32::try_from(index).expect("a game has fewer mods than fit into its memory"))
    }

    #[inline]
    pub fn get(self) -> usize {
        self.0 as usize
    }

    /// The position that follows from removing the mod at `removed`, which must be another one.
    pub fn after_removal_of(self, removed: ModIndex) -> ModIndex {
        ModIndex(self.0 - u32::from(self.0 > removed.0))
    }
}

impl SystemIndex {
    /// # Panics
    /// A mod has more systems than 32 bits can count, which its schema does not allow.
    pub fn new(index: usize) -> SystemIndex {
        SystemIndex(u32::try_from(index).expect("the schema bounds the number of systems"))
    }

    #[inline]
    pub fn get(self) -> usize {
        self.0 as usize
    }
}
