//! Text that constants write: layouts here, and schemas in the SDK.

/// Text that counts its bytes beyond its capacity too, so that the same code measures and writes.
#[doc(hidden)]
#[derive(Debug)]
pub struct ConstText<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> ConstText<N> {
    #[expect(clippy::new_without_default, reason = "a default is not `const`")]
    pub const fn new() -> ConstText<N> {
        ConstText { bytes: [0; N], len: 0 }
    }

    /// The length of the text, also beyond the capacity.
    #[expect(clippy::len_without_is_empty, reason = "only the length is needed")]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The bytes of the text.
    ///
    /// # Panics
    /// If the text is not as long as the array.
    pub const fn finish(self) -> [u8; N] {
        assert!(self.len == N, "the array must be as long as the text");
        self.bytes
    }

    pub const fn push(&mut self, text: &str) {
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() {
            self.byte(text[index]);
            index += 1;
        }
    }

    pub const fn number(&mut self, number: i128) {
        if number < 0 {
            self.byte(b'-');
        }
        self.digits(number.unsigned_abs());
    }

    const fn digits(&mut self, number: u128) {
        if number >= 10 {
            self.digits(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
    }

    pub const fn byte(&mut self, byte: u8) {
        if self.len < N {
            self.bytes[self.len] = byte;
        }
        self.len += 1;
    }
}
