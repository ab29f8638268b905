//! An author's own function sees what was saved, and is called only if there is something to do.

use super::*;
use crate::state as state_macro;

mod old {
    use super::*;

    #[state_macro]
    #[derive(Default)]
    pub struct Walk {
        pub feet: u32,
        pub inches: u32,
        pub steps: u8,
        pub name: String,
    }
}

#[state_macro(migrate = from_older)]
#[derive(Default)]
struct Walk {
    metres: f64,
    steps: u32,
    calls: u32,
}

/// Two fields become one.
fn from_older(older: &Older, walk: &mut Walk) {
    walk.calls += 1;
    let inches = older.get::<u32>("feet").unwrap_or(0) * 12 + older.get::<u32>("inches").unwrap_or(0);
    walk.metres += f64::from(inches) * 0.0254;
    let names: Vec<&str> = older.names().collect();
    assert!(names != ["metres", "steps", "calls"], "there is nothing to migrate");
    assert_eq!(older.get::<bool>("feet"), None);
    assert_eq!(older.get::<u32>("yards"), None);
}

#[test]
fn two_fields_become_one() {
    let old = old::Walk { feet: 10, inches: 5, steps: 7, name: "ada".to_owned() };
    let (new, notes) = reload::<_, Walk>(&old);
    assert_eq!((new.metres, new.steps, new.calls), (125.0 * 0.0254, 7, 1));
    // What the migration has asked for is not lost.
    assert_eq!(notes.len(), 3, "{notes:#?}");
    for (note, part) in
        notes.iter().zip(["`Walk::metres` is new", "`Walk::calls` is new", "`Walk::name` is gone"])
    {
        assert!(note.contains(part), "{note}");
    }
}

#[test]
fn what_has_not_changed_is_not_migrated() {
    let (same, notes) = reload::<_, Walk>(&Walk { metres: 2.0, steps: 7, calls: 3 });
    assert_eq!((same.metres, same.calls), (2.0, 3));
    assert!(notes.is_empty(), "{notes:#?}");
}

#[test]
fn a_field_that_was_renamed_is_migrated() {
    #[state_macro(migrate = count_calls)]
    #[derive(Default)]
    struct Walk {
        #[was("steps")]
        paces: u8,
        #[was("feet")]
        calls: u32,
        inches: u32,
        name: String,
    }
    fn count_calls(_: &Older, walk: &mut Walk) {
        walk.calls += 1;
    }
    let old = old::Walk { feet: 10, inches: 5, steps: 7, name: "ada".to_owned() };
    let (new, notes) = reload::<_, Walk>(&old);
    assert_eq!((new.paces, new.calls, new.inches, &new.name[..]), (7, 11, 5, "ada"));
    assert!(notes.is_empty(), "{notes:#?}");
}

#[test]
fn values_that_were_converted_are_migrated() {
    #[state_macro(migrate = kilometres)]
    #[derive(Default)]
    struct Trip {
        distance: f64,
    }
    /// The same name, with another type and another unit.
    fn kilometres(older: &Older, trip: &mut Trip) {
        if let Some(metres) = older.get::<u32>("distance") {
            trip.distance = f64::from(metres) / 1000.0;
        }
    }
    mod old {
        use super::*;

        #[state_macro]
        #[derive(Default)]
        pub struct Trip {
            pub distance: u32,
        }
    }
    let (new, _) = reload::<_, Trip>(&old::Trip { distance: 1500 });
    assert_eq!(new.distance, 1.5);
    assert_eq!(reload::<_, Trip>(&new).0.distance, 1.5);
}
