//! Limits and prices are in one or two files of each package, and the guides state them correctly.
//!
//! A constant in another file whose name is that of a bound has to be listed. It may stay there if it concerns that file
//! only.

use std::collections::HashMap;

use crate::crates::Tree;
use crate::house::{Numbers, Said};
use crate::repository::Repository;
use crate::syntax::Constant;

/// Parts of names that say that a number bounds or costs something.
const BOUNDS: [&str; 13] = [
    "MAX", "MIN", "MOST", "LEAST", "LIMIT", "LONGEST", "BYTES", "CHARS", "TICKS", "FRAMES", "FUEL", "COST",
    "PRICE",
];

const TYPES: [&str; 12] =
    ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "isize", "Duration"];

/// Constants outside of the files for them that are not listed, and listed ones that are not there.
pub fn problems(repository: &Repository, packages: &[Numbers]) -> Vec<String> {
    packages.iter().flat_map(|package| problems_of(repository, package)).collect()
}

fn problems_of(repository: &Repository, package: &Numbers) -> Vec<String> {
    let mut problems = Vec::new();
    let mut elsewhere = Vec::new();
    let tree = Tree::of(repository, &format!("{}lib.rs", package.src));
    let mut files: Vec<usize> = tree.files().into_iter().filter(|file| !tree.is_test(*file)).collect();
    files.sort_unstable();
    for source in files.into_iter().map(|file| &repository.sources[file]) {
        let Some(within) = source.path.strip_prefix(package.src) else { continue };
        if package.files.split_whitespace().any(|file| file == within) {
            continue;
        }
        let constants = source.syntax().constants.iter();
        for constant in constants.filter(|constant| is_bound(constant)) {
            elsewhere.push(constant.name.as_str());
            if !package.elsewhere.split_whitespace().any(|listed| listed == constant.name) {
                problems.push(format!(
                    "{}:{}: `{}`: limits and prices belong in {}; if the number concerns this file only, list it in NUMBERS",
                    source.path,
                    constant.line,
                    constant.name,
                    package.files
                ));
            }
        }
    }
    for file in package.files.split_whitespace() {
        let path = format!("{}{file}", package.src);
        if repository.number_of(&path).is_none() {
            problems.push(format!("{path}: no such file: remove it from NUMBERS"));
        }
    }
    let gone = package.elsewhere.split_whitespace().filter(|name| !elsewhere.contains(name));
    problems.extend(gone.map(|name| {
        format!("{}: no `{name}` outside of {}: remove it from NUMBERS", package.src, package.files)
    }));
    problems
}

fn is_bound(constant: &Constant) -> bool {
    let is_number = constant.is_module_item && TYPES.contains(&constant.ty.as_str());
    is_number && !constant.is_test && constant.name.split('_').any(|part| BOUNDS.contains(&part))
}

/// Numbers in the guides that differ from the constants, or that are not compared with any.
///
/// In `tables`, sections of documents, every row with a number in it has to be listed.
pub fn said_wrongly(
    repository: &Repository,
    packages: &[Numbers],
    said: &[Said],
    tables: &[(&str, &str)],
) -> Vec<String> {
    let constants = Constants::of(repository, packages);
    let mut problems = Vec::new();
    for said in said {
        let Some((line, text)) = piece(repository, said) else {
            problems
                .push(format!("{}: nothing begins with `{}`: remove it from SAID", said.place, said.begins));
            continue;
        };
        let found: Vec<String> = numbers(&text).iter().map(u64::to_string).collect();
        let wanted: Vec<String> =
            said.numbers.split_whitespace().map(|sum| constants.value(said.place, sum)).collect();
        if found != wanted {
            problems.push(format!(
                "{}:{line}: `{}` ...: says {}, but {} is {}: correct the text",
                said.place,
                said.begins,
                found.join(", "),
                said.numbers,
                wanted.join(", ")
            ));
        }
    }
    for (place, heading) in tables {
        let rows = rows(repository, place, heading);
        if rows.is_empty() {
            problems.push(format!("{place}: no table under `{heading}`: remove it from TABLES"));
        }
        for (line, row) in rows.iter().filter(|(_, row)| !numbers(row).is_empty()) {
            if !said.iter().any(|said| said.place == *place && row.starts_with(said.begins)) {
                problems
                    .push(format!("{place}:{line}: list in SAID which constants these numbers are: {row}"));
            }
        }
    }
    problems
}

