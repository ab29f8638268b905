//! Compares what is with what a scenario expects, and keeps where it differs.

use std::fmt;

use toml::{Table, Value};

/// A step of the way to a value in the scenario's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A key of a table.
    Name(String),
    /// An element of a list.
    At(usize),
}

/// Something that is not as expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// Where the expectation stands in the scenario's file.
    pub place: Vec<Key>,
    /// What it is about: `dolly: Energy.joules`.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What is, as the file would have it; `None` if it can't be written there.
    pub actual: Option<Value>,
    /// What is, in words.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mismatch { what, expected, found, .. } = self;
        write!(f, "{what} is {found}; expected: {expected}")
    }
}

/// What differs.
#[derive(Debug, Default)]
pub struct Mismatches(pub Vec<Mismatch>);

/// What has failed before something else did.
impl fmt::Display for Mismatches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|mismatch| write!(f, "\n    before that: {mismatch}"))
    }
}

impl Mismatches {
    /// Adds one that is told in words.
    pub fn add(&mut self, place: &[Key], what: &str, expected: String, found: String, actual: Option<Value>) {
        let (place, what) = (place.to_vec(), what.to_owned());
        self.0.push(Mismatch { place, what, expected, actual, found });
    }

    /// Compares a value with an expected one: of tables only the fields that are expected; a number also with conditions.
    pub fn compare(&mut self, place: &[Key], what: &str, expected: &Value, actual: &Value) {
        match (expected, actual) {
            (Value::Table(expected), Value::Table(actual)) => {
                for (name, expected) in expected {
                    let (place, what) = (below(place, Key::Name(name.clone())), format!("{what}.{name}"));
                    match actual.get(name) {
                        Some(actual) => self.compare(&place, &what, expected, actual),
                        None => {
                            let known: Vec<&str> = actual.keys().map(String::as_str).collect();
                            let found = format!("not there: the fields are {}", known.join(", "));
                            self.add(&place, &what, expected.to_string(), found, None);
                        }
                    }
                }
            }
            (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
                for (at, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                    self.compare(&below(place, Key::At(at)), &format!("{what}[{at}]"), expected, actual);
                }
            }
            (Value::Table(conditions), actual) => self.conditions(place, what, conditions, actual),
            _ if is_same(expected, actual) => {}
            _ => self.add(place, what, expected.to_string(), actual.to_string(), Some(actual.clone())),
        }
    }

    fn conditions(&mut self, place: &[Key], what: &str, conditions: &Table, actual: &Value) {
        let found = number(actual);
        for (name, bound) in conditions {
            let holds = match (name.as_str(), found, number(bound)) {
                ("above", Some(found), Some(bound)) => found > bound,
                ("below", Some(found), Some(bound)) => found < bound,
                ("at_least", Some(found), Some(bound)) => found >= bound,
                ("at_most", Some(found), Some(bound)) => found <= bound,
                ("not", ..) => !is_same(bound, actual),
                ("near", Some(found), Some(bound)) => {
                    let within = conditions.get("within").and_then(number).unwrap_or(1e-3);
                    (found - bound).abs() <= within
                }
                ("within", ..) if conditions.contains_key("near") => true,
                _ => {
                    let known = "above, below, at_least, at_most, near (with within), or not";
                    let problem = format!("a condition `{name} = {bound}`, which can't be: write {known}");
                    self.add(place, what, problem, actual.to_string(), None);
                    continue;
                }
            };
            if !holds {
                let within = match (name.as_str(), conditions.get("within")) {
                    ("near", Some(within)) => format!(" within {within}"),
                    _ => String::new(),
                };
                // A condition stays a condition: it is the author's to decide by how much it may be wrong.
                let expected = format!("{name} {bound}{within}");
                self.add(place, what, expected, actual.to_string(), None);
            }
        }
    }
}

/// A place inside another one.
pub fn below(place: &[Key], key: Key) -> Vec<Key> {
    place.iter().cloned().chain([key]).collect()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(value) => Some(*value),
        Value::Integer(value) => Some(*value as f64),
        _ => None,
    }
}

fn is_same(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Integer(expected), Value::Float(actual)) => *expected as f64 == *actual,
        (Value::Float(expected), Value::Float(actual)) => {
            expected == actual || (expected.is_nan() && actual.is_nan())
        }
        _ => expected == actual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        toml::from_str::<Table>(&format!("it = {text}")).unwrap().remove("it").unwrap()
    }

    fn found(expected: &str, actual: &str) -> Vec<String> {
        let mut mismatches = Mismatches::default();
        mismatches.compare(&[], "it", &value(expected), &value(actual));
        mismatches.0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_as_expected_is_silent() {
        let cases = [
            ("1", "1"),
            ("1", "1.0"),
            ("nan", "nan"),
            ("\"a\"", "\"a\""),
            ("{ x = 1.0 }", "{ x = 1.0, y = 2.0 }"),
            ("[1, { x = 2 }]", "[1, { x = 2, y = 3 }]"),
            ("{ above = 1, below = 2 }", "1.5"),
            ("{ at_least = 3, at_most = 3, not = 4 }", "3"),
            ("{ near = 1.0, within = 0.5 }", "1.5"),
            ("{ near = 1.0 }", "1.0005"),
            ("{ not = \"Calm\" }", "\"Angry\""),
        ];
        for (expected, actual) in cases {
            assert_eq!(found(expected, actual), [] as [String; 0], "{expected} {actual}");
        }
    }

    #[test]
    fn every_difference_is_named_with_its_field() {
        let cases = [
            ("1", "2", "it is 2; expected: 1"),
            ("1.5", "1", "it is 1; expected: 1.5"),
            ("nan", "1.0", "it is 1.0; expected: nan"),
            ("{ x = 1.0 }", "{ x = 2.0 }", "it.x is 2.0; expected: 1.0"),
            ("{ z = 1.0 }", "{ x = 2.0, y = 1.0 }", "it.z is not there: the fields are x, y; expected: 1.0"),
            ("[1, 2]", "[1, 3]", "it[1] is 3; expected: 2"),
            ("[1, 2]", "[1]", "it is [1]; expected: [1, 2]"),
            ("{ above = 1 }", "1", "it is 1; expected: above 1"),
            ("{ below = 1 }", "1", "it is 1; expected: below 1"),
            ("{ at_least = 2 }", "1", "it is 1; expected: at_least 2"),
            ("{ at_most = 0.5 }", "1", "it is 1; expected: at_most 0.5"),
            ("{ near = 1.0, within = 0.25 }", "1.5", "it is 1.5; expected: near 1.0 within 0.25"),
            ("{ not = 3 }", "3", "it is 3; expected: not 3"),
            ("{ abvoe = 3 }", "3", "it is 3; expected: a condition `abvoe = 3`, which can't be"),
            ("{ above = 3 }", "nan", "it is nan; expected: above 3"),
        ];
        for (expected, actual, said) in cases {
            let found = found(expected, actual);
            assert!(found.len() == 1 && found[0].starts_with(said), "{found:?}");
        }
    }
}
