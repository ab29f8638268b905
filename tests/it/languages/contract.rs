//! The page of the contract for languages without an SDK: what it says of numbers, names and types is what the code does, and its
//! example is a mod that lives in Meadow.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use meadow_game::game::{Census, Species};
use meadow_game::project::Project;
use tinkerbox::{ModReportKind, ModStatus};
use tinkerbox_abi::command::{COMPONENT_HEAD_SIZE, HEAD_SIZE, OP_DESPAWN, OP_INSERT, OP_REMOVE, OP_SPAWN};
use tinkerbox_abi::export::{self, InitReason};
use tinkerbox_abi::{
    API, AbiError, COLUMNS_MAX, LOG_BYTES_MAX, LogLevel, NAME_BYTES_MAX, RANDOM_STREAMS, View, component_key,
    import,
};
use tinkerbox_interface::Type;

use super::examples::lived_in;
use crate::modding::games::game::*;

fn abi() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/abi")
}

fn page() -> String {
    fs::read_to_string(abi().join("CONTRACT.md")).unwrap()
}

/// The rows of the table that begins with this column.
fn table(page: &str, column: &str) -> Vec<Vec<String>> {
    let start = format!("| {column} |");
    let table = page.split(&start).nth(1).unwrap_or_else(|| panic!("a table that begins with {column}"));
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cell = |cell: &str| cell.trim().trim_matches('`').to_owned();
    rows.map(|row| row.trim_matches('|').split(" | ").map(cell).collect()).collect()
}

/// Names and numbers of a table.
fn numbers(page: &str, column: &str) -> BTreeMap<String, i32> {
    table(page, column).into_iter().map(|row| (row[0].clone(), row[1].parse().unwrap())).collect()
}

/// `(level i32, len i32) -> i32` as a type in WebAssembly's text.
fn in_wat(ty: &str) -> String {
    let (parameters, result) = ty.split_once(" -> ").unwrap();
    let parameters = parameters.trim_matches(['(', ')']).split(", ").filter(|it| !it.is_empty());
    let parameters: Vec<&str> = parameters.map(|it| it.rsplit(' ').next().unwrap()).collect();
    let result = if result == "()" { "" } else { result };
    format!("(param {}) (result {result})", parameters.join(" "))
}

#[test]
fn imports_have_the_types_of_the_page() {
    let page = page();
    let rows = table(&page, "Import");
    let named: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let source = fs::read_to_string(abi().join("src/import.rs")).unwrap();
    let constants =
        source.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(": &str = \""));
    let known: BTreeSet<&str> = constants
        .map(|(_, name)| name.trim_end_matches("\";"))
        .filter(|name| *name != import::MODULE)
        .collect();
    assert_eq!(named, known);

    let imports = rows
        .iter()
        .map(|row| format!("(import \"{}\" \"{}\" (func {}))", import::MODULE, row[0], in_wat(&row[1])));
    let (imports, exports) = (imports.collect::<String>(), exports(&page));
    let wat = format!("(module {imports} (memory (export \"memory\") 1) {exports})");
    let text = ModText { manifest: head("all") + &plain_system("name"), wat };
    let mut game = Game::new(&[("all", &text)]);
    game.frame();
    assert_eq!(game.status("all"), ModStatus::Live, "{:?}", game.all_reports());
    // A type that is not the game's is refused, so the ones above are.
    let wrong = ModText { wat: text.wat.replacen("(param i32", "(param i64", 1), ..text };
    let mut game = Game::new(&[("all", &wrong)]);
    game.frame();
    assert!(game.report("all", ModReportKind::Refused).contains("is a function"));
}

/// Functions with the types of the page.
fn exports(page: &str) -> String {
    let rows = table(page, "Export");
    let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let system = format!("{}<name>", export::SYSTEM_PREFIX);
    assert_eq!(names, [export::MEMORY, &system, export::INIT, export::SAVE, export::ALLOC, export::LOAD]);
    let functions = rows.iter().filter(|row| row[1].contains("->"));
    let functions = functions.map(|row| {
        let zero = row[1].rsplit(' ').next().filter(|ty| *ty != "()");
        let zero = zero.map(|ty| format!("({ty}.const 0)")).unwrap_or_default();
        format!("(func (export \"{}\") {} {zero})", row[0].replace("<name>", "name"), in_wat(&row[1]))
    });
    functions.collect()
}

