//! Variants, their payloads, and `Option`.

use super::*;

#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OldMood {
    Calm,
    Angry,
    Sad,
}

/// In another order, and without `Sad`.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mood {
    Angry,
    Sleepy,
    Calm,
}

pub fn variants(changes: &mut Changes) {
    changes.case(carry(OldMood::Calm, Mood::Sleepy), Mood::Calm, &[]);
    changes.case(carry(OldMood::Angry, Mood::Sleepy), Mood::Angry, &[]);
    let removed = "has its default: the value that the old code saved does not fit: expected a variant of `Mood`, found \"Sad\"";
    changes.case(carry(OldMood::Sad, Mood::Sleepy), Mood::Sleepy, &[removed]);
    changes.case(carry(2u8, Mood::Sleepy), Mood::Sleepy, &["expected a variant of `Mood`, found 2"]);
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
enum OldPlan {
    Rest,
    Walk(f32),
    Hunt { prey: u64 },
    Flee { from: u64, since: u32 },
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
enum Plan {
    Rest(u8),
    Walk(u32, u32),
    Hunt { prey: u32, since: u32 },
    Flee,
}

pub fn payloads(changes: &mut Changes) {
    changes.case(carry(OldPlan::Rest, Plan::Flee), Plan::Rest(0), &[]);
    changes.case(carry(OldPlan::Walk(2.0), Plan::Flee), Plan::Walk(0, 0), &["`Diary::it` is empty: the value that the old code saved does not fit: expected a list of 2, found 2.0"]);
    let since = "Warn: the state's field `Diary::it.since` is empty: the old code saved no value for it. To give it another one, write `#[serde(default)]` on `Hunt`";
    changes.case(carry(OldPlan::Hunt { prey: 5 }, Plan::Flee), Plan::Hunt { prey: 5, since: 0 }, &[since]);
    changes.case(carry(OldPlan::Flee { from: 1, since: 2 }, Plan::Rest(1)), Plan::Flee, &[]);
}

pub fn into_options(changes: &mut Changes) {
    changes.case(carry(7u32, Some(1u8)), Some(7), &[]);
    changes.case(carry(300u32, Some(1u8)), Some(1), &["has its default"]);
    changes.case(
        carry(300u32, None::<u8>),
        None,
        &["`Diary::it` is `None`: the value that the old code saved does not fit: expected a u8, found 300"],
    );
}

pub fn out_of_options(changes: &mut Changes) {
    changes.case(carry(Some(7u8), 1u32), 7, &[]);
    changes.case(carry(None::<u8>, 1u32), 1, &["expected a u32, found nothing"]);
    changes.case(carry(Some(Some(7u8)), Some(1u32)), Some(7), &[]);
}
