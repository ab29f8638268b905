//! Takes the terminal's screen, and gives it back whatever happens in between.
//!
//! ```text
//!              ends well, error        -> drop                  -> restored
//! open ------> panic of this thread    -> hook                  -> restored, then the panic's text is printed
//!              panic of another thread -> hook keeps the text   -> printed when the screen is closed
//! ```
//!
//! A panic of another thread, such as the one that compiles mods, may be caught and have no consequences. Its text would
//! only garble the screen.

use std::io::{self, stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use ratatui::crossterm::ExecutableCommand;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::{DefaultTerminal, Terminal, backend::CrosstermBackend};

/// The terminal's screen while it is taken.
pub(super) struct Screen {
    terminal: DefaultTerminal,
    shared: Arc<Shared>,
}

/// What the panic hook needs.
#[derive(Default)]
struct Shared {
    is_open: AtomicBool,
    kept: Mutex<Vec<String>>,
}

impl Screen {
    pub fn open() -> io::Result<Screen> {
        let shared = Arc::new(Shared::default());
        enable_raw_mode()?;
        shared.is_open.store(true, Ordering::Relaxed);
        hook_panics(Arc::clone(&shared));
        let terminal = stdout()
            .execute(EnterAlternateScreen)
            .and_then(|_| Terminal::new(CrosstermBackend::new(stdout())));
        match terminal {
            Ok(terminal) => Ok(Screen { terminal, shared }),
            Err(error) => {
                shared.close();
                Err(error)
            }
        }
    }

    pub fn terminal(&mut self) -> &mut DefaultTerminal {
        &mut self.terminal
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl Shared {
    /// Gives the screen back, once.
    fn close(&self) {
        if !self.is_open.swap(false, Ordering::Relaxed) {
            return;
        }
        // If the terminal does not accept even this, nothing more can be done.
        let _ = disable_raw_mode();
        let _ = stdout().execute(LeaveAlternateScreen).and_then(|out| out.execute(Show));
        for text in self.kept().drain(..) {
            eprintln!("{text}");
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hook_panics(shared: Arc<Shared>) {
    let ours = thread::current().id();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let thread = thread::current();
        if thread.id() == ours {
            shared.close();
        }
        if shared.is_open.load(Ordering::Relaxed) {
            shared.kept().push(format!("thread '{}' {info}", thread.name().unwrap_or("unnamed")));
        } else {
            before(info);
        }
    }));
}
