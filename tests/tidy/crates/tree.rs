//! The modules of a crate and the files that they name: from a path in code to the file with what it leads to.
//!
//! Names are followed through imports and re-exports. What is called as a method, or found by a trait, makes no arrow:
//! that takes types, which only the compiler knows.

use std::collections::{HashMap, HashSet};

use crate::repository::Repository;
use crate::source::Source;
use crate::syntax::{Import, Path, ScopeId};

type ModuleId = usize;

/// Names that one path has led to, each with the module in which it was looked for.
type Asked<'a> = HashSet<(ModuleId, &'a str)>;

/// A file, or a module written out in it.
struct Module<'a> {
    /// The number of the file in the repository.
    file: usize,
    scope: ScopeId,
    parent: Option<ModuleId>,
    children: HashMap<String, ModuleId>,
    /// Places of imports in the file, by the names that they bring in.
    imports: HashMap<&'a str, Vec<usize>>,
    is_test: bool,
}

/// A name in one file of what is in another.
#[derive(Debug)]
pub struct Arrow {
    /// Numbers of files in the repository.
    pub from: usize,
    pub to: usize,
    pub line: usize,
    /// As it is written.
    pub path: String,
    pub is_test: bool,
    /// `use a::module;`: what is taken out of the module is said elsewhere.
    pub is_of_module: bool,
    /// `pub use child::Name;`: who takes the name from here has an arrow to the child.
    pub is_passed_on: bool,
    /// It goes through a re-export of the crate's root.
    pub is_by_root: bool,
}

/// A path as it is written, or, where it leads out of the crate, from its beginning.
#[derive(Debug)]
pub struct Named {
    pub from: usize,
    pub line: usize,
    pub segments: Vec<String>,
    pub is_outside: bool,
    pub is_test: bool,
}

/// A crate's modules.
pub struct Tree<'a> {
    repository: &'a Repository,
    modules: Vec<Module<'a>>,
    /// `mod name;` without a file, as problems.
    pub missing: Vec<String>,
}

/// Where a path leads.
#[derive(Clone, Copy)]
struct Found {
    module: ModuleId,
    is_item: bool,
    is_by_root: bool,
}

impl<'a> Tree<'a> {
    /// Reads a crate from its first file on.
    pub fn of(repository: &'a Repository, root: &str) -> Tree<'a> {
        let mut tree = Tree { repository, modules: Vec::new(), missing: Vec::new() };
        if let Some(file) = repository.number_of(root) {
            tree.add_file(file, None, false, folder_of(root));
        }
        tree
    }

    /// Whether a file of the crate is there for tests only.
    pub fn is_test(&self, file: usize) -> bool {
        self.modules.iter().filter(|module| module.file == file).all(|module| module.is_test)
    }

    /// The numbers of the crate's files.
    pub fn files(&self) -> HashSet<usize> {
        self.modules.iter().map(|module| module.file).collect()
    }

    /// Adds a file with its inline modules, then the files that it declares. Those are looked for in `within`.
    fn add_file(&mut self, file: usize, parent: Option<ModuleId>, is_test: bool, within: String) -> ModuleId {
        let repository = self.repository;
        let source = &repository.sources[file];
        let first = self.modules.len();
        for (scope, read) in source.syntax().scopes.iter().enumerate() {
            let parent = read.parent.map(|parent| first + parent).or(parent);
            let is_test = is_test || read.is_test;
            let children = HashMap::new();
            let mut imports: HashMap<&str, Vec<usize>> = HashMap::new();
            for (at, import) in source.syntax().imports.iter().enumerate() {
                if import.scope == scope {
                    imports.entry(&import.name).or_default().push(at);
                }
            }
            let module = Module { file, scope, parent, children, imports, is_test };
            self.modules.push(module);
            if let Some(parent) = read.parent {
                self.modules[first + parent].children.insert(read.name.clone(), first + scope);
            }
        }
        for declared in &source.syntax().files {
            let folder = within.clone() + &inline_folders(source, declared.scope);
            let own = folder_of(&source.path);
            let candidates = match &declared.path {
                Some(path) => vec![joined(&own, path)],
                None => ["rs", "mod.rs"]
                    .map(|end| {
                        let separator = if end == "rs" { "." } else { "/" };
                        format!("{folder}{}{separator}{end}", declared.name)
                    })
                    .to_vec(),
            };
            let found = candidates.iter().find_map(|path| Some((repository.number_of(path)?, path)));
            let Some((number, path)) = found else {
                self.missing.push(format!("{}:1: `mod {};` has no file", source.path, declared.name));
                continue;
            };
            // A `mod.rs` and what `#[path]` leads to are beside their children, other files above them.
            let within = match path.strip_suffix(".rs") {
                Some(stem) if declared.path.is_none() && !path.ends_with("/mod.rs") => format!("{stem}/"),
                _ => folder_of(path),
            };
            let parent = first + declared.scope;
            let is_test = self.modules[parent].is_test || declared.is_test;
            let child = self.add_file(number, Some(parent), is_test, within);
            self.modules[parent].children.insert(declared.name.clone(), child);
        }
        first
    }

    fn source(&self, module: ModuleId) -> &'a Source {
        &self.repository.sources[self.modules[module].file]
    }

