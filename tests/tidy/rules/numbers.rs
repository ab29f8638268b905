//! Limits and prices stand in one file of a package or two, and what the guides say of them is what they are.
//!
//! A constant elsewhere that has the name of a bound is listed: what only one file is about may stay there.

use std::collections::HashMap;

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
    for source in &repository.sources {
        let Some(within) = source.path.strip_prefix(package.src) else { continue };
        if package.files.contains(&within) {
            continue;
        }
        let constants = source.syntax().constants.iter();
        for constant in constants.filter(|constant| is_bound(constant) && !source.is_test(constant.line)) {
            elsewhere.push(constant.name.as_str());
            if !package.elsewhere.contains(&constant.name.as_str()) {
                problems.push(format!(
                    "{}:{}: `{}`: limits and prices stand in {}; if no other file is about this number, list it in NUMBERS",
                    source.path,
                    constant.line,
                    constant.name,
                    package.files.join(" and ")
                ));
            }
        }
    }
    for file in package.files {
        let path = format!("{}{file}", package.src);
        if repository.number_of(&path).is_none() {
            problems.push(format!("{path}: no such file: take it off NUMBERS"));
        }
    }
    let gone = package.elsewhere.iter().filter(|name| !elsewhere.contains(name));
    problems.extend(gone.map(|name| {
        format!(
            "{}: no `{name}` outside of {}: take it off NUMBERS",
            package.src,
            package.files.join(" and ")
        )
    }));
    problems
}

fn is_bound(constant: &Constant) -> bool {
    let is_number = constant.is_module_item && TYPES.contains(&constant.ty.as_str());
    is_number && !constant.is_test && constant.name.split('_').any(|part| BOUNDS.contains(&part))
}

/// Numbers in the guides that are others than the constants, or that nothing is compared with.
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
            problems.push(format!("{}: nothing begins with `{}`: take it off SAID", said.place, said.begins));
            continue;
        };
        let found: Vec<String> = numbers(&text).iter().map(u64::to_string).collect();
        let wanted: Vec<String> = said.numbers.iter().map(|sum| constants.value(said.place, sum)).collect();
        if found != wanted {
            problems.push(format!(
                "{}:{line}: `{}` ...: says {}, and {} is {}: write what is",
                said.place,
                said.begins,
                found.join(", "),
                said.numbers.join(", "),
                wanted.join(", ")
            ));
        }
    }
    for (place, heading) in tables {
        let rows = rows(repository, place, heading);
        if rows.is_empty() {
            problems.push(format!("{place}: no table under `{heading}`: take it off TABLES"));
        }
        for (line, row) in rows.iter().filter(|(_, row)| !numbers(row).is_empty()) {
            if !said.iter().any(|said| said.place == *place && row.starts_with(said.begins)) {
                problems
                    .push(format!("{place}:{line}: say in SAID which constants these numbers are: {row}"));
            }
        }
    }
    problems
}

/// The constants of the files for numbers.
struct Constants<'a> {
    /// By name: the package, and the value if it is one that can be read.
    values: HashMap<&'a str, Vec<(&'a str, &'a str, Option<u64>)>>,
}

impl<'a> Constants<'a> {
    fn of(repository: &'a Repository, packages: &'a [Numbers]) -> Constants<'a> {
        let mut values: HashMap<&str, Vec<_>> = HashMap::new();
        for package in packages {
            for file in package.files {
                let Some(number) = repository.number_of(&format!("{}{file}", package.src)) else { continue };
                for constant in &repository.sources[number].syntax().constants {
                    values.entry(&constant.name).or_default().push((package.src, *file, constant.value));
                }
            }
        }
        Constants { values }
    }

    /// The value of `A`, `file.rs:A`, `A+B` or `12`, as text; or what is wrong with it.
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
        let all = self.values.get(name)?;
        let all = || all.iter().filter(move |(_, of, _)| of.ends_with(file));
        let package = |src: &str| src.trim_end_matches("src/").to_string();
        let own: Vec<_> = all().filter(|(src, ..)| place.starts_with(&package(src))).collect();
        let others: Vec<_> = all().collect();
        match (own.as_slice(), others.as_slice()) {
            ([(.., value)], _) | ([], [(.., value)]) => *value,
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
                "const CALL: u64 = 50;\npub const PER_UNIT: usize = 8;\nconst FILE: u64 = 64 << 20;\nconst MOST: u64 = 2_000_000;",
            ),
            (
                "p/src/other.rs",
                "//! At most 50 calls of\n//! 8 bytes. More: 9.\nconst LOOSE_MAX: usize = 3;\nconst SIZE: usize = 3;\nconst NAME_MAX: &str = \"\";\nfn f() { const INNER_MAX: usize = 2; }\n#[cfg(test)]\nmod tests { const T_MAX: usize = 1; }",
            ),
            ("p/README.md", GUIDE),
        ])
    }

    #[test]
    fn numbers_have_their_files() {
        let found = |elsewhere: &'static [&'static str], files: &'static [&'static str]| {
            problems(&repository(), &[Numbers { src: "p/src/", files, elsewhere }])
        };
        assert!(found(&["LOOSE_MAX"], &["limits.rs"]).is_empty());
        let loose = found(&[], &["limits.rs"]);
        assert!(loose.len() == 1 && loose[0].starts_with("p/src/other.rs:3: `LOOSE_MAX`"));
        assert!(found(&["LOOSE_MAX", "GONE_MAX"], &["limits.rs"])[0].contains("no `GONE_MAX`"));
        assert!(
            found(&["LOOSE_MAX"], &["limits.rs", "gone.rs"])[0].starts_with("p/src/gone.rs: no such file")
        );
    }

    #[test]
    fn guides_say_what_is() {
        let found = |begins: &'static str, numbers: &'static [&'static str]| {
            let packages = [Numbers { src: "p/src/", files: &["limits.rs"], elsewhere: &[] }];
            let place = if begins.starts_with('|') { "p/README.md" } else { "p/src/other.rs" };
            said_wrongly(&repository(), &packages, &[Said { place, begins, numbers }], &[])
        };
        assert_eq!(found("| a call |", &["CALL", "1", "limits.rs:PER_UNIT", "9"]), Vec::<String>::new());
        assert_eq!(found("| 3 files |", &["FILE", "MOST"]), Vec::<String>::new());
        assert_eq!(found("At most", &["CALL", "PER_UNIT"]), Vec::<String>::new());
        let wrong = found("| a call |", &["CALL+PER_UNIT", "1", "PER_UNIT", "9"]);
        assert!(
            wrong[0].starts_with("p/README.md:5: ")
                && wrong[0].contains("says 50, 1, 8, 9, and CALL+PER_UNIT, 1, PER_UNIT, 9 is 58, 1, 8, 9")
        );
        assert!(found("| a call |", &["GONE"])[0].contains("`GONE`, which is no constant"));
        assert!(found("| gone |", &[])[0].contains("nothing begins with"));
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
