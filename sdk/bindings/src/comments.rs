//! Texts of the interface as lines of a comment, in which no language finds anything but a comment.

use tinkerbox_interface::{Function, Interface, Only};

use crate::items::{Item, Kind};

/// What stands in the first line of all bindings, behind the mark of a comment.
pub fn title(interface: &Interface) -> String {
    format!("{}: {TITLE}, for api {}.", interface.game, interface.api)
}

/// The part of the title that is the same for all games.
pub const TITLE: &str = "what the game exposes to mods";

/// The lines of some texts, with an empty one between two texts.
pub fn lines(texts: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    for text in texts.iter().filter(|text| !text.trim().is_empty()) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(text.trim_end().lines().map(harmless));
    }
    lines
}

/// The lines of an item: what the game says of it, and what it is.
pub fn of_item(item: &Item<'_>) -> Vec<String> {
    let what = match &item.shared {
        None => "",
        Some(shared) => match (shared.kind, shared.read_only) {
            (Kind::Component, false) => "A component.",
            // Commands give and take what is immutable.
            (Kind::Component, true) if shared.only.is_none() => {
                "A component that mods can read, insert and remove, and not change."
            }
            (Kind::Component, true) => "A component that mods can read, and not change.",
            (Kind::Resource, false) => "A resource.",
            (Kind::Resource, true) => "A resource that mods can read, and not change.",
            (Kind::Event, _) => match shared.only {
                Some(Only::Hear) => "An event that mods can handle, and not send.",
                Some(Only::Send) => "An event that mods can send, and not handle.",
                _ => "An event.",
            },
        },
    };
    lines(&[item.docs, what])
}

/// The lines of a function: what the game says of it, and its price.
pub fn of_function(function: &Function) -> Vec<String> {
    let unit = if function.fuel == 1 { "unit" } else { "units" };
    lines(&[&function.docs, &format!("A call costs {} {unit} of fuel.", function.fuel)])
}

/// Each line behind a mark such as `///`.
pub fn marked(lines: &[String], mark: &str) -> String {
    let line = |line: &String| format!("{mark} {line}").trim_end().to_owned() + "\n";
    lines.iter().map(line).collect()
}

/// As C and AssemblyScript have it: `/** One. */`, or a line for each.
pub fn in_stars(lines: &[String], indent: &str) -> String {
    match lines {
        [] => String::new(),
        [line] => format!("{indent}/** {} */\n", without_stars(line)),
        lines => {
            let lines: Vec<String> = lines.iter().map(|line| without_stars(line)).collect();
            format!("{indent}/**\n{}{indent} */\n", marked(&lines, &format!("{indent} *")))
        }
    }
}

/// The end of a comment within a line would end the comment, and its beginning makes compilers warn.
fn without_stars(line: &str) -> String {
    line.replace("*/", "* /").replace("/*", "/ *")
}

/// No character that ends a line for some compiler, or turns the direction of the text around it.
fn harmless(line: &str) -> String {
    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    line.trim_end().replace(is_harmful, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_comment() {
        for c in (0..0x3000).filter_map(char::from_u32) {
            let text = format!("a{c}b");
            let lines = lines(&[&text]);
            assert_eq!(lines.len(), if c == '\n' { 2 } else { 1 }, "{c:?}");
            assert!(lines.iter().all(|line| !line.contains(|c: char| c.is_control())), "{c:?}");
        }
        for text in ["*/", "**//", "/**/", "*/*/", "a */ b"] {
            let comment = in_stars(&lines(&[text]), "");
            let inside = comment.trim().trim_start_matches("/**").trim_end_matches("*/");
            assert!(!inside.contains("*/") && !inside.contains("/*"), "{text}: {comment}");
        }
    }

    #[test]
    fn texts_stand_apart() {
        assert_eq!(lines(&["", " ", ""]), [] as [String; 0]);
        assert_eq!(lines(&["One.\n two \n", "", "Three."]), ["One.", " two", "", "Three."]);
        assert_eq!(marked(&lines(&["One.", "Two."]), "///"), "/// One.\n///\n/// Two.\n");
        assert_eq!(in_stars(&lines(&["One.", "Two."]), "  "), "  /**\n   * One.\n   *\n   * Two.\n   */\n");
        assert_eq!(in_stars(&lines(&["One."]), ""), "/** One. */\n");
    }
}
