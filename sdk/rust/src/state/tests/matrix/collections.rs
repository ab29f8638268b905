//! Arrays, lists, sets and maps.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::enums::{Mood, OldMood};
use super::*;

pub fn lengths(changes: &mut Changes) {
    changes.case(
        carry([1u8, 2, 3], [9u32; 2]),
        [1, 2],
        &["Warn: the state's field `Diary::it` has 2 values, and 3 were saved: the last 1 are dropped"],
    );
    changes.case(carry([1u8, 2], [7u32, 8, 9, 10]), [1, 2, 9, 10], &["the last 2 have their default"]);
    changes.case(
        carry((1u8, 2.5f32), (0u32, 0.0f64, true)),
        (1, 2.5, true),
        &["the last 1 have their default"],
    );
    changes.case(
        carry((1u8, "b".to_owned(), 3u8), (7u8, 8u8, 9u8)),
        (1, 8, 3),
        &["`Diary::it.1` has its default"],
    );
    changes.case(carry([300u32, 4], [7u8; 2]), [7, 4], &["`Diary::it.0` has its default"]);
}

pub fn collections(changes: &mut Changes) {
    changes.case(carry(vec![3u8, 1, 3], BTreeSet::from([9u32])), BTreeSet::from([1, 3]), &[]);
    changes.case(carry(BTreeSet::from([3u8, 1]), Vec::<u64>::new()), vec![1, 3], &[]);
    changes.case(carry([1u8, 2, 3], VecDeque::<u16>::new()), VecDeque::from([1, 2, 3]), &[]);
    changes.case(carry(vec![1u8, 2, 3], [0u8; 3]), [1, 2, 3], &[]);
    changes.case(carry(Vec::<u8>::new(), [4u8; 2]), [4, 4], &["the last 2 have their default"]);
}

pub fn elements(changes: &mut Changes) {
    let left_out = [
        "Warn: the state's field `Diary::it[1]` is left out: the value that the old code saved does not fit: expected a u8, found 300; and so for 1 more like it",
    ];
    changes.case(carry(vec![1u32, 300, 3, -4i32 as u32, 5], vec![9u8]), vec![1, 3, 5], &left_out);
    changes.case(
        carry(vec![OldMood::Sad, OldMood::Calm], vec![Mood::Angry]),
        vec![Mood::Calm],
        &["found \"Sad\""],
    );
    changes.case(
        carry(vec![vec![1u16, 256], vec![2]], vec![vec![9u8]]),
        vec![vec![1], vec![2]],
        &["`Diary::it[0][1]` is left out"],
    );
    changes.case(
        carry(vec![Some(300u16), None], Vec::<Option<u8>>::new()),
        vec![None, None],
        &["`Diary::it[0]` is `None`"],
    );
    changes.case(carry(vec![None, Some(3u8)], vec![1u8]), vec![3], &["`Diary::it[0]` is left out"]);
    changes.case(
        carry(vec![(1u16, 2u16), (256, 3)], Vec::<(u8, u8)>::new()),
        vec![(1, 2), (0, 3)],
        &["`Diary::it[1].0` is empty"],
    );
    let many: Vec<u32> = (0..10_000).collect();
    changes.case(carry(many, Vec::<u8>::new()), (0..=255).collect(), &["and so for 9743 more like it"]);
}

pub fn maps(changes: &mut Changes) {
    let names = |pairs: &[(u32, &str)]| -> BTreeMap<u32, String> {
        pairs.iter().map(|(key, name)| (*key, (*name).to_owned())).collect()
    };
    let old = names(&[(1, "one"), (300, "many")]);
    let left_out = [
        "Warn: the state's field `Diary::it[300]` is left out: the value that the old code saved does not fit: expected a u8, found 300",
    ];
    changes.case(
        carry(old.clone(), HashMap::<u8, String>::new()),
        HashMap::from([(1, "one".to_owned())]),
        &left_out,
    );
    changes.case(carry(old.clone(), Vec::<(u32, String)>::new()), old.clone().into_iter().collect(), &[]);
    changes.case(carry(vec![(1u8, "one".to_owned())], BTreeMap::new()), names(&[(1, "one")]), &[]);
    changes.case(carry(old, BTreeMap::from([(7u32, 7u8)])), BTreeMap::new(), &["`Diary::it[1]` is left out: the value that the old code saved does not fit: expected a u8, found \"one\"; and so for 1 more"]);
    changes.case(
        carry(BTreeMap::from([("a".to_owned(), 7u32)]), BTreeMap::<String, Option<u8>>::new()),
        BTreeMap::from([("a".to_owned(), Some(7))]),
        &[],
    );
}
