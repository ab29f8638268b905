//! The layout of the repository: all lists that the rules in `rules/` compare the sources with.
//!
//! Names in one string are separated by blanks. Numbers are the present ones and may only get smaller: a test fails when a
//! number is out of date, in either direction.

mod absences;
mod exceptions;
mod numbers;
mod rooms;

pub use absences::{ABSENCES, Absences};
pub use exceptions::{FULL_FOLDERS, INVENTED, LARGE_FILES};
pub use numbers::{NUMBERS, Numbers, SAID, Said, TABLES};
pub use rooms::{PACKAGES, Package, Room};
