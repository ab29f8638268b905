//! Text of a fixed size, as a field of shared types.

use core::fmt;

/// Text of at most `N` bytes of UTF-8. The bytes behind it are 0.
///
/// Any bytes are a text: what is read is the longest valid prefix before the first zero. So a text never contains the
/// character `\0`.
///
/// ```
/// use tinkerbox_abi::Text;
///
/// let name = Text::<8>::from("Grußformel");
/// assert_eq!(name.as_str(), "Grußfor"); // 8 bytes
/// assert_eq!(Text::<4>::from("Gruß").as_str(), "Gru"); // half of a character is left out
/// assert_eq!(name, *"Grußfor");
/// assert_eq!(format!("{name:>9}"), "  Grußfor");
/// ```
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(transparent)]
pub struct Text<const N: usize>([u8; N]);

impl<const N: usize> Text<N> {
    /// The text of no characters.
    pub const EMPTY: Text<N> = Text([0; N]);

    /// The text as a string slice.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(N);
        // The first chunk is the longest valid prefix.
        self.0[..end].utf8_chunks().next().map_or("", |chunk| chunk.valid())
    }

    /// Whether there is no character.
    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }
}

/// Cuts a longer text at the end of a character, and any text before the character `\0`.
impl<const N: usize> From<&str> for Text<N> {
    fn from(text: &str) -> Text<N> {
        let text = text.split('\0').next().unwrap_or_default();
        let len = text.floor_char_boundary(N);
        let mut bytes = [0; N];
        bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
        Text(bytes)
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Text<N> {
        Text::EMPTY
    }
}

/// Compares what is read; bytes behind it make no difference.
impl<const N: usize> PartialEq for Text<N> {
    fn eq(&self, other: &Text<N>) -> bool {
        self.as_str() == other.as_str()
    }
}

impl<const N: usize> Eq for Text<N> {}

impl<const N: usize> PartialEq<str> for Text<N> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl<const N: usize> PartialEq<&str> for Text<N> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_the_end_of_a_character() {
        let long = "aß€𝄞";
        for (bytes, expected) in [
            (Text::<0>::from(long).as_str().len(), 0),
            (Text::<1>::from(long).as_str().len(), 1),
            (Text::<2>::from(long).as_str().len(), 1),
            (Text::<3>::from(long).as_str().len(), 3),
            (Text::<5>::from(long).as_str().len(), 3),
            (Text::<6>::from(long).as_str().len(), 6),
            (Text::<9>::from(long).as_str().len(), 6),
            (Text::<10>::from(long).as_str().len(), 10),
            (Text::<99>::from(long).as_str().len(), 10),
        ] {
            assert_eq!(bytes, expected);
        }
        assert_eq!(Text::<9>::from("a\0b").as_str(), "a");
    }

    #[test]
    fn any_bytes_are_a_text() {
        let whole = Text::<10>::from("aß€𝄞");
        for at in 0..10 {
            for byte in 0..=255 {
                let mut bytes = whole.0;
                bytes[at] = byte;
                let text = Text(bytes);
                let read = text.as_str();
                assert!(bytes.starts_with(read.as_bytes()));
                assert!(!read.contains('\0'));
                // The prefix is the longest one.
                let longer = (read.len() + 1..=10)
                    .any(|len| str::from_utf8(&bytes[..len]).is_ok_and(|text| !text.contains('\0')));
                assert!(!longer, "{bytes:?}");
            }
        }
    }
}
