//! `mod.toml`: what a mod is, its budget, and its permissions.
//!
//! Text in, checked data out. It reads no file and knows neither the WebAssembly nor the game.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer, de};
use tinkerbox_abi::names::{MOD_ID_RULE, is_mod_id};

use super::foreign;
use super::refusal::Refusal;
use super::schema::SystemDeclaration;
use super::toml_text;
use crate::limits::{DEFAULT_FUEL, DEFAULT_MEMORY_BYTES, ITEMS_MAX, ModLimits, NAME_CHARS_MAX};
use crate::text::{cut, size};

/// The name of the manifest in a mod's folder.
pub(crate) const FILE_NAME: &str = "mod.toml";

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    #[serde(rename = "mod")]
    pub about: About,
    #[serde(default)]
    pub budget: Budget,
    #[serde(default)]
    pub permissions: Permissions,
    /// The schema, if it is here and not in the WebAssembly.
    #[serde(rename = "system")]
    pub systems: Option<Vec<SystemDeclaration>>,
    /// What the author's tools need to know; nothing of it concerns a game.
    #[serde(rename = "dev")]
    _dev: Option<toml::Table>,
}

/// The section `[mod]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    #[serde(deserialize_with = "mod_id")]
    pub id: String,
    #[serde(deserialize_with = "version")]
    pub version: semver::Version,
    pub api: u32,
    pub title: Option<String>,
    #[serde(default)]
    pub authors: Vec<String>,
    #[serde(rename = "license")]
    _license: Option<String>,
}

impl About {
    /// The mod's name for people, on one line: its title, or else its id.
    pub fn shown_title(&self) -> String {
        self.title.as_deref().map_or_else(|| self.id.clone(), cut)
    }

    /// Who made the mod, each on one line. Of very many the others are counted.
    pub fn shown_authors(&self) -> Vec<String> {
        let mut shown: Vec<String> = self.authors.iter().take(ITEMS_MAX).map(|author| cut(author)).collect();
        let more = self.authors.len() - shown.len();
        shown.extend((more > 0).then(|| format!("{more} more")));
        shown
    }
}

/// The section `[budget]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Budget {
    /// Units granted each frame.
    pub fuel: u64,
    #[serde(rename = "burst")]
    declared_burst: Option<u64>,
    #[serde(rename = "memory", deserialize_with = "byte_size")]
    pub memory_bytes: u64,
    pub overrun: Overrun,
}

impl Budget {
    /// Units that can be saved up.
    pub fn burst(&self) -> u64 {
        self.declared_burst.unwrap_or_else(|| self.fuel.saturating_mul(2))
    }

    /// What is more here than in `other`, in words.
    pub fn beyond(&self, other: &Budget) -> Vec<String> {
        let amounts = [
            ("fuel", self.fuel, other.fuel),
            ("burst", self.burst(), other.burst()),
            ("memory", self.memory_bytes, other.memory_bytes),
        ];
        let more = amounts.into_iter().filter(|(_, ours, theirs)| ours > theirs);
        more.map(|(what, ours, theirs)| format!("a {what} of {ours} in place of {theirs}")).collect()
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            fuel: DEFAULT_FUEL,
            declared_burst: None,
            memory_bytes: DEFAULT_MEMORY_BYTES,
            overrun: Overrun::Suspend,
        }
    }
}

/// What happens to a system that uses up the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Overrun {
    /// It is suspended, and resumed in the next frame.
    Suspend,
    /// It ends in a fault, and none of its effects are applied.
    Fault,
}

/// The section `[permissions]`, by id.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Permissions {
    pub read: Vec<String>,
    pub write: Vec<String>,
    pub events: Vec<String>,
    pub send: Vec<String>,
    pub functions: Vec<String>,
    pub spawn: bool,
    pub despawn: bool,
}

/// The most that this game gives to mods: to one by its id, or to any.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caps {
    pub any: ModLimits,
    pub by_id: BTreeMap<String, ModLimits>,
}

impl Caps {
    /// The most that the mod with this id is given.
    pub fn of(&self, id: &str) -> ModLimits {
        self.by_id.get(id).copied().unwrap_or(self.any)
    }

