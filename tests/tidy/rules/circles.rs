//! Circles: files that name each other, directly or through other files. They can only be read together.
//!
//! Names in tests do not count. A module that re-exports its children does not count either: the file that uses the
//! re-export names the child.

use std::collections::BTreeMap;

use crate::crates::{Arrow, Tree};
use crate::house::Package;
use crate::repository::Repository;

/// Circles that cross rooms, and rooms whose number of files in circles differs from the listed one.
pub fn problems(repository: &Repository, packages: &[Package]) -> Vec<String> {
    let packages = packages.iter().filter_map(|package| Some((package, package.tree(repository)?)));
    packages.flat_map(|(package, tree)| problems_of(repository, package, &tree)).collect()
}

fn problems_of(repository: &Repository, package: &Package, tree: &Tree) -> Vec<String> {
    let path = |file: usize| repository.sources[file].path.as_str();
    let circles = circles(&arrows(tree));
    let mut problems = Vec::new();
    for (at, room) in package.rooms.iter().enumerate() {
        let is_here = |file: usize| package.room_of(path(file)) == Some(at);
        let here: Vec<&Vec<usize>> = circles.iter().filter(|circle| is_here(circle[0])).collect();
        let count: usize = here.iter().map(|circle| circle.len()).sum();
        let what = || {
            let names = here.iter().map(|circle| {
                let names: Vec<&str> =
                    circle.iter().map(|file| path(*file).trim_start_matches(package.src)).collect();
                names.join(" ")
            });
            names.collect::<Vec<_>>().join("; ")
        };
        let place = format!("{}: room `{}`", package.src, room.name);
        if count > room.in_circles {
            problems.push(format!(
                "{place}: {count} files in circles, PACKAGES says {}: make the arrows point one way ({})",
                room.in_circles,
                what()
            ));
        } else if count < room.in_circles {
            problems.push(format!(
                "{place}: now {count} files in circles, PACKAGES says {}: write {count}",
                room.in_circles
            ));
        }
    }
    for circle in &circles {
        let (first, room) = (path(circle[0]), package.room_of(path(circle[0])));
        if let Some(other) = circle.iter().find(|file| package.room_of(path(**file)) != room) {
            problems.push(format!("{first}:1: in a circle with {}, which is in another room", path(*other)));
        }
    }
    problems
}

/// The files that each file names.
fn arrows(tree: &Tree) -> BTreeMap<usize, Vec<usize>> {
    let mut arrows: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let counted = |arrow: &Arrow| !arrow.is_test && !arrow.is_passed_on && !arrow.is_of_module;
    for arrow in tree.arrows().into_iter().filter(counted) {
        arrows.entry(arrow.from).or_default().push(arrow.to);
    }
    arrows
}

/// Sets of files in which each file leads to all others.
fn circles(arrows: &BTreeMap<usize, Vec<usize>>) -> Vec<Vec<usize>> {
    let reached: BTreeMap<usize, Vec<usize>> =
        arrows.keys().map(|from| (*from, reached(arrows, *from))).collect();
    let leads = |from: usize, to: usize| reached.get(&from).is_some_and(|reached| reached.contains(&to));
    let mut circles: Vec<Vec<usize>> = Vec::new();
    for from in arrows.keys().copied().filter(|from| leads(*from, *from)) {
        match circles.iter_mut().find(|circle| leads(from, circle[0]) && leads(circle[0], from)) {
            Some(circle) => circle.push(from),
            None => circles.push(vec![from]),
        }
    }
    circles
}

/// The files that can be reached by one or more arrows.
fn reached(arrows: &BTreeMap<usize, Vec<usize>>, from: usize) -> Vec<usize> {
    let (mut reached, mut next) = (Vec::new(), vec![from]);
    while let Some(at) = next.pop() {
        for to in arrows.get(&at).into_iter().flatten() {
            if !reached.contains(to) {
                reached.push(*to);
                next.push(*to);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::Room;

    fn found(in_circles: usize, files: &[(&str, &str)]) -> Vec<String> {
        let rooms = [
            Room { name: "a", places: "a.rs b.rs c/", in_circles },
            Room { name: "lib", places: "lib.rs", in_circles: 0 },
        ];
        let package = Package { src: "src/", rooms: Box::leak(Box::new(rooms)) };
        let lib = [("src/lib.rs", "mod a; mod b; mod c;\nfn f() { c::d::D }\nuse a::A;")];
        let files: Vec<_> = lib.into_iter().chain(files.iter().copied()).collect();
        problems(&Repository::of(&files), &[package])
    }

    #[test]
    fn files_in_circles_are_counted() {
        let circle = [
            ("src/a.rs", "use super::b::B;"),
            ("src/b.rs", "fn f() { crate::c::D }"),
            ("src/c/mod.rs", "mod d;\npub use d::D;"),
            ("src/c/d.rs", "use crate::a::A;"),
        ];
        assert!(found(3, &circle).is_empty());
        assert!(
            found(2, &circle)[0].contains("3 files in circles, PACKAGES says 2")
                && found(2, &circle)[0].ends_with("(a.rs b.rs c/d.rs)")
        );
        assert!(found(4, &circle)[0].ends_with("write 3"));
    }

    #[test]
    fn lines_tests_and_re_exports_are_no_circles() {
        let line = [
            ("src/a.rs", "use super::b::B;\nuse crate::c;"),
            ("src/b.rs", "#[cfg(test)]\nmod tests { use crate::a::A; }\nfn f() { crate::c::D }"),
            ("src/c/mod.rs", "mod d;\npub use d::D;\nstruct E;"),
            ("src/c/d.rs", "use super::E;"),
        ];
        assert_eq!(found(0, &line), Vec::<String>::new());
    }

    #[test]
    fn circles_stay_in_their_room() {
        let crossing =
            [("src/a.rs", "use crate::f;"), ("src/b.rs", ""), ("src/c/mod.rs", "mod d;"), ("src/c/d.rs", "")];
        assert!(found(2, &crossing).iter().any(|problem| problem.contains("in another room")));
    }
}
