//! A mod that changes one row in a hundred does not affect the change ticks of the others.

use bevy_ecs::change_detection::Tick;
use bevy_ecs::prelude::*;

use crate::modding::games::game::*;

const ENTITIES: usize = 100_000;

fn ticks(game: &mut Game, entities: &[Entity]) -> Vec<Tick> {
    let world = game.world();
    entities.iter().map(|&it| world.entity(it).get_change_ticks::<Position>().unwrap().changed).collect()
}

#[test]
fn one_row_in_a_hundred() {
    // Those at 0, 100, 200 ... go up by one.
    let body = "(if (i32.eqz (i32.rem_u (i32.trunc_f32_u (f32.load (local.get $a))) (i32.const 100))) (then
        (f32.store offset=4 (local.get $a) (f32.add (f32.load offset=4 (local.get $a)) (f32.const 1)))))";
    let manifest = head("picky")
        + "[budget]\nfuel = 20_000_000\n[permissions]\nwrite = [\"game:Position\"]\n"
        + &system("run", &[WRITE_POSITION]);
    let text = ModText { manifest, wat: module(&each_row("run", [8, 0], 32_768, body)) };
    let mut game = Game::new(&[("picky", &text)]);
    let entities: Vec<_> = (0..ENTITIES).map(|x| game.spawn_at(x as f32)).collect();
    game.frame();
    let before = ticks(&mut game, &entities);
    game.frame();
    let after = ticks(&mut game, &entities);
    for at in 0..ENTITIES {
        let is_changed = before[at] != after[at];
        assert_eq!(is_changed, at % 100 == 0, "row {at}");
        let y = game.world().get::<Position>(entities[at]).unwrap().y;
        assert_eq!(y, if at % 100 == 0 { 2.0 } else { 0.0 });
    }
}