    /// For tools, which know no game.
    pub fn unlimited() -> Caps {
        let any = ModLimits { fuel: u64::MAX, memory_bytes: u64::MAX, ..ModLimits::default() };
        Caps { any, by_id: BTreeMap::new() }
    }
}

/// Reads a manifest, and checks what can be checked without the rest of the mod.
pub(crate) fn read(file: &Path, text: &str, caps: &Caps) -> Result<Manifest, Refusal> {
    if let Some((problem, remedy)) = foreign::manifest(text) {
        return Err(Refusal::new(file, problem, remedy));
    }
    let manifest: Manifest = toml_text::parse(file, "", text)?;
    if manifest.about.api != tinkerbox_abi::API {
        return Err(Refusal::new(
            file,
            format!("[mod] api is {}; this game supports api {}", manifest.about.api, tinkerbox_abi::API),
            format!("Build the mod with an SDK for api {}, then set api = {0}.", tinkerbox_abi::API),
        ));
    }
    check_budget(file, &manifest.budget, caps.of(&manifest.about.id))?;
    Ok(manifest)
}

fn check_budget(file: &Path, budget: &Budget, caps: ModLimits) -> Result<(), Refusal> {
    let refuse = |problem: String, remedy: String| Err(Refusal::new(file, problem, remedy));
    if budget.fuel == 0 || budget.burst() < budget.fuel {
        let problem = format!("[budget] fuel is {} and burst {}", budget.fuel, budget.burst());
        return refuse(problem, "Set fuel to at least 1, and burst to at least fuel.".to_owned());
    }
    if budget.burst() > caps.fuel {
        let problem = format!("[budget] asks for {} units of fuel in one frame", budget.burst());
        return refuse(problem, format!("This game gives at most {}: lower fuel or burst.", caps.fuel));
    }
    if budget.memory_bytes > caps.memory_bytes {
        let asked = budget.memory_bytes;
        let problem = format!("[budget] memory asks for {} ({asked} bytes)", size(asked));
        let most = caps.memory_bytes;
        return refuse(
            problem,
            format!("This game gives at most {most} bytes, {}: lower memory.", size(most)),
        );
    }
    Ok(())
}

fn mod_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    match is_mod_id(&id) {
        true => Ok(id),
        false => Err(de::Error::custom(format!("invalid mod id `{id}`: use {MOD_ID_RULE}"))),
    }
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<semver::Version, D::Error> {
    let version = String::deserialize(deserializer)?;
    match version.len() <= NAME_CHARS_MAX {
        true => version.parse().map_err(de::Error::custom),
        false => Err(de::Error::custom(format!("a version has at most {NAME_CHARS_MAX} characters"))),
    }
}

