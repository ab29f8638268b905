//! The interface file as its readers meet it: what is written is read again, and each mistake is named.

use crate::Interface;

const WHOLE: &str = r#"
game = "meadow"
api = 1

[[constant]]
name = "WIDTH"
docs = "From west to east."
type = "f32"
value = "100.0"

[[type]]
name = "Mood"
docs = "What an animal feels."
enum = "u8"
variant = [{ name = "Calm", value = 0 }, { name = "Angry", value = 7, docs = "It attacks." }]

[[type]]
name = "Vec2"
field = [{ name = "x", type = "f32" }, { name = "y", type = "f32" }]

[[component]]
id = "meadow:Animal"
docs = """
Two lines
of text."""

[[component.field]]
name = "at"
type = "Vec2"

[[component.field]]
name = "moods"
type = "[Mood; 4]"
docs = "The last four."

[[component]]
id = "meadow:Sheep"
read_only = true

[[resource]]
id = "meadow:Clock"
field = [{ name = "day", type = "u32" }]

[[event]]
id = "meadow:Eaten"
field = [{ name = "who", type = "entity" }, { name = "by", type = "entity?" }, { name = "name", type = "text[8]" }]

[[function]]
id = "meadow:height_at"
fuel = 20
parameter = [{ name = "x", type = "f32" }, { name = "y", type = "f32" }]
result = "f32"

[[entity]]
name = "sheep"
components = ["meadow:Animal", "meadow:Sheep"]
"#;

#[test]
fn what_is_written_is_read_again() {
    let interface = Interface::parse(WHOLE).unwrap();
    let text = interface.to_toml().unwrap();
    let again = Interface::parse(&text).unwrap();
    assert_eq!(again.hash, Some(interface.content_hash()));
    assert_eq!(Interface { hash: None, ..again.clone() }, interface);
    assert_eq!(again.to_toml().unwrap(), text);
    assert_eq!(
        interface.layout(&interface.components[0]).to_string(),
        "{ at: Vec2 { x: f32, y: f32 }, moods: [Mood enum u8 { Calm = 0, Angry = 7 }; 4] }"
    );
}

/// Every single change that a mod could notice changes the hash; texts do not.
#[test]
fn the_hash_is_that_of_the_meaning() {
    let hash = Interface::parse(WHOLE).unwrap().content_hash();
    let changes = [
        ("\"100.0\"", "\"100.5\""),
        ("value = 7", "value = 8"),
        ("name = \"Angry\"", "name = \"Wild\""),
        ("\"[Mood; 4]\"", "\"[Mood; 8]\""),
        ("read_only = true", "read_only = false"),
        ("type = \"u32\"", "type = \"i32\""),
        ("text[8]", "text[16]"),
        ("fuel = 20", "fuel = 21"),
        ("result = \"f32\"", "result = \"f64\""),
        (
            "name = \"x\", type = \"f32\" }, { name = \"y\", type = \"f32\" }]\nresult",
            "name = \"x\", type = \"f32\" }]\nresult",
        ),
        ("\"meadow:Animal\", \"meadow:Sheep\"", "\"meadow:Animal\""),
        ("id = \"meadow:Clock\"", "id = \"meadow:Calendar\""),
    ];
    for (from, to) in changes {
        let changed = WHOLE.replacen(from, to, 1);
        assert_ne!(changed, WHOLE, "{from}");
        assert_ne!(Interface::parse(&changed).unwrap().content_hash(), hash, "{from}");
    }
    for (from, to) in [("It attacks.", "It bites."), ("Two lines", "2 lines"), ("From west", "To west")] {
        let changed = WHOLE.replacen(from, to, 1);
        assert_ne!(changed, WHOLE, "{from}");
        assert_eq!(Interface::parse(&changed).unwrap().content_hash(), hash, "{from}");
    }
}

