//! Log messages for the author. The host cuts long messages, and drops those beyond a tick's limit.

use std::fmt;

use tinkerbox_abi::LogLevel;

use crate::imports;

/// Logs one message; the macros [`error!`](crate::error), [`warn!`](crate::warn), [`info!`](crate::info),
/// [`debug!`](crate::debug) and [`trace!`](crate::trace) call it.
///
/// ```no_run
/// use tinkerbox_sdk::{LogLevel, log};
/// log(LogLevel::Info, format_args!("{} tufts", 3));
/// ```
pub fn log(level: LogLevel, message: fmt::Arguments<'_>) {
    match message.as_str() {
        Some(text) => imports::log(level, text),
        None => imports::log(level, &message.to_string()),
    }
}

/// Logs that something is broken. It takes the arguments of `format!`.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// error!("a world of {} metres has no room for a wolf", 0.5);
/// ```
#[macro_export]
macro_rules! error {
    ($($message:tt)+) => { $crate::log($crate::LogLevel::Error, ::std::format_args!($($message)+)) };
}

/// Logs that something looks wrong. It takes the arguments of `format!`.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// warn!("no grass is left");
/// ```
#[macro_export]
macro_rules! warn {
    ($($message:tt)+) => { $crate::log($crate::LogLevel::Warn, ::std::format_args!($($message)+)) };
}

/// Logs something worth knowing. It takes the arguments of `format!`.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// info!("tick {} covers {} s", tick(), delta());
/// ```
#[macro_export]
macro_rules! info {
    ($($message:tt)+) => { $crate::log($crate::LogLevel::Info, ::std::format_args!($($message)+)) };
}

/// Logs something that helps to find a bug. It takes the arguments of `format!`.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// debug!("{} units of fuel are left", fuel_left());
/// ```
#[macro_export]
macro_rules! debug {
    ($($message:tt)+) => { $crate::log($crate::LogLevel::Debug, ::std::format_args!($($message)+)) };
}

/// Logs a detail. It takes the arguments of `format!`.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// trace!("{:?} turns", Entity::from_bits(7));
/// ```
#[macro_export]
macro_rules! trace {
    ($($message:tt)+) => { $crate::log($crate::LogLevel::Trace, ::std::format_args!($($message)+)) };
}
