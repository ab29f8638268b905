//! How many bytes values have, and how they are aligned.

use super::types::{Enum, Number, Struct, Type};

/// The largest value of a shared type: what a page of a mod's memory holds.
const SIZE_MAX: u64 = 65_536;

impl Type {
    /// The size and the alignment of a value in bytes.
    ///
    /// # Errors
    /// In words, if the value would have padding, is larger than 65,536 bytes, or is of a named type, whose size is not
    /// known here.
    ///
    /// ```
    /// use tinkerbox_interface::Type;
    /// assert_eq!(Type::parse("{ joules: f32, mood: u8, rest: [u8; 3] }").unwrap().size(), Ok((8, 4)));
    /// assert!(Type::parse("{ mood: u8, joules: f32 }").unwrap().size().is_err());
    /// ```
    pub fn size(&self) -> Result<(u32, u32), String> {
        let (size, align) = match self {
            Type::Number(number) | Type::Enum(Enum { number, .. }) => (number.size().into(), number.size()),
            Type::Bool => (1, 1),
            Type::Entity | Type::OptionalEntity => (8, Number::U64.size()),
            Type::Text(bytes) => (u64::from(*bytes), 1),
            Type::Array(element, count) => {
                let (size, align) = element.size()?;
                (u64::from(size) * u64::from(*count), align)
            }
            Type::Struct(ty) => ty.size()?,
            Type::Named(name) => return Err(format!("the size of `{name}` is not known")),
        };
        match u32::try_from(size) {
            Ok(small) if size <= SIZE_MAX => Ok((small, align)),
            _ => Err(format!("it has {size} bytes; the limit is {SIZE_MAX}")),
        }
    }
}

impl Struct {
    fn size(&self) -> Result<(u64, u32), String> {
        let (mut end, mut most) = (0u64, 1u32);
        for field in &self.fields {
            let (size, align) = field.ty.size().map_err(|why| format!("`{}`: {why}", field.name))?;
            let padding = end.next_multiple_of(align.into()) - end;
            if padding > 0 {
                return Err(format!(
                    "there are {padding} bytes of padding before `{}`; put larger fields first, or add a field of \
                     [u8; {padding}] there",
                    field.name
                ));
            }
            (end, most) = (end + u64::from(size), most.max(align));
        }
        match end.next_multiple_of(most.into()) - end {
            0 => Ok((end, most)),
            padding => Err(format!(
                "there are {padding} bytes of padding at the end; add a field of [u8; {padding}] there"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_c() {
        type Expected = Result<(u32, u32), &'static str>;
        let cases: [(&str, Expected); 14] = [
            ("{}", Ok((0, 1))),
            ("{ a: u8, b: u8 }", Ok((2, 1))),
            ("{ a: u64, b: f32, c: u16, d: u8, e: bool }", Ok((16, 8))),
            ("{ a: entity, b: entity? }", Ok((16, 8))),
            ("{ a: text[7], b: enum u8 { A = 0 } }", Ok((8, 1))),
            ("{ a: [{ x: f32, y: f32 }; 3] }", Ok((24, 4))),
            ("{ a: enum i16 { A = 0 }, b: [u8; 2] }", Ok((4, 2))),
            ("{ a: [u64; 0], b: u8 }", Err("7 bytes of padding at the end")),
            ("{ a: u8, b: f32 }", Err("3 bytes of padding before `b`")),
            ("{ a: u32, b: u8 }", Err("3 bytes of padding at the end; add a field of [u8; 3]")),
            ("{ a: { b: u8, c: u16 }, d: u8 }", Err("`a`: there are 1 bytes of padding before `c`")),
            ("[u64; 8193]", Err("it has 65544 bytes")),
            ("[[u64; 8192]; 4294967295]", Err("the limit is 65536")),
            ("{ a: Mood }", Err("`a`: the size of `Mood` is not known")),
        ];
        for (text, expected) in cases {
            match (Type::parse(text).unwrap().size(), expected) {
                (Ok(size), Ok(expected)) => assert_eq!(size, expected, "{text}"),
                (Err(why), Err(expected)) => assert!(why.contains(expected), "{text}: {why}"),
                (size, _) => panic!("{text}: {size:?}"),
            }
        }
    }
}
