//! One component that mods see as two types: each sees what the other has written, and whole values are written in order.

use bevy_ecs::prelude::*;
use tinkerbox::{Expose, ModStatus};
use tinkerbox_macros::mod_type;

use crate::modding::games::game::*;

/// A rectangle, of which the game keeps more than either mirror shows.
#[derive(Component, Clone, Debug, PartialEq)]
struct Field {
    width: u32,
    height: u32,
}

#[mod_type("game:Sides")]
struct Sides {
    width: u32,
    height: u32,
}

/// A square by its area: not all areas are one.
#[mod_type("game:Square")]
struct Square {
    area: u32,
}

impl From<&Field> for Sides {
    fn from(field: &Field) -> Sides {
        Sides { width: field.width, height: field.height }
    }
}

impl From<Sides> for Field {
    fn from(Sides { width, height }: Sides) -> Field {
        Field { width, height }
    }
}

impl From<&Field> for Square {
    fn from(field: &Field) -> Square {
        Square { area: field.width * field.height }
    }
}

impl TryFrom<Square> for Field {
    type Error = ();

    fn try_from(square: Square) -> Result<Field, ()> {
        let side = square.area.isqrt();
        if side * side == square.area { Ok(Field { width: side, height: side }) } else { Err(()) }
    }
}

const SIDES: &str = "{ width: u32, height: u32 }";
const SQUARE: &str = "{ area: u32 }";

/// A system with these columns.
fn system(columns: [(&str, &str, &str); 2]) -> String {
    let columns = columns.map(|(access, id, layout)| {
        format!("{{ component = \"game:{id}\", access = \"{access}\", layout = \"{layout}\" }}")
    });
    format!(
        "[permissions]\nwrite = [\"game:Sides\", \"game:Square\"]\n[[system]]\nname = \"run\"\n[[system.query]]\ncolumns = [{}]\n",
        columns.join(", ")
    )
}

/// The game after one frame of this mod, with one field of 2 by 8.
fn game(columns: [(&str, &str, &str); 2], sizes: [u32; 2], body: &str) -> (Game, Entity) {
    let mut game = Game::new(&[]);
    game.app.expose_component_as::<Field, Sides>().expose_component_as::<Field, Square>();
    let entity = game.world().spawn(Field { width: 2, height: 8 }).id();
    let wat = module(&each_row("run", sizes, 1_024, body));
    game.write("a", &ModText { manifest: head("aaa") + &system(columns), wat });
    game.frame();
    (game, entity)
}

#[test]
fn one_mirror_is_read_and_the_other_written() {
    // The width becomes the area, which is 16.
    let columns = [("write", "Sides", SIDES), ("read", "Square", SQUARE)];
    let (game, entity) = game(columns, [8, 4], "(i32.store (local.get $a) (i32.load (local.get $b)))");
    assert_eq!(game.app.world().get::<Field>(entity), Some(&Field { width: 16, height: 8 }));
    // The area becomes the square of the width.
    let columns = [("read", "Sides", SIDES), ("write", "Square", SQUARE)];
    let square = "(i32.store (local.get $b) (i32.mul (i32.load (local.get $a)) (i32.load (local.get $a))))";
    let (game, entity) = self::game(columns, [8, 4], square);
    assert_eq!(game.app.world().get::<Field>(entity), Some(&Field { width: 2, height: 2 }));
}

#[test]
fn a_value_that_one_mirror_refuses_is_a_fault_and_nothing_is_written() {
    let columns = [("read", "Sides", SIDES), ("write", "Square", SQUARE)];
    let (mut game, entity) = game(columns, [8, 4], "(i32.store (local.get $b) (i32.const 5))");
    assert!(matches!(game.status("aaa"), ModStatus::Faulted { .. }));
    assert_eq!(game.app.world().get::<Field>(entity), Some(&Field { width: 2, height: 8 }));
}

#[test]
fn two_columns_that_write_one_component_are_refused() {
    for columns in [
        [("write", "Sides", SIDES), ("write", "Square", SQUARE)],
        [("write", "Sides", SIDES), ("write", "Sides", SIDES)],
    ] {
        let (mut game, _) = game(columns, [8, 4], "");
        assert_eq!(game.status("aaa"), ModStatus::Refused, "{columns:?}");
    }
}
