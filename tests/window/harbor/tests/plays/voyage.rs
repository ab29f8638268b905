//! What mods make of the harbour.

use harbor::harbour::{QUAY_DEPTH, SEA};
use harbor::voyage::CATCH;
use harbor_types::{Hold, Papers};
use tinkerbox::{ModEntity, ModStatus};

use crate::session::{Session, Ship};

#[test]
fn ships_come_in_pay_and_sail_again() {
    let mut session = Session::sailing();
    session.until("a ship moors", |session| session.ships().iter().any(|ship| ship.berth.is_some()));
    let moored = session.ships().into_iter().find(|ship| ship.berth.is_some()).unwrap();
    assert!(moored.place.x < 1.0, "moored at {}", moored.place);
    assert_eq!(session.treasury(), 0);
    session.ticks(1);
    assert_eq!((session.whistles().len(), session.whistles()[0].ships), (1, 1));
    assert_eq!(session.whistles()[0].ship, ModEntity::from_bits(moored.entity.to_bits()));

    session.until("it pays", |session| session.treasury() > 0);
    assert_eq!(session.treasury(), 30);
    let paid = session.ships().into_iter().find(|ship| ship.entity == moored.entity).unwrap();
    assert_eq!(paid.hold, Hold::Empty);
    let berth = moored.berth.map(|berth| ModEntity::from_bits(berth.to_bits()));
    assert_eq!(paid.papers, Papers { in_order: true, stamped_at: berth, stamps: Some(1) });

    let with_fish = |ship: &Ship| ship.entity == moored.entity && ship.hold == Hold::Fish(CATCH);
    session.until("it goes fishing", |session| session.ships().iter().any(with_fish));
    let fishing = session.ships().into_iter().find(with_fish).unwrap();
    assert!(fishing.place.x >= SEA && fishing.berth.is_none());
    session.until("it moors with fish", |session| {
        session.ships().iter().any(|ship| with_fish(ship) && ship.berth.is_some())
    });
    let coins = session.treasury();
    session.until("its fish are ashore", |session| {
        session.ships().iter().any(|ship| ship.entity == moored.entity && ship.papers.stamps == Some(2))
    });
    assert_eq!(session.treasury(), coins, "fish is free of duty");
}

#[test]
fn wrong_papers_cost_twice_and_hold_the_ship() {
    let mut session = Session::sailing();
    session
        .until("customs hold a ship", |session| session.ships().iter().any(|ship| ship.held_ticks.is_some()));
    let held = session.ships().into_iter().find(|ship| ship.held_ticks.is_some()).unwrap();
    let others = session.ships().iter().filter(|ship| ship.papers.stamps == Some(1)).count() as u32 - 1;
    assert_eq!(session.treasury(), 60 + 30 * others);
    assert_eq!((session.heaps(), session.stats("customs").spawned), (1, 1), "its goods are ashore");
    assert_eq!(session.bells(), 0);

    session.ticks(30);
    let still = session.ships().into_iter().find(|ship| ship.entity == held.entity).unwrap();
    assert_eq!((still.berth, still.place), (held.berth, held.place));
    session.until("it sails", |session| {
        session.ships().iter().any(|ship| ship.entity == held.entity && ship.berth.is_none())
    });
    session.ticks(1);
    assert_eq!(session.bells(), 1, "the bell rings for a ship that is released");
}

#[test]
fn the_deepest_ship_waits_for_the_tide() {
    let mut session = Session::sailing();
    let mut ticks_at_ebb = 0;
    loop {
        let (before, depth) = (deepest(&mut session), QUAY_DEPTH + session.tide());
        session.ticks(1);
        let now = deepest(&mut session);
        if now.berth.is_some() {
            assert!(QUAY_DEPTH + session.tide() >= now.draught, "it has moored where it is aground");
            break;
        }
        if depth < now.draught {
            assert_eq!(now.place, before.place, "it sails while the water is too low");
            ticks_at_ebb += 1;
        }
        assert!(ticks_at_ebb < 2000, "it never moors");
    }
    assert!(ticks_at_ebb > 0, "it never had to wait");
    for id in ["customs", "pilot"] {
        assert_eq!(session.status(id), ModStatus::Live);
        let stats = session.stats(id);
        assert_eq!(
            (stats.faults, stats.writes_skipped, stats.game_errors),
            (0, 0, 0),
            "{id}: {}",
            stats.last_message
        );
    }
}

fn deepest(session: &mut Session) -> Ship {
    session.ships().into_iter().find(|ship| ship.draught > QUAY_DEPTH).unwrap()
}
