//! The plugin's log lines, captured on the test's own thread.

use std::cell::RefCell;
use std::fmt::Write;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

thread_local! {
    /// What this thread has logged since it began to capture.
    static LINES: RefCell<Option<Vec<(Level, String)>>> = const { RefCell::new(None) };
}

/// The lines that are logged while `run` runs: level, message, fields.
pub fn log_lines(run: impl FnOnce()) -> Vec<(Level, String)> {
    install();
    LINES.set(Some(Vec::new()));
    run();
    LINES.take().unwrap_or_default()
}

/// One subscriber for all threads. If each capture had its own, `tracing` would ask the thread that reaches a place in the
/// code first whether it is of interest: a thread without a subscriber says no, and then no thread is told of it.
fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        tracing::subscriber::set_global_default(Catcher).expect("no other test installs a subscriber");
        // Places that were reached while it was being installed are asked about again.
        tracing::callsite::rebuild_interest_cache();
    });
}

struct Catcher;

impl Subscriber for Catcher {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        about.target().starts_with("tinkerbox")
    }

    fn event(&self, event: &Event<'_>) {
        if LINES.with_borrow(Option::is_none) {
            return;
        }
        let mut line = Line(String::new());
        event.record(&mut line);
        LINES.with_borrow_mut(|lines| {
            if let Some(lines) = lines {
                lines.push((*event.metadata().level(), line.0));
            }
        });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        match field.name() {
            "message" => self.0.insert_str(0, &format!("{value:?}")),
            name => write!(self.0, " {name}={value:?}").unwrap(),
        }
    }
}
