//! The page as one HTML file: no script, and nothing from elsewhere.

use pulldown_cmark::{Event, Options, Parser, html::push_html};
use tinkerbox_interface::Interface;

/// A page of Markdown as a file of HTML. HTML within the Markdown is shown as text.
pub fn html(interface: &Interface, markdown: &str) -> String {
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let events = parser.map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        event => event,
    });
    let mut body = String::new();
    push_html(&mut body, events);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Mods for {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        interface.game
    )
}

/// Wide tables and code scroll by themselves, so that a phone shows the rest in full size.
const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 1rem; }
h2 { border-bottom: 1px solid #8886; margin-top: 2.5rem; }
h3 { font-family: ui-monospace, monospace; margin-top: 2rem; overflow-wrap: anywhere; }
code { font-family: ui-monospace, monospace; background: #8882; border-radius: 0.2rem; padding: 0.1em 0.3em; }
pre { background: #8882; border-radius: 0.4rem; overflow-x: auto; padding: 0.8rem; }
pre code { background: none; padding: 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid #8886; padding: 0.3rem 0.8rem 0.3rem 0; text-align: left; vertical-align: top; }
";
