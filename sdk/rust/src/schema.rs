//! The schema of a system as TOML text, written while the author's crate is compiled.
//!
//! Everything here is `const`: the text becomes the bytes of a static in the custom section
//! `tinkerbox.schema`, and nothing of it is left in the mod's code or memory.

use crate::columns::Term;
use crate::filter::Condition;

/// A system, as `#[system]` sees it.
pub struct SystemSchema {
    /// Its export is `sys_` and this.
    pub name: &'static str,
    /// Systems that run before it.
    pub after: &'static [&'static str],
    /// Systems that run after it.
    pub before: &'static [&'static str],
    /// Its queries; `view_next` names them by their place.
    pub queries: &'static [QuerySchema],
}

/// One query of a system.
#[derive(Clone, Copy)]
pub struct QuerySchema {
    /// The columns.
    pub terms: &'static [Term],
    /// What is asked of its entities besides.
    pub conditions: &'static [Condition],
}

impl SystemSchema {
    /// Bytes of [`SystemSchema::text`].
    pub const fn text_len(&self) -> usize {
        let mut text = Text::<0>::new();
        text.system(self);
        text.len
    }

    /// The fragment: one `[[system]]` table, ended by an empty line.
    ///
    /// # Panics
    /// If `N` is not [`SystemSchema::text_len`].
    pub const fn text<const N: usize>(&self) -> [u8; N] {
        let mut text = Text::<N>::new();
        text.system(self);
        assert!(text.len == N, "the array is as long as the text");
        text.bytes
    }
}

/// Text that counts on where it has no room left, so that the same code measures and writes.
struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    const fn new() -> Text<N> {
        Text { bytes: [0; N], len: 0 }
    }

    const fn system(&mut self, system: &SystemSchema) {
        self.push("[[system]]\nname = ");
        self.quoted(system.name);
        self.push("\nafter = ");
        self.list(system.after);
        self.push("\nbefore = ");
        self.list(system.before);
        self.push("\n");
        let mut at = 0;
        while at < system.queries.len() {
            self.query(&system.queries[at]);
            at += 1;
        }
        self.push("\n");
    }

    const fn query(&mut self, query: &QuerySchema) {
        self.push("[[system.query]]\ncolumns = [");
        let mut at = 0;
        while at < query.terms.len() {
            self.push(if at == 0 { " " } else { ", " });
            self.term(&query.terms[at]);
            at += 1;
        }
        self.push(" ]\n");
        self.conditions("with = [", query.conditions, true);
        self.conditions("without = [", query.conditions, false);
    }

    const fn term(&mut self, term: &Term) {
        self.push("{ component = ");
        self.quoted(term.component);
        self.push(", access = ");
        self.quoted(term.access);
        self.push(", layout = ");
        self.quoted(term.layout);
        self.push(" }");
    }

    const fn conditions(&mut self, key: &str, conditions: &[Condition], with: bool) {
        self.push(key);
        let mut is_first = true;
        let mut at = 0;
        while at < conditions.len() {
            let component = match conditions[at] {
                Condition::With(component) if with => component,
                Condition::Without(component) if !with => component,
                _ => "",
            };
            if !component.is_empty() {
                self.push(if is_first { "" } else { ", " });
                self.quoted(component);
                is_first = false;
            }
            at += 1;
        }
        self.push("]\n");
    }

    const fn list(&mut self, items: &[&str]) {
        self.push("[");
        let mut at = 0;
        while at < items.len() {
            self.push(if at == 0 { "" } else { ", " });
            self.quoted(items[at]);
            at += 1;
        }
        self.push("]");
    }

    /// Names and layouts have nothing to escape: the macros see to it.
    const fn quoted(&mut self, text: &str) {
        self.push("\"");
        self.push(text);
        self.push("\"");
    }

    const fn push(&mut self, text: &str) {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() {
            if self.len < N {
                self.bytes[self.len] = text[at];
            }
            self.len += 1;
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::expansion::{Parameter, SystemSchema};
    use crate::{ModComponent, Query, With, Without};
    use bytemuck::{Pod, Zeroable};

    #[derive(Clone, Copy, Pod, Zeroable, ModComponent)]
    #[repr(C)]
    #[mod_component(id = "test:A")]
    struct A(f32);

    #[derive(Clone, Copy, ModComponent)]
    #[repr(C)]
    #[mod_component(id = "test:M")]
    struct M;

    const SCHEMA: SystemSchema = SystemSchema {
        name: "graze",
        after: &["grow", "wolves:hunt"],
        before: &[],
        queries: &[
            <Query<(&mut A, &A), (With<M>, Without<A>, With<A>)>>::SCHEMA,
            <Query<(), Without<M>>>::SCHEMA,
        ],
    };
    const TEXT: [u8; SCHEMA.text_len()] = SCHEMA.text();

    #[test]
    fn the_text_is_the_documented_one() {
        let expected = r#"[[system]]
name = "graze"
after = ["grow", "wolves:hunt"]
before = []
[[system.query]]
columns = [ { component = "test:A", access = "write", layout = "{ 0: f32 }" }, { component = "test:A", access = "read", layout = "{ 0: f32 }" } ]
with = ["test:M", "test:A"]
without = ["test:A"]
[[system.query]]
columns = [ ]
with = []
without = ["test:M"]

"#;
        assert_eq!(str::from_utf8(&TEXT).unwrap(), expected);
    }
}
