//! Meadow in the terminal.
//!
//! ```text
//! 30 times a second: keys -> unless paused, one frame of the game -> reports read -> drawn
//! ```
//!
//! The only place that keeps a pace and looks at a clock; the game gets the same seconds every frame, however long it
//! took. What is drawn is `picture`'s; this file only keeps things going.

mod areas;
mod keys;
mod log_file;
mod log_panel;
mod map;
mod mods_panel;
mod picture;
mod screen;
mod view;

use std::time::{Duration, Instant};

use anyhow::Context;
use bevy_app::App;
use meadow::Position;
use ratatui::crossterm::event;
use ratatui::layout::Rect;

use crate::frame_times::FrameTimes;
use crate::game::{Census, Kind};
use crate::headless::summary;
use crate::meadow_file::MeadowFile;
use crate::mod_row::{ModRow, mod_rows};
use crate::report_log::{ReportLine, ReportLog};
use tinkerbox::{AllowPermissions, LogLevel, ModReloads, ModReportKind, ModStatus, ModTime, Mods};

use keys::wish;
use log_file::LogFile;
use picture::{Picture, divided, inside};
use screen::Screen;
use view::{Deed, Sizes, View};

/// From one frame to the next.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 30);
/// Frame times are averaged over so many frames.
const FRAMES_AVERAGED: usize = 120;
/// Whom a line is about that is about no single mod.
const ALL_MODS: &str = "all mods";
/// Behind a report of code that waits to be allowed what it asks for.
const HOW_TO_ALLOW: &str = "Choose the mod and press a to allow it.";

/// Plays until the player has enough.
///
/// # Errors
/// If the terminal can't be used.
pub fn run(app: &mut App, file: &MeadowFile) -> anyhow::Result<()> {
    app.finish();
    app.cleanup();
    let mut show = Show {
        app,
        file,
        log: ReportLog::with_advice(HOW_TO_ALLOW),
        file_of_log: LogFile::new(),
        times: FrameTimes::of_last(FRAMES_AVERAGED),
        view: View::default(),
        screen: Rect::ZERO,
    };
    eprintln!("     Loading the mods");
    // The first frame loads the mods: done before the screen is taken, it leaves no blank one.
    show.frame();
    if let Some(failure) = show.app.world().resource::<ModReloads>().watch_failure() {
        show.log.note(1, ALL_MODS, ModReportKind::ReloadRefused, failure);
    }
    let mut screen =
        Screen::open().context("the terminal can't be used. Meadow also runs with --headless")?;
    let outcome = show.play(&mut screen);
    drop(screen);
    outcome?;
    println!("{}", summary(show.app, file, &show.times));
    println!("{}", show.file_of_log.farewell());
    Ok(())
}

struct Show<'a> {
    app: &'a mut App,
    file: &'a MeadowFile,
    log: ReportLog,
    file_of_log: LogFile,
    times: FrameTimes,
    view: View,
    /// The size of the screen that was drawn last.
    screen: Rect,
}

