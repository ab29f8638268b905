//! The rooms of each package: a file names files of its own room and of those before it.

use std::collections::HashSet;

use crate::crates::{Tree, targets};
use crate::house::{Package, Room};
use crate::repository::Repository;

/// Packages of few files need no rooms.
const LOOSE_FILES: usize = 4;

/// Files outside of all rooms, rooms without files, and names of what is in a later room.
pub fn problems(repository: &Repository, packages: &[Package]) -> Vec<String> {
    let mut problems = unlisted(repository, packages);
    for package in packages {
        let Some(tree) = package.tree(repository) else {
            problems.push(format!("{}: no such package: remove it from PACKAGES", package.src));
            continue;
        };
        problems.extend(problems_of(repository, package, &tree));
    }
    problems
}

/// Packages with several files and no rooms.
fn unlisted(repository: &Repository, packages: &[Package]) -> Vec<String> {
    let roots = targets(repository).into_iter().map(|target| target.root);
    let sources = roots.filter(|root| root.ends_with("/src/lib.rs") || root.ends_with("/src/main.rs"));
    let unlisted = sources.filter(|root| !packages.iter().any(|package| root.starts_with(package.src)));
    let large = unlisted.filter(|root| Tree::of(repository, root).files().len() > LOOSE_FILES);
    large.map(|root| format!("{root}:1: list the rooms of this package in PACKAGES")).collect()
}

fn problems_of(repository: &Repository, package: &Package, tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    let path = |file: usize| repository.sources[file].path.as_str();
    let mut files: Vec<usize> = tree.files().into_iter().collect();
    files.sort_unstable();
    for file in &files {
        if path(*file).starts_with(package.src) && package.room_of(path(*file)).is_none() {
            problems.push(format!("{}:1: in no room of {}: add it to PACKAGES", path(*file), package.src));
        }
    }
    for room in package.rooms {
        for place in room.places.split_whitespace() {
            let place = format!("{}{}", package.src, place.trim_start_matches('/'));
            if !files.iter().any(|file| path(*file).starts_with(&place)) {
                problems.push(format!("{place}: no such file: remove it from the room `{}`", room.name));
            }
        }
    }
    let mut told = HashSet::new();
    for arrow in tree.arrows() {
        let (from, to) = (path(arrow.from), path(arrow.to));
        let rooms = package.room_of(from).zip(package.room_of(to));
        let Some((own, other)) = rooms.filter(|_| told.insert((from, arrow.line, to))) else { continue };
        // Tests may use the crate as its users do.
        let is_as_user = arrow.is_test && (arrow.is_by_root || package.is_root(to));
        if other > own && !is_as_user {
            let name = |room: usize| &package.rooms[room].name;
            problems.push(format!(
                "{from}:{}: `{}`: room `{}` must not know `{}` ({to}): take what is needed as an argument, or move it down",
                arrow.line, arrow.path, name(own), name(other)
            ));
        } else if arrow.is_by_root && !arrow.is_test && own + 1 < package.rooms.len() {
            problems.push(format!(
                "{from}:{}: `{}` hides which room is meant: write where it is defined, {to}",
                arrow.line, arrow.path
            ));
        }
    }
    problems
}

impl Package {
    /// The modules of the package's library, or of its binary where it has none.
    pub fn tree<'a>(&self, repository: &'a Repository) -> Option<Tree<'a>> {
        let roots = ["lib.rs", "main.rs"].map(|name| format!("{}{name}", self.src));
        let root = roots.iter().find(|root| repository.number_of(root).is_some())?;
        Some(Tree::of(repository, root))
    }

    fn is_root(&self, path: &str) -> bool {
        path.strip_prefix(self.src).is_some_and(|within| ["lib.rs", "main.rs"].contains(&within))
    }

    /// The place of a file's room among the rooms: of all that fit, the one that says it most precisely.
    pub fn room_of(&self, path: &str) -> Option<usize> {
        let within = path.strip_prefix(self.src)?;
        let fit = |room: &Room| {
            room.places.split_whitespace().filter(|place| is_at(within, place)).map(|place| place.len()).max()
        };
        let rooms = self.rooms.iter().enumerate().filter_map(|(at, room)| Some((fit(room)?, at)));
        rooms.max().map(|(_, at)| at)
    }
}

