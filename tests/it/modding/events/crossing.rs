//! Events into mods and out of them: which systems receive them, when and in which order, and which types cross.
//!
//! `waiting.rs` tests events for which a mod has no time; `tests/it/hostile` tests how many a mod can send in one
//! run, and the answers to hostile numbers.

use bevy_app::Update;
use bevy_ecs::message::Message;
use bevy_ecs::prelude::*;
use tinkerbox::{ModReportKind, ModStatus, TickMods};

use crate::modding::games::exposed::*;
use crate::modding::games::game::*;
use crate::modding::games::wider_game::{bytes_of, data, handles, sends};

const RIGHTS: &str =
    "[permissions]\nevents = [\"game:Bell\", \"game:Shout\"]\nsend = [\"game:Bell\", \"game:Shout\"]\n";

/// Tells the number of each bell of the call. Bells have 12 bytes and are read one at a time.
pub const TELL_EACH: &str = "(loop $more
    (if (i32.gt_s (call $event_next (i32.const 64) (i32.const 12)) (i32.const 0)) (then
        (call $tell (i32.load (i32.const 64)))
        (br $more))))";

/// A system: its name, its manifest entry, and its code, which may begin with locals.
pub type SystemText<'a> = (&'a str, String, &'a str);

pub fn mod_of(id: &str, systems: &[SystemText<'_>]) -> ModText {
    let declare = |(name, keys, _): &SystemText<'_>| plain_system(name) + keys;
    let define = |(name, _, code): &SystemText<'_>| format!("(func (export \"sys_{name}\") {code})");
    let declarations: String = systems.iter().map(declare).collect();
    let code: String = systems.iter().map(define).collect();
    ModText { manifest: head(id) + RIGHTS + &declarations, wat: module(&format!("{TELL}{code}")) }
}

/// A mod with one handler of bells.
pub fn listener(id: &str, code: &str) -> ModText {
    mod_of(id, &[("hear", handles::<Bell>(), code)])
}

pub fn ring(game: &mut Game, numbers: impl IntoIterator<Item = i64>) {
    let bell = |number: i64| Bell { number: number as u32, ringer: 7, pitch: 0.5 };
    game.world().write_message_batch(numbers.into_iter().map(bell));
}

/// The events that the game has received at the end of its frames.
#[derive(Resource)]
struct Heard<E>(Vec<E>);

impl<E: Message + Copy> Heard<E> {
    fn listen(game: &mut Game) {
        game.world().insert_resource(Heard::<E>(Vec::new()));
        let hear = |mut new: MessageReader<E>, mut heard: ResMut<Heard<E>>| heard.0.extend(new.read());
        game.app.add_systems(Update, hear.after(TickMods));
    }

    fn so_far(game: &Game) -> Vec<E> {
        game.app.world().resource::<Heard<E>>().0.clone()
    }
}

fn numbers(bells: &[Bell]) -> Vec<u32> {
    bells.iter().map(|bell| bell.number).collect()
}

/// Pseudo-random numbers, the same each time.
pub fn scramble(number: usize) -> usize {
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) ^ number
}

#[test]
fn every_handler_gets_every_event_in_its_order_and_is_called_only_where_there_are_some() {
    let code = |number: i32| format!("(call $tell (i32.const {number})) {TELL_EACH}");
    let codes = [code(-1), code(-2), code(-3)];
    let other = ("other", handles::<ShoutBytes>(), "(call $tell (i32.const -9))");
    let two = mod_of(
        "bbb",
        &[("first", handles::<Bell>(), &codes[1]), ("second", handles::<Bell>(), &codes[2]), other],
    );
    let mut game = Game::new(&[("a", &listener("aaa", &codes[0])), ("b", &two)]);
    game.frame();
    let (mut next, mut expected) = (0, [Vec::new(), Vec::new()]);
    for frame in 0..40 {
        let sent: Vec<i64> = (next..next + scramble(frame) as i64 % 4).collect();
        next += sent.len() as i64;
        ring(&mut game, sent.iter().copied());
        game.frame();
        for (call, of) in [(-1, 0), (-2, 1), (-3, 1)] {
            if !sent.is_empty() {
                expected[of].extend([call].iter().chain(&sent));
            }
        }
    }
    assert_eq!([game.told("aaa"), game.told("bbb")], expected);
}