#[test]
fn every_mistake_is_named() {
    let cases = [
        ("game = \"meadow\"", "game = \"Meadow\"", "`Meadow` is not the name of a game"),
        ("api = 1", "api = 2", "version 2 of the contract"),
        ("api = 1", "", "missing field `api`"),
        ("api = 1", "api = 1\nhsah = \"1\"", "line 4: unknown field `hsah`"),
        ("api = 1", "api = 1\nhash = \"12\"", "the file was changed by hand"),
        ("\"100.0\"", "\"1e999\"", "which is not a number of type f32"),
        ("\"100.0\"", "\"1e39\"", "`1e39`, which is not a number of type f32: -3.4028235e38 to 3.4028235e38"),
        ("\"100.0\"", "\"x\"", "which is not a number of type f32"),
        ("name = \"WIDTH\"", "name = \"a-b\"", "`a-b` can't be the name of a constant"),
        ("name = \"Mood\"", "name = \"u8\"", "`u8` can't be the name of a type"),
        ("enum = \"u8\"", "", "`Mood`: a struct has fields and no variants"),
        ("enum = \"u8\"", "enum = \"f32\"", "`Mood`: an enum consists of integers"),
        ("value = 7", "value = 256", "`Mood`: `Angry` is 256"),
        ("value = 7", "value = 0", "`Mood`: `0` is there twice among the numbers"),
        ("\"Angry\"", "\"Calm\"", "`Mood`: `Calm` is there twice among the variants"),
        ("name = \"Vec2\"", "name = \"Mood\"", "`Mood` is there twice among the types"),
        (
            "type = \"Vec2\"",
            "type = \"Vec3\"",
            "`meadow:Animal`: there is no type `Vec3`; under [[type]] are: Mood, Vec2",
        ),
        ("type = \"Vec2\"", "type = \"{ x: f32 }\"", "needs a name: describe it under [[type]]"),
        ("type = \"Vec2\"", "type = \"[f32\"", "line 29: type \"[f32\": at character 5 of the layout"),
        (
            "{ name = \"x\", type = \"f32\" }, { name = \"y\"",
            "{ name = \"x\", type = \"Vec2\" }, { name = \"y\"",
            "`Vec2` contains itself",
        ),
        ("\"[Mood; 4]\"", "\"Mood\"", "`meadow:Animal`: there are 3 bytes of padding at the end"),
        ("\"[Mood; 4]\"", "\"[Mood; 99999]\"", "the limit is 65536"),
        ("id = \"meadow:Animal\"", "id = \"Animal\"", "`Animal` is not a valid id"),
        ("id = \"meadow:Clock\"", "id = \"meadow:Sheep\"", "`meadow:Sheep` is there twice"),
        (
            "field = [{ name = \"who\", type = \"entity\" }, { name = \"by\", type = \"entity?\" }, { name = \"name\", type = \"text[8]\" }]",
            "",
            "`meadow:Eaten` has no fields",
        ),
        ("\"meadow:height_at\"", "\"height_at\"", "`height_at` is not a valid id"),
        ("result = \"f32\"", "result = \"u8\"", "numbers of 32 or 64 bits"),
        ("result = \"f32\"", "result = \"usize\"", "`usize` is not a type of numbers"),
        (
            "\"meadow:Animal\", ",
            "\"meadow:Wolf\", ",
            "the entity `sheep` has the component `meadow:Wolf`, which is not exposed",
        ),
    ];
    for (from, to, expected) in cases {
        let text = WHOLE.replacen(from, to, 1);
        assert_ne!(text, WHOLE, "{from}");
        let error = Interface::parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{from} -> {to}: {error}");
    }
}

#[test]
fn a_file_that_can_not_be_read_is_named() {
    let error = Interface::read(std::path::Path::new("no/such/game.interface.toml")).unwrap_err().to_string();
    assert!(error.starts_with("no/such/game.interface.toml: it can't be read: "), "{error}");
}

#[test]
fn types_that_contain_each_other_without_end_are_refused_at_once() {
    let types = |count: usize, field: &str| -> String {
        let one = |at: usize| {
            let inner = field.replace("NEXT", &format!("T{}", at + 1));
            format!("[[type]]\nname = \"T{at}\"\nfield = [{inner}]\n")
        };
        let last = format!("[[type]]\nname = \"T{count}\"\nfield = [{{ name = \"a\", type = \"u8\" }}]\n");
        (0..count).map(one).collect::<String>() + &last
    };
    let parse = |types: &str| {
        let component = "[[component]]\nid = \"zoo:A\"\nfield = [{ name = \"a\", type = \"T0\" }]\n";
        Interface::parse(&format!("game = \"zoo\"\napi = 1\n{types}{component}"))
    };
    let one = "{ name = \"a\", type = \"NEXT\" }";
    let two = "{ name = \"a\", type = \"NEXT\" }, { name = \"b\", type = \"NEXT\" }";
    assert!(parse(&types(31, one)).is_ok());
    assert!(parse(&types(3_000, one)).unwrap_err().to_string().contains("is within 32 others"));
    assert!(parse(&types(10, two)).is_ok());
    assert!(parse(&types(30, two)).unwrap_err().to_string().contains("more than 10000 fields"));
}
