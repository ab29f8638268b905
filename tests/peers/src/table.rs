//! Output: rows of a table, and targets with the measured values. Measures nothing.

/// Prints a row: a name and its cells.
pub fn row(name: &str, cells: &[String]) {
    let cells: String = cells.iter().map(|cell| format!("{cell:>17}")).collect();
    println!("{name:<18}{cells}");
}

/// A ratio to reach.
pub struct Target {
    pub what: &'static str,
    pub most: f64,
}

impl Target {
    /// Prints the measured value, and whether it meets the target.
    pub fn print(&self, reached: f64) {
        let verdict = if reached <= self.most { "reached" } else { "missed" };
        println!("  {:<40} {reached:>6.3}  at most {:.2}: {verdict}", self.what, self.most);
    }
}