    /// The imports that stand in a module.
    fn imports(&self, module: ModuleId) -> impl Iterator<Item = &'a Import> {
        let scope = self.modules[module].scope;
        self.source(module).syntax().imports.iter().filter(move |import| import.scope == scope)
    }

    /// The imports that bring a name into a module.
    fn imports_of(&self, module: ModuleId, name: &str) -> impl Iterator<Item = &'a Import> {
        let imports = &self.source(module).syntax().imports;
        self.modules[module].imports.get(name).into_iter().flatten().map(|at| &imports[*at])
    }

    fn paths(&self, module: ModuleId) -> impl Iterator<Item = &'a Path> {
        let scope = self.modules[module].scope;
        self.source(module).syntax().paths.iter().filter(move |path| path.scope == scope)
    }

    /// Everything that files name of other files of the crate. Files of tests are left out: only tests can name them.
    pub fn arrows(&self) -> Vec<Arrow> {
        let mut arrows = Vec::new();
        for (id, module) in self.modules.iter().enumerate() {
            for import in self.imports(id) {
                let Some(found) = self.follow_to_code(id, &import.segments) else { continue };
                let is_glob = import.name == "*";
                let is_passed_on = import.is_shown && self.is_below(found.module, id);
                arrows.push(Arrow {
                    is_of_module: !found.is_item && !is_glob,
                    is_passed_on,
                    ..self.arrow(module, found, &import.segments, import.line, import.is_test)
                });
            }
            for path in self.paths(id).filter(|path| path.segments.len() > 1) {
                let Some(found) = self.follow_to_code(id, &path.segments) else { continue };
                arrows.push(self.arrow(module, found, &path.segments, path.line, path.is_test));
            }
        }
        arrows.retain(|arrow| arrow.from != arrow.to);
        arrows
    }

    fn arrow(
        &self,
        from: &Module<'_>,
        found: Found,
        segments: &[String],
        line: usize,
        is_test: bool,
    ) -> Arrow {
        Arrow {
            from: from.file,
            to: self.modules[found.module].file,
            line,
            path: segments.join("::"),
            is_test: is_test || from.is_test,
            is_of_module: false,
            is_passed_on: false,
            is_by_root: found.is_by_root,
        }
    }

    /// All that files name.
    pub fn names(&self) -> Vec<Named> {
        let mut names = Vec::new();
        for (id, module) in self.modules.iter().enumerate() {
            let imports = self.imports(id).map(|import| (&import.segments, import.line, import.is_test));
            let paths = self.paths(id).map(|path| (&path.segments, path.line, path.is_test));
            for (segments, line, is_test) in imports.chain(paths) {
                let is_outside = self.follow(id, segments).is_none();
                let segments = if is_outside { self.written_out(id, segments) } else { segments.clone() };
                let is_test = is_test || module.is_test;
                names.push(Named { from: module.file, line, segments, is_outside, is_test });
            }
        }
        names
    }

    /// `fs::read` as `std::fs::read`, where `use std::fs;` stands beside it.
    fn written_out(&self, module: ModuleId, segments: &[String]) -> Vec<String> {
        let import = self.imports_of(module, &segments[0]).next();
        let before = import.map_or(&segments[..1], |import| &import.segments);
        before.iter().chain(&segments[1..]).cloned().collect()
    }

    fn is_below(&self, module: ModuleId, above: ModuleId) -> bool {
        let mut at = self.modules[module].parent;
        while let Some(parent) = at {
            if parent == above {
                return true;
            }
            at = self.modules[parent].parent;
        }
        false
    }

    /// The module that a path leads to, or that the item of the path is in. None outside of the crate.
    fn follow(&self, from: ModuleId, segments: &'a [String]) -> Option<Found> {
        self.follow_beside(from, segments, &mut HashSet::new())
    }

    fn follow_to_code(&self, from: ModuleId, segments: &'a [String]) -> Option<Found> {
        self.follow(from, segments).filter(|found| !self.modules[found.module].is_test)
    }

    /// As [`Tree::follow`]; names that were `asked` for already lead nowhere, as in re-exports of each other.
    fn follow_beside(&self, from: ModuleId, segments: &'a [String], asked: &mut Asked<'a>) -> Option<Found> {
        let mut at = Found { module: from, is_item: false, is_by_root: false };
        let mut is_certain = false;
        for segment in segments {
            match segment.as_str() {
                "crate" => at.module = 0,
                "self" => {}
                "super" => at.module = self.modules[at.module].parent?,
                name => match self.enter(at.module, name, asked) {
                    Some(found) => {
                        let is_root = at.module == 0 && self.modules[from].file != self.modules[0].file;
                        let is_by_root = is_root && self.is_re_export(name);
                        at = Found { is_by_root: at.is_by_root | is_by_root | found.is_by_root, ..found };
                    }
                    // A macro has made it.
                    None if is_certain => at.is_item = true,
                    None => return None,
                },
            }
            is_certain = true;
            if at.is_item {
                break;
            }
        }
        Some(at)
    }

    /// Whether the root has a name by a re-export. Exported macros have no other place.
    fn is_re_export(&self, name: &str) -> bool {
        let is_own = self.source(0).syntax().scopes[0].items.iter().any(|item| item == name);
        !is_own && !self.modules[0].children.contains_key(name) && self.exporting(name).is_none()
    }

    /// The module with an exported macro.
    fn exporting(&self, name: &str) -> Option<ModuleId> {
        let macros = |at: &Module<'_>| &self.repository.sources[at.file].syntax().exported_macros;
        self.modules.iter().position(|at| macros(at).iter().any(|exported| exported == name))
    }

    /// What a name in a module stands for.
    fn enter(&self, module: ModuleId, name: &'a str, asked: &mut Asked<'a>) -> Option<Found> {
        let found = |module, is_item| Some(Found { module, is_item, is_by_root: false });
        let here = &self.modules[module];
        if let Some(child) = here.children.get(name) {
            return found(*child, false);
        }
        if self.source(module).syntax().scopes[here.scope].items.iter().any(|item| item == name) {
            return found(module, true);
        }
        if !asked.insert((module, name)) {
            return None;
        }
        let mut named = self.imports_of(module, name);
        if let Some(found) = named.find_map(|import| self.follow_beside(module, &import.segments, asked)) {
            return Some(found);
        }
        for glob in self.imports_of(module, "*") {
            let within = self.follow_beside(module, &glob.segments, asked).filter(|within| !within.is_item);
            if let Some(found) = within.and_then(|within| self.enter(within.module, name, asked)) {
                return Some(found);
            }
        }
        let exporting = (module == 0).then(|| self.exporting(name)).flatten();
        exporting.and_then(|module| found(module, true))
    }
}

