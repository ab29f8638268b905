//! Indices into a module's index spaces, each a type of its own, so that mixing two of them up does not compile.
//!
//! They count what a module declares, imported entities first. A store has indices of its own, in `vm/store/indices.rs`.

use serde::{Deserialize, Serialize};

/// Defines types of indices: a number of 32 bits, and the place in a list that it means.
macro_rules! index_types {
    ($($(#[$attribute:meta])* $name:ident;)*) => {$(
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The place in a list of them.
            #[inline]
            pub(crate) fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<$name> for u32 {
            #[inline]
            fn from(index: $name) -> u32 {
                index.0
            }
        }
    )*};
}

pub(crate) use index_types;

index_types! {
    /// A type of a module.
    #[derive(Serialize, Deserialize)]
    TypeIndex;
    /// A function of a module.
    #[derive(Serialize, Deserialize)]
    FuncIndex;
    /// A table of a module.
    #[derive(Serialize, Deserialize)]
    TableIndex;
    /// A memory of a module.
    #[derive(Serialize, Deserialize)]
    MemoryIndex;
    /// A global of a module.
    #[derive(Serialize, Deserialize)]
    GlobalIndex;
    /// An element segment of a module.
    #[derive(Serialize, Deserialize)]
    ElemIndex;
    /// A data segment of a module.
    #[derive(Serialize, Deserialize)]
    DataIndex;
    /// A function of a module by its place among the escaped ones, which have references.
    #[derive(Serialize, Deserialize)]
    EscapedIndex;
}
