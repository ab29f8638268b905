//! Names of the interface as names of a language: reserved words, and names that are there once only.

use std::collections::BTreeMap;

/// What a language does not accept as a name, in order to be searched.
pub struct Reserved(pub &'static [&'static str]);

impl Reserved {
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }

    /// The name, with `_` behind it until it is neither reserved nor one of the others.
    pub fn free(&self, name: &str, others: &[&str]) -> String {
        let mut free = name.to_owned();
        while self.has(&free) || (free != name && others.contains(&free.as_str())) {
            free.push('_');
        }
        free
    }
}

/// The name of a field or a parameter; a tuple struct's fields are `_0`, `_1` and so on.
pub fn member(name: &str) -> String {
    match name.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("_{name}"),
        false => name.to_owned(),
    }
}

/// `height_at` as `heightAt`.
pub fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let mut characters = word.chars();
        let initial = characters.next().map(|c| c.to_ascii_uppercase());
        text + &initial.into_iter().chain(characters).collect::<String>()
    })
}

/// The names at the top of a file.
#[derive(Default)]
pub struct Claims(BTreeMap<String, String>);

impl Claims {
    /// Takes a name for `what`.
    ///
    /// # Errors
    /// If something else has it.
    pub fn claim(&mut self, name: &str, what: &str) -> Result<(), String> {
        match self.0.insert(name.to_owned(), what.to_owned()) {
            None => Ok(()),
            Some(other) => {
                Err(format!("`{name}` would be the name of both {other} and {what}; rename one in the game"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_become_others_that_are_free() {
        let reserved = Reserved(&["type", "type_"]);
        assert_eq!(reserved.free("kind", &["kind"]), "kind");
        assert_eq!(reserved.free("type", &["type"]), "type__");
        assert_eq!(reserved.free("type", &["type", "type__"]), "type___");
    }

    #[test]
    fn words_are_joined() {
        assert_eq!(["a", "height_at", "a_b_c", "a_"].map(camel), ["a", "heightAt", "aBC", "a"]);
    }

    #[test]
    fn a_name_is_claimed_once() {
        let mut claims = Claims::default();
        claims.claim("A", "the constant `A`").unwrap();
        let error = claims.claim("A", "`a:A`").unwrap_err();
        assert_eq!(error, "`A` would be the name of both the constant `A` and `a:A`; rename one in the game");
    }
}
