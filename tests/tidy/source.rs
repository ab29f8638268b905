//! A Rust file: its text, its code without comments and what stands in quotes, and what `syn` reads in it.

use std::sync::OnceLock;

use crate::syntax::{self, Syntax};

pub struct Source {
    /// Relative to the repository.
    pub path: String,
    pub text: String,
    /// As long as the text, line by line; comments and the insides of literals are blanks.
    pub code: String,
    /// Read when it is first asked for.
    syntax: OnceLock<Syntax>,
}

impl Source {
    pub fn new(path: &str, text: String) -> Source {
        let code = code(&text);
        Source { path: path.to_string(), text, code, syntax: OnceLock::new() }
    }

    /// What the file declares and names.
    ///
    /// # Panics
    /// It is not Rust.
    pub fn syntax(&self) -> &Syntax {
        let read = || syntax::read(&self.text).unwrap_or_else(|error| panic!("{}: {error}", self.path));
        self.syntax.get_or_init(read)
    }

    /// Numbers of the lines of code that contain a text, from 1 on.
    pub fn lines_with(&self, text: &str) -> impl Iterator<Item = usize> {
        let lines = self.code.lines().enumerate().filter(move |(_, line)| line.contains(text));
        lines.map(|(at, _)| at + 1)
    }

    /// The line of a place in the code, from 1 on.
    pub fn line_of(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }

    /// Whether a line is part of a test: by its folder, or by standing below a `#[cfg(test)]` module.
    pub fn is_test(&self, line: usize) -> bool {
        let folder = ["tests", "examples", "benches"];
        if self.path.split('/').any(|part| folder.contains(&part)) {
            return true;
        }
        let tests = self.code.find("#[cfg(test)]\nmod ").map(|at| self.line_of(at));
        tests.is_some_and(|tests| line > tests)
    }
}

/// All words of a text with their places; `_` belongs to a word.
pub fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(is_part)?;
        let len = text[start..].find(|c| !is_part(c)).unwrap_or(text.len() - start);
        at = start + len;
        Some((start, &text[start..at]))
    })
}

/// Blanks comments and the insides of literals, and keeps everything else in its place.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (keep, blank) = match first {
            '/' if rest.starts_with("//") => (0, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => (0, block_comment(rest)),
            '"' => (1, string(&rest[1..])),
            'r' | 'b' if !code.ends_with(|c: char| c.is_alphanumeric() || c == '_') => raw_string(rest),
            '\'' => (1, character(&rest[1..])),
            other => (other.len_utf8(), 0),
        };
        code.push_str(&rest[..keep]);
        code.extend(rest[keep..keep + blank].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        rest = &rest[keep + blank..];
    }
    code
}

/// The length of a comment, which may contain others.
fn block_comment(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0);
    while at < text.len() {
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (at, depth) = (at + 2, depth + 1),
            [b'*', b'/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a string's inside and its end.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}

/// How much of a raw string is kept and how much blanked; or the one letter that was none.
fn raw_string(text: &str) -> (usize, usize) {
    let letters = if text.starts_with("br") { 2 } else { 1 };
    let hashes = text[letters..].len() - text[letters..].trim_start_matches('#').len();
    let start = letters + hashes + 1;
    if !text[letters - 1..].starts_with('r') || text.as_bytes().get(start - 1) != Some(&b'"') {
        return (1, 0);
    }
    let end = format!("\"{}", "#".repeat(hashes));
    (start, text[start..].find(&end).map_or(text.len() - start, |len| len + end.len()))
}

/// The length of a character's inside and its end; nothing where it is a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices();
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((after, escaped))) => {
            let after = after + escaped.len_utf8();
            text[after..].find('\'').map_or(0, |end| after + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked() {
        let cases = [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("f(\"x \\\" y\", 'z', '\\'', '\"')", "f(\"       , '  , '   , '  )"),
            ("r#\"a \" b\"# + bar", "r#\"        + bar"),
            ("<'a> &'b str", "<'a> &'b str"),
            ("b\"x\" br\"y\" rust", "b\"   br\"   rust"),
        ];
        for (text, wanted) in cases {
            assert_eq!(code(text), wanted, "{text}");
        }
    }
}
