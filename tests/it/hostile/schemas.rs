//! Malicious schemas: too many entries of every kind, invalid names, impossible columns.

use super::*;

/// The reason why a mod with this schema after its head is refused; the good mod runs.
fn refusal(rest: &str) -> String {
    let mut trial = Trial::new();
    trial.load(&ModText { manifest: head("hostile") + rest, wat: module("(func (export \"sys_run\"))") });
    trial.frames(2);
    assert_eq!(trial.game.status("hostile"), ModStatus::Refused);
    let text = trial.game.report("hostile", ModReportKind::Refused);
    assert!(text.len() < 20_000, "a message of {} bytes", text.len());
    text
}

const READ: &str = "[permissions]\nread = [\"game:Position\"]\n";

#[test]
fn too_many_systems() {
    let systems: String = (0..65).map(|number| plain_system(&format!("s{number}"))).collect();
    assert!(refusal(&systems).contains("65 systems; the limit is 64"));
    let systems: String = (0..10_000).map(|number| plain_system(&format!("s{number}"))).collect();
    assert!(refusal(&systems).contains("10000 systems; the limit is 64"));
}

#[test]
fn names_that_a_terminal_would_obey() {
    let text = refusal("[[system]]\nname = \"\\u001b[2Jrun\"\n");
    assert!(text.contains("invalid system name") && !text.contains('\u{1b}'), "{text:?}");
    let text = refusal(&(plain_system("run") + "after = [\"\\u0007\"]\n"));
    assert!(text.contains("no such system") && !text.contains('\u{7}'), "{text:?}");
}

#[test]
fn names_and_layouts_without_end() {
    let long = "x".repeat(200_000);
    refusal(&plain_system(&long));
    let layout = format!("{{ {long}: f32 }}");
    assert!(
        refusal(&(READ.to_owned() + &system("run", &[("game:Position", "read", &layout)])))
            .contains("built for another")
    );
    assert!(
        refusal(&(READ.to_owned() + &system("run", &[(&long, "read", "{}")]))).contains("does not expose")
    );
}

#[test]
fn a_manifest_without_end() {
    let text = refusal(&"# more and more\n".repeat(100_000));
    assert!(text.contains("more than 1048576 bytes"), "{text}");
}

#[test]
fn ids_that_are_written_or_optional() {
    for column in [
        "{ component = \"entity\", access = \"write\", layout = \"u64\" }",
        "{ component = \"entity\", access = \"read\", optional = true, layout = \"u64\" }",
        "{ component = \"entity\", access = \"read\", layout = \"f64\" }",
    ] {
        let position =
            "{ component = \"game:Position\", access = \"read\", layout = \"{ x: f32, y: f32 }\" }";
        let query =
            format!("[[system]]\nname = \"run\"\n[[system.query]]\ncolumns = [ {column}, {position} ]\n");
        assert!(refusal(&(READ.to_owned() + &query)).contains("a column `entity`"), "{column}");
    }
}

#[test]
fn systems_that_wait_for_each_other() {
    let systems = "[[system]]\nname = \"run\"\nafter = [\"run\"]\n";
    assert!(refusal(systems).contains("hostile:run waits for hostile:run"));
}

#[test]
fn a_component_written_in_two_queries_has_the_value_of_the_chunk_handed_back_last() {
    let query = system("run", &[WRITE_POSITION]);
    let again = query.replace("[[system]]\nname = \"run\"\n", "");
    let body = |first: u32| {
        let lend = |query: u32, at: u32| {
            format!(
                "(drop (call $view_next (i32.const {query}) (i32.const 0) (i32.const {at}) (i32.const 512)))"
            )
        };
        // Query 0 writes 1 to the y of its first row, query 1 writes 2; `first` is handed back first.
        [
            lend(0, 64),
            lend(1, 1024),
            "(f32.store (i32.const 68) (f32.const 1)) (f32.store (i32.const 1028) (f32.const 2))".to_owned(),
            lend(first, 2048),
            lend(1 - first, 2048),
        ]
        .concat()
    };
    for (first, y) in [(0, 2.0), (1, 1.0)] {
        let mut trial = Trial::new();
        let rights = "[permissions]\nwrite = [\"game:Position\"]\n";
        let code = format!("(func (export \"sys_run\") {})", body(first));
        trial.load(&ModText { manifest: head("hostile") + rights + &query + &again, wat: module(&code) });
        trial.frames(1);
        let witness = trial.witness;
        assert_eq!(trial.game.world().get::<Position>(witness).map(|it| it.y), Some(y));
    }
}
