//! A function of the author's sees what older code has saved, in each language: it is called if the state has changed, what it
//! asks for is not lost, and where it panics the old version continues.

use super::super::{assemblyscript, c, zig};
use super::alone::Alone;

/// The first version of a mod, and the second one, which has other fields.
fn check(first: &[u8], second: &[u8]) {
    let mut new = Alone::new(second);
    assert_eq!(new.load(&Alone::new(first).save()), 0);
    let saved = new.save();
    let map: ciborium::Value = ciborium::from_reader(&saved[..]).unwrap();
    let of = |name: &str| {
        let entries = map.as_map().unwrap();
        entries.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value.clone()).unwrap()
    };
    assert_eq!(of("metres").as_float(), Some(125.0 * 0.0254));
    assert_eq!(of("title").as_text(), Some("ada"));
    assert_eq!(of("steps").as_integer(), Some(7.into()));
    assert_eq!(of("calls").as_integer(), Some(1.into()));
    let notes = [
        "Info: the state's field `walk::metres` is new and has its default",
        "Info: the state's field `walk::title` is new and has its default",
        "Info: the state's field `walk::calls` is new and has its default",
        "Info: the state's field `walk::left` is gone, and with it the value that the old code saved",
    ];
    assert_eq!(new.messages(), notes);
    // What has not changed is not migrated.
    assert_eq!(new.load(&saved), 0);
    assert_eq!(new.messages(), [""; 0]);
    assert_eq!(new.save(), saved);
}

#[test]
fn a_state_is_migrated_in_c() {
    if !c::has_clang() {
        return;
    }
    let first = r#"
        #include "tinkerbox.h"
        TB_STATE(walk, TB_FIELD(uint32_t, feet), TB_FIELD(uint8_t, inches), TB_FIELD(uint8_t, paces), TB_FIELD(bool, left),
                 TB_STRING(name, 16)) = {10, 5, 7, true, "ada"};
        TB_SYSTEM(rest) {}
        "#;
    let second = r#"
        #include "tinkerbox.h"
        TB_STATE(walk, TB_FIELD(double, metres), TB_FIELD(uint32_t, steps, TB_WAS("paces")), TB_STRING(title, 8),
                 TB_FIELD(uint32_t, calls));
        TB_MIGRATE(older)
        {
            uint32_t feet, inches, yards;
            walk.calls++;
            if (tb_older_get(older, uint32_t, "feet", &feet) && tb_older_get(older, uint32_t, "inches", &inches))
                walk.metres = (feet * 12 + inches) * 0.0254;
            tb_older_text(older, "name", walk.title, sizeof walk.title);
            tb_assert(!tb_older_get(older, uint32_t, "yards", &yards));
        }
        TB_SYSTEM(rest) {}
        "#;
    for flags in [&["-O2"][..], &["-O0"], &["-Oz", "-flto"]] {
        check(&c::compile(&[("walk.c", first)], flags), &c::compile(&[("walk.c", second)], flags));
    }
}

#[test]
fn a_state_is_migrated_in_zig() {
    if !zig::has_zig() {
        return;
    }
    let head = "const tb = @import(\"tinkerbox\");\npub const panic = tb.Panic;\ncomptime { _ = @import(\"game\"); }\n";
    let tail = "var walk: Walk = .{};\nfn rest() void {}\n\
        comptime { tb.mod(.{tb.system(\"rest\", rest)}); tb.state(\"walk\", &walk); }\n";
    let first = "const Walk = struct { feet: u32 = 10, inches: u8 = 5, paces: u8 = 7, left: bool = true, name: tb.Text(16) = .of(\"ada\") };";
    let second = r#"
        const Walk = struct {
            metres: f64 = 0,
            steps: u32 = 0,
            title: tb.Text(8) = .{},
            calls: u32 = 0,

            pub const was = .{ .steps = .{"paces"} };

            pub fn migrate(walk_: *Walk, older: *const tb.Older) void {
                walk_.calls += 1;
                const feet = older.get(u32, "feet") orelse return;
                const inches = older.get(u32, "inches") orelse return;
                walk_.metres = @as(f64, @floatFromInt(feet * 12 + inches)) * 0.0254;
                if (older.get(tb.Text(8), "name")) |name| walk_.title = name;
                tb.assert(@src(), older.get(u32, "yards") == null);
            }
        };
        "#;
    for mode in ["-OReleaseSmall", "-OReleaseSafe"] {
        let [first, second] = [first, second].map(|text| zig::compile(&format!("{head}{text}{tail}"), mode));
        check(&first, &second);
    }
}

#[test]
fn a_state_is_migrated_in_assemblyscript() {
    if !assemblyscript::has_asc() {
        return;
    }
    let first = r#"
        class Walk { feet: u32 = 10; inches: u8 = 5; paces: u8 = 7; left: bool = true; name: string = "ada"; }
        @state const walk = new Walk();
        @system function rest(): void {}
        "#;
    let second = r#"
        import { Older } from "tinkerbox";
        class Walk {
            metres: f64 = 0;
            @was("paces") steps: u32 = 0;
            title: string = "";
            calls: u32 = 0;
        }
        @state({ migrate: fromOlder }) const walk = new Walk();
        function fromOlder(older: Older, walk: Walk): void {
            walk.calls++;
            if (!older.has("feet")) return;
            walk.metres = (older.get<f64>("feet", 0) * 12 + older.get<f64>("inches", 0)) * 0.0254;
            walk.title = older.get<string>("name", "");
            assert(older.get<u32>("yards", 3) == 3);
        }
        @system function rest(): void {}
        "#;
    let [first, second] =
        [first, second].map(|text| assemblyscript::compile(&[("walk.ts", text)], &["-O3s"]));
    check(&first, &second);
}
