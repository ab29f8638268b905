//! What `//!` and `///` name in backticks: files and types have to exist, as in the documents.
//!
//! A file is named by its path in the repository, in its package, or from any folder of its crate that is around
//! the file which names it.

use super::named::{Names, in_backticks};
use crate::crates::targets;
use crate::repository::Repository;
use crate::source::Source;
use crate::syntax::Comment;

/// Names of things that do not exist, unless they are listed.
pub fn problems(repository: &Repository, listed: &[&str]) -> Vec<String> {
    let names = Names::of(repository, listed);
    let targets = targets(repository);
    let folders = targets.iter().flat_map(|target| [target.package.as_str(), folder_of(&target.root)]);
    let folders: Vec<&str> = folders.collect();
    let mut problems = Vec::new();
    for source in &repository.sources {
        let own = folder_of(&source.path);
        // The folder of a file's own children, too.
        let below = source.path.trim_end_matches(".rs").to_string() + "/";
        let around = folders.iter().copied().filter(|folder| source.path.starts_with(folder));
        let root = folders.iter().filter(|folder| own.starts_with(**folder)).map(|folder| folder.len()).max();
        let above =
            own.match_indices('/').map(|(at, _)| &own[..=at]).filter(|above| Some(above.len()) >= root);
        let folders: Vec<&str> = ["", &below].into_iter().chain(around).chain(above).collect();
        for (line, named) in blocks(source).iter().flat_map(|block| block.named()) {
            for missing in names.missing(named, &folders) {
                problems
                    .push(format!("{}:{line}: `{missing}` does not exist: correct the name", source.path));
            }
        }
    }
    problems
}

/// Lines of documentation that follow each other.
struct Block {
    line: usize,
    text: String,
}

impl Block {
    fn named(&self) -> Vec<(usize, &str)> {
        in_backticks(&self.text).into_iter().map(|(at, named)| (self.line + at, named)).collect()
    }
}

fn blocks(source: &Source) -> Vec<Block> {
    let follow = |a: &Comment, b: &Comment| a.line + 1 == b.line && a.is_inner == b.is_inner;
    let blocks = source.syntax().comments.chunk_by(follow).map(|block| Block {
        line: block[0].line,
        text: block.iter().map(|comment| comment.text.as_str()).collect::<Vec<_>>().join("\n"),
    });
    blocks.collect()
}

fn folder_of(path: &str) -> &str {
    path.rfind('/').map_or("", |end| &path[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_comments_are_looked_for() {
        let text = "//! See `b.rs`, `x/c.rs`, `e/f.rs` and `Gone`.\nstruct A;\n/// An `A` of\n/// `gone.rs`, or\n/// ```\n/// `Code`\n/// ```\nfn f() {}\nimpl A {\n    /// A `Foreign`, a `Missing`.\n    fn g() {}\n}";
        let repository = Repository::of(&[
            ("p/Cargo.toml", "[package]"),
            ("p/src/lib.rs", ""),
            ("p/src/x/c.rs", ""),
            ("p/src/x/d.rs", text),
            ("p/src/x/b.rs", ""),
            ("e/f.rs", ""),
        ]);
        let found = problems(&repository, &["Foreign"]);
        let lines: Vec<&str> =
            found.iter().map(|problem| problem.split(" does").next().unwrap_or("")).collect();
        assert_eq!(
            lines,
            ["p/src/x/d.rs:1: `Gone`", "p/src/x/d.rs:4: `gone.rs`", "p/src/x/d.rs:10: `Missing`"]
        );
    }
}
