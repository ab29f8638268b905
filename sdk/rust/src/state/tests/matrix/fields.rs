//! Fields of the state that are new, gone and renamed.

use super::*;
use crate::state as state_macro;

mod old {
    use super::*;

    #[state_macro]
    #[derive(Default)]
    pub struct Diary {
        pub days: u32,
        pub storms: Vec<u64>,
    }
}

fn old_diary() -> old::Diary {
    old::Diary { days: 3, storms: vec![5, 8] }
}

pub fn new_fields(changes: &mut Changes) {
    #[state_macro]
    struct Diary {
        days: u32,
        mood: u8,
        storms: Vec<u64>,
    }
    impl Default for Diary {
        fn default() -> Diary {
            Diary { days: 1, mood: 7, storms: Vec::new() }
        }
    }
    let (new, notes) = reload::<_, Diary>(&old_diary());
    let is_new = ["Info: the state's field `Diary::mood` is new and has its default"];
    changes.case(((new.days, new.mood, new.storms), notes), (3, 7, vec![5, 8]), &is_new);
}

pub fn gone_fields(changes: &mut Changes) {
    #[state_macro]
    #[derive(Default)]
    struct Diary {
        storms: Vec<u64>,
    }
    let (new, notes) = reload::<_, Diary>(&old_diary());
    changes.case((new.storms, notes), vec![5, 8], &["Info: the state's field `Diary::days` is gone"]);
}

pub fn renamed_fields(changes: &mut Changes) {
    #[state_macro]
    #[derive(Default)]
    struct Diary {
        #[was("tage", "days")]
        nights: u64,
        #[was("storms")]
        gales: Vec<u32>,
    }
    let (new, notes) = reload::<_, Diary>(&old_diary());
    changes.case(((new.nights, new.gales), notes), (3, vec![5, 8]), &[]);
    // Under its new name it is found first.
    let (again, notes) = reload::<_, Diary>(&Diary { nights: 9, gales: vec![1] });
    changes.case(((again.nights, again.gales), notes), (9, vec![1]), &[]);
}
