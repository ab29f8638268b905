//! What a handler of removals declares, and what it needs.

use tinkerbox::ModReportKind;
use tinkerbox_abi::ModType;

use super::*;
use crate::modding::games::exposed::*;

/// Why the mod with this key in its manifest is refused; `None` if it is not.
fn refusal(on: &str, rights: &str) -> Option<String> {
    let mut text = mourner("aaa", Position::ID, TELL_EACH);
    let known = format!("[permissions]\nread = [\"{}\"]\n", Position::ID);
    text.manifest = text.manifest.replace(&on_removed(Position::ID), on).replace(&known, rights);
    let mut game = Game::new(&[("a", &text)]);
    game.frame();
    // A mod whose manifest can't be read has no id.
    let refused = game.all_reports().iter().find(|report| report.kind == ModReportKind::Refused);
    refused.map(|report| report.text.clone())
}

const READS: &str = "[permissions]\nread = [\"game:Position\", \"game:Weather\"]\nevents = [\"game:Bell\"]\n";

#[test]
fn it_is_either_an_event_with_its_layout_or_one_thing_that_happens_to_a_component() {
    let keys = [
        "event = \"game:Bell\"".to_owned(),
        format!("layout = \"{}\"", Bell::LAYOUT),
        "added = \"game:Position\"".to_owned(),
        "removed = \"game:Position\"".to_owned(),
        "despawned = \"game:Position\"".to_owned(),
    ];
    for chosen in 0..32 {
        let of_chosen = (0..5).filter(|key| chosen >> key & 1 == 1).map(|key| keys[key].as_str());
        let on = format!("on = {{ {} }}\n", of_chosen.collect::<Vec<_>>().join(", "));
        let refused = refusal(&on, READS);
        match chosen {
            0b00011 | 0b00100 | 0b01000 | 0b10000 => assert_eq!(refused, None, "{on}"),
            _ => {
                let refused = refused.unwrap_or_else(|| panic!("{on} is accepted"));
                assert!(refused.contains("mod.toml: line"), "{refused}");
                let words = "one of { event = \"..\", layout = \"..\" }, { added = \"..\" }, { removed";
                assert!(refused.contains(words), "{refused}");
            }
        }
    }
}

#[test]
fn it_needs_the_permission_to_read_or_to_write() {
    for (what, (rights, lacks)) in ["added", "removed", "despawned"].iter().flat_map(|what| {
        [("", true), ("read", false), ("write", false), ("events", true)].map(|case| (what, case))
    }) {
        let on = on(what, Position::ID);
        let rights = match rights {
            "" => String::new(),
            "events" => "[permissions]\nevents = [\"game:Bell\"]\n".to_owned(),
            key => format!("[permissions]\n{key} = [\"game:Position\"]\n"),
        };
        let refused = refusal(&on, &rights);
        assert_eq!(refused.is_some(), lacks, "{rights}: {refused:?}");
        assert!(refused.is_none_or(|why| why.contains("read game:Position")));
    }
}

#[test]
fn only_exposed_components_can_be_named() {
    for id in ["game:Secret", "game:Bell", "game:Weather", "entity", ""] {
        let refused = refusal(&on_removed(id), READS).unwrap();
        assert!(refused.contains(&format!("system `mourn` asks for `{id}`")), "{refused}");
        assert!(refused.contains("This game exposes"), "{refused}");
    }
}
