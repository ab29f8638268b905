//! Reads layouts from text.

use std::collections::BTreeSet;

use super::types::{Enum, Member, Number, Struct, Type};

/// Types may be nested this deeply: reading them recurses.
const DEPTH_MAX: u32 = 16;

/// Why a text is not a layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at} of the layout: {problem}")]
pub struct LayoutError {
    /// How many characters stand before the mistake, plus one.
    pub at: usize,
    /// What is wrong, and what was expected.
    pub problem: String,
}

impl Type {
    /// Reads a layout.
    ///
    /// # Errors
    /// The text is not a layout, a name stands in it twice, or it is nested too deeply.
    ///
    /// ```
    /// use tinkerbox_interface::Type;
    /// let energy = Type::parse("{ joules: f32, resting: [u8; 4] }").unwrap();
    /// assert_eq!(energy.to_string(), "{ joules: f32, resting: [u8; 4] }");
    /// assert!(Type::parse("{ joules: usize? }").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Type, LayoutError> {
        let mut reader = Reader { text, at: 0 };
        let ty = reader.ty(0)?;
        match reader.token() {
            "" => Ok(ty),
            more => reader.fail(format!("`{more}` stands after its end")),
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    /// The byte at which the next token begins, or the space before it.
    at: usize,
}

impl<'t> Reader<'t> {
    /// The next token: a word, a number with its sign, or one character; empty at the end.
    fn peek(&self) -> (&'t str, usize) {
        let rest = &self.text[self.at..];
        let start = rest.trim_start();
        let mut characters = start.chars();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let len = match characters.next() {
            None => 0,
            Some(first) if is_word(first) || first == '-' => {
                first.len_utf8() + characters.take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>()
            }
            Some(first) => first.len_utf8(),
        };
        (&start[..len], self.at + (rest.len() - start.len()) + len)
    }

    fn token(&mut self) -> &'t str {
        let (token, end) = self.peek();
        self.at = end;
        token
    }

    fn accept(&mut self, wanted: &str) -> bool {
        let (token, end) = self.peek();
        let is_it = token == wanted;
        if is_it {
            self.at = end;
        }
        is_it
    }

    fn expect(&mut self, wanted: &str) -> Result<(), LayoutError> {
        match self.accept(wanted) {
            true => Ok(()),
            false => {
                let (token, _) = self.peek();
                self.fail(format!("`{wanted}` was expected in place of {}", shown(token)))
            }
        }
    }

    fn fail<T>(&self, problem: String) -> Result<T, LayoutError> {
        Err(LayoutError { at: self.text[..self.at].chars().count() + 1, problem })
    }

    fn ty(&mut self, depth: u32) -> Result<Type, LayoutError> {
        if depth > DEPTH_MAX {
            return self.fail(format!("types are nested more than {DEPTH_MAX} deep"));
        }
        if self.accept("[") {
            let element = self.ty(depth + 1)?;
            self.expect(";")?;
            let count = self.count()?;
            self.expect("]")?;
            return Ok(Type::Array(Box::new(element), count));
        }
        if self.peek().0 == "{" {
            return Ok(Type::Struct(Struct { name: None, fields: self.fields(depth)? }));
        }
        let word = self.name("a type")?;
        match word {
            "bool" => Ok(Type::Bool),
            "entity" if self.accept("?") => Ok(Type::OptionalEntity),
            "entity" => Ok(Type::Entity),
            "text" => {
                self.expect("[")?;
                let bytes = self.count()?;
                self.expect("]")?;
                Ok(Type::Text(bytes))
            }
            "enum" => Ok(Type::Enum(self.variants(None)?)),
            _ => match (Number::named(word), self.peek().0) {
                (Some(number), _) => Ok(Type::Number(number)),
                (None, "{") => {
                    Ok(Type::Struct(Struct { name: Some(word.to_owned()), fields: self.fields(depth)? }))
                }
                (None, "enum") => {
                    self.token();
                    Ok(Type::Enum(self.variants(Some(word.to_owned()))?))
                }
                (None, _) => Ok(Type::Named(word.to_owned())),
            },
        }
    }

    fn fields(&mut self, depth: u32) -> Result<Vec<Member>, LayoutError> {
        let mut seen = BTreeSet::new();
        self.list(|reader| {
            // A field of a tuple struct has a number for a name.
            let name = reader.word(|c| c.is_ascii_alphanumeric() || c == '_', "the name of a field")?;
            if !seen.insert(name) {
                return reader.fail(format!("the field `{name}` stands there twice"));
            }
            reader.expect(":")?;
            Ok(Member { name: name.to_owned(), ty: reader.ty(depth + 1)? })
        })
    }

