//! `#[derive(ModComponent)]`: a struct's id and its layout as text, both from its tokens.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, Field, Fields, Lit, LitStr, Result, Type, ext::IdentExt,
};

use crate::name;

/// Numbers that have the same size everywhere and an alignment of at most 8.
const NUMBERS: [&str; 10] = ["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"];

/// `abi` is the path by which the author's crate knows `tinkerbox-abi`.
pub fn derive(item: DeriveInput, abi: TokenStream) -> Result<TokenStream> {
    if !item.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &item.generics,
            "a mod component has no type parameters: its id stands for one layout; \
             write a struct for each type you need",
        ));
    }
    let fields = match &item.data {
        Data::Struct(data) => &data.fields,
        _ => {
            return Err(Error::new_spanned(
                &item.ident,
                "only a struct can be a mod component: not all bytes are valid as an enum or a union; \
                 keep the value as a number in a struct",
            ));
        }
    };
    let id = id(&item)?;
    check_repr(&item)?;
    let layout = layout(fields)?;
    let name = &item.ident;
    Ok(quote! {
        impl #abi::ModComponent for #name {
            const ID: &'static str = #id;
            const LAYOUT: &'static str = #layout;
        }
    })
}

fn id(item: &DeriveInput) -> Result<LitStr> {
    let mut id = None;
    for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("mod_component")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("id") {
                return Err(meta.error("unknown key; there is `id`"));
            }
            id = Some(meta.value()?.parse::<LitStr>()?);
            Ok(())
        })?;
    }
    let id = id.ok_or_else(|| {
        Error::new_spanned(
            &item.ident,
            "a mod component needs an id; add `#[mod_component(id = \"game:Name\")]`",
        )
    })?;
    match name::is_component_id(&id.value()) {
        true => Ok(id),
        false => Err(Error::new(
            id.span(),
            "an id has the form \"game:Name\": the game in a-z, 0-9 and _, then the name in letters, digits and _",
        )),
    }
}

fn check_repr(item: &DeriveInput) -> Result<()> {
    for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        if is_flat_repr(attribute)? {
            return Ok(());
        }
    }
    Err(Error::new_spanned(
        &item.ident,
        "a mod component needs `#[repr(C)]` and no other `repr`, so that host and mod agree on its layout",
    ))
}

fn is_flat_repr(attribute: &Attribute) -> Result<bool> {
    let words = attribute
        .parse_args_with(syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated)?;
    Ok(words.len() == 1
        && words.iter().all(|word| word.path().is_ident("C") || word.path().is_ident("transparent")))
}

/// `{ x: f32, y: f32 }`, `{ 0: [u8; 4] }` for a tuple struct, `{}` for a marker.
fn layout(fields: &Fields) -> Result<String> {
    let fields: Vec<String> = fields.iter().enumerate().map(field_layout).collect::<Result<_>>()?;
    Ok(match fields.is_empty() {
        true => "{}".to_string(),
        false => format!("{{ {} }}", fields.join(", ")),
    })
}

fn field_layout((index, field): (usize, &Field)) -> Result<String> {
    let name = field.ident.as_ref().map_or_else(|| index.to_string(), |ident| ident.unraw().to_string());
    Ok(format!("{name}: {}", type_layout(&field.ty)?))
}

fn type_layout(ty: &Type) -> Result<String> {
    let text = match ty {
        Type::Path(path) => path
            .path
            .get_ident()
            .map(|ident| ident.to_string())
            .filter(|name| NUMBERS.contains(&name.as_str())),
        Type::Array(array) => match &array.len {
            Expr::Lit(syn::ExprLit { lit: Lit::Int(len), .. }) => {
                Some(format!("[{}; {}]", type_layout(&array.elem)?, len.base10_digits()))
            }
            len => {
                return Err(Error::new_spanned(
                    len,
                    "write the length out as a number: it is part of the layout's text",
                ));
            }
        },
        _ => None,
    };
    text.ok_or_else(|| {
        Error::new(
            ty.span(),
            format!("a field of a mod component is one of {}, or an array of them", NUMBERS.join(", ")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn layout_of(item: DeriveInput) -> String {
        let Data::Struct(data) = &item.data else { panic!("the tests give structs") };
        layout(&data.fields).unwrap()
    }

    fn error(item: DeriveInput) -> String {
        derive(item, quote!(abi)).unwrap_err().to_string()
    }

    #[test]
    fn layouts_are_the_fields_in_order() {
        assert_eq!(
            layout_of(parse_quote!(
                struct A {
                    x: f32,
                    pub r#type: [[u8; 4]; 0x2],
                }
            )),
            "{ x: f32, type: [[u8; 4]; 2] }"
        );
        assert_eq!(
            layout_of(parse_quote!(
                struct A(u64, i8);
            )),
            "{ 0: u64, 1: i8 }"
        );
        assert_eq!(
            layout_of(parse_quote!(
                struct A;
            )),
            "{}"
        );
        assert_eq!(
            layout_of(parse_quote!(
                struct A {}
            )),
            "{}"
        );
    }

    #[test]
    fn an_id_is_needed_and_has_a_form() {
        assert!(
            error(parse_quote!(
                #[repr(C)]
                struct A;
            ))
            .contains("needs an id")
        );
        for id in ["", "A", "a:", "a:B:C"] {
            assert!(
                error(parse_quote!(
                    #[mod_component(id = #id)]
                    #[repr(C)]
                    struct A;
                ))
                .contains("the form \"game:Name\"")
            );
        }
        assert!(
            error(parse_quote!(
                #[mod_component(name = "a:B")]
                #[repr(C)]
                struct A;
            ))
            .contains("unknown key")
        );
    }

    #[test]
    fn a_layout_that_is_not_fixed_is_refused() {
        assert!(
            error(parse_quote!(
                #[mod_component(id = "a:A")]
                struct A;
            ))
            .contains("#[repr(C)]")
        );
        assert!(
            error(parse_quote!(
                #[mod_component(id = "a:A")]
                #[repr(C, packed)]
                struct A;
            ))
            .contains("#[repr(C)]")
        );
        assert!(
            error(parse_quote!(
                #[mod_component(id = "a:A")]
                #[repr(C)]
                enum A {
                    B,
                }
            ))
            .contains("only a struct")
        );
        assert!(
            error(parse_quote!(
                #[mod_component(id = "a:A")]
                #[repr(C)]
                struct A<T>(T);
            ))
            .contains("type parameters")
        );
        assert!(
            error(parse_quote!(
                #[mod_component(id = "a:A")]
                #[repr(C)]
                struct A(usize);
            ))
            .contains("one of u8,")
        );
        assert!(
            error(parse_quote!(
                #[mod_component(id = "a:A")]
                #[repr(C)]
                struct A(&'static str);
            ))
            .contains("one of u8,")
        );
        assert!(
            error(parse_quote!(
                #[mod_component(id = "a:A")]
                #[repr(C)]
                struct A([f32; N]);
            ))
            .contains("length")
        );
    }
}
