//! Untrusted texts and names on their way to logs and terminals: none is interpreted, reordered, or displayed as
//! another name.

use super::*;
use tinkerbox::ModInfo;

/// Control sequences, characters that change the text's direction, and invisible ones.
const DIRTY: &str = "a\u{1b}[2J\u{7}\u{202e}b\u{2066}\u{200f}\u{61c}\u{feff}\u{9b}31mc";

fn is_harmful(c: char) -> bool {
    c.is_control() && c != '\n'
        || "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}\u{2028}\u{2029}"
            .contains(c)
}

/// Every report about the hostile mod.
#[track_caller]
fn check(trial: &mut Trial) {
    let mut texts: Vec<String> = Vec::new();
    for report in trial.game.all_reports() {
        assert!(!report.mod_id.contains('\n'), "{report:?}");
        texts.extend([report.mod_id.clone(), report.text.clone()]);
    }
    let mut infos = trial.game.world().query::<&ModInfo>();
    for info in infos.iter(trial.game.app.world()) {
        texts.extend([info.id.clone(), info.title.clone()]);
        texts.extend(info.authors.clone());
    }
    for text in &texts {
        assert!(!text.contains(is_harmful), "{text:?}");
    }
    assert!(texts.iter().any(|text| text.contains("\u{fffd}")), "it has come: {texts:?}");
}

#[test]
fn names_of_folders() {
    for name in
        [DIRTY.to_owned(), format!("mods\nINFO all is well: {DIRTY}"), "\u{202e}".to_owned(), "\n".to_owned()]
    {
        // Without a manifest, with an invalid one, and with a valid one beside an invalid module.
        let good = head("hostile") + &plain_system("run");
        for manifest in [None, Some("[mod"), Some(&good)] {
            let mut trial = Trial::new();
            std::fs::create_dir_all(trial.game.folder(&name)).unwrap();
            if let Some(manifest) = manifest {
                trial.game.write_file(&name, "mod.toml", manifest.as_bytes());
                trial.game.write_file(&name, "mod.wasm", b"\0asm");
            }
            trial.frames(1);
            check(&mut trial);
            let refused =
                trial.game.all_reports().iter().find(|it| it.kind == ModReportKind::Refused).unwrap();
            assert!(!refused.text.contains('\n'), "a name has no lines: {:?}", refused.text);
        }
    }
}

#[test]
fn what_a_mod_says_and_is_called() {
    let said = escaped(DIRTY.bytes());
    let say = format!("(call $log (i32.const 2) (i32.const 0) (i32.const {}))", DIRTY.len());
    let panic = format!("(call $panic (i32.const 0) (i32.const {}))", DIRTY.len());
    for body in [say, panic, "(call $\"named\")".to_owned()] {
        let code = format!(
            "(data (i32.const 0) \"{said}\") (func $\"named\" (@name \"{said}\") unreachable) (func (export \"sys_run\") {body})"
        );
        let mut text = with_code("", &plain_system("run"), &code);
        let about = format!("title = \"{0}\"\nauthors = [\"{0}\"]\n", toml_escaped(DIRTY));
        text.manifest = text.manifest.replace("api = 1\n", &format!("api = 1\n{about}"));
        let mut trial = Trial::of(&text);
        trial.frames(1);
        check(&mut trial);
    }
}

#[test]
fn names_in_its_files() {
    let dirty = toml_escaped(DIRTY);
    let run = "(func (export \"sys_run\"))";
    let cases = [
        (format!("[[system]]\nname = \"{dirty}\"\n"), run.to_owned()),
        (format!("[permissions]\nread = [\"{dirty}\"]\n{}", plain_system("run")), run.to_owned()),
        (format!("{}after = [\"{dirty}\"]\n", plain_system("run")), run.to_owned()),
        (plain_system("run"), format!("(func (export \"sys_{}\"))", escaped(DIRTY.bytes()))),
        (format!("{}[[system.query]]\nwith = [\"{dirty}\"]\n", plain_system("run")), run.to_owned()),
        (format!("{}\"{dirty}\" = 1\n", plain_system("run")), run.to_owned()),
    ];
    for (manifest, code) in cases {
        let mut trial = Trial::of(&with_code(&manifest, "", &code));
        trial.frames(1);
        check(&mut trial);
    }
}

fn toml_escaped(text: &str) -> String {
    text.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect()
}
