//! Messages for the author, by level. The host shortens long ones and drops floods.

use crate::imports;
use std::fmt;
use tinkerbox_abi::LogLevel;

/// Sends one message; the macros [`error!`](crate::error), [`warn!`](crate::warn) and
/// [`info!`](crate::info) call it.
pub fn log(level: LogLevel, message: fmt::Arguments<'_>) {
    match message.as_str() {
        Some(text) => imports::log(level, text),
        None => imports::log(level, &message.to_string()),
    }
}

/// Logs that something is broken. Takes what `format!` takes.
#[macro_export]
macro_rules! error {
    ($($message:tt)+) => { $crate::log($crate::LogLevel::Error, ::std::format_args!($($message)+)) };
}

/// Logs that something looks wrong. Takes what `format!` takes.
#[macro_export]
macro_rules! warn {
    ($($message:tt)+) => { $crate::log($crate::LogLevel::Warn, ::std::format_args!($($message)+)) };
}

/// Logs something worth knowing. Takes what `format!` takes.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// info!("tick {} covers {} s", tick(), delta());
/// ```
#[macro_export]
macro_rules! info {
    ($($message:tt)+) => { $crate::log($crate::LogLevel::Info, ::std::format_args!($($message)+)) };
}
