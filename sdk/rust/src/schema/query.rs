//! What a query declares: its columns and its filters.

use std::mem::{align_of, size_of};

use tinkerbox_abi::{ALIGNMENT, ENTITY, ModEntity, ModType};

use super::access::{AccessMode, checked_id};

/// One query of a system.
#[derive(Clone, Copy)]
pub struct QuerySchema {
    /// Its columns, in the order in which the query names them.
    pub columns: &'static [ColumnSchema],
    /// Its filters.
    pub filters: &'static [FilterSchema],
}

/// One column of a query.
#[derive(Clone, Copy)]
pub struct ColumnSchema {
    pub component: &'static str,
    pub access: AccessMode,
    pub is_optional: bool,
    pub layout: &'static str,
    /// Bytes of one value.
    pub size: usize,
}

impl ColumnSchema {
    /// The column of the rows' ids.
    pub(crate) const ENTITY: ColumnSchema = ColumnSchema {
        component: ENTITY,
        access: AccessMode::Read,
        is_optional: false,
        layout: "u64",
        size: size_of::<ModEntity>(),
    };

    pub(crate) const fn of<T: ModType>(access: AccessMode) -> ColumnSchema {
        assert!(size_of::<T>() > 0, "a marker has no values to lend: name it in `With<T>` instead");
        assert!(align_of::<T>() <= ALIGNMENT, "the alignment of a component must be at most 8 bytes");
        ColumnSchema {
            component: checked_id::<T>(),
            access,
            is_optional: false,
            layout: T::LAYOUT,
            size: size_of::<T>(),
        }
    }

    pub(crate) const fn optional(self) -> ColumnSchema {
        ColumnSchema { is_optional: true, ..self }
    }

    /// Whether this column has the values of `wanted`, and may be written if `wanted` is.
    pub(crate) const fn covers(&self, wanted: &ColumnSchema) -> bool {
        let is_allowed =
            matches!((self.access, wanted.access), (AccessMode::Write, _) | (_, AccessMode::Read));
        is_allowed
            && self.size == wanted.size
            && is_same(self.component, wanted.component)
            && is_same(self.layout, wanted.layout)
    }
}

/// One filter of a query.
#[derive(Clone, Copy)]
pub struct FilterSchema {
    pub kind: FilterKind,
    pub component: &'static str,
}

impl FilterSchema {
    pub(crate) const fn of<T: ModType>(kind: FilterKind) -> FilterSchema {
        FilterSchema { kind, component: checked_id::<T>() }
    }
}

/// What a filter demands of an entity's component.
#[derive(Clone, Copy)]
pub enum FilterKind {
    With,
    Without,
    Changed,
    Added,
}

/// `a == b`, which is not `const`.
const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut index = 0;
    while index < a.len() && index < b.len() && a[index] == b[index] {
        index += 1;
    }
    index == a.len() && index == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_whole() {
        assert!(is_same("", "") && is_same("ab", "ab"));
        assert!(!is_same("ab", "a") && !is_same("a", "ab") && !is_same("ab", "ac"));
    }
}