impl Show<'_> {
    fn play(&mut self, screen: &mut Screen) -> anyhow::Result<()> {
        let mut next = Instant::now();
        loop {
            screen.terminal().draw(|frame| {
                self.screen = frame.area();
                frame.render_widget(&self.picture(), frame.area());
            })?;
            // After a long frame there is no race to catch up.
            next = (next + FRAME).max(Instant::now());
            while event::poll(next.saturating_duration_since(Instant::now()))? {
                let Some(wish) = wish(&event::read()?) else { continue };
                let sizes = self.sizes();
                match self.view.take(wish, sizes) {
                    Some(Deed::Quit) => return Ok(()),
                    Some(deed) => self.do_to_chosen(deed),
                    None => {}
                }
            }
            if !self.view.is_paused {
                self.frame();
            }
        }
    }

    /// What there is to look at.
    fn sizes(&mut self) -> Sizes {
        let mods = self.mods().len();
        let log_rows = log_panel::rows(self.log.newest(self.log.len()), self.log_width(mods));
        let log = inside(divided(self.screen, mods, &self.view).log);
        Sizes { mods, log_rows, log_height: log.height.into() }
    }

    /// How wide the log is, or would be if it were shown.
    fn log_width(&self, mods: usize) -> u16 {
        match inside(divided(self.screen, mods, &self.view).log).width {
            0 => inside(self.screen).width,
            width => width,
        }
    }

    /// Asks the plugin for what the player wants of the chosen mod, or says why that means nothing.
    fn do_to_chosen(&mut self, deed: Deed) {
        let mods = self.mods();
        let Some(row) = mods.get(self.view.chosen) else {
            return self.say(ALL_MODS, "there is no mod for which this key could do something");
        };
        match deed {
            Deed::Allow if !self.log.is_waiting(row.entity) => {
                return self.say(&row.id, "`a` does nothing: no code of this mod waits to be allowed");
            }
            Deed::Turn if row.status == ModStatus::Refused => {
                return self.say(&row.id, "`o` does nothing: the mod was refused, and no code of it runs");
            }
            Deed::Reset if row.status == ModStatus::Refused => {
                return self.say(&row.id, "`r` does nothing: the mod was refused, and no code of it runs");
            }
            _ => {}
        }
        let world = self.app.world_mut();
        match deed {
            Deed::Turn if row.status == ModStatus::Disabled => {
                world.resource_mut::<Mods>().enable(row.entity)
            }
            Deed::Turn => world.resource_mut::<Mods>().disable(row.entity),
            Deed::Reset => world.resource_mut::<Mods>().reset(row.entity),
            Deed::Allow => drop(world.entity_mut(row.entity).insert(AllowPermissions)),
            Deed::Quit => {}
        }
    }

    /// A line of the log from the shell itself.
    fn say(&mut self, mod_id: &str, text: &str) {
        let tick = self.app.world().resource::<ModTime>().tick;
        let line = self.log.note(tick, mod_id, ModReportKind::Log(LogLevel::Warn), text);
        self.log_has_grown(&[line]);
    }

    /// Keeps what is being read where it is.
    fn log_has_grown(&mut self, new: &[ReportLine]) {
        self.file_of_log.write(new);
        if self.view.below > 0 {
            let sizes = self.sizes();
            let rows = log_panel::rows(new, self.log_width(sizes.mods));
            self.view.log_grows(rows, sizes);
        }
    }

    fn mods(&mut self) -> Vec<ModRow> {
        let mut mods = mod_rows(self.app.world_mut(), &self.file.panel.mods);
        mods.iter_mut().for_each(|row| row.is_behind = self.log.is_behind(row.entity));
        mods
    }

    fn frame(&mut self) {
        let started = Instant::now();
        self.app.update();
        self.times.record(started.elapsed());
        let new = self.log.read(self.app.world());
        self.log_has_grown(&new);
    }

    fn picture(&mut self) -> Picture<'_> {
        let mods = self.mods();
        let things = things(self.app);
        let world = self.app.world();
        let tick = world.resource::<ModTime>().tick;
        Picture {
            glyphs: &self.file.glyphs,
            things,
            mods,
            census: world.resource::<Census>(),
            log: &self.log,
            times: &self.times,
            tick,
            seconds: tick as f32 * self.file.world.tick_seconds,
            view: self.view,
        }
    }
}