#[test]
fn handlers_come_before_all_other_systems() {
    // In the order of ids the other mod would be first.
    let late = mod_of("zzz", &[("hear", handles::<Bell>(), TELL_EACH)]);
    let early = mod_of("aaa", &[("run", String::new(), "(call $tell (i32.const 1))")]);
    let mut game = Game::new(&[("a", &early), ("z", &late)]);
    game.frame();
    ring(&mut game, [5]);
    let before = game.all_reports().len();
    game.frame();
    let said: Vec<_> = game.all_reports()[before..].iter().map(|report| &report.mod_id[..]).collect();
    assert_eq!(said, ["zzz", "aaa"]);
}

/// Reads into this much room until nothing is left. Tells each answer with the numbers received, and at the end the
/// first byte that must not be written.
fn reader(room: u32) -> String {
    format!(
        "(local $n i32) (local $at i32) (local $end i32)
        (memory.fill (i32.const 64) (i32.const 127) (i32.const 256))
        (local.set $end (i32.const 64))
        (loop $more
            (call $tell (local.tee $n (call $event_next (i32.const 64) (i32.const {room}))))
            (local.set $at (i32.const 64))
            (if (i32.gt_s (local.get $n) (i32.const 0)) (then
                (loop $each
                    (call $tell (i32.add (i32.load (local.get $at)) (i32.load offset=4 (local.get $at))))
                    (local.set $at (i32.add (local.get $at) (i32.const 12)))
                    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                    (br_if $each (local.get $n)))
                (if (i32.gt_u (local.get $at) (local.get $end)) (then (local.set $end (local.get $at))))
                (br $more))))
        (call $tell (i32.load8_u (local.get $end)))"
    )
}

#[test]
fn a_buffer_of_any_size_gets_as_many_events_as_fit_and_no_byte_more() {
    const NO_ROOM: i64 = -3;
    for room in 0..=50 {
        let mut game = Game::new(&[("a", &listener("aaa", &reader(room)))]);
        game.frame();
        let mut expected = Vec::new();
        for count in [3, 0, 1, 4, 2] {
            ring(&mut game, 0..count);
            game.frame();
            let fit = i64::from(room) / 12;
            let mut next = 0;
            while fit > 0 && next < count {
                let piece = next..count.min(next + fit);
                next = piece.end;
                expected.push(piece.end - piece.start);
                // The ringer of each is 7.
                expected.extend(piece.map(|number| number + 7));
            }
            if count > 0 {
                expected.extend([if fit > 0 { 0 } else { NO_ROOM }, 127]);
            }
        }
        assert_eq!(game.told("aaa"), expected, "with {room} bytes");
    }
}

/// Five bells with the numbers 1 to 5, one after the other from address 64 on.
fn five_bells() -> String {
    let bells: Vec<_> = (1..=5).map(|number| Bell { number, ringer: 0, pitch: 2.0 }).collect();
    data(64, bytemuck::cast_slice(&bells))
}

#[test]
fn bytes_of_any_length_are_whole_events_or_are_refused() {
    const BAD_ARGUMENT: i64 = -4;
    // In tick number n it sends n bytes; in the first, when the game is created, none.
    let code = "(call $tell (call $event_send (i32.const 0) (i32.const 64)
        (i32.sub (i32.wrap_i64 (call $tick)) (i32.const 1))))";
    let mut text = mod_of("aaa", &[("run", sends::<Bell>(), code)]);
    text.wat = text.wat.replace("(func (export", &format!("{} (func (export", five_bells()));
    let mut game = Game::new(&[("a", &text)]);
    Heard::<Bell>::listen(&mut game);
    let mut heard = 0;
    for len in 0..=60 {
        game.frame();
        let is_whole = len % 12 == 0;
        assert_eq!(game.told("aaa").last(), Some(if is_whole { &0 } else { &BAD_ARGUMENT }), "{len} bytes");
        let bells = Heard::<Bell>::so_far(&game).split_off(heard);
        heard += bells.len();
        let count = if is_whole { len as u32 / 12 } else { 0 };
        assert_eq!(numbers(&bells), (1..=count).collect::<Vec<_>>(), "{len} bytes");
        assert!(bells.iter().all(|bell| bell.pitch == 2.0 && bell.ringer == 0));
    }
    assert_eq!((game.status("aaa"), game.stats("aaa").faults), (ModStatus::Live, 0));
}

