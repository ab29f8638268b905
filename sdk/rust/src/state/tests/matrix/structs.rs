//! Structs in fields, in collections and around one value, and types that check their values.

use std::collections::BTreeMap;
use std::num::NonZeroU8;

use super::enums::Mood;
use super::*;

#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
struct OldHome {
    at: [f32; 2],
    size: u32,
    name: String,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Home {
    at: [f64; 2],
    size: u8,
    doors: Option<u8>,
    name: String,
}

fn old_home(size: u32) -> OldHome {
    OldHome { at: [1.0, 2.0], size, name: "den".to_owned() }
}

fn home(size: u8, doors: Option<u8>) -> Home {
    Home { at: [1.0, 2.0], size, doors, name: "den".to_owned() }
}

fn default_home() -> Home {
    Home { at: [0.0; 2], size: 3, doors: Some(1), name: "hole".to_owned() }
}

pub fn structs(changes: &mut Changes) {
    let is_new = "Info: the state's field `Diary::it.doors` is new and has its default";
    changes.case(carry(old_home(9), default_home()), home(9, Some(1)), &[is_new]);
    changes.case(
        carry(old_home(900), default_home()),
        home(3, Some(1)),
        &["`Diary::it.size` has its default", is_new],
    );
    changes.case(carry(7u8, default_home()), default_home(), &["expected a `Home`, found 7"]);
    fn deep<T>(it: T) -> BTreeMap<u8, T> {
        BTreeMap::from([(1, it)])
    }
    changes.case(
        carry([(1u8, old_home(900))], [(0u8, default_home())]),
        [(1, home(3, Some(1)))],
        &["`Diary::it.0.1.size` has its default", "`Diary::it.0.1.doors` is new"],
    );
    changes.case(carry(deep(old_home(9)), deep(default_home())), deep(home(9, None)), &[]);
    changes.case(
        carry(default_home(), old_home(5)),
        OldHome { size: 3, at: [0.0; 2], name: "hole".to_owned() },
        &[],
    );
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Bird {
    name: String,
    eggs: u8,
    #[serde(default = "full")]
    health: u8,
    mood: Mood,
}

fn full() -> u8 {
    100
}

#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
struct OldBird {
    name: String,
    health: u32,
}

pub fn inner_structs(changes: &mut Changes) {
    let old = |name: &str, health| OldBird { name: name.to_owned(), health };
    let new = |name: &str, health| Bird { name: name.to_owned(), eggs: 0, health, mood: Mood::Angry };
    let empty = [
        "`Diary::it[0].eggs` is empty: the old code saved no value for it. To give it another one, write `#[serde(default)]` on `Bird`",
        "`Diary::it[0].mood` is empty",
    ];
    let birds = vec![old("tit", 20), old("owl", 30)];
    changes.case(carry(birds.clone(), Vec::<Bird>::new()), vec![new("tit", 20), new("owl", 30)], &empty);
    let left_out = "`Diary::it[1].health` is left out: the value that the old code saved does not fit: expected a u8, found 900";
    changes.case(
        carry(vec![old("tit", 20), old("owl", 900)], Vec::<Bird>::new()),
        vec![new("tit", 20), new("owl", 100)],
        &[empty[0], empty[1], left_out],
    );
    changes.case(
        carry(Some(old("tit", 20)), None::<Bird>),
        Some(new("tit", 20)),
        &["`Diary::it.eggs` is empty", "`Diary::it.mood` is empty"],
    );
    changes.case(
        carry(BTreeMap::from([(4u8, old("tit", 20))]), BTreeMap::<u8, Bird>::new()),
        BTreeMap::from([(4, new("tit", 20))]),
        &["`Diary::it[4].eggs` is empty", "`Diary::it[4].mood` is empty"],
    );
    changes.case(carry(vec![1u8, 2], vec![new("owl", 1)]), vec![], &["`Diary::it[0]` is left out: the value that the old code saved does not fit: expected a `Bird`, found 1; and so for 1 more"]);
}

#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
struct Nest {
    #[serde(alias = "size")]
    eggs: u16,
    at: [f32; 2],
}

pub fn aliases(changes: &mut Changes) {
    let nest = |eggs| Nest { eggs, at: [1.0, 2.0] };
    changes.case(carry(old_home(9), nest(1)), nest(9), &[]);
    changes.case(carry(vec![old_home(9)], vec![nest(1)]), vec![nest(9)], &[]);
    changes.case(
        carry(old_home(70_000), nest(1)),
        nest(1),
        &["`Diary::it.size` is left out", "`Diary::it.eggs` is new and has its default"],
    );
}

#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
struct Metres(f32);

pub fn newtypes(changes: &mut Changes) {
    changes.case(carry(7.5f32, Metres(1.0)), Metres(7.5), &[]);
    changes.case(carry(Metres(7.5), 1.0f64), 7.5, &[]);
    changes.case(carry("far".to_owned(), Metres(1.0)), Metres(1.0), &["expected an f32, found \"far\""]);
}

/// A type that only takes even numbers.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(try_from = "u32", into = "u32")]
struct Even(u32);

impl TryFrom<u32> for Even {
    type Error = String;

    fn try_from(number: u32) -> Result<Even, String> {
        if number.is_multiple_of(2) { Ok(Even(number)) } else { Err(format!("{number} is odd")) }
    }
}

impl From<Even> for u32 {
    fn from(even: Even) -> u32 {
        even.0
    }
}

pub fn refused_by_the_type(changes: &mut Changes) {
    changes.case(carry(4u8, Even(2)), Even(4), &[]);
    changes.case(carry(5u8, Even(2)), Even(2), &["does not fit: 5 is odd"]);
    changes.case(
        carry(vec![4u8, 5, 6], Vec::<Even>::new()),
        vec![Even(4), Even(6)],
        &["`Diary::it[1]` is left out"],
    );
    let one = NonZeroU8::MIN;
    changes.case(carry(0u8, one), one, &["does not fit"]);
    changes.case(
        carry(vec![(1u16, 300u16), (1, 1)], Vec::<(u8, NonZeroU8)>::new()),
        vec![(1, one)],
        &[
            "`Diary::it[0].1` is empty",
            "`Diary::it[0]` is left out: the value that the old code saved does not fit: invalid value",
        ],
    );
    changes.case(
        carry((0..300u16).collect::<Vec<_>>(), vec![Even(2)]),
        vec![Even(2)],
        &["has its default: the value that the old code saved does not fit: too many of its parts"],
    );
}
