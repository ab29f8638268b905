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
mod log_panel;
mod map;
mod mods_panel;
mod picture;
mod screen;

use std::time::{Duration, Instant};

use anyhow::Context;
use bevy_app::App;
use meadow::Position;
use ratatui::crossterm::event;

use crate::frame_times::FrameTimes;
use crate::game::{Census, Kind};
use crate::headless::summary;
use crate::meadow_file::MeadowFile;
use crate::mod_row::mod_rows;
use crate::report_log::ReportLog;
use tinkerbox::{ModReloads, ModReportKind, ModTime};

use keys::{Wish, wish};
use picture::Picture;
use screen::Screen;

/// From one frame to the next.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 30);
/// Frame times are averaged over so many frames.
const FRAMES_AVERAGED: usize = 120;

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
        log: ReportLog::default(),
        times: FrameTimes::of_last(FRAMES_AVERAGED),
        is_paused: false,
    };
    eprintln!("     Loading the mods");
    // The first frame loads the mods: done before the screen is taken, it leaves no blank one.
    show.frame();
    if let Some(failure) = show.app.world().resource::<ModReloads>().watch_failure() {
        show.log.note(1, ModReportKind::ReloadRefused, failure);
    }
    let mut screen =
        Screen::open().context("the terminal can't be used. Meadow also runs with --headless")?;
    let outcome = show.play(&mut screen);
    drop(screen);
    outcome?;
    println!("{}", summary(show.app, file, &show.times));
    Ok(())
}

struct Show<'a> {
    app: &'a mut App,
    file: &'a MeadowFile,
    log: ReportLog,
    times: FrameTimes,
    is_paused: bool,
}

impl Show<'_> {
    fn play(&mut self, screen: &mut Screen) -> anyhow::Result<()> {
        let mut next = Instant::now();
        loop {
            screen.terminal().draw(|frame| frame.render_widget(&self.picture(), frame.area()))?;
            // After a long frame there is no race to catch up.
            next = (next + FRAME).max(Instant::now());
            while event::poll(next.saturating_duration_since(Instant::now()))? {
                match wish(&event::read()?) {
                    Some(Wish::Quit) => return Ok(()),
                    Some(Wish::Pause) => self.is_paused = !self.is_paused,
                    None => {}
                }
            }
            if !self.is_paused {
                self.frame();
            }
        }
    }

    fn frame(&mut self) {
        let started = Instant::now();
        self.app.update();
        self.times.record(started.elapsed());
        self.log.read(self.app.world());
    }

    fn picture(&mut self) -> Picture<'_> {
        let mods = mod_rows(self.app.world_mut(), &self.file.panel.mods);
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
            is_paused: self.is_paused,
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
