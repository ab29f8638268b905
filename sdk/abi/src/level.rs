//! How important a log message is.

use crate::error::UnknownCode;

/// The first argument of [`import::LOG`](crate::import::LOG).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum LogLevel {
    /// Something is broken.
    Error = 0,
    /// Something looks wrong.
    Warn = 1,
    /// Worth knowing.
    Info = 2,
    /// Worth knowing while looking for a bug.
    Debug = 3,
    /// Everything.
    Trace = 4,
}

impl From<LogLevel> for i32 {
    fn from(level: LogLevel) -> i32 {
        level as i32
    }
}

impl TryFrom<i32> for LogLevel {
    type Error = UnknownCode;

    fn try_from(code: i32) -> Result<LogLevel, UnknownCode> {
        match code {
            0 => Ok(LogLevel::Error),
            1 => Ok(LogLevel::Warn),
            2 => Ok(LogLevel::Info),
            3 => Ok(LogLevel::Debug),
            4 => Ok(LogLevel::Trace),
            _ => Err(UnknownCode(code)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_numbered_from_error_to_trace() {
        for code in 0..5 {
            assert_eq!(LogLevel::try_from(code).map(i32::from), Ok(code));
        }
        assert_eq!(LogLevel::try_from(5), Err(UnknownCode(5)));
        assert_eq!(LogLevel::try_from(-1), Err(UnknownCode(-1)));
    }
}
