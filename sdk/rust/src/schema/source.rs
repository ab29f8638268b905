//! Where a system stands in its mod's source, independent of the folder in which the mod is built.
//!
//! ```text
//!   file!()   gale/src/birds.rs   /home/ada/mods/gale/src/birds.rs   C:\mods\gale\src\birds.rs
//!   written             src/birds.rs in each case
//! ```
//!
//! A linker puts systems in an order of its own, which changes with paths, settings and its version. So each fragment of
//! the schema contains its source location, by which the host sorts. No part of a path outside of the package is kept,
//! since it would differ between two folders.

/// Where a system stands in the source, in the compiler's terms.
pub struct SourceLocation {
    /// `module_path!()`.
    pub module: &'static str,
    /// `file!()`: absolute, or relative to the folder in which the compiler was started.
    pub file: &'static str,
    /// The package's folder, if Cargo builds it.
    pub package: Option<&'static str>,
    /// The output folder of the package's build script, if there is one.
    pub generated: Option<&'static str>,
    /// Lines and columns, from the outermost macro inwards.
    pub position: &'static [u32],
}

impl SourceLocation {
    /// The crate's name.
    pub(super) const fn crate_name(&self) -> &'static str {
        let bytes = self.module.as_bytes();
        let mut index = 0;
        while index < bytes.len() && bytes[index] != b':' {
            index += 1;
        }
        self.module.split_at(index).0
    }

    /// The file's path within its package, or its name alone if it is elsewhere.
    pub(super) const fn file_in_package(&self) -> &'static str {
        self.file.split_at(self.outside_len()).1
    }

    /// The length of the part of the file's path that leads to the package.
    const fn outside_len(&self) -> usize {
        let file = self.file.as_bytes();
        if let Some(generated) = self.generated
            && let Some(len) = inside(file, generated.as_bytes(), 0)
        {
            return len;
        }
        let Some(package) = self.package else { return name_start(file) };
        let package = package.as_bytes();
        if is_absolute(file) {
            return match inside(file, package, 0) {
                Some(len) => len,
                None => name_start(file),
            };
        }
        // The path is relative to the workspace's folder: skip what it shares with the end of the package's path.
        let mut start = 0;
        while start < package.len() {
            if (start == 0 || is_separator(package[start - 1]))
                && let Some(len) = inside(file, package, start)
            {
                return len;
            }
            start += 1;
        }
        0
    }
}

/// The length of the part of `file` that leads into `folder[start..]`.
const fn inside(file: &[u8], folder: &[u8], start: usize) -> Option<usize> {
    let len = folder.len() - start;
    if len == 0 || file.len() <= len || !is_separator(file[len]) {
        return None;
    }
    let mut index = 0;
    while index < len {
        let (a, b) = (file[index], folder[start + index]);
        if a != b && !(is_separator(a) && is_separator(b)) {
            return None;
        }
        index += 1;
    }
    Some(len + 1)
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\')
}

const fn is_absolute(file: &[u8]) -> bool {
    matches!(file, [b'/' | b'\\', ..] | [_, b':', ..])
}

/// Where the last component of the path begins.
const fn name_start(file: &[u8]) -> usize {
    let mut start = file.len();
    while start > 0 && !is_separator(file[start - 1]) {
        start -= 1;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(file: &'static str, package: Option<&'static str>) -> &'static str {
        let generated = Some("/home/ada/mods/target/build/gale-1f/out");
        SourceLocation { module: "gale::birds", file, package, generated, position: &[] }.file_in_package()
    }

    #[test]
    fn a_file_is_the_same_from_every_folder() {
        let cases = [
            ("gale/src/birds.rs", "/home/ada/mods/gale", "src/birds.rs"),
            ("src/birds.rs", "/home/ada/gale", "src/birds.rs"),
            ("more/gale/src/birds.rs", "/srv/more/gale", "src/birds.rs"),
            ("/home/ada/mods/gale/src/birds.rs", "/home/ada/mods/gale", "src/birds.rs"),
            ("C:\\mods\\gale\\src\\birds.rs", "C:\\mods\\gale", "src\\birds.rs"),
            ("gale\\src\\birds.rs", "C:\\mods\\gale", "src\\birds.rs"),
            ("/home/ada/mods/gale2/src/birds.rs", "/home/ada/mods/gale", "birds.rs"),
            ("/elsewhere/birds.rs", "/home/ada/mods/gale", "birds.rs"),
            ("/home/ada/mods/target/build/gale-1f/out/made.rs", "/home/ada/mods/gale", "made.rs"),
            ("gale/src/../../shared.rs", "/home/ada/mods/gale", "src/../../shared.rs"),
        ];
        for (path, package, expected) in cases {
            assert_eq!(file(path, Some(package)), expected, "{path} in {package}");
        }
        assert_eq!(file("/home/ada/birds.rs", None), "birds.rs");
    }

    #[test]
    fn the_crate_is_the_first_part_of_the_modules_path() {
        let of = |module| {
            let source = SourceLocation { module, file: "", package: None, generated: None, position: &[] };
            source.crate_name()
        };
        assert_eq!(of("gale::birds::eggs"), "gale");
        assert_eq!(of("gale"), "gale");
    }
}
