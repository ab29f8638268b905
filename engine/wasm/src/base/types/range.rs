//! The minimum and maximum of a table's or memory's type, compared and shown.

use std::fmt;

/// Whether every size within the maximum `found` is also within the maximum `wanted`.
pub(super) fn is_within(found: Option<u64>, wanted: Option<u64>) -> bool {
    wanted.is_none_or(|wanted| found.is_some_and(|found| found <= wanted))
}

/// Writes a range of sizes as Rust writes it, without an end where there is no maximum.
pub(super) fn fmt_range(f: &mut fmt::Formatter<'_>, minimum: u64, maximum: Option<u64>) -> fmt::Result {
    match maximum {
        Some(maximum) => write!(f, "{minimum}..={maximum}"),
        None => write!(f, "{minimum}.."),
    }
}
