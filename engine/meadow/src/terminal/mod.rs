//! Meadow in the terminal.
//!
//! ```text
//! 30 times a second: read keys -> run a frame of the game, unless paused -> read reports -> draw
//! ```
//!
//! The only place that keeps a pace and reads a clock: the game advances by the same time in every frame, however long the
//! frame took. This file runs the loop; `picture` draws.

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
use meadow::{Position, Weather};
use ratatui::crossterm::event;
use ratatui::layout::Rect;

use crate::frame_times::FrameTimes;
use crate::game::{Census, Species};
use crate::headless::summary;
use crate::meadow_file::MeadowFile;
use tinkerbox::panel::{Advice, ModAction, ModRow, PanelModel, ReportLine};
use tinkerbox::{LogLevel, ModReloads, ModReportKind, ModStatus, ModTime};

use keys::input;
use log_file::LogFile;
use picture::{Picture, divided, inside};
use screen::Screen;
use view::{Action, Sizes, View};

/// The time from one frame to the next.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 30);
/// How many frames the frame times are averaged over.
const FRAMES_AVERAGED: usize = 120;
/// Stands for the id of a mod in lines that are not about a single one.
const ALL_MODS: &str = "all mods";
/// What the player can do about a report.
const ADVICE: Advice = Advice {
    to_allow: "Choose the mod and press a to allow it.",
    to_reset: "Choose the mod and press r to reset it.",
};

/// Plays until the player quits.
///
/// # Errors
/// If the terminal can't be used.
pub fn run(app: &mut App, file: &MeadowFile) -> anyhow::Result<()> {
    app.finish();
    app.cleanup();
    let mut show = Show {
        app,
        file,
        model: PanelModel::with_advice(ADVICE),
        file_of_log: LogFile::new(),
        times: FrameTimes::of_last(FRAMES_AVERAGED),
        view: View::default(),
        screen: Rect::ZERO,
    };
    eprintln!("     Loading the mods");
    // The first frame loads the mods. It runs before the screen is taken, which would be blank meanwhile.
    show.frame();
    if let Some(failure) = show.app.world().resource::<ModReloads>().watch_failure() {
        show.model.log.note(1, ALL_MODS, ModReportKind::ReloadRefused, failure);
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
    model: PanelModel,
    file_of_log: LogFile,
    times: FrameTimes,
    view: View,
    /// The size of the screen when it was last drawn.
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
            // After a long frame the game does not catch up.
            next = (next + FRAME).max(Instant::now());
            while event::poll(next.saturating_duration_since(Instant::now()))? {
                let Some(input) = input(&event::read()?) else { continue };
                let sizes = self.sizes();
                match self.view.handle(input, sizes) {
                    Some(Action::Quit) => return Ok(()),
                    Some(action) => self.act_on_chosen(action),
                    None => {}
                }
            }
            if !self.view.is_paused {
                self.frame();
            }
        }
    }

    /// The sizes of what is shown.
    fn sizes(&mut self) -> Sizes {
        let mods = self.mods().len();
        let log_rows = log_panel::rows(self.model.log.filtered(&self.view.filter), self.log_width(mods));
        let log = inside(divided(self.screen, mods, &self.view).log);
        Sizes { mods, log_rows, log_height: log.height.into() }
    }

    /// The width of the log, or the one that it would have if it were shown.
    fn log_width(&self, mods: usize) -> u16 {
        match inside(divided(self.screen, mods, &self.view).log).width {
            0 => inside(self.screen).width,
            width => width,
        }
    }

    /// Asks the plugin to do something to the chosen mod, or says why there is nothing to do.
    fn act_on_chosen(&mut self, action: Action) {
        let mods = self.mods();
        let Some(row) = mods.get(self.view.chosen) else {
            return self.say(ALL_MODS, "there is no mod that this key could act on");
        };
        let (key, action) = match action {
            Action::Only => return self.view.toggle_only(&row.id),
            Action::Turn if row.status == ModStatus::Disabled => ("o", ModAction::Enable),
            Action::Turn => ("o", ModAction::Disable),
            Action::Reset => ("r", ModAction::Reset),
            Action::Allow => ("a", ModAction::Allow),
            Action::Refuse => ("x", ModAction::Refuse),
            Action::Quit => return,
        };
        match action.hindrance(row) {
            Some(why) => self.say(&row.id, &format!("`{key}` does nothing: {why}")),
            None => action.request(row, self.app.world_mut()),
        }
    }

    /// Adds a line of the game's own to the log.
    fn say(&mut self, mod_id: &str, text: &str) {
        let tick = self.app.world().resource::<ModTime>().tick;
        let line = self.model.log.note(tick, mod_id, ModReportKind::Log(LogLevel::Warn), text);
        self.log_has_grown(&[line]);
    }

    /// Keeps the lines that the player is reading in place.
    fn log_has_grown(&mut self, new: &[ReportLine]) {
        self.file_of_log.write(new);
        if self.view.below > 0 {
            let sizes = self.sizes();
            let rows = log_panel::rows(
                new.iter().filter(|line| self.view.filter.shows(line)),
                self.log_width(sizes.mods),
            );
            self.view.log_grows(rows, sizes);
        }
    }

    fn mods(&mut self) -> Vec<ModRow> {
        self.model.rows(self.app.world_mut(), &self.file.panel.mods)
    }

    fn frame(&mut self) {
        let started = Instant::now();
        self.app.update();
        self.times.record(started.elapsed());
        let new = self.model.read(self.app.world_mut());
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
            weather: *world.resource::<Weather>(),
            log: &self.model.log,
            fuel: &self.model.fuel,
            times: &self.times,
            tick,
            seconds: tick as f32 * self.file.world.tick_seconds,
            view: &self.view,
        }
    }
}

