//! Writes what is into a scenario's file, in place of what was expected: `--bless`.

use toml_edit::{DocumentMut, Item, Value};

use super::compare::{Key, Mismatch};

/// The text of the file with what is. Returns the mismatches that can't be written there, too: missing entities, messages,
/// conditions.
///
/// # Errors
/// The text is not TOML.
pub fn bless<'m>(text: &str, mismatches: &'m [Mismatch]) -> Result<(String, Vec<&'m Mismatch>), String> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    let is_left = |mismatch: &&Mismatch| !write(document.as_item_mut(), mismatch);
    let left = mismatches.iter().filter(is_left).collect();
    let blessed = document.to_string();
    // The lines end as they did.
    Ok((
        if text.contains("\r\n") { blessed.replace("\r\n", "\n").replace('\n', "\r\n") } else { blessed },
        left,
    ))
}

/// Whether it could be written.
fn write(root: &mut Item, mismatch: &Mismatch) -> bool {
    let Some(actual) = &mismatch.actual else { return false };
    let Ok(new) = actual.to_string().parse::<Value>() else { return false };
    let mut item = root;
    for (depth, key) in mismatch.place.iter().enumerate() {
        let next = match key {
            Key::Name(name) if depth + 1 == mismatch.place.len() && item.get(name).is_none() => {
                // The expectation of an entity that it is there stands in no file.
                item[name] = Item::Value(new);
                return true;
            }
            Key::Name(name) => item.get_mut(name.as_str()),
            Key::At(at) => item.get_mut(*at),
        };
        match next {
            Some(next) => item = next,
            None => return false,
        }
    }
    let Some(value) = item.as_value_mut() else { return false };
    let decor = value.decor().clone();
    *value = new;
    *value.decor_mut() = decor;
    true
}
