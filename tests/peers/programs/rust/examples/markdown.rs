//! Turns Markdown into HTML: pulldown-cmark.

use std::sync::LazyLock;

use programs::{checksum, text};
use pulldown_cmark::{Options, Parser, html};

programs::program!(work);

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let lines = text(3_000, 5);
    let forms =
        ["# ", "- ", "1. ", "> ", "", "    ", "* **bold** and `code` ", "| a | b |\n|---|---|\n| *c* | "];
    let mut document = String::new();
    for (at, line) in lines.lines().enumerate() {
        document += forms[at * 7 % forms.len()];
        document += &line.replace("wind", "[wind](https://example.org/wind \"a title\")");
        document += if at.is_multiple_of(3) { "\n\n" } else { "\n" };
    }
    document
});

fn work(number: u32) -> u64 {
    let mut html = String::new();
    html::push_html(&mut html, Parser::new_ext(&DOCUMENT, Options::all()));
    checksum(html) ^ u64::from(number)
}