/// The positions of everything, by species.
fn things(app: &mut App) -> Vec<(Species, Position)> {
    use bevy_ecs::query::With;
    use meadow::{Grass, Sheep, Wolf};
    let world = app.world_mut();
    let mut things = Vec::new();
    things
        .extend(world.query_filtered::<&Position, With<Grass>>().iter(world).map(|at| (Species::Grass, *at)));
    things
        .extend(world.query_filtered::<&Position, With<Sheep>>().iter(world).map(|at| (Species::Sheep, *at)));
    things.extend(world.query_filtered::<&Position, With<Wolf>>().iter(world).map(|at| (Species::Wolf, *at)));
    things
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use tinkerbox::ModdingPlugin;

    use super::keys::Input;
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

    /// A game with these mods in a folder of its own.
    fn game(test: &str, ids: &[&str]) -> (PathBuf, MeadowFile, App) {
        let mods = std::env::temp_dir().join(format!("tinkerbox-terminal-{}-{test}", std::process::id()));
        fs::create_dir_all(&mods).unwrap();
        ids.iter().for_each(|id| write(&mods, id, "0.1.0", ""));
        let file = MeadowFile::built_in().unwrap();
        let app = crate::app::meadow(&file, ModdingPlugin::new(&mods).wait_for_mods(true).watch(false), 1);
        (mods, file, app)
    }

    fn show<'a>(app: &'a mut App, file: &'a MeadowFile) -> Show<'a> {
        let screen = Rect::new(0, 0, 80, 24);
        let times = FrameTimes::of_last(1);
        let model = PanelModel::with_advice(ADVICE);
        let (file_of_log, view) = (LogFile::new(), View::default());
        let mut show = Show { app, file, model, file_of_log, times, view, screen };
        show.frame();
        show
    }

    /// Does what a key asks for, and runs two frames.
    fn press(show: &mut Show<'_>, input: Input) -> Vec<String> {
        let sizes = show.sizes();
        if let Some(action) = show.view.handle(input, sizes) {
            show.act_on_chosen(action);
        }
        (0..2).for_each(|_| show.frame());
        show.mods().iter().map(|row| format!("{} {}", row.id, row.state())).collect()
    }

    #[test]
    fn keys_turn_the_chosen_mod_off_and_on() {
        let (mods, file, mut app) = game("turn", &["ant", "bee", "cow"]);
        let mut show = show(&mut app, &file);
        assert_eq!(press(&mut show, Input::Down), ["ant live", "bee live", "cow live"]);
        assert_eq!(press(&mut show, Input::Turn), ["ant live", "bee off", "cow live"]);
        assert_eq!(press(&mut show, Input::Reset), ["ant live", "bee off", "cow live"]);
        assert_eq!(press(&mut show, Input::Turn), ["ant live", "bee live", "cow live"]);
        drop(show);
        fs::remove_dir_all(mods).unwrap();
    }

    #[test]
    fn the_lines_that_the_player_reads_stay_in_place() {
        let (mods, file, mut app) = game("scroll", &["ant", "bee", "cow"]);
        let mut show = show(&mut app, &file);
        for _ in 0..30 {
            press(&mut show, Input::Turn);
        }
        let all = show.model.log.len();
        press(&mut show, Input::Oldest);
        let below = show.view.below;
        assert!(below > 0 && below < all, "{below} of {all}");
        // Whether the log is shown or not, each message is a row.
        for shown in [Input::Mods, Input::Help, Input::Back, Input::Log] {
            press(&mut show, shown);
            press(&mut show, Input::Turn);
            let hidden = show.model.log.len() - all;
            assert!(show.view.below <= below + hidden, "{} rows after {hidden} messages", show.view.below);
        }
        press(&mut show, Input::Newest);
        assert_eq!(show.view.below, 0);
        drop(show);
        fs::remove_dir_all(mods).unwrap();
    }

    fn last(show: &Show<'_>) -> String {
        show.model
            .log
            .newest(1)
            .map(|line| format!("{} {} {}", line.mod_id, line.word(), line.text))
            .collect()
    }

    #[test]
    fn keys_that_do_nothing_to_the_chosen_mod_say_so() {
        let (mods, file, mut app) = game("nothing", &[]);
        let mut without = show(&mut app, &file);
        assert_eq!(press(&mut without, Input::Turn), [""; 0]);
        assert!(last(&without).starts_with("all mods warning there is no mod"), "{}", last(&without));
        drop(without);
        fs::remove_dir_all(mods).unwrap();

        let (mods, file, mut app) = game("refused", &["ant"]);
        write(&mods, "ant", "0.1.0", "[permissions]\nread = [\"meadow:Moon\"]");
        let mut show = show(&mut app, &file);
        for (input, key) in [(Input::Turn, "`o`"), (Input::Reset, "`r`"), (Input::Allow, "`a`")] {
            assert_eq!(press(&mut show, input), ["ant refused"]);
            let told = last(&show);
            assert!(told.starts_with(&format!("ant warning {key} does nothing: ")), "{told}");
        }
        drop(show);
        fs::remove_dir_all(mods).unwrap();
    }

    #[test]
    fn a_key_grants_a_rebuild_what_it_asks_for() {
        let (mods, file, mut app) = game("allow", &["ant"]);
        let mut show = show(&mut app, &file);
        // Nothing waits, and nothing is granted in advance.
        assert_eq!(press(&mut show, Input::Allow), ["ant live"]);
        assert!(last(&show).contains("`a` does nothing"), "{}", last(&show));
        write(&mods, "ant", "0.2.0", "[permissions]\nread = [\"meadow:Position\"]");
        let mut reloads = show.app.world_mut().resource_mut::<ModReloads>();
        reloads.record(&mods.join("ant/mod.toml"), Duration::from_secs(1));
        reloads.settle(Duration::from_secs(2));
        reloads.finish_builds();
        assert_eq!(press(&mut show, Input::Newest), ["ant live, rebuild waits"]);
        assert!(last(&show).ends_with(ADVICE.to_allow), "{}", last(&show));
        assert_eq!(press(&mut show, Input::Allow), ["ant live"]);
        assert!(show.mods()[0].stats.last_message.contains("0.2.0"));
        drop(show);
        fs::remove_dir_all(mods).unwrap();
    }
}
