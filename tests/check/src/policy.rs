//! What is allowed of dependencies: `deny.toml`, which cargo-deny reads as well.
//!
//! Only what the program checks by itself is read here; the rest of the file is cargo-deny's.

use std::path::Path;

use anyhow::Context;
use toml::{Table, Value};

#[derive(Debug, PartialEq, Eq)]
pub struct Policy {
    /// The machines whose dependencies are looked at.
    pub machines: Vec<String>,
    /// Licences, as SPDX names them.
    pub allowed_licences: Vec<String>,
    /// `name@version`: versions that may be there beside another of the same crate.
    pub known_duplicates: Vec<String>,
}

impl Policy {
    pub fn read(repository: &Path) -> anyhow::Result<Policy> {
        let path = repository.join("deny.toml");
        let read = || Policy::parse(&std::fs::read_to_string(&path)?);
        read().with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> anyhow::Result<Policy> {
        let table: Table = text.parse()?;
        let duplicates = list(&table, "bans", "skip")?;
        let crate_of = |entry: &Value| Some(entry.as_table()?.get("crate")?.as_str()?.to_owned());
        Ok(Policy {
            machines: strings(list(&table, "graph", "targets")?)?,
            allowed_licences: strings(list(&table, "licenses", "allow")?)?,
            known_duplicates: duplicates.iter().map(crate_of).collect::<Option<_>>().context(
                "`skip` in `[bans]` holds entries such as `{ crate = \"name@1.0.0\", reason = \"..\" }`",
            )?,
        })
    }
}

fn list<'a>(table: &'a Table, section: &str, key: &str) -> anyhow::Result<&'a [Value]> {
    let value = table.get(section).and_then(|section| section.get(key));
    let list = value.and_then(Value::as_array).map(Vec::as_slice);
    list.with_context(|| format!("`[{section}]` has no list `{key}`"))
}

fn strings(list: &[Value]) -> anyhow::Result<Vec<String>> {
    let strings: Option<_> = list.iter().map(|item| item.as_str().map(str::to_owned)).collect();
    strings.context("a list of strings holds something else")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read() {
        let text = "[graph]\ntargets = [\"a\"]\n[licenses]\nallow = [\"MIT\"]\n[bans]\n\
                    skip = [{ crate = \"b@1.0.0\", reason = \"c\" }]";
        let policy = Policy::parse(text).unwrap();
        assert_eq!(policy.machines, ["a"]);
        assert_eq!(policy.allowed_licences, ["MIT"]);
        assert_eq!(policy.known_duplicates, ["b@1.0.0"]);
        assert!(Policy::parse(&text.replace("skip", "skips")).is_err());
        assert!(Policy::parse(&text.replace("crate =", "name =")).is_err());
        assert!(Policy::parse(&text.replace("\"MIT\"", "1")).is_err());
    }
}
