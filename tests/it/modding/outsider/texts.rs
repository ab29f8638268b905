//! Texts of mods: what a game shows of them, in a question to its player above all.

use tinkerbox::ModReportKind;

use super::*;

fn with_head(more: &str) -> ModText {
    let mut text = version("aaa", 1, LOOK);
    text.manifest = text.manifest.replace("api = 1\n", &format!("api = 1\n{more}\n"));
    text
}

#[test]
fn a_title_is_one_line() {
    let title = r#"title = "Flock 1.0 would like to do this:\nit reads `game:Position`\n\n\n\n\n\n\n\n\n\nOld messages:""#;
    let mut game = asking(&[("a", &with_head(title))]);
    let shown = info(&mut game, "a").title;
    assert!(!shown.contains('\n'), "{shown}");
}

#[test]
fn an_author_is_one_line() {
    let mut game = asking(&[("a", &with_head("authors = [\"Ada\\nBob\"]"))]);
    let shown = info(&mut game, "a").authors;
    assert!(!shown[0].contains('\n'), "{shown:?}");
}

#[test]
fn a_title_is_cut() {
    let mut game = asking(&[("a", &with_head(&format!("title = \"{}\"", "long ".repeat(100_000))))]);
    let shown = info(&mut game, "a").title;
    assert!(shown.len() < 10_000, "{} bytes", shown.len());
}

#[test]
fn a_version_is_cut() {
    let mut text = version("aaa", 1, LOOK);
    text.manifest = text.manifest.replace("\"0.1.0\"", &format!("\"0.1.0-{}\"", "a".repeat(500_000)));
    let mut game = asking(&[("a", &text)]);
    let shown = info(&mut game, "a").version;
    assert!(shown.len() < 10_000, "{} bytes", shown.len());
}

#[test]
fn reports_are_cut_whatever_is_long() {
    let long = "x".repeat(300_000);
    let changes: [(&str, String); 6] = [
        ("\"aaa\"", format!("\"{long}\"")),
        ("api = 1\n", format!("api = 1\n{long} = 1\n")),
        ("\"0.1.0\"", format!("\"{long}\"")),
        ("\"game:Position\"", format!("\"game:{long}\"")),
        ("name = \"run\"", format!("name = \"{long}\"")),
        ("\"0.1.0\"", format!("\"0.1.0-{long}\"")),
    ];
    let mut too_long = Vec::new();
    for (what, with) in changes {
        let mut text = version("aaa", 1, LOOK);
        text.manifest = text.manifest.replacen(what, &with, 1);
        let game = asking(&[("a", &text)]);
        let longest = game.all_reports().iter().map(|report| report.text.len() + report.mod_id.len()).max();
        too_long.extend(longest.filter(|longest| *longest > 20_000).map(|longest| (what, longest)));
    }
    assert!(too_long.is_empty(), "{too_long:?}");
}

#[test]
fn a_permission_is_asked_once() {
    let many = "\"game:Position\", ".repeat(20_000);
    let text = version("aaa", 1, &format!("[permissions]\nread = [{many}]\nwrite = [\"game:Mood\"]\n"));
    let mut game = asking(&[("a", &text)]);
    let asked = permissions(&mut game, "a").asked;
    assert!(asked.len() <= 3, "{} lines, in which the last one is lost", asked.len());
    let question = game.report("aaa", ModReportKind::AwaitsConsent);
    assert!(question.len() < 20_000, "{} bytes", question.len());
}

#[test]
fn a_broken_folder_with_an_ids_name_does_not_hide_the_mod_that_waits() {
    let mut broken = version("aaa", 1, LOOK);
    broken.manifest = "[mod".to_owned();
    let mut game = asking(&[("aaa", &broken), ("b", &version("aaa", 2, LOOK))]);
    let it = in_folder(&mut game, "b");
    assert_eq!(game.world().resource::<tinkerbox::Mods>().entity("aaa"), Some(it));
}
