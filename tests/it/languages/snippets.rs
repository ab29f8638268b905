//! The code in a guide: each block of it is compiled.

use std::fs;
use std::path::Path;

/// The blocks of a Markdown file in this language.
pub fn blocks(file: &Path, language: &str) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let start = format!("```{language}\n");
    let blocks = text.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.collect()
}