#[test]
fn events_cost_what_the_guide_says() {
    let send = |count: u32| {
        let code =
            format!("(drop (call $event_send (i32.const 0) (i32.const 64) (i32.const {})))", 12 * count);
        let mut game = Game::new(&[("a", &mod_of("aaa", &[("run", sends::<Bell>(), &code)]))]);
        game.frame();
        game.stats("aaa").fuel_used
    };
    let hear = |count: i64| {
        let code = "(drop (call $event_next (i32.const 64) (i32.const 4096)))";
        let mut game = Game::new(&[("a", &listener("aaa", code))]);
        game.frame();
        ring(&mut game, 0..count);
        game.frame();
        game.stats("aaa").fuel_used
    };
    for count in 1..=100 {
        let bytes = 12 * u64::from(count) / 8;
        assert_eq!(send(count), send(0) + bytes + 20 * u64::from(count), "{count} sent");
        assert_eq!(hear(count.into()), hear(1) - 5 + bytes + 4 * u64::from(count), "{count} heard");
    }
}

/// Sends a bell of this number.
fn send_bell(number: u32) -> String {
    format!(
        "(i32.store (i32.const 64) (i32.const {number}))
        (drop (call $event_send (i32.const 0) (i32.const 64) (i32.const 12)))"
    )
}

#[test]
fn each_kind_is_heard_in_the_order_in_which_it_was_sent() {
    let shout = |number: u32| {
        format!(
            "(i32.store (i32.const 64) (i32.const {number})) (i32.store (i32.const 68) (i32.const 1))
            (drop (call $event_send (i32.const 1) (i32.const 64) (i32.const 8)))"
        )
    };
    let steps = |from: u32| [send_bell(from), shout(from), send_bell(from + 1), shout(from + 1)].concat();
    let both = || sends::<Bell>() + &sends::<ShoutBytes>();
    let mods = [
        mod_of("aaa", &[("one", both(), &steps(10)), ("two", both(), &steps(12))]),
        mod_of("bbb", &[("one", both(), &steps(14))]),
    ];
    let mut game = Game::new(&[("1", &mods[1]), ("2", &mods[0])]);
    Heard::<Bell>::listen(&mut game);
    Heard::<Shout>::listen(&mut game);
    game.frame();
    let expected: Vec<u32> = (10..16).collect();
    assert_eq!(numbers(&Heard::<Bell>::so_far(&game)), expected);
    let shouts = Heard::<Shout>::so_far(&game);
    assert_eq!(shouts.iter().map(|shout| shout.number).collect::<Vec<_>>(), expected);
}

