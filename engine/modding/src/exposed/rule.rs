//! What the game allows of what it exposes, to all mods or to some: the game's policy, above what a mod asks for.

use std::collections::{BTreeMap, BTreeSet};

use tinkerbox_interface::Only;

use crate::text::list;

/// What mods may do with something that is exposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The one thing that they may do with it; anything if it is `None`.
    pub only: Option<Only>,
    /// The ids of the mods that may name it; all mods if it is `None`.
    pub mods: Option<BTreeSet<String>>,
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
        match &self.mods {
            Some(mods) if mods.is_empty() => return Some("which this game exposes to no mod"),
            Some(mods) if !mods.contains(mod_id) => {
                return Some("which this game exposes to other mods only");
            }
            _ => {}
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
///
/// A rule can be made until mods are built against it: they are not built again for a rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    by_id: BTreeMap<String, Rule>,
    /// What was exposed last, which rules that are added refer to.
    last: Option<String>,
    /// The ids against which mods were built. Their rules stay.
    settled: BTreeSet<String>,
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

    /// Restricts what was exposed last to one use.
    ///
    /// # Panics
    /// It is restricted to another one, or mods were built against it; nothing was exposed.
    #[track_caller]
    pub fn restrict_last(&mut self, only: Only) {
        let (id, rule) = self.last_rule();
        let before = rule.only;
        assert!(
            before.is_none_or(|before| before == only),
            "`{id}` is restricted twice: {}, and {}. Restrict it once; what mods may do in both ways needs no restriction",
            method(before.unwrap_or(only)),
            method(only)
        );
        self.change(id, Rule { only: Some(only), ..rule });
    }

    /// Restricts what was exposed last to the mods with these ids.
    ///
    /// # Panics
    /// It is restricted to others, or mods were built against it; nothing was exposed.
    #[track_caller]
    pub fn restrict_last_to(&mut self, mods: BTreeSet<String>) {
        let (id, rule) = self.last_rule();
        if let Some(before) = &rule.mods {
            assert!(
                *before == mods,
                "`{id}` is restricted twice: only_for {}, and only_for {}. Name all mods that may use it at once",
                list(before),
                list(&mods)
            );
        }
        self.change(id, Rule { mods: Some(mods), ..rule });
    }

    #[track_caller]
    fn last_rule(&self) -> (String, Rule) {
        let last = self.last.clone();
        let id = last.expect("this restricts what was exposed last, and nothing was exposed yet");
        let rule = self.of(&id).cloned().unwrap_or_default();
        (id, rule)
    }

    #[track_caller]
    fn change(&mut self, id: String, rule: Rule) {
        if self.of(&id) == Some(&rule) {
            return;
        }
        assert!(
            !self.settled.contains(&id),
            "the rule of `{id}` comes too late: mods were built against it without. Make it where `{id}` is first exposed, \
             before mods are loaded"
        );
        self.by_id.insert(id, rule);
    }

    /// Mods are built against these ids from now on.
    pub fn settle(&mut self, ids: impl Iterator<Item = String>) {
        self.settled.extend(ids);
    }

    pub fn set(&mut self, id: &str, rule: Rule) {
        if rule != Rule::default() {
            self.by_id.insert(id.to_owned(), rule);
        }
    }
}

/// How a game writes the restriction.
fn method(only: Only) -> &'static str {
    match only {
        Only::Read => "read_only",
        Only::Hear => "hear_only",
        Only::Send => "send_only",
    }
}
