//! Where the tool and the compilers that it runs print: never to standard output, which is for what a program would read.

use anstyle::{AnsiColor, Style};

/// Where to print what happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Console {
    /// To standard error, in colour if it is a terminal that shows colours and `NO_COLOR` is not set.
    #[default]
    StandardError,
    /// Nowhere: a game draws in the terminal.
    Silent,
}

/// How a word is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Plain,
    Bad,
}

impl Console {
    /// A line of a compiler, which may have colours.
    pub(crate) fn line(self, text: &str) {
        if self == Console::StandardError {
            anstream::eprintln!("{text}");
        }
    }

    /// A word about what happens, and the rest.
    pub(crate) fn say(self, tone: Tone, word: &str, text: &str) {
        let style = match tone {
            Tone::Good => AnsiColor::Green.on_default().bold(),
            Tone::Plain => Style::new().bold(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
        };
        self.line(&format!("{style}{word:>12}{style:#} {text}"));
    }
}