/// Whether a place is the file, or a folder around it.
fn is_at(path: &str, place: &str) -> bool {
    place == "/" || path == place || (place.ends_with('/') && path.starts_with(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUSE: Package = Package {
        src: "p/src/",
        rooms: &[
            Room { name: "ground", places: "text.rs vm/machine/", in_circles: 0 },
            Room { name: "vm", places: "vm/", in_circles: 0 },
            Room { name: "lib", places: "lib.rs", in_circles: 0 },
        ],
    };

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let above = [
            ("p/Cargo.toml", "[package]"),
            ("p/src/lib.rs", "mod text;\nmod vm;\npub use vm::Store;\nfn f() { text::g() }"),
            ("p/src/vm/mod.rs", "pub mod machine;\nmod store;\npub use store::Store;"),
            ("p/src/vm/machine/mod.rs", "pub struct Page;"),
        ];
        let texts = [("p/src/text.rs", ""), ("p/src/vm/store.rs", "struct Store;")];
        let texts = texts.into_iter().filter(|(path, _)| !files.iter().any(|(given, _)| given == path));
        let files: Vec<_> = above.into_iter().chain(texts).chain(files.iter().copied()).collect();
        problems(&Repository::of(&files), &[HOUSE])
    }

    #[test]
    fn arrows_to_later_rooms_are_found() {
        assert_eq!(found(&[]), Vec::<String>::new());
        assert_eq!(
            found(&[("p/src/vm/store.rs", "struct Store;\nuse crate::{text, vm::machine::Page};")]),
            Vec::<String>::new()
        );
        for path in ["crate::vm", "super::vm::Store", "crate::{vm::store::Store}"] {
            let problems = found(&[("p/src/text.rs", &format!("\nuse {path};"))]);
            assert!(
                problems[0].starts_with("p/src/text.rs:2: ") && problems[0].contains("must not know `vm`"),
                "{path}"
            );
        }
        assert!(
            found(&[("p/src/vm/store.rs", "fn f() { log!(crate::f()) }")])[0].contains("must not know `lib`")
        );
        assert!(found(&[("p/src/vm/store.rs", "mod x { use crate::Store; }")]).is_empty());
        assert!(
            found(&[
                ("p/src/vm/mod.rs", "pub mod machine; mod store; pub use store::Store; mod x;"),
                ("p/src/vm/x.rs", "use crate::Store;")
            ])[0]
                .contains("hides which room")
        );
    }

    #[test]
    fn every_file_has_a_room_and_every_room_a_file() {
        let problems = found(&[("p/src/lib.rs", "mod text;\nmod vm;\nmod new;"), ("p/src/new.rs", "")]);
        assert!(
            problems.iter().any(|problem| problem.starts_with("p/src/new.rs:1: in no room")),
            "{problems:?}"
        );
        let problems = found(&[("p/src/lib.rs", "mod vm;")]);
        assert!(
            problems.iter().any(|problem| problem.starts_with("p/src/text.rs: no such file")),
            "{problems:?}"
        );
    }

    #[test]
    fn large_packages_are_listed() {
        let files: Vec<String> = (0..5).map(|n| format!("q/src/f{n}.rs")).collect();
        let mut files: Vec<(&str, &str)> = files.iter().map(|path| (path.as_str(), "")).collect();
        files.extend([
            ("q/Cargo.toml", "[package]"),
            ("q/src/lib.rs", "mod f0; mod f1; mod f2; mod f3; mod f4;"),
        ]);
        let problems = problems(&Repository::of(&files), &[]);
        assert!(problems.len() == 1 && problems[0].starts_with("q/src/lib.rs:1: list the rooms"));
    }
}
