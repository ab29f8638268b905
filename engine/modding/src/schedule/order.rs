//! The order in which the systems of all mods run.
//!
//! Declared `after` and `before` come first, then the mod's id, then the position in its schema. Pure: names in, order out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One system, as the order sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'a> {
    pub mod_id: &'a str,
    pub system: &'a str,
    /// `system` of the same mod, or `mod:system`; systems that do not exist are ignored.
    pub after: &'a [String],
    pub before: &'a [String],
}

/// Systems that wait for each other: each for the next one, and the last is the first again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cycle(Vec<String>);

impl Cycle {
    /// The ids of the mods in it.
    pub fn mods(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|system| Some(system.split_once(':')?.0))
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" waits for "))
    }
}

/// Indices of `nodes` in the order in which they run. The nodes are sorted by mod id, then by position in the schema.
///
/// # Errors
/// Systems wait for each other.
pub(crate) fn order(nodes: &[Node<'_>]) -> Result<Vec<usize>, Cycle> {
    let waits_for = dependencies(nodes);
    let mut waiting: Vec<usize> = waits_for.iter().map(BTreeSet::len).collect();
    let mut ready: BTreeSet<usize> = (0..nodes.len()).filter(|&node| waiting[node] == 0).collect();
    let mut followers = vec![Vec::new(); nodes.len()];
    for (node, others) in waits_for.iter().enumerate() {
        others.iter().for_each(|&other| followers[other].push(node));
    }
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(node) = ready.pop_first() {
        order.push(node);
        for &follower in &followers[node] {
            waiting[follower] -= 1;
            if waiting[follower] == 0 {
                ready.insert(follower);
            }
        }
    }
    match order.len() == nodes.len() {
        true => Ok(order),
        false => Err(find_cycle(nodes, &waits_for, &waiting)),
    }
}

/// For each node the nodes that must run before it.
fn dependencies(nodes: &[Node<'_>]) -> Vec<BTreeSet<usize>> {
    let named = nodes.iter().enumerate().map(|(index, node)| ((node.mod_id, node.system), index));
    let named: BTreeMap<(&str, &str), usize> = named.collect();
    let find = |mod_id: &str, name: &str| {
        let of = name.split_once(':').unwrap_or((mod_id, name));
        named.get(&of).copied()
    };
    let mut waits_for = vec![BTreeSet::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        for earlier in node.after.iter().filter_map(|name| find(node.mod_id, name)) {
            waits_for[index].insert(earlier);
        }
        for later in node.before.iter().filter_map(|name| find(node.mod_id, name)) {
            waits_for[later].insert(index);
        }
    }
    waits_for
}

/// Follows stuck nodes to nodes that they wait for until a node repeats. A stuck node waits for a stuck node.
fn find_cycle(nodes: &[Node<'_>], waits_for: &[BTreeSet<usize>], waiting: &[usize]) -> Cycle {
    let is_stuck = |&node: &usize| waiting[node] > 0;
    let mut path = vec![(0..nodes.len()).find(is_stuck).expect("not all nodes were ordered")];
    let start = loop {
        let last = path[path.len() - 1];
        let next =
            waits_for[last].iter().copied().find(is_stuck).expect("a stuck node waits for a stuck one");
        if let Some(start) = path.iter().position(|&node| node == next) {
            path.push(next);
            break start;
        }
        path.push(next);
    };
    Cycle(
        path[start..].iter().map(|&node| format!("{}:{}", nodes[node].mod_id, nodes[node].system)).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `mod:system`, `> a b` for after, `< a b` for before.
    fn run(text: &[&str]) -> Result<String, String> {
        let parsed: Vec<_> = text.iter().map(|line| parse(line)).collect();
        let nodes: Vec<_> = parsed
            .iter()
            .map(|(mod_id, system, after, before)| Node { mod_id, system, after, before })
            .collect();
        let name = |index: usize| format!("{}:{}", nodes[index].mod_id, nodes[index].system);
        let order = order(&nodes).map_err(|cycle| cycle.to_string())?;
        Ok(order.into_iter().map(name).collect::<Vec<_>>().join(" "))
    }

    fn parse(line: &str) -> (String, String, Vec<String>, Vec<String>) {
        let mut words = line.split(' ');
        let (mod_id, system) = words.next().unwrap().split_once(':').unwrap();
        let (mut after, mut before) = (Vec::new(), Vec::new());
        let mut is_after = true;
        for word in words {
            match word {
                ">" => is_after = true,
                "<" => is_after = false,
                name if is_after => after.push(name.to_owned()),
                name => before.push(name.to_owned()),
            }
        }
        (mod_id.to_owned(), system.to_owned(), after, before)
    }

    #[test]
    fn without_wishes_it_is_mod_id_then_declaration() {
        assert_eq!(run(&["a:z", "a:y", "b:x"]).unwrap(), "a:z a:y b:x");
    }

    #[test]
    fn wishes_come_first() {
        assert_eq!(run(&["a:z > b:x", "a:y", "b:x"]).unwrap(), "a:y b:x a:z");
        assert_eq!(run(&["a:z", "a:y", "b:x < a:z"]).unwrap(), "a:y b:x a:z");
        assert_eq!(run(&["a:z > y", "a:y"]).unwrap(), "a:y a:z");
    }

    #[test]
    fn the_absent_are_ignored() {
        assert_eq!(run(&["a:z > gone:x", "b:x < a:gone"]).unwrap(), "a:z b:x");
    }

    #[test]
    fn a_wish_made_twice_counts_once() {
        assert_eq!(run(&["a:z > b:x b:x", "b:x < a:z"]).unwrap(), "b:x a:z");
    }

    #[test]
    fn a_cycle_is_named() {
        assert_eq!(
            run(&["a:z > b:x", "b:x > c:w", "c:w > a:z", "d:v > a:z"]).unwrap_err(),
            "a:z waits for b:x waits for c:w waits for a:z"
        );
        assert_eq!(run(&["a:z > z"]).unwrap_err(), "a:z waits for a:z");
        assert_eq!(
            run(&["a:a > b:b", "b:b > c:c", "c:c > b:b"]).unwrap_err(),
            "b:b waits for c:c waits for b:b"
        );
    }
}
