//! Plain tables, whose columns are as wide as their widest cell.

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// A table of these rows, which have the same length. The first row has the heads of the columns.
pub(super) fn table(aligned: &[Align], rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..aligned.len()).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(aligned).zip(&widths).map(|((cell, align), width)| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["mod", "ticks", "message"], ["flock", "7", ""], ["a", "1,000", "hello"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let text = table(&[Align::Left, Align::Right, Align::Left], &rows);
        assert_eq!(text, "mod    ticks  message\nflock      7\na      1,000  hello\n");
    }
}
