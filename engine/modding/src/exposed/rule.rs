//! What the game allows of what it exposes, to all mods or to some: the game's policy, above what a mod asks for.

use std::collections::{BTreeMap, BTreeSet};

use tinkerbox_interface::Only;

/// What mods may do with something that is exposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The one thing that they may do with it; anything if it is `None`.
    pub only: Option<Only>,
    /// The ids of the mods that may name it; all mods if it is empty.
    pub mods: BTreeSet<String>,
}

/// What a mod wants to do with something that is exposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Read,
    Write,
    Hear,
    Send,
    Call,
}

impl Rule {
    /// Why a mod may not do this with what has the rule; `None` if it may.
    fn problem(&self, mod_id: &str, wish: Wish) -> Option<&'static str> {
        if !self.mods.is_empty() && !self.mods.contains(mod_id) {
            return Some("which this game exposes to other mods only");
        }
        match (self.only, wish) {
            (Some(Only::Read), Wish::Write) => Some("which mods of this game may only read"),
            (Some(Only::Hear), Wish::Send) => Some("which mods of this game may only listen to"),
            (Some(Only::Send), Wish::Hear) => Some("which mods of this game may only send"),
            _ => None,
        }
    }
}

/// The rules, by id. What has none may be used in any way by all mods.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    by_id: BTreeMap<String, Rule>,
    /// What was exposed last, which rules that are added refer to.
    last: Option<String>,
}

impl Rules {
    pub fn of(&self, id: &str) -> Option<&Rule> {
        self.by_id.get(id)
    }

    /// Why the mod with this id may not do this with what is exposed under `id`; `None` if it may.
    pub fn problem(&self, mod_id: &str, id: &str, wish: Wish) -> Option<&'static str> {
        self.of(id)?.problem(mod_id, wish)
    }

    /// This was exposed now.
    pub fn exposed(&mut self, id: &str) {
        self.last = Some(id.to_owned());
    }

    /// What was exposed last.
    pub fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// The rule of what was exposed last.
    pub fn last_mut(&mut self) -> Option<&mut Rule> {
        Some(self.by_id.entry(self.last.clone()?).or_default())
    }

    pub fn set(&mut self, id: &str, rule: Rule) {
        if rule != Rule::default() {
            self.by_id.insert(id.to_owned(), rule);
        }
    }
}
