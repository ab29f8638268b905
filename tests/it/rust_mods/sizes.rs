//! The size of small mods, which the authors' guide states.

use super::built::built;

#[test]
fn small_mods_are_as_small_as_the_guide_says() {
    let guide = include_str!("../../../sdk/rust/README.md");
    let cases = [
        ("loops", "one system that loops over two columns", 8 << 10),
        ("integers", "one system that logs two whole numbers", 12 << 10),
        ("floats", "the first one, which also logs a component with floats", 40 << 10),
    ];
    for (name, row, most) in cases {
        let bytes = built(name).len();
        assert!(bytes < most, "`{name}` has {bytes} bytes; its aim is less than {most}");
        let rounded = bytes.div_ceil(100) * 100;
        let row = format!("| {row} | {},{:03} |", rounded / 1_000, rounded % 1_000);
        assert!(guide.contains(&row), "the guide in sdk/rust has to say: {row}");
    }
}