/// The constants of the files for numbers.
struct Constants<'a> {
    by_name: HashMap<&'a str, Vec<Value<'a>>>,
}

struct Value<'a> {
    /// The folder of the package's sources.
    src: &'a str,
    file: &'a str,
    /// The inline module in the file.
    module: &'a str,
    /// None where the expression is more than a number.
    value: Option<u64>,
}

impl<'a> Constants<'a> {
    fn of(repository: &'a Repository, packages: &'a [Numbers]) -> Constants<'a> {
        let mut by_name: HashMap<&str, Vec<Value>> = HashMap::new();
        for package in packages {
            for file in package.files.split_whitespace() {
                let Some(number) = repository.number_of(&format!("{}{file}", package.src)) else { continue };
                for constant in &repository.sources[number].syntax().constants {
                    let (src, module, value) = (package.src, constant.module.as_str(), constant.value);
                    let value = Value { src, file, module, value };
                    by_name.entry(&constant.name).or_default().push(value);
                }
            }
        }
        Constants { by_name }
    }

    /// The value of `A`, `file.rs:A`, `module:A`, `A+B` or `12`, as text; or what is wrong with it.
    fn value(&self, place: &str, sum: &str) -> String {
        let mut total = 0;
        for name in sum.split('+') {
            let (file, name) = name.split_once(':').unwrap_or(("", name));
            let value = name.parse().ok().or_else(|| self.constant(place, file, name));
            let Some(value) = value else { return format!("`{name}`, which is no constant with one value") };
            total += value;
        }
        total.to_string()
    }

    /// A constant of the package that a place belongs to, else of any other, if there is one.
    fn constant(&self, place: &str, file: &str, name: &str) -> Option<u64> {
        let all =
            self.by_name.get(name)?.iter().filter(|value| value.file.ends_with(file) || value.module == file);
        let (own, others): (Vec<_>, Vec<_>) =
            all.partition(|value| place.starts_with(value.src.trim_end_matches("src/")));
        match (own.as_slice(), others.as_slice()) {
            ([one], _) | ([], [one]) => one.value,
            _ => None,
        }
    }
}

/// The text that begins so: a row of a table without its first cell, or a sentence of a document or of a file's head.
fn piece(repository: &Repository, said: &Said) -> Option<(usize, String)> {
    let lines = lines_of(repository, said.place)?;
    let is_row = said.begins.starts_with('|');
    if is_row {
        let (line, row) = lines.iter().find(|(_, line)| line.starts_with(said.begins))?;
        return Some((*line, cells(row)));
    }
    let text = lines.iter().map(|(_, line)| line.trim()).collect::<Vec<_>>().join(" ");
    let text = &text[text.find(said.begins)?..];
    let end = text.find(". ").unwrap_or(text.len());
    let first = said.begins.split(' ').next().unwrap_or(said.begins);
    let line = lines
        .iter()
        .find(|(_, line)| line.contains(said.begins))
        .or(lines.iter().find(|(_, line)| line.contains(first)));
    Some((line.map_or(1, |(line, _)| *line), text[..end].to_string()))
}

/// The lines of a document, or of the comment at a file's head, with their numbers.
fn lines_of(repository: &Repository, place: &str) -> Option<Vec<(usize, String)>> {
    if let Some((_, text)) = repository.documents.iter().find(|(path, _)| path == place) {
        return Some(text.lines().enumerate().map(|(at, line)| (at + 1, line.to_string())).collect());
    }
    let source = &repository.sources[repository.number_of(place)?];
    let comments = source.syntax().comments.iter().filter(|comment| comment.is_inner);
    Some(comments.map(|comment| (comment.line, comment.text.trim().to_string())).collect())
}

/// The rows of the tables under a heading.
fn rows(repository: &Repository, place: &str, heading: &str) -> Vec<(usize, String)> {
    let lines = lines_of(repository, place).unwrap_or_default();
    let section = lines.into_iter().skip_while(|(_, line)| line != heading).skip(1);
    let section = section.take_while(|(_, line)| !line.starts_with('#'));
    let rows = section.filter(|(_, line)| line.starts_with('|') && !line.starts_with("| ---"));
    rows.map(|(at, row)| (at, row.clone())).collect()
}

/// A row without its first cell.
fn cells(row: &str) -> String {
    row.split('|').skip(2).collect::<Vec<_>>().join("|")
}

