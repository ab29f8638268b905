//! What a mod does without permission, and the lines of `[permissions]` that would allow it, as text to copy.
//!
//! A line has everything that the mod is to have under this key, so that it can replace the one that is there.

use std::collections::BTreeSet;

use super::access::Rights;

/// What a mod does and its manifest does not allow.
#[derive(Debug, Default)]
pub(crate) struct Lacking {
    pub read: BTreeSet<String>,
    pub write: BTreeSet<String>,
    pub events: BTreeSet<String>,
    pub send: BTreeSet<String>,
    pub functions: BTreeSet<String>,
    pub spawn: bool,
    pub despawn: bool,
}

impl Lacking {
    pub fn is_empty(&self) -> bool {
        self.lines(&Rights::default()).is_empty()
    }

    /// Each of it in a few words.
    pub fn words(&self) -> Vec<String> {
        let named = [
            ("read", &self.read),
            ("write", &self.write),
            ("listen to", &self.events),
            ("send", &self.send),
            ("call", &self.functions),
        ];
        let named =
            named.into_iter().flat_map(|(what, ids)| ids.iter().map(move |id| format!("{what} {id}")));
        let bare = [("spawn", self.spawn), ("despawn", self.despawn)];
        named.chain(bare.into_iter().filter(|(_, lacks)| *lacks).map(|(what, _)| what.to_owned())).collect()
    }

    /// The lines that a mod with these rights lacks, and advice to write them; empty if it lacks nothing.
    pub fn advice(&self, rights: &Rights) -> String {
        let lines: Vec<String> = self.lines(rights).iter().map(|line| format!("`{line}`")).collect();
        format!("Write under [permissions]: {}", lines.join(", "))
    }

    fn lines(&self, rights: &Rights) -> Vec<String> {
        let Rights { read, write, events, send, functions, .. } = rights;
        // What may be written may be read as well, and stands under `write` alone.
        let only_read =
            || read.difference(write).filter(|id| !self.write.contains(**id)).map(|id| (*id).to_owned());
        let needs_reading: BTreeSet<String> = self.read.difference(&self.write).cloned().collect();
        let owned = |ids: &BTreeSet<&'static str>| ids.iter().map(|id| (*id).to_owned()).collect();
        let keys = [
            ("read", &needs_reading, only_read().collect()),
            ("write", &self.write, owned(write)),
            ("events", &self.events, owned(events)),
            ("send", &self.send, owned(send)),
            ("functions", &self.functions, functions.iter().cloned().collect::<Vec<_>>()),
        ];
        let lists =
            keys.into_iter().filter(|(_, lacking, _)| !lacking.is_empty()).map(|(key, lacking, has)| {
                let all: BTreeSet<&String> = lacking.iter().chain(&has).collect();
                let all: Vec<String> = all.into_iter().map(|id| format!("\"{id}\"")).collect();
                format!("{key} = [{}]", all.join(", "))
            });
        let bare = [("spawn", self.spawn), ("despawn", self.despawn)];
        lists
            .chain(bare.into_iter().filter(|(_, lacks)| *lacks).map(|(key, _)| format!("{key} = true")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids<const N: usize>(ids: [&str; N]) -> BTreeSet<String> {
        ids.map(str::to_owned).into()
    }

    #[test]
    fn each_line_has_what_is_there_and_what_is_missing() {
        let rights = Rights {
            read: ["a:Post", "a:Rock", "a:Tree"].into(),
            write: ["a:Post"].into(),
            functions: ids(["a:height"]),
            ..Rights::default()
        };
        let lacking = Lacking {
            read: ids(["a:Sheep", "a:Tree"]),
            write: ids(["a:Tree"]),
            events: ids(["a:Bell"]),
            functions: ids(["a:depth"]),
            despawn: true,
            ..Lacking::default()
        };
        let expected = "Write under [permissions]: `read = [\"a:Rock\", \"a:Sheep\"]`, `write = [\"a:Post\", \"a:Tree\"]`, \
                        `events = [\"a:Bell\"]`, `functions = [\"a:depth\", \"a:height\"]`, `despawn = true`";
        assert_eq!(lacking.advice(&rights), expected);
        let words =
            ["read a:Sheep", "read a:Tree", "write a:Tree", "listen to a:Bell", "call a:depth", "despawn"];
        assert_eq!(lacking.words(), words);
        assert!(!lacking.is_empty() && Lacking::default().is_empty());
    }
}
