//! The error numbers that the host's functions return, with names and meanings for messages.

use core::fmt;

use crate::import::API;

/// Why the host did not do what a mod asked for. The host's functions return it as a negative `i32`.
///
/// ```
/// use tinkerbox_abi::AbiError;
/// assert_eq!(i32::from(AbiError::NoRoom), -3);
/// assert_eq!(AbiError::try_from(-3), Ok(AbiError::NoRoom));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum AbiError {
    /// The mod's permissions do not allow it.
    Denied = -1,
    /// The entity or resource does not exist, or not any more.
    Gone = -2,
    /// It exceeds the buffer, or the mod's limit for this tick.
    NoRoom = -3,
    /// An argument is not valid.
    BadArgument = -4,
    /// It is not possible now: outside a system, for instance.
    NotNow = -6,
}

impl AbiError {
    /// All errors.
    pub const ALL: [AbiError; 5] =
        [AbiError::Denied, AbiError::Gone, AbiError::NoRoom, AbiError::BadArgument, AbiError::NotNow];

    /// The name in messages, and in the headers of other languages.
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
            AbiError::Denied => "[permissions] in mod.toml does not allow it",
            AbiError::Gone => "the entity or resource does not exist (any more)",
            AbiError::NoRoom => "the buffer is too small, or the mod has reached its limit for this tick",
            AbiError::BadArgument => "an argument is not valid",
            AbiError::NotNow => "possible only while a system runs",
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

/// A number that has no meaning in this version of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCode(pub i32);

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no meaning in version {API} of the contract", self.0)
    }
}

impl core::error::Error for UnknownCode {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn every_error_survives_as_a_number() {
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