/// Where everything is.
fn things(app: &mut App) -> Vec<(Kind, Position)> {
    use bevy_ecs::query::With;
    use meadow::{Grass, Sheep, Wolf};
    let world = app.world_mut();
    let mut things = Vec::new();
    things.extend(world.query_filtered::<&Position, With<Grass>>().iter(world).map(|at| (Kind::Grass, *at)));
    things.extend(world.query_filtered::<&Position, With<Sheep>>().iter(world).map(|at| (Kind::Sheep, *at)));
    things.extend(world.query_filtered::<&Position, With<Wolf>>().iter(world).map(|at| (Kind::Wolf, *at)));
    things
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use tinkerbox::ModdingPlugin;

    use super::keys::Wish;
    use super::*;

    /// A module with a memory and a system `run` that does nothing.
    const IDLE: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x05\x03\x01\0\x01\
        \x07\x14\x02\x06memory\x02\0\x07sys_run\0\0\x0a\x04\x01\x02\0\x0b";

    fn write(mods: &Path, id: &str, version: &str, rest: &str) {
        let folder = mods.join(id);
        fs::create_dir_all(&folder).unwrap();
        let manifest = format!(
            "[mod]\nid = \"{id}\"\nversion = \"{version}\"\napi = 1\n{rest}\n[[system]]\nname = \"run\"\n"
        );
        fs::write(folder.join("mod.toml"), manifest).unwrap();
        fs::write(folder.join("mod.wasm"), IDLE).unwrap();
    }

    /// A game in a folder of its own, with these mods.
    fn game(test: &str, ids: &[&str]) -> (PathBuf, MeadowFile, App) {
        let mods = std::env::temp_dir().join(format!("tinkerbox-terminal-{}-{test}", std::process::id()));
        fs::create_dir_all(&mods).unwrap();
        ids.iter().for_each(|id| write(&mods, id, "0.1.0", ""));
        let file = MeadowFile::parse(include_str!("../../../../assets/meadow/meadow.toml")).unwrap();
        let app = crate::meadow(&file, ModdingPlugin::new(&mods).watch(false), 1);
        (mods, file, app)
    }

    fn show<'a>(app: &'a mut App, file: &'a MeadowFile) -> Show<'a> {
        let screen = Rect::new(0, 0, 80, 24);
        let times = FrameTimes::of_last(1);
        let log = ReportLog::with_advice(HOW_TO_ALLOW);
        let (file_of_log, view) = (LogFile::new(), View::default());
        let mut show = Show { app, file, log, file_of_log, times, view, screen };
        show.frame();
        show
    }

    /// Does what a key asks for, and lets two frames pass.
    fn press(show: &mut Show<'_>, wish: Wish) -> Vec<String> {
        let sizes = show.sizes();
        if let Some(deed) = show.view.take(wish, sizes) {
            show.do_to_chosen(deed);
        }
        (0..2).for_each(|_| show.frame());
        show.mods().iter().map(|row| format!("{} {}", row.id, row.state())).collect()
    }

    #[test]
    fn keys_turn_the_chosen_mod_off_and_on() {
        let (mods, file, mut app) = game("turn", &["ant", "bee", "cow"]);
        let mut show = show(&mut app, &file);
        assert_eq!(press(&mut show, Wish::Down), ["ant live", "bee live", "cow live"]);
        assert_eq!(press(&mut show, Wish::Turn), ["ant live", "bee off", "cow live"]);
        assert_eq!(press(&mut show, Wish::Reset), ["ant live", "bee off", "cow live"]);
        assert_eq!(press(&mut show, Wish::Turn), ["ant live", "bee live", "cow live"]);
        drop(show);
        fs::remove_dir_all(mods).unwrap();
    }

    #[test]
    fn what_is_read_in_the_log_stays_where_it_is() {
        let (mods, file, mut app) = game("scroll", &["ant", "bee", "cow"]);
        let mut show = show(&mut app, &file);
        for _ in 0..30 {
            press(&mut show, Wish::Turn);
        }
        let all = show.log.len();
        press(&mut show, Wish::Oldest);
        let below = show.view.below;
        assert!(below > 0 && below < all, "{below} of {all}");
        // Whether the log is to be seen or not, each message is a row.
        for shown in [Wish::Mods, Wish::Help, Wish::Back, Wish::Log] {
            press(&mut show, shown);
            press(&mut show, Wish::Turn);
            let hidden = show.log.len() - all;
            assert!(show.view.below <= below + hidden, "{} rows after {hidden} messages", show.view.below);
        }
        press(&mut show, Wish::Newest);
        assert_eq!(show.view.below, 0);
        drop(show);
        fs::remove_dir_all(mods).unwrap();
    }

    fn last(show: &Show<'_>) -> String {
        show.log.newest(1).map(|line| format!("{} {} {}", line.mod_id, line.word(), line.text)).collect()
    }

    #[test]
    fn keys_that_mean_nothing_for_the_chosen_mod_say_so() {
        let (mods, file, mut app) = game("nothing", &[]);
        let mut without = show(&mut app, &file);
        assert_eq!(press(&mut without, Wish::Turn), [""; 0]);
        assert!(last(&without).starts_with("all mods warning there is no mod"), "{}", last(&without));
        drop(without);
        fs::remove_dir_all(mods).unwrap();

        let (mods, file, mut app) = game("refused", &["ant"]);
        write(&mods, "ant", "0.1.0", "[permissions]\nread = [\"meadow:Moon\"]");
        let mut show = show(&mut app, &file);
        for (wish, key) in [(Wish::Turn, "`o`"), (Wish::Reset, "`r`"), (Wish::Allow, "`a`")] {
            assert_eq!(press(&mut show, wish), ["ant refused"]);
            let told = last(&show);
            assert!(told.starts_with(&format!("ant warning {key} does nothing: ")), "{told}");
        }
        drop(show);
        fs::remove_dir_all(mods).unwrap();
    }

    #[test]
    fn a_key_allows_a_rebuild_what_it_asks_for() {
        let (mods, file, mut app) = game("allow", &["ant"]);
        let mut show = show(&mut app, &file);
        // Nothing waits: nothing is allowed in advance.
        assert_eq!(press(&mut show, Wish::Allow), ["ant live"]);
        assert!(last(&show).contains("`a` does nothing"), "{}", last(&show));
        write(&mods, "ant", "0.2.0", "[permissions]\nread = [\"meadow:Position\"]");
        let mut reloads = show.app.world_mut().resource_mut::<ModReloads>();
        reloads.record(&mods.join("ant/mod.toml"), Duration::from_secs(1));
        reloads.settle(Duration::from_secs(2));
        reloads.finish_builds();
        assert_eq!(press(&mut show, Wish::Newest), ["ant live, rebuild refused"]);
        assert!(last(&show).ends_with(HOW_TO_ALLOW), "{}", last(&show));
        assert_eq!(press(&mut show, Wish::Allow), ["ant live"]);
        assert!(show.mods()[0].stats.last_message.contains("0.2.0"));
        drop(show);
        fs::remove_dir_all(mods).unwrap();
    }
}
