//! Saving and finding fields by name.

use serde::Serialize;

use super::*;

pub struct Diary;

#[test]
fn fields_are_found_by_name_after_a_round_trip() {
    let mut saved = SavedFields::of::<Diary>();
    saved.put("days", &3u32);
    saved.put("mood", &f32::NAN);
    saved.put("names", &vec!["a".to_owned(), "b".to_owned()]);
    let mut saved = SavedFields::from_bytes::<Diary>(&saved.into_bytes()).unwrap();

    let (mut names, mut days, mut mood) = (Vec::<String>::new(), 0u64, 0.0f32);
    saved.take("names", &[], &mut names);
    saved.take("days", &[], &mut days);
    saved.take("mood", &[], &mut mood);
    assert_eq!((names.len(), days, mood.is_nan()), (2, 3, true));
    assert!(!saved.have_changed());
    assert!(saved.into_older().1.is_empty());
}

/// A type that serde refuses to write.
#[derive(serde::Deserialize)]
struct Moody;

impl Serialize for Moody {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("not today"))
    }
}

#[test]
#[should_panic(
    expected = "the state's field `Diary::mood` cannot be saved: its type `Moody` does not let serde write it"
)]
fn a_field_that_cannot_be_saved_is_named() {
    SavedFields::of::<Diary>().put("mood", &Moody);
}

#[test]
fn bytes_that_are_not_a_state_are_refused() {
    for bytes in [&b""[..], b"\x01", b"\xff\xff", b"\xa1"] {
        assert!(SavedFields::from_bytes::<Diary>(bytes).is_none());
    }
}
