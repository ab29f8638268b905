//! Messages of a mod, until they are reported to the game.
//!
//! They are cut and counted here, so that a flood of them does not reach the game.

use tinkerbox_abi::{LOG_BYTES_MAX, LOG_BYTES_PER_TICK_MAX, LOGS_PER_TICK_MAX, LogLevel};

/// Messages since the last call of [`LogBuffer::take`].
#[derive(Debug, Default)]
pub(crate) struct LogBuffer {
    lines: Vec<(LogLevel, String)>,
    count: u32,
    bytes: usize,
    dropped: u32,
}

impl LogBuffer {
    pub fn push(&mut self, level: LogLevel, text: &[u8]) {
        let text = &text[..text.len().min(LOG_BYTES_MAX)];
        if self.count >= LOGS_PER_TICK_MAX || self.bytes + text.len() > LOG_BYTES_PER_TICK_MAX {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.lines.push((level, String::from_utf8_lossy(text).into_owned()));
        (self.count, self.bytes) = (self.count + 1, self.bytes + text.len());
    }

    /// Adds a warning of the host's about the mod's code. It does not count, since there are few of them.
    pub fn warn(&mut self, text: String) {
        self.lines.push((LogLevel::Warn, text));
    }

    /// Whether there are no messages.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Removes and returns the messages.
    pub fn take(&mut self) -> Vec<(LogLevel, String)> {
        std::mem::take(&mut self.lines)
    }

    /// Begins the count of the next tick. If messages of the last tick were dropped, a message says how many.
    #[inline]
    pub fn next_tick(&mut self) {
        (self.count, self.bytes) = (0, 0);
        if self.dropped > 0 {
            self.warn_of_dropped();
        }
    }

    #[cold]
    fn warn_of_dropped(&mut self) {
        let dropped = std::mem::take(&mut self.dropped);
        let text = format!("{dropped} more messages of the last tick were dropped");
        self.lines.push((LogLevel::Warn, text));
    }
}
