//! What the runtime's public items tell their readers: functions and types an example. Clippy asks for
//! their errors and panics, except for the panics of `assert_owned`, which are looked for here.
//!
//! It goes by text. Public is what `pub use` lines name on the way up to the crate's root, and what an `impl` of it, or
//! of a macro's variable, has behind `pub`. A panic is seen only in the function's own lines.

use std::collections::HashSet;

use crate::source::{Source, words};

const ROOT: &str = "engine/wasm/src/";

/// Where the public names are.
const NAMING: [&str; 2] = ["engine/wasm/src/lib.rs", "engine/wasm/src/api/mod.rs"];

/// What panics when the caller is wrong.
const PANICKING: &str = "assert_owned";

/// A module of the runtime and a name in it.
type Place = (Vec<String>, String);

/// Public items whose documentation lacks something.
pub fn problems(sources: &[Source]) -> Vec<String> {
    let runtime = || sources.iter().filter(|source| source.path.starts_with(ROOT));
    let naming = runtime().filter(|source| NAMING.contains(&source.path.as_str()));
    let names: HashSet<String> =
        naming.flat_map(|source| used(source, "pub use ")).map(|(_, name)| name).collect();
    let public = runtime().flat_map(|source| used(source, "pub use "));
    let public: HashSet<Place> = public.filter(|(_, name)| names.contains(name)).collect();
    runtime().flat_map(|source| problems_of(source, &public)).collect()
}

fn module_of(source: &Source) -> Vec<String> {
    let path = source.path.trim_start_matches(ROOT).trim_end_matches(".rs");
    path.split('/').filter(|part| !["mod", "lib"].contains(part)).map(str::to_string).collect()
}

/// What the declarations of a file that begin with `pub use` or `use` name, and where that is.
fn used(source: &Source, begin: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for declaration in source.code.split(begin).skip(1).filter_map(|rest| rest.split(';').next()) {
        let (prefix, list) = declaration.split_once('{').unwrap_or(("", declaration));
        for item in list.trim_end_matches('}').split(',') {
            let mut module = module_of(source);
            let path = format!("{prefix}{}", item.split(" as ").next().unwrap_or(item));
            for part in path.split("::").map(str::trim) {
                match part {
                    "crate" => module.clear(),
                    "super" => drop(module.pop()),
                    "self" => {}
                    other => module.push(other.to_string()),
                }
            }
            places.extend(module.pop().map(|name| (module, name)));
        }
    }
    places
}

fn problems_of(source: &Source, public: &HashSet<Place>) -> Vec<String> {
    let module = module_of(source);
    let own = public.iter().filter(|(of, _)| *of == module).map(|(_, name)| name.clone());
    let imported =
        used(source, "use ").into_iter().filter(|place| public.contains(place)).map(|(_, name)| name);
    let public: HashSet<String> = own.chain(imported).collect();
    let code: Vec<&str> = source.code.lines().collect();
    let text: Vec<&str> = source.text.lines().collect();
    let mut problems = Vec::new();
    let mut start = 0;
    for (at, line) in code.iter().enumerate() {
        let rest = &source.code[start..];
        start += line.len() + 1;
        let Some(item) = Item::declared_by(line) else { continue };
        let (owner, documents) = (owner(&code[..at], line), documents(&text[..at]));
        if !item.is_public(owner.as_deref(), &public) || documents.contains("doc(hidden)") {
            continue;
        }
        let path = owner.map_or(String::new(), |owner| format!("{owner}::")) + item.name;
        let missing = item.missing(&documents, rest).into_iter();
        problems.extend(missing.map(|missing| format!("{}:{}: `{path}`: {missing}", source.path, at + 1)));
    }
    problems
}

struct Item<'a> {
    is_pub: bool,
    is_fn: bool,
    name: &'a str,
}

impl<'a> Item<'a> {
    fn declared_by(line: &'a str) -> Option<Item<'a>> {
        let line = line.trim_start();
        let (is_pub, mut rest) = line.strip_prefix("pub ").map_or((false, line), |rest| (true, rest));
        for before in ["const ", "unsafe "] {
            rest = rest.strip_prefix(before).unwrap_or(rest);
        }
        let (kind, rest) = rest.split_once(' ')?;
        let is_fn = kind == "fn";
        let is_type = is_pub && ["struct", "enum", "trait"].contains(&kind);
        let name = rest.split(['(', '<', ' ', ':', ';', '{']).next()?;
        (is_fn || is_type).then_some(Item { is_pub, is_fn, name })
    }

    fn is_public(&self, owner: Option<&str>, public: &HashSet<String>) -> bool {
        match owner {
            Some(owner) => self.is_fn && (owner.starts_with('$') || public.contains(owner)),
            None => self.is_pub && public.contains(self.name),
        }
    }

    /// What its documentation has to say and does not. The code begins with the item.
    fn missing(&self, documents: &str, code: &str) -> Vec<&'static str> {
        let body = if self.is_fn { body(code) } else { "" };
        let panics = words(body).any(|(_, word)| word == PANICKING);
        let mut missing = Vec::new();
        // The methods of a trait are shown where somebody implements or calls it.
        if self.is_pub && !documents.contains("```") {
            missing.push("show it in an example: a block of code in its documentation");
        }
        if panics && !documents.contains("# Panics") {
            missing.push("it asserts whose a handle is: say so under `# Panics`");
        }
        missing
    }
}