fn byte_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Size {
        Bytes(u64),
        Text(String),
    }
    const SHAPE: &str = "a size is a number of bytes, or a text as \"512 KiB\", \"4 MiB\" or \"1 GiB\"";
    let text = match Size::deserialize(deserializer) {
        Ok(Size::Bytes(bytes)) => return Ok(bytes),
        Ok(Size::Text(text)) => text,
        Err(_) => return Err(de::Error::custom(SHAPE)),
    };
    let unit = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1)]
        .iter()
        .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?.trim(), *bytes)));
    unit.and_then(|(number, bytes)| number.parse::<u64>().ok()?.checked_mul(bytes))
        .ok_or_else(|| de::Error::custom(format!("`{}` is not a size: {SHAPE}", cut(&text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ModLimits = ModLimits { fuel: 1_000_000, memory_bytes: 64 << 20, spawned: 10 };

    fn parse(text: &str) -> Result<Manifest, Refusal> {
        let other = ModLimits { fuel: 10, memory_bytes: 10, spawned: 0 };
        let caps = Caps { any: other, by_id: [("flock".to_owned(), LIMITS)].into() };
        read(Path::new("mods/flock/mod.toml"), text, &caps)
    }

    fn message(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    fn with(rest: &str) -> String {
        format!("[mod]\nid = \"flock\"\nversion = \"0.1.0\"\napi = 1\n{rest}")
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let manifest = parse(&with("")).unwrap();
        assert_eq!(manifest.budget.fuel, 100_000);
        assert_eq!(manifest.budget.burst(), 200_000);
        assert_eq!(manifest.budget.memory_bytes, 16 << 20);
        assert_eq!(manifest.budget.overrun, Overrun::Suspend);
        assert!(!manifest.permissions.spawn);
        assert!(manifest.systems.is_none());
    }

    #[test]
    fn what_concerns_only_the_authors_tools_is_ignored() {
        let manifest =
            parse(&with("[dev]\nbuild = [\"make\"]\n[dev.future]\nx = 3\n[budget]\nfuel = 3")).unwrap();
        assert_eq!(manifest.budget.fuel, 3);
        assert!(message(&with("[devel]\nbuild = \"make\"")).contains("unknown field `devel`"));
    }

    #[test]
    fn sizes_have_units() {
        let memory = |text: &str| {
            parse(&with(&format!("[budget]\nmemory = {text}"))).map(|manifest| manifest.budget.memory_bytes)
        };
        assert_eq!(memory("\"512 KiB\""), Ok(512 << 10));
        assert_eq!(memory("\"4MiB\""), Ok(4 << 20));
        assert_eq!(memory("65536"), Ok(65536));
        assert_eq!(memory("\"65536\""), Ok(65536));
        // Beyond what this game gives, and said in the same unit.
        let text = memory("\"3 GiB\"").unwrap_err().to_string();
        assert!(text.contains("memory asks for 3 GiB") && text.contains("64 MiB: lower memory"), "{text}");
        for wrong in ["3 GB", "3gib", "3G", "GiB", "1.5 GiB", "3 TiB", ""] {
            let text = memory(&format!("\"{wrong}\"")).unwrap_err().to_string();
            assert!(
                text.contains(&format!("`{wrong}` is not a size")) && text.contains("\"1 GiB\""),
                "{text}"
            );
        }
        assert!(memory("\"4 MB\"").unwrap_err().to_string().contains("\"4 MiB\""));
        assert!(memory("-1").is_err());
        assert!(memory("\"99999999999999999999 MiB\"").is_err());
    }

    #[test]
    fn an_unknown_key_is_named_with_file_line_and_the_keys_that_exist() {
        let text = message(&with("[budget]\nfule = 3\n"));
        assert!(text.starts_with("mods/flock/mod.toml: line 6: unknown field `fule`"), "{text}");
        for key in ["fuel", "burst", "memory", "overrun"] {
            assert!(text.contains(&format!("`{key}`")), "{text}");
        }
        assert!(text.ends_with("Remove the key, or write it as one of those expected there."), "{text}");
    }

    #[test]
    fn every_bad_manifest_says_what_and_what_to_do() {
        let cases = [
            ("", "missing field `mod`"),
            ("[mod]\nid = \"flock\"\nversion = \"0.1.0\"\n", "missing field `api`"),
            ("[mod]\nid = \"Flock\"\nversion = \"0.1.0\"\napi = 1", "invalid mod id `Flock`"),
            ("[mod]\nid = \"flock\"\nversion = \"1\"\napi = 1", "unexpected end of input"),
            (
                &format!("[mod]\nid = \"flock\"\nversion = \"0.1.0-{}\"\napi = 1", "a".repeat(100)),
                "at most 100 characters",
            ),
            ("[mod]\nid = \"flock\"\nversion = \"0.1.0\"\napi = 2", "api is 2; this game supports api 1"),
            ("[mod\n", "line 1"),
        ];
        for (text, expected) in cases {
            let message = message(text);
            assert!(message.contains(expected), "{message}");
            assert!(message.starts_with("mods/flock/mod.toml: "), "{message}");
            assert!(message.ends_with('.'), "a remedy is a sentence: {message}");
        }
    }

    #[test]
    fn nobody_gets_more_than_the_game_gives() {
        assert!(message(&with("[budget]\nfuel = 600_000")).contains("1200000 units of fuel"));
        assert!(message(&with("[budget]\nmemory = \"65 MiB\"")).contains("at most 67108864"));
        assert!(message(&with("[budget]\nfuel = 0")).contains("at least 1"));
        assert!(message(&with("[budget]\nfuel = 10\nburst = 5")).contains("burst to at least fuel"));
        assert!(message(&with("[budget]\noverrun = \"explode\"")).contains("`suspend`"));
    }
}
