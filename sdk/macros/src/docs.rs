//! Doc comments as the text of a constant, whatever they stand on.

use syn::{Attribute, Expr, Lit, Meta};

/// The lines of a doc comment, without the space that separates each from its `///`.
pub fn doc_text(attributes: &[Attribute]) -> String {
    let texts = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => literal(&meta.value),
        _ => None,
    });
    let lines: Vec<String> = texts
        .flat_map(|text| {
            text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned()).collect::<Vec<_>>()
        })
        .collect();
    lines.join("\n").trim_end().to_owned()
}

/// The text of a literal. A macro by example wraps one that it passes on in an invisible group.
fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            // An empty line is a text of no lines.
            Lit::Str(text) if text.value().is_empty() => Some("\n".to_owned()),
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(item: &str) -> String {
        doc_text(&syn::parse_str::<syn::ItemStruct>(item).unwrap().attrs)
    }

    #[test]
    fn texts_are_the_lines_without_their_first_space() {
        let cases = [
            ("struct A;", ""),
            ("/// One.\nstruct A;", "One."),
            ("/// One.\n///\n///   Three.\n#[repr(C)]\n/// Four.\nstruct A;", "One.\n\n  Three.\nFour."),
            ("#[doc(hidden)] #[doc = \"One.\"] struct A;", "One."),
            ("/** One.\n Two.\n*/ struct A;", "One.\nTwo."),
        ];
        for (item, expected) in cases {
            assert_eq!(text(item), expected, "{item}");
        }
    }
}
