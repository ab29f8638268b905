//! What a mod says, until the game is told of it.
//!
//! Lines are cut and counted here, so that a flood of them costs the game nothing.

use tinkerbox_abi::{LOG_BYTES_MAX, LOG_BYTES_PER_TICK_MAX, LOGS_PER_TICK_MAX, LogLevel};

/// What a mod has said since it was asked last.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    lines: Vec<(LogLevel, String)>,
    count: u32,
    bytes: usize,
    dropped: u32,
}

impl Logs {
    pub fn push(&mut self, level: LogLevel, text: &[u8]) {
        let text = &text[..text.len().min(LOG_BYTES_MAX)];
        if self.count >= LOGS_PER_TICK_MAX || self.bytes + text.len() > LOG_BYTES_PER_TICK_MAX {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.lines.push((level, String::from_utf8_lossy(text).into_owned()));
        (self.count, self.bytes) = (self.count + 1, self.bytes + text.len());
    }

    /// Adds what the host has to say about the mod's code. It does not count: there is little of it.
    pub fn note(&mut self, text: String) {
        self.lines.push((LogLevel::Warn, text));
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// What was said since the last time.
    pub fn take(&mut self) -> Vec<(LogLevel, String)> {
        std::mem::take(&mut self.lines)
    }

    /// Begins the next tick's count. That lines of the last one were dropped is a line itself.
    #[inline]
    pub fn next_tick(&mut self) {
        (self.count, self.bytes) = (0, 0);
        if self.dropped > 0 {
            self.tell_of_dropped();
        }
    }

    #[cold]
    fn tell_of_dropped(&mut self) {
        let dropped = std::mem::take(&mut self.dropped);
        let text = format!("{dropped} more messages of the last tick were dropped");
        self.lines.push((LogLevel::Warn, text));
    }
}
