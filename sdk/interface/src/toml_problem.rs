//! Where a file that authors write is not as it should be.

/// What TOML's parser says about a text, with the line.
///
/// ```
/// let text = "[mod]\nid = 3\nname = [";
/// let error = toml::from_str::<toml::Table>(text).unwrap_err();
/// assert!(tinkerbox_interface::toml_problem(&error, text).starts_with("line 3: "));
/// ```
pub fn toml_problem(error: &toml::de::Error, text: &str) -> String {
    let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
    line + error.message().trim_end()
}
