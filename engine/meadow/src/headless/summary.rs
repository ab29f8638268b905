//! The summary of a run: mods, populations, contained faults, and frame times.

use bevy_app::App;
use tinkerbox::panel::{ModRow, percent};
use tinkerbox::{ModStatus, ModTime};

use super::table::{Align, table};
use super::{Census, FrameTimes, MeadowFile, milliseconds, mod_rows};
use crate::fuel_bar::grouped;
use crate::game::Species;

/// Longer messages are truncated.
const MESSAGE_CHARS_MAX: usize = 70;

/// The summary of a run, as text of several lines.
pub fn summary(app: &mut App, file: &MeadowFile, times: &FrameTimes) -> String {
    let mods = mod_rows(app.world_mut(), &file.panel.mods);
    let census = app.world().resource::<Census>();
    let ticks = app.world().resource::<ModTime>().tick;
    let seconds = ticks as f32 * file.world.tick_seconds;
    let frames = grouped(ticks);
    format!(
        "{}\n{}\n{}Frames: {frames}, {seconds:.1} s of simulation. {}",
        mods_table(&mods, ticks),
        census_table(census),
        contained(&mods),
        frame_times(times),
    )
}

fn mods_table(mods: &[ModRow], frames: u64) -> String {
    use Align::{Left, Right};
    let heads = [
        "mod",
        "state",
        "generation",
        "ticks",
        "fuel a frame",
        "budget",
        "used",
        "suspended",
        "faults",
        "last message",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    rows.extend(mods.iter().map(|row| {
        // Over all frames, including those in which it rests: a mod may later use the fuel that it saves in them.
        let fuel = row.stats.fuel_total.checked_div(frames).unwrap_or(0);
        vec![
            row.id.clone(),
            row.state(),
            row.stats.generation.to_string(),
            grouped(row.stats.ticks),
            grouped(fuel),
            grouped(row.budget.grant),
            format!("{}%", percent(fuel, row.budget.grant)),
            grouped(row.stats.suspensions),
            grouped(row.stats.faults),
            cut(&row.stats.last_message),
        ]
    }));
    table(&[Left, Left, Right, Right, Right, Right, Right, Right, Right, Left], &rows)
}

fn census_table(census: &Census) -> String {
    use Align::{Left, Right};
    let mut rows = vec![["species", "alive", "fewest", "most", "born", "died"].map(str::to_owned).to_vec()];
    rows.extend(Species::ALL.map(|species| {
        let population = &census[species];
        let numbers = [
            population.alive as u64,
            population.least as u64,
            population.most as u64,
            population.births,
            population.deaths,
        ];
        [vec![species.plural().to_owned()], numbers.map(grouped).to_vec()].concat()
    }));
    table(&[Left, Right, Right, Right, Right, Right], &rows)
}

/// One line for each mod that misbehaved.
fn contained(mods: &[ModRow]) -> String {
    let misbehaved = |row: &&ModRow| row.stats.faults > 0 || row.status == ModStatus::Quarantined;
    let line = |row: &ModRow| {
        format!(
            "contained: {} ({}; suspended {} times, {} faults)\n",
            row.id,
            row.state(),
            grouped(row.stats.suspensions),
            grouped(row.stats.faults)
        )
    };
    mods.iter().filter(misbehaved).map(line).collect()
}

fn frame_times(times: &FrameTimes) -> String {
    let first = format!("The first, which loads the mods, took {}", milliseconds(times.first()));
    match times.count() {
        0 => format!("{first}."),
        count => format!(
            "{first}; the last {} took {} on average, 99 of 100 at most {}, the longest {}.",
            grouped(count as u64),
            milliseconds(times.mean()),
            milliseconds(times.p99()),
            milliseconds(times.max()),
        ),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MESSAGE_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows_for_tests::row;

    #[test]
    fn mods_stand_in_a_table() {
        let mut runaway = row("runaway", ModStatus::Quarantined);
        runaway.stats.last_message = "x".repeat(100);
        let text = mods_table(&[row("grass", ModStatus::Live), runaway], 10);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines[1].starts_with("grass    live                  1     10       120,000  300,000   40%"),
            "{text}"
        );
        assert!(lines[2].ends_with("xx…"), "{text}");
    }

    #[test]
    fn mods_that_misbehaved_are_named() {
        let mut runaway = row("runaway", ModStatus::Quarantined);
        runaway.stats.faults = 6;
        runaway.stats.suspensions = 1360;
        assert_eq!(
            contained(&[row("grass", ModStatus::Live), runaway]),
            "contained: runaway (quarantined; suspended 1,360 times, 6 faults)\n"
        );
    }

    #[test]
    fn populations_stand_in_a_table() {
        let mut census = Census::default();
        census[Species::Sheep].births = 1234;
        census[Species::Sheep].least = 7;
        census[Species::Grass].least = 0;
        census[Species::Wolf].least = 0;
        assert_eq!(
            census_table(&census),
            "species  alive  fewest  most   born  died\n\
             grass        0       0     0      0     0\n\
             sheep        0       7     0  1,234     0\n\
             wolves       0       0     0      0     0\n"
        );
    }
}
