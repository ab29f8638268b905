//! Meadow without a terminal: runs as fast as possible or at the game's pace, and prints a line for each simulated second and
//! a summary.
//!
//! Everything printed before the frame times depends only on the seed and the mods: two runs print the same.

mod second;
mod summary;
mod table;

use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

use bevy_app::App;

use crate::frame_times::{FrameTimes, milliseconds};
use crate::game::Census;
use crate::meadow_file::MeadowFile;
use tinkerbox::panel::{PanelModel, mod_rows};

use second::Second;
pub use summary::summary;

/// How many frames to run if no number is given.
pub const FRAMES: u32 = 600;
/// How many of the last frames the frame times are averaged over at most.
const FRAMES_AVERAGED: u32 = 1 << 20;

/// How long to run, and how fast.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// How many frames.
    pub frames: u32,
    /// The time from one frame to the next; without it, there is none.
    pub pace: Option<Duration>,
}

/// Explains why Meadow does not open in the terminal.
///
/// # Errors
/// If the line can't be written.
pub fn say_no_terminal(out: &mut impl Write, frames: u32) -> io::Result<()> {
    writeln!(
        out,
        "Standard output is not a terminal: Meadow runs for {frames} frames without one (see --help)."
    )
}

/// Runs this many frames, and prints the reports, a line for each second, and the summary.
///
/// # Errors
/// If something can't be written.
pub fn run(app: &mut App, file: &MeadowFile, run: Run, out: &mut impl Write) -> anyhow::Result<()> {
    let Run { frames, pace } = run;
    let mut model = PanelModel::default();
    let mut times = FrameTimes::of_last(frames.min(FRAMES_AVERAGED) as usize);
    let frames_a_second = (1.0 / file.world.tick_seconds).round().max(1.0) as u32;
    app.finish();
    app.cleanup();
    let mut before = app.world().resource::<Census>().clone();
    for frame in 1..=frames {
        let started = Instant::now();
        app.update();
        times.record(started.elapsed());
        for line in model.read(app.world_mut()) {
            let text = line.lines.join("\n              ");
            writeln!(out, "  tick {:<6} {} {}: {text}", line.tick, line.mod_id, line.word())?;
        }
        if frame % frames_a_second == 0 {
            let census = app.world().resource::<Census>().clone();
            let mods = mod_rows(app.world_mut(), &file.panel.mods);
            let seconds = frame / frames_a_second;
            writeln!(out, "{}", Second { seconds, before: &before, census: &census, mods: &mods })?;
            before = census;
        }
        if let Some(left) = pace.and_then(|pace| pace.checked_sub(started.elapsed())) {
            thread::sleep(left);
        }
    }
    writeln!(out, "\n{}", summary(app, file, &times))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::fs;

    use tinkerbox::ModdingPlugin;

    use super::*;

    /// The output of a world with one mod, which can't be loaded.
    fn printed(test: &str, seed: u64) -> String {
        let mods = env::temp_dir().join(format!("tinkerbox-headless-{}-{test}", std::process::id()));
        fs::create_dir_all(mods.join("hollow")).unwrap();
        let file = MeadowFile::built_in().unwrap();
        let modding = ModdingPlugin::new(&mods).wait_for_mods(true).seed(seed).watch(false);
        let mut app = crate::app::meadow(&file, modding, seed);
        let mut out = Vec::new();
        run(&mut app, &file, Run { frames: 45, pace: None }, &mut out).unwrap();
        fs::remove_dir_all(&mods).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_run_prints_seconds_reports_and_a_summary() {
        let text = printed("prints", 1);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("  tick 1      hollow refused: "), "{text}");
        assert!(lines[1].starts_with("    1 s   grass  500 +0 -0"), "{text}");
        assert!(lines[2].starts_with("    2 s "), "{text}");
        assert!(lines[5].starts_with("hollow  refused"), "{text}");
        assert!(text.contains("Frames: 45, 2.2 s of simulation."), "{text}");
    }

    #[test]
    fn the_same_seed_prints_the_same() {
        let before_frame_times = |text: String| text.split("Frames:").next().unwrap().to_owned();
        assert_eq!(before_frame_times(printed("seed", 5)), before_frame_times(printed("seed", 5)));
    }
}