/// The numbers of a text, such as 1,024 and 2 million. What stands in backticks or behind a link does not count.
fn numbers(text: &str) -> Vec<u64> {
    let text = if text.starts_with('|') { cells(text) } else { text.to_string() };
    let text: String = text.split('`').step_by(2).collect();
    let plain = text.replace("](", "] (");
    let mut numbers: Vec<u64> = Vec::new();
    for word in plain.split_whitespace().filter(|word| !word.starts_with("(#")) {
        let unit = match word.trim_matches(|c: char| !c.is_alphabetic()) {
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "million" => 1_000_000,
            _ => 1,
        };
        let digits = word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).replace(',', "");
        match (digits.parse::<u64>(), numbers.last_mut()) {
            (Ok(number), _) => numbers.push(number),
            (Err(_), Some(last)) if unit > 1 => *last *= unit,
            _ => {}
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = "# Prices\n\n| of | is |\n| --- | --- |\n| a call | 50, 1 for 8 bytes; as [a 9](#b) |\n| 3 files | 64 MiB, 2 million |\n| free | nothing, `2` |\n# End\n| x | 1 |\n";

    fn repository() -> Repository {
        Repository::of(&[
            (
                "p/src/limits.rs",
                "const CALL: u64 = 50;\npub const PER_UNIT: usize = 8;\nconst FILE: u64 = 64 << 20;\nmod a { const MOST: u64 = 2_000_000; }\nmod b { const MOST: u64 = 9; }",
            ),
            (
                "p/src/other.rs",
                "//! At most 50 calls of\n//! 8 bytes. More: 9.\nconst LOOSE_MAX: usize = 3;\nconst SIZE: usize = 3;\nconst NAME_MAX: &str = \"\";\nfn f() { const INNER_MAX: usize = 2; }\n#[cfg(test)]\nmod tests { const T_MAX: usize = 1; }",
            ),
            ("p/src/lib.rs", "mod limits; mod other; #[cfg(test)] mod tests;"),
            ("p/src/tests.rs", "const OF_TESTS_MAX: usize = 1;"),
            ("p/README.md", GUIDE),
        ])
    }

    #[test]
    fn numbers_have_their_files() {
        let found = |elsewhere: &'static str, files: &'static str| {
            problems(&repository(), &[Numbers { src: "p/src/", files, elsewhere }])
        };
        assert!(found("LOOSE_MAX", "limits.rs").is_empty());
        let loose = found("", "limits.rs");
        assert!(loose.len() == 1 && loose[0].starts_with("p/src/other.rs:3: `LOOSE_MAX`"));
        assert!(found("LOOSE_MAX GONE_MAX", "limits.rs")[0].contains("no `GONE_MAX`"));
        assert!(found("LOOSE_MAX", "limits.rs gone.rs")[0].starts_with("p/src/gone.rs: no such file"));
    }

    #[test]
    fn guides_say_what_is() {
        let found = |begins: &'static str, numbers: &'static str| {
            let packages = [Numbers { src: "p/src/", files: "limits.rs", elsewhere: "" }];
            let place = if begins.starts_with('|') { "p/README.md" } else { "p/src/other.rs" };
            said_wrongly(&repository(), &packages, &[Said { place, begins, numbers }], &[])
        };
        assert_eq!(found("| a call |", "CALL 1 limits.rs:PER_UNIT 9"), Vec::<String>::new());
        assert_eq!(found("| 3 files |", "FILE a:MOST"), Vec::<String>::new());
        assert_eq!(found("At most", "CALL PER_UNIT"), Vec::<String>::new());
        let wrong = found("| a call |", "CALL+PER_UNIT 1 PER_UNIT 9");
        assert!(
            wrong[0].starts_with("p/README.md:5: ")
                && wrong[0].contains("says 50, 1, 8, 9, but CALL+PER_UNIT 1 PER_UNIT 9 is 58, 1, 8, 9")
        );
        assert!(found("| a call |", "GONE")[0].contains("`GONE`, which is no constant"));
        assert!(found("| gone |", "")[0].contains("nothing begins with"));
    }

    #[test]
    fn every_number_of_a_table_is_compared() {
        let found = |heading| said_wrongly(&repository(), &[], &[], &[("p/README.md", heading)]);
        let lines: Vec<String> =
            found("# Prices").iter().map(|problem| problem.chars().take(13).collect()).collect();
        assert_eq!(lines, ["p/README.md:5", "p/README.md:6"]);
        assert!(found("# Gone")[0].contains("no table"));
    }
}
