//! The table of what each language has: whatever it names is in the SDK of that language, and no cell is empty.

use std::fs;
use std::path::Path;

fn sdk() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk")
}

/// The text of all sources and of the guide of a language.
fn texts(folder: &Path) -> String {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| !path.ends_with("node_modules") && !path.ends_with("tests"));
    let text = |path: &std::path::PathBuf| match path.is_dir() {
        true => texts(path),
        false => fs::read_to_string(path).unwrap_or_default(),
    };
    paths.iter().map(text).collect()
}

#[test]
fn what_the_table_names_is_there() {
    let page = fs::read_to_string(sdk().join("README.md")).unwrap();
    let languages = ["rust", "c", "zig", "assemblyscript"];
    let texts = languages.map(|language| texts(&sdk().join(language)));
    let rows = page.lines().filter(|line| line.starts_with("| ")).skip(2);
    let mut count = 0;
    for row in rows {
        // A column of a table in Markdown ends at a bar that is not escaped.
        let row = row.replace("\\|", "or");
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 1 + languages.len(), "{row}");
        for ((cell, text), language) in cells[1..].iter().zip(&texts).zip(languages) {
            assert!(!cell.is_empty(), "{row}");
            for code in cell.split('`').skip(1).step_by(2) {
                let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
                for word in words.filter(|word| word.len() > 2) {
                    assert!(text.contains(word), "{language} has no {word}: {row}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 100, "{count} names");
}