#[test]
fn mods_hear_what_mods_have_sent_in_the_next_frame_the_sender_among_them() {
    // Answers each bell with one whose number is one higher.
    let answer = "(drop (call $event_next (i32.const 64) (i32.const 12)))
        (call $tell (i32.load (i32.const 64)))
        (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
        (drop (call $event_send (i32.const 0) (i32.const 64) (i32.const 12)))";
    let echo = mod_of("mmm", &[("hear", handles::<Bell>() + &sends::<Bell>(), answer)]);
    let (before, after) = (listener("aaa", TELL_EACH), listener("zzz", TELL_EACH));
    let mut game = Game::new(&[("a", &before), ("m", &echo), ("z", &after)]);
    Heard::<Bell>::listen(&mut game);
    game.frame();
    ring(&mut game, [0]);
    for frame in 0..10 {
        game.frame();
        let by_mods: Vec<i64> = (0..=frame).collect();
        for id in ["aaa", "mmm", "zzz"] {
            assert_eq!(game.told(id), by_mods, "{id} in frame {frame}");
        }
        // The game itself receives it at once.
        let by_the_game: Vec<u32> = (0..=frame as u32 + 1).collect();
        assert_eq!(numbers(&Heard::<Bell>::so_far(&game)), by_the_game, "in frame {frame}");
    }
}

#[test]
fn what_is_sent_lands_when_the_system_has_finished() {
    let code = format!("(local $i i32) {} {} {}", send_bell(1), ado(2_000), send_bell(2));
    let text = mod_of("aaa", &[("run", sends::<Bell>(), &code)]);
    let budget = |fuel: u32| {
        format!(
            "[budget]
fuel = {fuel}
burst = {fuel}
[perm"
        )
    };
    for fuel in [500, 1_000, 3_000, 7_000, 11_999] {
        let text = ModText { manifest: text.manifest.replace("[perm", &budget(fuel)), ..text.clone() };
        let mut game = Game::new(&[("a", &text), ("b", &listener("bbb", TELL_EACH))]);
        Heard::<Bell>::listen(&mut game);
        game.frame();
        while game.status("aaa") != ModStatus::Live {
            assert_eq!(Heard::<Bell>::so_far(&game), [], "with {fuel} units");
            game.frame();
        }
        assert_eq!(numbers(&Heard::<Bell>::so_far(&game)), [1, 2], "with {fuel} units");
        game.frame();
        assert_eq!(game.told("bbb"), [1, 2], "with {fuel} units");
        assert!(game.stats("aaa").suspensions > 0, "{fuel} units are less than it needs");
    }
}

#[test]
fn an_event_that_is_no_plain_bytes_crosses_as_its_mirror() {
    let code = "(drop (call $event_next (i32.const 64) (i32.const 800)))
        (call $tell_i64 (i64.load (i32.const 64))) (call $tell_i64 (i64.load (i32.const 72)))
        (drop (call $event_send (i32.const 0) (i32.const 64) (i32.const 16)))";
    let keys = handles::<ShoutBytes>() + &sends::<ShoutBytes>();
    let mut game = Game::new(&[("a", &mod_of("aaa", &[("hear", keys, code)]))]);
    Heard::<Shout>::listen(&mut game);
    game.frame();
    let shouts = [Shout { number: 5, loud: true }, Shout { number: 6, loud: false }];
    game.world().write_message_batch(shouts);
    game.frame();
    assert_eq!(game.told("aaa"), [5 + (1 << 32), 6]);
    assert_eq!(Heard::<Shout>::so_far(&game), [shouts, shouts].concat());
}

#[test]
fn an_event_that_is_none_is_refused_with_all_that_are_sent_in_one_call() {
    const COUNT: usize = 5;
    // Which of them are invalid shouts (the one that is neither loud nor quiet): all or none.
    for wrong in [vec![], vec![0], vec![1], vec![2], vec![3], vec![4], (0..COUNT).collect()] {
        for loud in [2, 3, 255, 256, u32::MAX] {
            let shout = |at: usize| if wrong.contains(&at) { loud } else { at as u32 % 2 };
            let words: Vec<u64> = (0..COUNT).map(|at| u64::from(shout(at)) << 32 | at as u64).collect();
            let send = |at: usize, len: usize| {
                format!("(call $tell (call $event_send (i32.const 0) (i32.const {at}) (i32.const {len})))")
            };
            // One before and one after it, in separate calls; there is a shout at 200.
            let code = [send(200, 8), send(64, 8 * COUNT), send(200, 8)].concat();
            let mut text = mod_of("aaa", &[("run", sends::<ShoutBytes>(), &code)]);
            let words = data(64, &bytes_of(&words)) + &data(200, &bytes_of(&[9]));
            text.wat = text.wat.replace("(func (export", &format!("{words} (func (export"));
            let mut game = Game::new(&[("a", &text)]);
            Heard::<Shout>::listen(&mut game);
            game.frame();
            let answer = if wrong.is_empty() { 0 } else { -4 };
            assert_eq!(game.told("aaa"), [0, answer, 0], "{wrong:?} {loud}");
            let heard: Vec<_> = Heard::<Shout>::so_far(&game).iter().map(|shout| shout.number).collect();
            let expected = if wrong.is_empty() { vec![9, 0, 1, 2, 3, 4, 9] } else { vec![9, 9] };
            assert_eq!(heard, expected, "{wrong:?} {loud}");
            assert_eq!(game.reports("aaa", ModReportKind::Faulted), [""; 0], "it is no fault");
        }
    }
}
