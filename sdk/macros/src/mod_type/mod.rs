//! `#[mod_type("game:Name")]`: makes a struct or an enum a type that the game and its mods share.
//!
//! ```text
//!   the item, with `Clone`, `Copy` and a fixed `repr`
//!   traits of `bytemuck`                  which bytes are a value; unsafe, so their conditions are checked beside them
//!   `ModField`, `ModType`                 how a value lies in memory, the id, the doc comments
//! ```
//!
//! The macro sees how types are written and not what they are. Sizes, and what the types of fields can do, are left to
//! constants and bounds that the compiler checks in the author's crate.

pub mod item;

mod fields;

mod enums;
mod structs;

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Error, Result, parse_quote};

/// `abi` is the path of `tinkerbox-abi` in the author's crate.
pub fn attribute(arguments: TokenStream, mut item: DeriveInput, abi: &TokenStream) -> Result<TokenStream> {
    let id = item::id(arguments)?;
    if !item.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &item.generics,
            "a shared type cannot have generic parameters, since its id stands for one layout: \
             write a struct for each type that you need",
        ));
    }
    item::add_derives(&mut item.attrs)?;
    // The other side makes values and reads their fields, too.
    item.attrs.push(parse_quote!(#[allow(dead_code)]));
    match item.data.clone() {
        Data::Struct(data) => structs::shared(item, &id, &data.fields, abi),
        Data::Enum(data) => enums::shared(item, &id, &data, abi),
        Data::Union(_) => {
            Err(Error::new_spanned(&item.ident, "a union cannot be a shared type: write a struct or an enum"))
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn output(arguments: &str, item: &str) -> Result<String> {
        let item = syn::parse_str(item).unwrap();
        attribute(syn::parse_str(arguments).unwrap(), item, &quote!(abi)).map(|tokens| tokens.to_string())
    }

    fn error(item: &str) -> String {
        output("\"a:A\"", item).unwrap_err().to_string()
    }

    #[test]
    fn an_id_is_needed_and_must_be_valid() {
        let cases = [
            ("", "needs an id"),
            ("id = \"a:B\"", "the id alone"),
            ("A", "the id alone"),
            ("\"\"", "write \"game:Name\""),
            ("\"A\"", "write \"game:Name\""),
            ("\"a:\"", "write \"game:Name\""),
            ("\"tinkerbox:A\"", "`tinkerbox:A` is not a valid id"),
            ("\"a:B:C\"", "write \"game:Name\""),
            ("\"a:B\", 1", "the id alone"),
        ];
        for (arguments, expected) in cases {
            let message = output(arguments, "struct A;").unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_layout_that_is_not_fixed_is_refused() {
        let cases = [
            ("#[repr(C, packed)] struct A;", "`#[repr(C)]`"),
            ("#[repr(align(16))] struct A;", "`#[repr(C)]`"),
            ("struct A<T>(T);", "generic parameters"),
            ("union A { a: u8 }", "union"),
            ("#[repr(C)] enum A { B }", "`#[repr(u8)]`"),
            ("#[repr(usize)] enum A { B }", "`#[repr(u8)]`"),
            ("enum A {}", "one variant at least"),
            ("enum A { B(u8) }", "without fields"),
            ("enum A { B = X }", "as a literal"),
            ("enum A { B = 256 }", "does not fit into a `u8`"),
            ("enum A { B = 255, C }", "does not fit into a `u8`"),
            ("#[repr(i8)] enum A { B = -129 }", "does not fit into a `i8`"),
            ("#[derive(Clone, Pod)] struct A;", "implements `Pod` itself"),
        ];
        for (item, expected) in cases {
            let message = error(item);
            assert!(message.contains(expected), "{item}: {message}");
        }
    }

    #[test]
    fn derives_and_reprs_are_added_where_they_are_missing() {
        let with = output("\"a:A\"", "#[derive(Copy, Clone)] #[repr(transparent)] struct A(f32);").unwrap();
        assert!(!with.contains(":: Clone") && !with.contains("repr (C)"), "{with}");
        let without = output("\"a:A\"", "#[derive(Debug)] struct A(f32);").unwrap();
        assert!(without.contains(":: Clone") && without.contains(":: Copy"), "{without}");
        assert!(without.contains("repr (C)"), "{without}");
        let numbered = output("\"a:A\"", "#[repr(i16)] enum A { B = -3, C, D = 7 }").unwrap();
        assert!(numbered.contains("(\"B\" , - 3i128) , (\"C\" , - 2i128) , (\"D\" , 7i128)"), "{numbered}");
        assert!(numbered.contains("type Bits = i16"), "{numbered}");
    }

    #[test]
    fn structs_of_plain_fields_are_plain() {
        for (fields, is_plain) in [
            ("f32, [[u8; 4]; N]", true),
            ("Option<Entity>, [Option<sdk::ModEntity>; 2], Text<32>", true),
            ("Entity", false),
            ("[bool; 4]", false),
            ("Mood", false),
            ("Option<u32>", false),
        ] {
            let output = output("\"a:A\"", &format!("struct A({fields});"));
            let Ok(output) = output else {
                assert_eq!(fields, "Option<u32>");
                continue;
            };
            assert_eq!(output.contains("Pod for A"), is_plain, "{fields}: {output}");
            assert_eq!(output.contains("CheckedBitPattern for A"), !is_plain, "{fields}: {output}");
        }
    }

    #[test]
    fn doc_comments_are_kept() {
        let item = "/// Here.\nstruct A { /** East. */ x: f32, y: f32 }";
        let output = output("\"a:A\"", item).unwrap();
        let docs = r#"name : "A" , text : "Here." , fields : & [("x" , "East.") , ("y" , "")]"#;
        assert!(output.contains(docs), "{output}");
    }
}
