//! What a merge leaves behind where it could not decide: the lines that mark both sides.

use crate::repository::Repository;

/// `<<<<<<< ours`, `||||||| base`, `>>>>>>> theirs`. A line of `=` only underlines headings, too.
const MARKS: [char; 3] = ['<', '|', '>'];

/// Files with such lines.
pub fn problems(repository: &Repository) -> Vec<String> {
    let marked = repository.texts().flat_map(|(path, text)| lines(text).map(move |line| (path, line)));
    let what = "a merge is not finished: decide for one side, and remove the marks";
    marked.map(|(path, line)| format!("{path}:{line}: {what}")).collect()
}

fn lines(text: &str) -> impl Iterator<Item = usize> {
    let lines = text.lines().enumerate().filter(|(_, line)| is_mark(line));
    lines.map(|(at, _)| at + 1)
}

fn is_mark(line: &str) -> bool {
    MARKS.iter().any(|mark| {
        let rest = line.trim_start_matches(*mark);
        line.len() == rest.len() + 7 && rest.starts_with(' ')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_operators() {
        let (ours, theirs) = ("<".repeat(7), ">".repeat(7));
        let text = format!("{ours} HEAD\na << b\n=======\n{theirs} theirs\n{ours}<\n | {ours} x");
        let repository = Repository::of(&[("a.md", text.as_str()), ("b.rs", "fn f() {}")]);
        let found = problems(&repository);
        assert!(found.len() == 2 && found[0].starts_with("a.md:1: ") && found[1].starts_with("a.md:4: "));
    }
}
