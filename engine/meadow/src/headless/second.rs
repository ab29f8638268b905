//! The line that is printed for a simulated second.

use std::fmt;

use crate::game::{Census, Species};
use tinkerbox::ModStatus;
use tinkerbox::panel::{ModRow, percent};

/// The contents of the line.
pub(super) struct Second<'a> {
    /// The seconds of simulation since the start.
    pub seconds: u32,
    /// The census one second ago.
    pub before: &'a Census,
    /// The census now.
    pub census: &'a Census,
    /// The mods now.
    pub mods: &'a [ModRow],
}

impl fmt::Display for Second<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>5} s ", self.seconds)?;
        for species in Species::ALL {
            let (now, before) = (&self.census[species], &self.before[species]);
            let (born, died) = (now.births - before.births, now.deaths - before.deaths);
            let change = format!("+{born} -{died}");
            write!(f, "  {} {:>4} {change:<9}", species.plural(), now.alive)?;
        }
        write!(f, " fuel:")?;
        for row in self.mods {
            match row.status {
                ModStatus::Live | ModStatus::Suspended { .. } => {
                    write!(f, " {} {}%", row.id, percent(row.stats.fuel_used, row.budget.grant))?;
                }
                _ => write!(f, " {} {}", row.id, row.state())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows_for_tests::row;

    #[test]
    fn a_second_is_a_line() {
        let (mut before, mut census) = (Census::default(), Census::default());
        for species in Species::ALL {
            before[species].births = 10;
            census[species].births = 13;
            census[species].deaths = 24;
            census[species].alive = 250;
        }
        let mods = [
            row("grass", ModStatus::Live),
            row("slow", ModStatus::Suspended { frames: 3 }),
            row("runaway", ModStatus::Quarantined),
        ];
        let line = Second { seconds: 12, before: &before, census: &census, mods: &mods }.to_string();
        assert_eq!(
            line,
            "   12 s   grass  250 +3 -24     sheep  250 +3 -24     wolves  250 +3 -24    \
             fuel: grass 50% slow 50% runaway quarantined"
        );
    }
}
