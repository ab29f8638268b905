//! Counts made by hand, beside each function: they confirm the reference.

use super::{BY_HAND, Case, Reference};
use crate::engines::machine::{Stop, Value};

/// The content of a line.
#[derive(Clone, Debug)]
pub struct Said {
    /// A trap is identified by a part of its text.
    result: Result<i32, String>,
    fuel: u64,
    seen: Vec<u64>,
}

impl Said {
    /// Parses the part after the call.
    pub fn parse(line: &str) -> Option<Said> {
        let (result, rest) = line.split_once(", fuel ")?;
        let result = match result.trim().strip_prefix("= ") {
            Some(number) => Ok(number.parse().ok()?),
            None => Err(result.trim().strip_prefix("traps \"")?.strip_suffix('"')?.to_string()),
        };
        let (rest, seen) = rest.split_once(", seen ").unwrap_or((rest, ""));
        let seen = seen.split_whitespace().map_while(|number| number.parse().ok()).collect();
        Some(Said { result, fuel: rest.split_whitespace().next()?.parse().ok()?, seen })
    }

    fn agrees(&self, found: &Result<Vec<Value>, Stop>) -> bool {
        match (&self.result, found) {
            (Ok(wanted), Ok(found)) => found[..] == [Value::I32(*wanted)],
            (Err(text), Err(Stop::Trap(trap))) => trap.to_string().contains(text),
            _ => false,
        }
    }
}

#[test]
fn the_reference_counts_as_one_does_by_hand() {
    let mut lines = 0;
    for program in &BY_HAND {
        let reference = Reference::new(&program.wasm());
        for case in program.cases() {
            let Case { place, by_hand: Some(said), .. } = &case else { continue };
            let found = reference.run(&case);
            assert!(said.agrees(&found.result), "{place}: {said:?}, got {:?}", found.result);
            assert_eq!(found.used, said.fuel, "{place}: fuel");
            let seen: Vec<u64> = found.state.visits.iter().filter_map(|visit| visit.used).collect();
            assert_eq!(seen, said.seen, "{place}: what the host saw");
            lines += 1;
        }
    }
    assert!(lines > 100, "only {lines} lines were counted by hand");
}
