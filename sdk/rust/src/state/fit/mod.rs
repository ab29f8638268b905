//! Makes a saved value one of the type that a field has now.
//!
//! ```text
//!   saved value ─> read it as the type ── all of it fits ─> the new value
//!                        ^        └ some of it does not ─> replace each such part ─┐
//!                        └──────────────────────────────────────────────────────┘
//! ```
//!
//! What does not fit is replaced by the part of the field's default that stands for it. Elements of collections have none:
//! they are left out. A struct in a collection gets what serde gives to a field that is missing, or an empty value.

mod place;
mod value;

mod error;

mod node;

mod access;

mod read;

use std::borrow::Cow;

use ciborium::Value;
use serde::de::DeserializeOwned;
use tinkerbox_abi::LogLevel;

use error::{Demand, Problem};
use node::{Node, Pass};
use place::{Outcome, Step, replace, shown};

/// How often a value is read before it is given up.
const PASSES_MAX: usize = 100;

/// What has become of a saved value.
pub(super) struct Fitted<T> {
    /// `None` if nothing of it fits.
    pub value: Option<T>,
    /// It is not the value that was saved.
    pub has_changed: bool,
    /// What the author should know.
    pub notes: Vec<(LogLevel, String)>,
}

/// Reads `saved` as a `T`. `name` is the field's, for messages.
pub(super) fn fit<T: DeserializeOwned>(saved: &Value, default: Option<&Value>, name: &str) -> Fitted<T> {
    let mut value = Cow::Borrowed(saved);
    let mut pass = Pass::default();
    let mut losses = Losses { name, all: Vec::new() };
    for _ in 0..PASSES_MAX {
        let result = T::deserialize(Node::new(&value, default, &pass));
        let mut problems = pass.problems.take();
        if problems.is_empty() {
            match result.map_err(error::Error::demand) {
                Ok(fitted) => {
                    let has_changed = pass.has_converted.get() || !losses.all.is_empty();
                    return Fitted { value: Some(fitted), has_changed, notes: notes(&value, pass, losses) };
                }
                Err(Demand::Value { of_struct, field, steps }) if pass.empty.insert((of_struct, field)) => {
                    losses.no_default(&value, &steps, of_struct, field);
                }
                Err(Demand::NoDefault { of_struct, field, .. })
                    if pass.aliased.insert((of_struct, field)) => {}
                Err(Demand::Value { steps, field, .. } | Demand::NoDefault { steps, field, .. }) => {
                    problems.push(Problem { steps, reason: format!("its field `{field}` can't be read") });
                }
                Err(Demand::Other(problem)) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            // A field that is left out now may have been saved under another name.
            pass.aliased.clear();
        }
        if !replace_all(&mut value, default, problems, &mut losses) {
            return Fitted { value: None, has_changed: true, notes: losses.into_notes() };
        }
        (pass.new, pass.cut) = Default::default();
    }
    losses.all.clear();
    let reason = "too many of its parts do not fit".to_owned();
    losses.add(Outcome::Default, String::new(), Problem { steps: Vec::new(), reason });
    Fitted { value: None, has_changed: true, notes: losses.into_notes() }
}

/// Replaces what does not fit. Returns whether anything of the value is left.
fn replace_all(
    value: &mut Cow<'_, Value>,
    default: Option<&Value>,
    mut problems: Vec<Problem>,
    losses: &mut Losses<'_>,
) -> bool {
    // From the back, so that the places of the others stay the same.
    problems.sort_by(|a, b| b.steps.cmp(&a.steps));
    let mut replaced = Vec::new();
    for mut problem in problems {
        let places: Vec<String> =
            (0..=problem.steps.len()).map(|len| shown(Some(value), &problem.steps[..len])).collect();
        let (outcome, len) =
            replace(value.to_mut(), default, &problem.steps).unwrap_or((Outcome::Default, 0));
        problem.steps.truncate(len);
        replaced.push((outcome, places[len].clone(), problem));
    }
    let is_left = replaced.iter().all(|(.., problem)| !problem.steps.is_empty());
    for (outcome, place, problem) in replaced.into_iter().rev() {
        losses.add(outcome, place, problem);
    }
    is_left
}

/// What does not fit in one field.
struct Losses<'a> {
    name: &'a str,
    all: Vec<Loss>,
}

struct Loss {
    /// The place without numbers of elements, and what has become of the value: a note is written once for each.
    kind: (Vec<Step>, String),
    place: String,
    reason: String,
    /// How many more there are of this kind.
    more: usize,
}

impl Losses<'_> {
    fn add(&mut self, outcome: Outcome, place: String, Problem { steps, reason }: Problem) {
        let what = match outcome {
            Outcome::Default => "has its default",
            Outcome::LeftOut => "is left out",
            Outcome::Nothing => "is `None`",
            Outcome::Empty => "is empty",
        };
        self.add_kind(
            steps,
            what,
            place,
            format!("the value that the old code saved does not fit: {reason}"),
        );
    }

    fn no_default(&mut self, saved: &Value, steps: &[Step], of_struct: &str, field: &'static str) {
        let place = format!("{}.{field}", shown(Some(saved), steps));
        let steps = steps.iter().copied().chain([Step::Field(field)]).collect();
        let reason = format!(
            "the old code saved no value for it. To give it another one, write `#[serde(default)]` on `{of_struct}`"
        );
        self.add_kind(steps, "is empty", place, reason);
    }

    fn add_kind(&mut self, mut steps: Vec<Step>, what: &str, place: String, reason: String) {
        for step in &mut steps {
            match step {
                Step::Element(index) | Step::Entry(index) => *index = 0,
                _ => {}
            }
        }
        let kind = (steps, what.to_owned());
        match self.all.iter_mut().find(|loss| loss.kind == kind) {
            Some(loss) => loss.more += 1,
            None => self.all.push(Loss { kind, place, reason, more: 0 }),
        }
    }

    fn into_notes(self) -> Vec<(LogLevel, String)> {
        let note = |Loss { kind: (_, what), place, reason, more }| {
            let more = match more {
                0 => String::new(),
                more => format!("; and so for {more} more like it"),
            };
            (LogLevel::Warn, format!("the state's field `{}{place}` {what}: {reason}{more}", self.name))
        };
        self.all.into_iter().map(note).collect()
    }
}

fn notes(saved: &Value, pass: Pass, losses: Losses<'_>) -> Vec<(LogLevel, String)> {
    let name = losses.name;
    let mut notes = losses.into_notes();
    for steps in pass.new.take() {
        let place = shown(Some(saved), &steps);
        notes.push((LogLevel::Info, format!("the state's field `{name}{place}` is new and has its default")));
    }
    for (steps, [saved_len, len]) in pass.cut.take() {
        let place = shown(Some(saved), &steps);
        let what = match saved_len > len {
            true => format!("the last {} are dropped", saved_len - len),
            false => format!("the last {} have their default", len - saved_len),
        };
        let note =
            format!("the state's field `{name}{place}` has {len} values, and {saved_len} were saved: {what}");
        notes.push((LogLevel::Warn, note));
    }
    notes
}