    fn variants(&mut self, name: Option<String>) -> Result<Enum, LayoutError> {
        let number = self.name("the type of the enum's numbers")?;
        let integer = Number::named(number).and_then(|number| Some((number, number.range()?)));
        let Some((number, (least, most))) = integer else {
            return self.fail(format!("an enum is of integers, as in `enum u8`, and not of `{number}`"));
        };
        let (mut names, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        let variants = self.list(|reader| {
            let name = reader.name("the name of a variant")?;
            reader.expect("=")?;
            let value = reader.token();
            match value.parse::<i128>() {
                Ok(value) if (least..=most).contains(&value) => {
                    if !names.insert(name) || !numbers.insert(value) {
                        return reader.fail(format!("the variant `{name} = {value}` stands there twice"));
                    }
                    Ok((name.to_owned(), value))
                }
                _ => reader.fail(format!("{} is not a number of type {number}", shown(value))),
            }
        })?;
        match variants.is_empty() {
            false => Ok(Enum { name, number, variants }),
            true => self.fail("an enum has at least one variant".to_owned()),
        }
    }

    /// Items in braces, with commas between them and perhaps at the end.
    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, LayoutError>,
    ) -> Result<Vec<T>, LayoutError> {
        self.expect("{")?;
        let mut items = Vec::new();
        while !self.accept("}") {
            items.push(item(self)?);
            if !self.accept(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(items)
    }

    fn count(&mut self) -> Result<u32, LayoutError> {
        let token = self.token();
        match token.parse() {
            Ok(count) => Ok(count),
            Err(_) => self.fail(format!("a number of elements was expected in place of {}", shown(token))),
        }
    }

    fn name(&mut self, what: &str) -> Result<&'t str, LayoutError> {
        let name = self.word(|c| c.is_ascii_alphanumeric() || c == '_', what)?;
        match name.starts_with(|c: char| c.is_ascii_digit()) {
            false => Ok(name),
            true => self.fail(format!("{what} was expected in place of {}", shown(name))),
        }
    }

    fn word(&mut self, is_part: impl Fn(char) -> bool, what: &str) -> Result<&'t str, LayoutError> {
        let (token, end) = self.peek();
        match !token.is_empty() && token.chars().all(is_part) {
            true => {
                self.at = end;
                Ok(token)
            }
            false => self.fail(format!("{what} was expected in place of {}", shown(token))),
        }
    }
}

fn shown(token: &str) -> String {
    match token {
        "" => "the end".to_owned(),
        _ => format!("`{}`", token.escape_debug()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_type_is_read_and_written() {
        let texts = [
            "{}",
            "u64",
            "{ x: f32, y: f32 }",
            "{ 0: u8, 1: [[i16; 4]; 2] }",
            "{ mood: Mood enum u8 { Calm = 0, Angry = 255 }, at: Vec2 { x: f32, y: f32 } }",
            "{ side: enum i8 { Left = -1, Right = 1 } }",
            "{ leader: entity, next: entity?, name: text[32], awake: bool, mood: Mood }",
        ];
        for text in texts {
            let read = Type::parse(text).unwrap();
            assert_eq!(read.to_string(), text);
            // However it is spaced, and with commas at the end of lists.
            let loose = text.replace(' ', " \n ").replace(" }", ", }");
            let tight: String = text.replace(" enum ", "~enum~").replace(' ', "").replace('~', " ");
            assert_eq!(Type::parse(&loose.replace("{,", "{")).unwrap(), read, "{loose}");
            assert_eq!(Type::parse(&tight).unwrap(), read, "{tight}");
        }
    }

    #[test]
    fn every_mistake_is_placed_and_explained() {
        let cases = [
            ("", 1, "a type was expected in place of the end"),
            ("{", 2, "the name of a field was expected in place of the end"),
            ("{ x }", 4, "`:` was expected in place of `}`"),
            ("{ x: f32 y: f32 }", 9, "`}` was expected in place of `y`"),
            ("{ x: f32, x: f32 }", 12, "the field `x` stands there twice"),
            ("{ x: }", 5, "a type was expected in place of `}`"),
            ("[u8; -1]", 8, "a number of elements was expected in place of `-1`"),
            ("[u8; 4294967296]", 16, "a number of elements was expected"),
            ("enum f32 { A = 0 }", 9, "an enum is of integers"),
            ("enum u8 { A = 256 }", 18, "`256` is not a number of type u8"),
            ("enum u8 {}", 11, "at least one variant"),
            ("enum u8 { A = 1, A = 2 }", 23, "`A = 2` stands there twice"),
            ("enum u8 { A = 1, B = 1 }", 23, "`B = 1` stands there twice"),
            ("u8 u8", 6, "`u8` stands after its end"),
            ("{ x: \u{1f431} }", 5, "a type was expected"),
            ("2d", 3, "a type was expected in place of `2d`"),
        ];
        for (text, at, problem) in cases {
            let error = Type::parse(text).unwrap_err();
            assert!(error.problem.contains(problem), "{text}: {error}");
            assert_eq!(error.at, at, "{text}: {error}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_before_the_stack_ends() {
        let nested = |depth: usize| format!("{}u8{}", "[".repeat(depth), "; 1]".repeat(depth));
        assert!(Type::parse(&nested(16)).is_ok());
        assert!(Type::parse(&nested(17)).unwrap_err().problem.contains("nested more than 16 deep"));
        assert!(Type::parse(&"[".repeat(1_000_000)).is_err());
    }

    #[test]
    fn no_beginning_of_a_layout_panics() {
        let text = "{ m: Mood enum i16 { A = -1, B = 2 }, n: [text[3]; 2], e: entity?, é: u8 }";
        for end in 0..=text.len() {
            if text.is_char_boundary(end) {
                let _ = Type::parse(&text[..end]);
                let _ = Type::parse(&text[end..]);
            }
        }
    }
}
