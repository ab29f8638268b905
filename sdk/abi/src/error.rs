//! The error numbers that host functions return, with names for people.

use core::fmt;

/// Why the host did not do what a mod asked for. Crosses the line as a negative `i32`.
///
/// ```
/// use tinkerbox_abi::AbiError;
/// assert_eq!(i32::from(AbiError::NoRoom), -3);
/// assert_eq!(AbiError::try_from(-3), Ok(AbiError::NoRoom));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum AbiError {
    /// The mod's permissions do not cover it.
    Denied = -1,
    /// What it names is not there any more.
    Gone = -2,
    /// It does not fit: into the buffer, or into what is left for this tick.
    NoRoom = -3,
    /// An argument does not make sense.
    BadArgument = -4,
    /// It is not possible at this moment, outside a system for instance.
    NotNow = -6,
}

impl AbiError {
    /// All errors there are.
    pub const ALL: [AbiError; 5] =
        [AbiError::Denied, AbiError::Gone, AbiError::NoRoom, AbiError::BadArgument, AbiError::NotNow];

    /// The name that messages and headers of other languages use.
    pub const fn name(self) -> &'static str {
        match self {
            AbiError::Denied => "DENIED",
            AbiError::Gone => "GONE",
            AbiError::NoRoom => "NO_ROOM",
            AbiError::BadArgument => "BAD_ARGUMENT",
            AbiError::NotNow => "NOT_NOW",
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            AbiError::Denied => "not covered by [permissions] in mod.toml",
            AbiError::Gone => "what it names is not there any more",
            AbiError::NoRoom => "no room for it in the buffer, or too many this tick",
            AbiError::BadArgument => "an argument that does not make sense",
            AbiError::NotNow => "only possible while a system runs",
        }
    }
}

impl fmt::Display for AbiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.name(), i32::from(*self), self.meaning())
    }
}

impl core::error::Error for AbiError {}

impl From<AbiError> for i32 {
    fn from(error: AbiError) -> i32 {
        error as i32
    }
}

impl TryFrom<i32> for AbiError {
    type Error = UnknownCode;

    fn try_from(code: i32) -> Result<AbiError, UnknownCode> {
        let known = AbiError::ALL.into_iter().find(|error| i32::from(*error) == code);
        known.ok_or(UnknownCode(code))
    }
}

/// A number that this version of the contract gives no meaning to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCode(pub i32);

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} means nothing in version {} of the contract", self.0, crate::API)
    }
}

impl core::error::Error for UnknownCode {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn every_error_survives_the_way_over_the_line() {
        for error in AbiError::ALL {
            assert_eq!(AbiError::try_from(i32::from(error)), Ok(error));
            assert!(error.to_string().starts_with(error.name()));
        }
    }

    #[test]
    fn numbers_without_a_name_are_refused() {
        for code in [0, 1, -5, -7, i32::MIN] {
            assert_eq!(AbiError::try_from(code), Err(UnknownCode(code)));
        }
    }
}
