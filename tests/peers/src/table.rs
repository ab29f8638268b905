//! What is printed: rows of a table, and targets with what was reached. Measures nothing.

/// A name and what belongs to it.
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
    /// Says what was reached.
    pub fn print(&self, reached: f64) {
        let verdict = if reached <= self.most { "reached" } else { "missed" };
        println!("  {:<40} {reached:>6.3}  at most {:.2}: {verdict}", self.what, self.most);
    }
}