#[test]
fn numbers_are_those_of_the_page() {
    let page = page();
    let named = |all: &[(&str, i32)]| -> BTreeMap<String, i32> {
        all.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect()
    };
    let errors = AbiError::ALL.map(|error| (error.name(), i32::from(error)));
    assert_eq!(numbers(&page, "Error"), named(&errors));
    let reasons = [InitReason::New, InitReason::Reload, InitReason::Fault];
    let reasons: BTreeMap<String, i32> =
        reasons.into_iter().map(|reason| (format!("{reason:?}"), i32::from(reason))).collect();
    assert_eq!(numbers(&page, "Reason"), reasons);
    let levels: BTreeMap<String, i32> =
        (0..5).map(|number| (format!("{:?}", LogLevel::try_from(number).unwrap()), number)).collect();
    assert_eq!(numbers(&page, "Level"), levels);
    let records =
        [("spawn", OP_SPAWN), ("despawn", OP_DESPAWN), ("insert", OP_INSERT), ("remove", OP_REMOVE)];
    assert_eq!(numbers(&page, "Record"), named(&records.map(|(name, number)| (name, number as i32))));
    for part in [
        format!("version {API} of the contract: `api = {API}`"),
        format!("a record of {} bytes", View::SIZE),
        format!("| 8 | {COLUMNS_MAX} times `u32` |"),
        format!("A query has at most {COLUMNS_MAX} columns"),
        format!("The head has {HEAD_SIZE} bytes"),
        format!("A component has {COMPONENT_HEAD_SIZE} bytes before its value"),
        format!("one of {RANDOM_STREAMS} streams"),
        format!("1 to {NAME_BYTES_MAX} characters"),
        format!("cut after {},{:03} bytes", LOG_BYTES_MAX / 1000, LOG_BYTES_MAX % 1000),
        format!("`meadow:Position` is `{:#018x}`", component_key("meadow:Position")),
        format!("custom section `{}`", export::SCHEMA_SECTION),
        format!("custom section `{}`", export::INTERFACE_SECTION),
    ] {
        assert!(page.contains(&part), "the page does not say: {part}");
    }
    for row in table(&page, "Type")
        .iter()
        .filter(|row| row[0].starts_with(['b', 'e']) && row[1].parse::<u32>().is_ok())
    {
        let size = Type::parse(&row[0]).unwrap().size().unwrap().0;
        assert_eq!(row[1], size.to_string(), "{}", row[0]);
    }
}

/// The schema of the page, with what the game has: it is read, so all of its keys are known.
#[test]
fn the_schema_of_the_page_is_read() {
    let page = page();
    let schema = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let wat =
        module("(func (export \"sys_graze\")) (func (export \"sys_grow\")) (func (export \"sys_eat\"))");
    // Its names of other systems, and its event, have to be there.
    let others = "[[system]]\nname = \"grow\"\non = { event = \"meadow:Lambed\", layout = \"{}\" }\n[[system]]\nname = \"eat\"\n";
    let manifest = head("page") + schema + others;
    let mut game = Game::new(&[("page", &ModText { manifest, wat })]);
    game.frame();
    let refusal = game.report("page", ModReportKind::Refused);
    assert!(refusal.contains("which is not an event of this game"), "{refusal}");
}

/// The example in plain text.
#[test]
fn the_eddy_in_plain_text_turns_sheep_and_sows_grass() {
    let source = abi().join("examples/eddy");
    let mods = tempfile::tempdir().unwrap();
    let folder = mods.path().join("eddy");
    fs::create_dir(&folder).unwrap();
    fs::copy(source.join("mod.toml"), folder.join("mod.toml")).unwrap();
    fs::write(folder.join("eddy.wasm"), wat::parse_file(source.join("eddy.wat")).unwrap()).unwrap();
    let project = Project::find().unwrap();
    let (app, said) = lived_in(&project, mods.path(), "eddy");
    assert_eq!(said, ["an eddy of grass"; 10]);
    let grass = &app.world().resource::<Census>()[Species::Grass];
    assert!(grass.births == 10, "{grass:?}");
}

/// Its state is one number, which comes back; another one is not taken.
#[test]
fn the_state_of_the_eddy_comes_back() {
    let wasm = wat::parse_file(abi().join("examples/eddy/eddy.wat")).unwrap();
    let mut eddy = super::state::alone::Alone::new(&wasm);
    assert_eq!(eddy.load(&7u64.to_le_bytes()), 0);
    assert_eq!(eddy.save(), 7u64.to_le_bytes());
    assert_eq!(super::state::alone::Alone::new(&wasm).load(&[1, 2, 3]), 0);
    eddy.call::<(), ()>("sys_sow", ());
    assert_eq!(eddy.save(), 8u64.to_le_bytes());
}
