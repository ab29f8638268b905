//! What a compiler finds wrong, with file and line, read from its output.
//!
//! Cargo says it in messages of JSON. Of other compilers these forms of text are known:
//!
//! ```text
//! src/gust.c:3:5: error: use of undeclared identifier 'x'     clang, Zig, gcc, and most others
//! ERROR TS2304: Cannot find name 'x'.                         AssemblyScript, whose position follows
//!    └─ in assembly/index.ts(3,5)
//! ```
//!
//! Text in, errors out: nothing here runs a compiler.

use std::path::{Path, PathBuf};

use tinyjson::JsonValue;

use super::json::{items, member, number, text};

/// An error of a compiler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompileError {
    /// The source file, if the compiler names one.
    pub file: Option<PathBuf>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
    /// What is wrong.
    pub text: String,
}

impl CompileError {
    /// An error without a place.
    pub(crate) fn without_place(text: impl Into<String>) -> CompileError {
        CompileError { text: text.into(), ..CompileError::default() }
    }
}

/// The errors in the output of a compiler that ran in this folder.
pub(crate) fn in_lines<'l>(lines: impl IntoIterator<Item = &'l str>, folder: &Path) -> Vec<CompileError> {
    let mut errors: Vec<CompileError> = Vec::new();
    for line in lines {
        if let Some(error) = placed(line, folder) {
            errors.push(error);
        } else if let Some(error) = of_assemblyscript(line) {
            errors.push(error);
        } else if let Some((file, row, column)) = place_of_assemblyscript(line)
            && let Some(last) = errors.last_mut().filter(|last| last.file.is_none())
        {
            (last.file, last.line, last.column) = (Some(folder.join(file)), Some(row), Some(column));
        }
    }
    errors
}

/// `file:line:column: error: text`, with or without a column.
fn placed(line: &str, folder: &Path) -> Option<CompileError> {
    let (place, text) = line.split_once(": error: ").or_else(|| line.split_once(": fatal error: "))?;
    let mut parts = place.rsplitn(3, ':');
    let last: u32 = parts.next()?.trim().parse().ok()?;
    let before = parts.next()?;
    let (file, row, column) = match (before.trim().parse(), parts.next()) {
        (Ok(row), Some(file)) => (file.to_owned(), row, Some(last)),
        (_, Some(start)) => (format!("{start}:{before}"), last, None),
        (_, None) => (before.to_owned(), last, None),
    };
    let file = Some(folder.join(file.trim()));
    Some(CompileError { file, line: Some(row), column, text: text.trim().to_owned() })
}

fn of_assemblyscript(line: &str) -> Option<CompileError> {
    let (code, text) = line.strip_prefix("ERROR ")?.split_once(": ")?;
    (!code.contains(' ')).then(|| CompileError::without_place(text.trim()))
}

fn place_of_assemblyscript(line: &str) -> Option<(&str, u32, u32)> {
    let (_, place) = line.split_once("└─ in ")?;
    let (file, position) = place.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    let (row, column) = position.split_once(',')?;
    Some((file, row.trim().parse().ok()?, column.trim().parse().ok()?))
}

/// The error in a message of cargo's, if it is one. Its paths are relative to the folder of the workspace, or to the one
/// above it where they were made so that compiled code does not name this machine's folders.
pub(crate) fn in_cargo_message(message: &JsonValue, workspace: &Path) -> Option<CompileError> {
    let message = member(message, "message")?;
    if text(message, "level")? != "error" {
        return None;
    }
    let is_primary = |span: &&JsonValue| member(span, "is_primary").and_then(JsonValue::get) == Some(&true);
    let span = items(message, "spans").and_then(|spans| spans.iter().find(is_primary));
    // Without a place it only counts the errors before it.
    let what = text(message, "message")?.to_owned();
    if span.is_none() && what.starts_with("aborting due to ") {
        return None;
    }
    let file = span.and_then(|span| text(span, "file_name")).map(|file| source_file(file, workspace));
    let at = |key: &str| span.and_then(|span| number(span, key));
    Some(CompileError { file, line: at("line_start"), column: at("column_start"), text: what })
}

fn source_file(file: &str, workspace: &Path) -> PathBuf {
    let within = workspace.join(file);
    match workspace.parent().map(|above| above.join(file)) {
        Some(above) if !within.exists() && above.exists() => above,
        _ => within,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(output: &str) -> Vec<String> {
        let show = |error: CompileError| {
            let file = error.file.map_or_else(|| "?".to_owned(), |file| file.display().to_string());
            let at = |at: Option<u32>| at.map_or_else(|| "?".to_owned(), |at| at.to_string());
            format!("{file} {} {} {}", at(error.line), at(error.column), error.text)
        };
        in_lines(output.lines(), Path::new("/mods/gust")).into_iter().map(show).collect()
    }

    #[test]
    fn the_usual_form_is_read() {
        let cases = [
            ("src/gust.c:3:5: error: use of 'x'", "/mods/gust/src/gust.c 3 5 use of 'x'"),
            ("src/gust.c:3: error: no column", "/mods/gust/src/gust.c 3 ? no column"),
            ("/abs/a.zig:30:15: error: expected ';'", "/abs/a.zig 30 15 expected ';'"),
            ("a b.c:1:2: fatal error: 'x.h' file not found", "/mods/gust/a b.c 1 2 'x.h' file not found"),
            ("C:\\a.c:7:8: error: x", "/mods/gust/C:\\a.c 7 8 x"),
        ];
        for (line, expected) in cases {
            assert_eq!(shown(line), [expected], "{line}");
        }
    }

    #[test]
    fn other_lines_are_no_errors() {
        let output = "src/gust.c:3:5: warning: unused\nerror: linker failed\n1 error generated.\n3:4\n: error: \n\
                      a: error: x\nERROR\nERROR a b: c\n└─ in a.ts(1,2)\n";
        assert_eq!(shown(output), [""; 0]);
    }

    #[test]
    fn assemblyscripts_form_is_read() {
        let output = "ERROR TS2304: Cannot find name 'foo'.\n   :\n 3 │ foo();\n   │ ~~~\n   └─ in assembly/index.ts(3,1)\n\
                      ERROR TS1005: ';' expected.\n";
        assert_eq!(
            shown(output),
            ["/mods/gust/assembly/index.ts 3 1 Cannot find name 'foo'.", "? ? ? ';' expected."]
        );
    }

    #[test]
    fn errors_of_rust_are_read_from_cargos_messages() {
        let message = |level: &str, text: &str, spans: &str| {
            let message =
                format!(r#"{{"message":{{"level":"{level}","message":"{text}","spans":[{spans}]}}}}"#);
            in_cargo_message(&message.parse().unwrap(), Path::new("/m"))
        };
        let span = |file: &str, primary| {
            format!(r#"{{"file_name":"{file}","line_start":3,"column_start":5,"is_primary":{primary}}}"#)
        };
        let spans = format!("{},{}", span("b.rs", false), span("src/lib.rs", true));
        let error = message("error", "mismatched types", &spans).unwrap();
        assert_eq!((error.file, error.line, error.column), (Some("/m/src/lib.rs".into()), Some(3), Some(5)));
        assert_eq!(error.text, "mismatched types");
        assert_eq!(message("warning", "unused", &spans), None);
        assert_eq!(message("error", "aborting due to 1 previous error", ""), None);
        assert_eq!(message("error", "linking failed", "").unwrap().file, None);
    }
}
