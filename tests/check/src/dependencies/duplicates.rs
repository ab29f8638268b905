//! Crates in several versions: each takes time to build, so their list may only shrink.

use std::collections::BTreeMap;

/// Of the versions of a crate all but one have to be listed, as `name@version`; what is listed has to be a duplicate.
pub fn problems(packages: &[(&str, &str)], listed: &[&str]) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, version) in packages {
        versions.entry(name).or_default().push(version);
    }
    let mut problems = Vec::new();
    for (name, versions) in &versions {
        let is_listed = |version: &&&str| listed.contains(&format!("{name}@{version}").as_str());
        let unlisted = versions.iter().filter(|version| !is_listed(version)).count();
        if unlisted > 1 {
            problems.push(format!("{name} is there in the versions {}", versions.join(", ")));
        }
    }
    for entry in listed {
        let is_duplicate = entry.split_once('@').is_some_and(|(name, version)| {
            versions.get(name).is_some_and(|versions| versions.len() > 1 && versions.contains(&version))
        });
        if !is_duplicate {
            problems.push(format!("deny.toml: {entry} is not a duplicate any more: take it off `skip`"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_versions_but_one_are_listed() {
        let packages =
            [("a", "1.0.0"), ("b", "1.0.0"), ("b", "2.0.0"), ("c", "0.1.0"), ("c", "0.2.0"), ("c", "0.3.0")];
        assert_eq!(problems(&packages, &["b@1.0.0", "c@0.1.0", "c@0.2.0"]), [""; 0]);
        assert_eq!(
            problems(&packages, &["b@1.0.0", "c@0.1.0"]),
            ["c is there in the versions 0.1.0, 0.2.0, 0.3.0"]
        );
    }

    #[test]
    fn the_list_shrinks_with_the_duplicates() {
        let found = problems(
            &[("a", "1.0.0"), ("b", "2.0.0"), ("b", "3.0.0")],
            &["a@1.0.0", "b@1.0.0", "b@2.0.0", "b"],
        );
        assert_eq!(found.len(), 3);
        assert!(found[0].starts_with("deny.toml: a@1.0.0 is not"), "{found:?}");
        assert!(found[1].starts_with("deny.toml: b@1.0.0 is not"), "{found:?}");
    }
}
