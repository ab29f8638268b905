//! The outcome of a build as JSON, for other programs.
//!
//! ```json
//! {"folder":"/game/mods","mods":[{"name":"gale","id":"gale","source":"/gale","folder":"/game/mods/gale",
//!   "outcome":"not built","reason":"cargo says why above",
//!   "errors":[{"file":"/gale/src/lib.rs","line":3,"column":5,"text":"mismatched types"}]}],
//!  "removed":[],"kept":[]}
//! ```

use std::path::Path;

use tinyjson::JsonValue;

use super::{BuildOutcome, BuiltMod, Report};
use crate::build::compile_error::CompileError;
use crate::json::{list, object, or_null, text, texts};

impl Report {
    /// The report as one line of JSON.
    #[expect(clippy::missing_panics_doc, reason = "numbers of lines are finite, and so JSON")]
    pub fn json(&self) -> String {
        let value = object([
            ("folder", path(&self.folder)),
            ("mods", list(&self.mods, of_mod)),
            ("removed", list(&self.removed, |folder| path(folder))),
            ("kept", texts(&self.kept)),
        ]);
        value.stringify().expect("numbers of lines are finite")
    }
}

fn of_mod(built: &BuiltMod) -> JsonValue {
    let BuiltMod { name, id, source, folder, outcome, errors, .. } = built;
    let (outcome, reason) = match outcome {
        BuildOutcome::Installed => ("installed", None),
        BuildOutcome::Unchanged => ("unchanged", None),
        BuildOutcome::Refused(why) => ("refused", Some(why.as_str())),
        BuildOutcome::Rejected(why) => ("rejected", Some(why.as_str())),
        BuildOutcome::Skipped(why) => ("skipped", Some(why.as_str())),
        BuildOutcome::NotBuilt(why) => ("not built", Some(why.as_str())),
    };
    object([
        ("name", text(name)),
        ("id", or_null(id.as_deref(), text)),
        ("source", path(source)),
        ("folder", path(folder)),
        ("outcome", text(outcome)),
        ("reason", or_null(reason, text)),
        ("errors", list(errors, of_error)),
    ])
}

fn of_error(error: &CompileError) -> JsonValue {
    let number = |number: Option<u32>| or_null(number, |number| JsonValue::Number(number.into()));
    object([
        ("file", or_null(error.file.as_deref(), path)),
        ("line", number(error.line)),
        ("column", number(error.column)),
        ("text", text(&error.text)),
    ])
}

fn path(path: &Path) -> JsonValue {
    JsonValue::String(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_printed_is_there() {
        let error = CompileError { line: Some(3), ..CompileError::without_place("a \"b\"\n\u{1b}") };
        let outcomes = [
            (BuildOutcome::Installed, "installed"),
            (BuildOutcome::Unchanged, "unchanged"),
            (BuildOutcome::Refused("why".to_owned()), "refused"),
            (BuildOutcome::Rejected("why".to_owned()), "rejected"),
            (BuildOutcome::Skipped("why".to_owned()), "skipped"),
            (BuildOutcome::NotBuilt("why".to_owned()), "not built"),
        ];
        for (outcome, word) in outcomes {
            let has_reason = !matches!(outcome, BuildOutcome::Installed | BuildOutcome::Unchanged);
            let built = BuiltMod {
                name: "gale".to_owned(),
                id: None,
                source: "s".into(),
                folder: "f".into(),
                outcome,
                errors: vec![error.clone()],
                checked: None,
            };
            let report = Report { mods: vec![built], removed: vec!["old".into()], ..Report::default() };
            let json = report.json();
            assert!(!json.contains('\n'), "{json}");
            let read: JsonValue = json.parse().unwrap();
            let of_mod = &read["mods"][0];
            assert_eq!(of_mod["outcome"].get::<String>().unwrap(), word);
            assert_eq!(of_mod["reason"].get::<String>().is_some(), has_reason);
            assert_eq!(of_mod["errors"][0]["text"].get::<String>().unwrap(), "a \"b\"\n\u{1b}");
            assert_eq!(of_mod["errors"][0]["line"].get::<f64>(), Some(&3.0));
            assert_eq!(read["removed"][0].get::<String>().unwrap(), "old");
        }
    }
}
