//! Where a system stands in its mod's source, as far as that is the same wherever the mod is built.
//!
//! ```text
//!   file!()   gale/src/birds.rs   /home/ada/mods/gale/src/birds.rs   C:\mods\gale\src\birds.rs
//!   written             src/birds.rs in each case
//! ```
//!
//! A linker puts systems in an order of its own, which changes with paths, settings and its version. So each fragment of
//! the schema says where it was written, and the host sorts by that. No part of a path outside the package is kept: it
//! would differ between two folders.

/// Where a system stands in the source, as the compiler sees it.
pub struct SourceLocation {
    /// `module_path!()`.
    pub module: &'static str,
    /// `file!()`: relative to some folder or absolute, as the compiler was started.
    pub file: &'static str,
    /// The package's folder, if cargo builds it.
    pub package: Option<&'static str>,
    /// Where the package's build script writes, if there is one.
    pub generated: Option<&'static str>,
    /// Lines and columns, from the outermost macro inward.
    pub position: &'static [u32],
}

impl SourceLocation {
    /// The crate's name.
    pub(crate) const fn crate_name(&self) -> &'static str {
        let bytes = self.module.as_bytes();
        let mut at = 0;
        while at < bytes.len() && bytes[at] != b':' {
            at += 1;
        }
        self.module.split_at(at).0
    }

    /// The file within its package, or its bare name if it is elsewhere.
    pub(crate) const fn file_in_package(&self) -> &'static str {
        self.file.split_at(self.outside_len()).1
    }

    /// Bytes of the file's path that lead to the package.
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
        // Relative to the workspace's folder: what the end of the package's path repeats is left out.
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

/// Bytes of `file` up to what lies inside of `folder[start..]`.
const fn inside(file: &[u8], folder: &[u8], start: usize) -> Option<usize> {
    let len = folder.len() - start;
    if len == 0 || file.len() <= len || !is_separator(file[len]) {
        return None;
    }
    let mut at = 0;
    while at < len {
        let (a, b) = (file[at], folder[start + at]);
        if a != b && !(is_separator(a) && is_separator(b)) {
            return None;
        }
        at += 1;
    }
    Some(len + 1)
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\')
}

const fn is_absolute(file: &[u8]) -> bool {
    matches!(file, [b'/' | b'\\', ..] | [_, b':', ..])
}

/// Where the last part of the path begins.
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
    fn the_crate_is_the_module_paths_first_part() {
        let of = |module| {
            let source = SourceLocation { module, file: "", package: None, generated: None, position: &[] };
            source.crate_name()
        };
        assert_eq!(of("gale::birds::eggs"), "gale");
        assert_eq!(of("gale"), "gale");
    }
}
