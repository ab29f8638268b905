//! A player at the game: a folder of mods, a file of grants, and frames of one tick each.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use harbor::consent::{Question, answer};
use harbor::harbour::{Logbook, MooredAt};
use harbor::screen::Screen;
use harbor::{Settings, app};
use harbor_types::{Flagged, Hold, Hull, Papers, Tide, Treasury, Whistle};
use tempfile::TempDir;
use tinkerbox::{ModReloads, ModReport, ModReportKind, ModStats, ModStatus, Mods};

use crate::building;

/// A step of `FixedUpdate`.
const STEP: Duration = Duration::from_micros(15_625);

/// A game that is played, and its folders, which are gone with it.
pub struct Session {
    pub game: App,
    home: TempDir,
    /// When a file was changed last.
    now: Duration,
}

impl Session {
    /// A new game in its menu, with the mods that come with it. None of them has been allowed yet.
    pub fn new() -> Session {
        let home = TempDir::new().unwrap();
        for id in ["customs", "pilot"] {
            copy_mod(&building::mods().join(id), &home.path().join("mods").join(id));
        }
        Session { game: start(home.path()), home, now: Duration::ZERO }
    }

    /// A game that sails, with both mods, which were allowed.
    pub fn sailing() -> Session {
        let mut session = Session::new();
        session.allow_all();
        session.go_to(Screen::Sailing);
        session
    }

    /// Quits the game and starts it again.
    pub fn start_again(&mut self) {
        self.game = start(self.home.path());
    }

    pub fn ticks(&mut self, count: u32) {
        for _ in 0..count {
            self.game.update();
        }
    }

    /// Updates the game until something holds.
    pub fn until(&mut self, what: &str, holds: impl Fn(&mut Session) -> bool) {
        for _ in 0..2000 {
            if holds(self) {
                return;
            }
            self.game.update();
        }
        panic!("not within 2,000 ticks: {what}");
    }

    pub fn go_to(&mut self, screen: Screen) {
        self.game.world_mut().resource_mut::<NextState<Screen>>().set(screen);
        self.game.update();
        assert_eq!(self.screen(), screen);
    }

    pub fn screen(&self) -> Screen {
        *self.game.world().resource::<State<Screen>>().get()
    }

    /// The text of the question that is open.
    pub fn question(&self) -> Option<String> {
        self.game.world().get_resource::<Question>().map(|question| question.text.clone())
    }

    pub fn answer(&mut self, is_allowed: bool) {
        answer(self.game.world_mut(), is_allowed);
        self.game.update();
    }

    /// Says yes to each question.
    pub fn allow_all(&mut self) {
        self.game.update();
        while self.question().is_some() {
            self.answer(true);
        }
    }

    /// The file of what was granted.
    pub fn grants(&self) -> PathBuf {
        self.home.path().join("grants.toml")
    }

    /// The folder of an installed mod.
    pub fn folder(&self, id: &str) -> PathBuf {
        self.home.path().join("mods").join(id)
    }

    /// The files of a mod were replaced by those of another version.
    pub fn install(&mut self, id: &str, from: &Path) {
        copy_mod(&from.join(id), &self.folder(id));
        self.notice(id);
    }

    /// The files of a mod have changed, and the game notices it in the next frame.
    pub fn notice(&mut self, id: &str) {
        self.now += Duration::from_secs(1);
        let (folder, now) = (self.folder(id), self.now);
        let mut reloads = self.game.world_mut().resource_mut::<ModReloads>();
        reloads.record(&folder, now);
        reloads.settle(now + Duration::from_millis(80));
        reloads.finish_builds();
        self.game.update();
    }

    /// The player loads the mod in a folder again.
    pub fn load(&mut self, id: &str) {
        let folder = self.folder(id);
        self.mods().load(folder);
        self.game.update();
        self.game.world_mut().resource_mut::<ModReloads>().finish_builds();
        self.game.update();
    }

    /// The entity of a mod.
    pub fn entity(&self, id: &str) -> Option<Entity> {
        self.game.world().resource::<Mods>().entity(id)
    }

    pub fn mods(&mut self) -> Mut<'_, Mods> {
        self.game.world_mut().resource_mut::<Mods>()
    }

    pub fn status(&self, id: &str) -> ModStatus {
        *self.of_mod::<ModStatus>(id)
    }

    pub fn stats(&self, id: &str) -> &ModStats {
        self.of_mod(id)
    }

    /// How often something of this kind was reported of a mod in the last two frames.
    pub fn reported(&self, id: &str, kind: ModReportKind) -> usize {
        let reports = self.game.world().resource::<Messages<ModReport>>();
        reports
            .iter_current_update_messages()
            .filter(|report| report.mod_id == id && report.kind == kind)
            .count()
    }

    pub fn treasury(&self) -> u32 {
        self.game.world().resource::<Treasury>().coins
    }

    pub fn tide(&self) -> f32 {
        self.game.world().resource::<Tide>().height
    }

    pub fn bells(&self) -> u32 {
        self.game.world().resource::<Logbook>().bells
    }

    /// The whistles that were heard so far.
    pub fn whistles(&self) -> &[Whistle] {
        &self.game.world().resource::<Logbook>().whistles
    }

    /// The ships in the order of their entities.
    pub fn ships(&mut self) -> Vec<Ship> {
        let world = self.game.world_mut();
        let mut ships =
            world.query::<(Entity, &Transform, &Hold, &Papers, &Hull, Option<&MooredAt>, Option<&Flagged>)>();
        let mut ships: Vec<Ship> = ships
            .iter(world)
            .map(|(entity, place, hold, papers, hull, berth, flag)| Ship {
                entity,
                place: place.translation,
                hold: hold.clone(),
                papers: papers.clone(),
                draught: hull.draught,
                berth: berth.map(|berth| berth.0),
                held_ticks: flag.map(|flag| flag.ticks),
            })
            .collect();
        ships.sort_by_key(|ship| ship.entity);
        ships
    }

    /// How many heaps of goods are ashore.
    pub fn heaps(&mut self) -> usize {
        let world = self.game.world_mut();
        world.query_filtered::<&Hold, Without<Hull>>().iter(world).count()
    }

    fn of_mod<T: Component>(&self, id: &str) -> &T {
        let entity = self.entity(id).unwrap_or_else(|| panic!("no mod `{id}`"));
        self.game.world().get(entity).unwrap_or_else(|| panic!("the mod `{id}` has no such component"))
    }
}

/// What a player sees of a ship.
#[derive(Clone, Debug, PartialEq)]
pub struct Ship {
    pub entity: Entity,
    pub place: Vec3,
    pub hold: Hold,
    pub papers: Papers,
    pub draught: f32,
    pub berth: Option<Entity>,
    pub held_ticks: Option<u32>,
}

/// Each update of it is one tick. The first one starts its mods.
fn start(home: &Path) -> App {
    let mut game =
        app(&Settings { mods: home.join("mods"), grants: home.join("grants.toml"), is_played: false });
    game.insert_resource(TimeUpdateStrategy::ManualDuration(STEP));
    game.update();
    game
}

fn copy_mod(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
