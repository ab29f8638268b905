//! Rust files as tokens: which names they have, in code and in documentation, and which files they include.
//!
//! Tokens and not a syntax tree: what stands in a macro's arguments counts as well.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};

/// Macros whose argument is a file, relative to the one that they stand in.
const INCLUDING: [&str; 3] = ["include", "include_str", "include_bytes"];

#[derive(Default)]
pub struct File {
    /// The identifiers in the code.
    pub names: HashSet<String>,
    /// The words in comments for rustdoc, whose examples are code.
    pub documented: HashSet<String>,
    /// The files that it includes or names as modules, as they are written.
    pub included: Vec<String>,
}

impl File {
    pub fn read(text: &str) -> anyhow::Result<File> {
        let tokens: TokenStream = text.parse().map_err(|error| anyhow::anyhow!("not Rust: {error}"))?;
        let mut file = File::default();
        file.add(tokens);
        Ok(file)
    }

    fn add(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(name) => {
                    let name = name.to_string();
                    self.add_strings(&name, &tokens[at + 1..]);
                    self.names.insert(name);
                }
                TokenTree::Group(group) => self.add(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// Of the string behind `doc =`, `path =`, or one of the including macros.
    fn add_strings(&mut self, name: &str, rest: &[TokenTree]) {
        match rest {
            [TokenTree::Punct(equals), TokenTree::Literal(text), ..] if equals.as_char() == '=' => match name
            {
                "doc" => self.documented.extend(words(&text.to_string()).map(str::to_owned)),
                "path" => self.included.extend(unquoted(&text.to_string())),
                _ => {}
            },
            [TokenTree::Punct(exclamation), TokenTree::Group(argument), ..]
                if exclamation.as_char() == '!' && INCLUDING.contains(&name) =>
            {
                self.included.extend(unquoted(argument.stream().to_string().trim()));
            }
            _ => {}
        }
    }
}

/// Words as identifiers are written.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The inside of a plain string; nothing for what is computed.
fn unquoted(literal: &str) -> Option<String> {
    Some(literal.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_code() {
        let text = "// a\n/* b */\n/// uses c::D\nuse e::f; fn g() { println!(\"h\", i) }";
        let file = File::read(text).unwrap();
        assert!(["e", "f", "g", "i"].iter().all(|name| file.names.contains(*name)));
        assert!(["a", "b", "c", "D", "h"].iter().all(|name| !file.names.contains(*name)));
        assert!(file.documented.contains("c") && file.documented.contains("D"));
    }

    #[test]
    fn files_that_are_included_are_found() {
        let text = "#[doc = include_str!(\"../README.md\")]\n#[path = \"a/b.rs\"]\nmod b;\n\
                    fn f() { include_bytes!(\"c\"); include!(concat!(env!(\"OUT_DIR\"), \"d\")); }";
        assert_eq!(File::read(text).unwrap().included, ["../README.md", "a/b.rs", "c"]);
    }

    #[test]
    fn what_is_not_rust_is_an_error() {
        assert!(File::read("fn f( {").is_err());
    }
}