/// What a line's function belongs to: the type of the `impl` or the `pub trait` around it, by how far lines are
/// indented. Functions with `pub` are never in a trait, those without always: others belong to nobody.
fn owner(before: &[&str], line: &str) -> Option<String> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let is_pub = line.trim_start().starts_with("pub ");
    let mut within = depth(line);
    for line in before.iter().rev().filter(|line| !line.trim().is_empty()) {
        if depth(line) >= within {
            continue;
        }
        within = depth(line);
        let line = line.trim_start();
        if is_pub && let Some(header) = line.strip_prefix("impl") {
            let ty = after_generics(header).trim();
            let path = ty.split(['<', ' ', '{']).next().unwrap_or("");
            return Some(path.rsplit("::").next().unwrap_or("").to_string());
        }
        if !is_pub && let Some(header) = line.strip_prefix("pub trait ") {
            return words(header).next().map(|(_, name)| name.to_string());
        }
    }
    None
}

/// What comes behind `<...>`, if it begins with that.
fn after_generics(header: &str) -> &str {
    let mut depth = 0;
    for (at, c) in header.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if !header[..at].ends_with('-') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return header[at..].trim_start_matches('>');
        }
    }
    header
}

/// The comments and attributes directly above an item.
fn documents(before: &[&str]) -> String {
    let is_part = |line: &&&str| ["///", "#["].iter().any(|start| line.trim_start().starts_with(start));
    before.iter().rev().take_while(is_part).copied().collect::<Vec<_>>().join("\n")
}

/// A function's body, which is empty where a trait only asks for it.
fn body(code: &str) -> &str {
    let mut depth = 0;
    let mut start = None;
    for (at, c) in code.char_indices() {
        match c {
            ';' if depth == 0 && start.is_none() => return "",
            '{' if depth == 0 && start.is_none() => (start, depth) = (Some(at), 1),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if let Some(start) = start.filter(|_| depth == 0) {
            return &code[start..at];
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of problems in a file, where `Shown` and `Asked` are public.
    fn found(text: &str) -> Vec<usize> {
        let public =
            ["Shown", "Asked"].map(|name| (vec!["api".to_string(), "x".to_string()], name.to_string()));
        let source = Source::new("engine/wasm/src/api/x.rs", text.to_string());
        let problems = problems_of(&source, &HashSet::from(public));
        problems.iter().map(|problem| problem.split(':').nth(1).unwrap().parse().unwrap()).collect()
    }

    #[test]
    fn names_lead_to_their_modules() {
        let lead = |path: &str, text: &str| -> Vec<String> {
            let places = used(&Source::new(path, text.to_string()), "pub use ");
            places.into_iter().map(|(module, name)| module.join("/") + "/" + &name).collect()
        };
        let text = "use a::B;\npub use base::{c::D, E as F};\npub use crate::vm::G;";
        assert_eq!(lead("engine/wasm/src/lib.rs", text), ["base/c/D", "base/E", "vm/G"]);
        assert_eq!(lead("engine/wasm/src/api/mod.rs", "pub use a::B;"), ["api/a/B"]);
        assert_eq!(lead("engine/wasm/src/base/types.rs", "pub use super::a::B;"), ["base/a/B"]);
        let sources = [
            ("engine/wasm/src/lib.rs", "pub use a::Shown;"),
            ("engine/wasm/src/a.rs", "pub struct Shown;"),
            ("engine/wasm/src/b.rs", "pub struct Shown;\nimpl Shown {\n    pub fn f() {}\n}"),
            ("engine/wasm/src/c.rs", "use super::a::Shown;\nimpl Shown {\n    pub fn f() {}\n}"),
        ];
        let sources = sources.map(|(path, text)| Source::new(path, text.to_string()));
        let found = problems(&sources);
        assert!(
            found.len() == 2
                && found[0].contains("a.rs:1: `Shown`")
                && found[1].contains("c.rs:3: `Shown::f`")
        );
    }

    #[test]
    fn public_items_are_told_from_the_rest() {
        assert_eq!(found("pub struct Shown;\npub struct Hidden;\nstruct Shown;"), [1]);
        assert_eq!(found("/// ```\n/// ```\n#[derive(Clone)]\npub struct Shown;"), []);
        assert_eq!(found("#[doc(hidden)]\npub enum Shown {}"), []);
        assert_eq!(
            found(
                "impl<T: Fn(u8) -> u8> a::Shown<T> {\n    pub fn f() {}\n    fn g() {}\n    pub(super) fn h() {}\n}"
            ),
            [2]
        );
        assert_eq!(found("impl Hidden {\n    pub fn f() {}\n}\npub fn g() {}"), []);
        assert_eq!(
            found(
                "macro_rules! m {\n    () => {\n        impl $($of)* {\n            pub const fn $f() {}\n        }\n    };\n}"
            ),
            [4]
        );
    }

    #[test]
    fn panics_are_asked_for() {
        let function = |documents: &str, code: &str| {
            found(&format!("impl Shown {{\n/// ```\n/// {documents}\n    pub {code}\n}}")).len()
        };
        assert_eq!(function("", "unsafe fn f(a: [u8; 4]) { { assert_owned(a) } }"), 1);
        assert_eq!(function("# Panics", "fn f() { assert_owned(a) }"), 0);
        assert_eq!(function("", "fn f() {}\n\n    fn g() { assert_owned(a) }"), 0);
        assert_eq!(
            found(
                "/// ```\npub trait Asked {\n    fn f() -> u8;\n    fn g() {\n        assert_owned(a)\n    }\n}"
            ),
            [4]
        );
    }
}
