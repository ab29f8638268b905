//! Parses TOML text, with errors as refusals.
//!
//! The manifest and the schema are parsed here; it knows neither.

use std::path::Path;

use serde::de::DeserializeOwned;
use tinkerbox_interface::toml_problem;

use super::refusal::Refusal;

/// Parses `text` from `file`; `location` says where in the file if it is not all of it.
pub(crate) fn parse<T: DeserializeOwned>(file: &Path, location: &str, text: &str) -> Result<T, Refusal> {
    toml::from_str(text).map_err(|error| {
        let problem = toml_problem(&error, text).replace('\n', "; ");
        Refusal::new(file, format!("{location}{problem}"), remedy(error.message()))
    })
}

fn remedy(message: &str) -> &'static str {
    if message.starts_with("unknown field") {
        "Remove the key, or write it as one of those expected there."
    } else if message.starts_with("missing field") {
        "Add the key."
    } else if message.starts_with("unknown variant") {
        "Write one of the expected values."
    } else {
        "Correct the text there."
    }
}
