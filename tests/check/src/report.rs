//! What a run came to: a line for each step, and for each failure what to do.

use std::fmt;

use crate::checks::Check;
use crate::step::{Finished, Outcome};

#[derive(Default)]
pub struct Report {
    finished: Vec<(Check, Finished)>,
}

impl Report {
    pub fn add(&mut self, check: Check, finished: Finished) {
        self.finished.push((check, finished));
    }

    pub fn has_failed(&self) -> bool {
        self.failures().next().is_some()
    }

    /// The steps that failed, with what to do about each.
    fn failures(&self) -> impl Iterator<Item = (Check, &str, &str)> {
        self.finished.iter().filter_map(|(check, finished)| match &finished.outcome {
            Outcome::Failed { what_to_do } => Some((*check, finished.name.as_str(), what_to_do.as_str())),
            Outcome::Passed | Outcome::Skipped { .. } => None,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (check, Finished { name, outcome, took }) in &self.finished {
            let seconds = took.as_secs_f64();
            match outcome {
                Outcome::Passed => writeln!(f, "passed   {check}: {name} ({seconds:.1} s)")?,
                Outcome::Failed { .. } => writeln!(f, "FAILED   {check}: {name} ({seconds:.1} s)")?,
                Outcome::Skipped { why } => writeln!(f, "skipped  {check}: {name}: {why}")?,
            }
        }
        let count = self.failures().count();
        if count == 0 {
            return writeln!(f, "\nNothing failed.");
        }
        writeln!(f, "\n{count} of {} steps failed:", self.finished.len())?;
        for (check, name, what_to_do) in self.failures() {
            writeln!(f, "\n{check}: {name}\n    {what_to_do}\n    Run it alone with `cargo ci {check}`.")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn report(outcomes: Vec<Outcome>) -> Report {
        let mut report = Report::default();
        for outcome in outcomes {
            let finished =
                Finished { name: "cargo fmt".to_owned(), outcome, took: Duration::from_millis(1_500) };
            report.add(Check::Fmt, finished);
        }
        report
    }

    #[test]
    fn a_skipped_step_is_not_a_failure() {
        let report = report(vec![Outcome::Passed, Outcome::Skipped { why: "no release".to_owned() }]);
        assert!(!report.has_failed());
        assert_eq!(
            report.to_string(),
            "passed   fmt: cargo fmt (1.5 s)\nskipped  fmt: cargo fmt: no release\n\nNothing failed.\n"
        );
    }

    #[test]
    fn every_failure_says_what_to_do() {
        let failed = || Outcome::Failed { what_to_do: "Run `cargo fmt --all`.".to_owned() };
        let report = report(vec![failed(), Outcome::Passed, failed()]);
        assert!(report.has_failed());
        let text = report.to_string();
        assert!(text.contains("FAILED   fmt: cargo fmt (1.5 s)"), "{text}");
        assert!(text.contains("2 of 3 steps failed:"), "{text}");
        assert_eq!(
            text.matches("    Run `cargo fmt --all`.\n    Run it alone with `cargo ci fmt`.").count(),
            2
        );
    }
}