/// The folder of a file, with a `/` behind it.
fn folder_of(path: &str) -> String {
    path.rfind('/').map_or(String::new(), |end| path[..=end].to_string())
}

/// The folders that inline modules stand for.
fn inline_folders(source: &Source, scope: ScopeId) -> String {
    let read = &source.syntax().scopes[scope];
    read.parent.map_or(String::new(), |parent| inline_folders(source, parent) + &read.name + "/")
}

/// A path relative to a folder.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arrows of a crate with these files, as `from -> to`.
    fn arrows(files: &[(&str, &str)]) -> Vec<String> {
        let repository = Repository::of(files);
        let tree = Tree::of(&repository, "lib.rs");
        assert_eq!(tree.missing, Vec::<String>::new());
        let name = |number: usize| repository.sources[number].path.trim_end_matches(".rs").to_string();
        let mut arrows: Vec<String> = tree
            .arrows()
            .iter()
            .map(|arrow| {
                let sort = match arrow {
                    Arrow { is_passed_on: true, .. } => "=>",
                    Arrow { is_of_module: true, .. } => ">>",
                    Arrow { is_by_root: true, .. } => "~>",
                    Arrow { is_test: true, .. } => "?>",
                    _ => "->",
                };
                format!("{} {sort} {}", name(arrow.from), name(arrow.to))
            })
            .collect();
        arrows.sort_unstable();
        arrows.dedup();
        arrows
    }

    #[test]
    fn paths_lead_to_files() {
        let found = arrows(&[
            ("lib.rs", "mod a;\nmod b;\nfn f() { b::c::g(); }"),
            (
                "a.rs",
                "use crate::b::{self, d::D};\nfn g(_: super::b::c::C) { b::d::f(); D::new(); std::b(); T::b() }",
            ),
            ("b/mod.rs", "mod c;\nmod d;"),
            ("b/c.rs", "fn f() { log!(super::d::x(), y: z) }"),
            ("b/d.rs", "struct D;"),
        ]);
        assert_eq!(found, ["a -> b/c", "a -> b/d", "a >> b/mod", "b/c -> b/d", "lib -> b/c"]);
    }

    #[test]
    fn re_exports_lead_to_what_they_name() {
        let found = arrows(&[
            ("lib.rs", "mod a;\nmod b;\npub use b::*;"),
            ("a.rs", "use crate::b::C;\nfn f() { crate::D; C::new() }"),
            ("b/mod.rs", "mod c;\nmod d;\npub use c::C;\npub(crate) use d::*;"),
            ("b/c.rs", "struct C;"),
            ("b/d.rs", "struct D;"),
        ]);
        assert_eq!(found, ["a -> b/c", "a ~> b/d", "b/mod => b/c", "b/mod => b/d", "lib => b/mod"]);
    }

    #[test]
    fn tests_and_inline_modules_name_what_is_around() {
        let found = arrows(&[
            ("lib.rs", "mod a;\nmod b;\nmod c { pub mod d; mod e; }\n#[cfg(test)]\nmod tests;"),
            (
                "a.rs",
                "#[cfg(test)]\nmod tests {\n use super::*;\n use super::super::b;\n fn f() { b::f() } }",
            ),
            ("b.rs", "fn f() { self::g::h() }\nmod g { use super::super::c::d::D; }"),
            ("c/d.rs", "macro_rules! made { () => { $crate::b::B } }"),
            ("tests.rs", "use crate::b::f;"),
            ("c/e.rs", "#[cfg(test)]\nuse crate::tests::T;"),
        ]);
        assert_eq!(found, ["a >> b", "a ?> b", "b -> c/d", "c/d -> b", "tests ?> b"]);
    }

    #[test]
    fn circles_of_re_exports_come_to_an_end() {
        let found = arrows(&[
            ("lib.rs", "mod a;\nmod b;"),
            ("a.rs", "pub use super::b::*;\nuse anyhow;\nfn f() { crate::b::Unknown; anyhow::bail() }"),
            ("b.rs", "pub use super::a::*;"),
        ]);
        assert_eq!(found, ["a -> b", "b -> a"]);
    }

    #[test]
    fn what_is_outside_is_written_out() {
        let repository =
            Repository::of(&[("lib.rs", "use std::fs;\nfn f() { fs::read(); self::g(); x::y() }")]);
        let names = Tree::of(&repository, "lib.rs").names();
        let outside = names.iter().filter(|named| named.is_outside);
        let found: Vec<String> = outside.map(|outside| outside.segments.join("::")).collect();
        assert!(
            ["std::fs", "std::fs::read", "x::y"].iter().all(|path| found.iter().any(|found| found == path))
        );
        assert!(!found.iter().any(|found| found.contains("self")));
    }

    #[test]
    fn files_are_found_as_the_compiler_does() {
        let repository = Repository::of(&[
            ("t/main.rs", "#[path = \"../x/y.rs\"]\nmod y;\nmod z;\nmod gone;"),
            ("x/y.rs", "mod beside;"),
            ("x/beside.rs", ""),
            ("t/z.rs", "mod below;"),
            ("t/z/below.rs", ""),
        ]);
        let tree = Tree::of(&repository, "t/main.rs");
        assert_eq!((tree.files().len(), tree.missing.len()), (5, 1));
    }
}
