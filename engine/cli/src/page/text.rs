//! Texts from the interface, made harmless for Markdown.

/// A text with its paragraphs: no HTML, no links, no headings that would stand among those of the page.
pub fn paragraphs(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let line: String = line.chars().map(plain).collect();
        let line = line.trim_end().replace('<', "&lt;").replace('[', "\\[").replace("](", "]\\(");
        let is_marked = line.trim_start().starts_with(['#', '=', '|', '>']);
        lines.push(if is_marked { format!("\\{}", line.trim_start()) } else { line });
    }
    // A fence that is left open would take in the rest of the page.
    let text = lines.join("\n").replace("```", "'''").replace("~~~", "'''");
    text.trim().to_owned()
}

/// A text in a cell of a table.
pub fn cell(text: &str) -> String {
    paragraphs(text).split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// No character that moves what stands around it, or that no reader shows.
fn plain(c: char) -> char {
    let is_harmful = c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if is_harmful { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_paragraphs_only() {
        let cases = [
            ("One `two` *three*.", "One `two` *three*."),
            ("<script>", "&lt;script>"),
            ("[a](http://b)", "\\[a]\\(http://b)"),
            ("# One\n## Two", "\\# One\n\\## Two"),
            ("```\ncode", "'''\ncode"),
            ("a\u{202e}b\u{7}c", "a b c"),
            ("> quoted\n| a | b |", "\\> quoted\n\\| a | b |"),
        ];
        for (text, expected) in cases {
            assert_eq!(paragraphs(text), expected);
        }
        assert_eq!(cell("a | b\n\nc"), "a \\| b c");
    }
}
