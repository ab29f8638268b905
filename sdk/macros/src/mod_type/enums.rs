//! Shared enums: a number, of which only some are a value.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{
    DataEnum, DeriveInput, Error, Expr, ExprLit, ExprUnary, Fields, Ident, Lit, LitStr, Result, UnOp,
    Variant, parse_quote,
};

use super::item::{self, Shared, name_in};
use crate::docs::doc_text;

/// The numbers that can stand for a variant, with their smallest and largest values.
const NUMBERS: [(&str, i128, i128); 8] = [
    ("u8", 0, u8::MAX as i128),
    ("i8", i8::MIN as i128, i8::MAX as i128),
    ("u16", 0, u16::MAX as i128),
    ("i16", i16::MIN as i128, i16::MAX as i128),
    ("u32", 0, u32::MAX as i128),
    ("i32", i32::MIN as i128, i32::MAX as i128),
    ("u64", 0, u64::MAX as i128),
    ("i64", i64::MIN as i128, i64::MAX as i128),
];

pub fn shared(mut item: DeriveInput, id: &LitStr, data: &DataEnum, abi: &TokenStream) -> Result<TokenStream> {
    let (number, least, most) = number(&mut item)?;
    let numbers = discriminants(data)?;
    if numbers.is_empty() {
        return Err(Error::new_spanned(&item.ident, "a shared enum needs one variant at least"));
    }
    for (variant, value) in data.variants.iter().zip(&numbers) {
        if !(least..=most).contains(value) {
            return Err(Error::new_spanned(
                variant,
                format!("{value} does not fit into a `{number}`: write `#[repr(u16)]` or a larger number"),
            ));
        }
    }
    let shared = Shared { item: &item, id, abi };
    let (bytes, contract) = (bytes(&shared, number, &numbers), contract(&shared, data, number, &numbers));
    Ok(quote! {
        #item
        #bytes
        #contract
    })
}

/// The number as which the enum lies in memory, `u8` unless the author chooses another one.
fn number(item: &mut DeriveInput) -> Result<(&'static str, i128, i128)> {
    let words = item::reprs(&item.attrs)?;
    if words.is_empty() {
        item.attrs.push(parse_quote!(#[repr(u8)]));
        return Ok(NUMBERS[0]);
    }
    let known = NUMBERS.into_iter().find(|(name, ..)| words[0].path().is_ident(name));
    match known {
        Some(known) if words.len() == 1 => Ok(known),
        _ => Err(Error::new_spanned(
            &words[0],
            "the host and the mod must agree on the layout of a shared enum: leave `repr` out, or write a number such \
             as `#[repr(u8)]` alone",
        )),
    }
}

/// The number of each variant: the one that is written, or one more than that of the variant before.
fn discriminants(data: &DataEnum) -> Result<Vec<i128>> {
    let mut next = 0;
    data.variants
        .iter()
        .map(|variant| {
            check_has_no_fields(variant)?;
            let value = match &variant.discriminant {
                None => next,
                Some((_, value)) => literal(value).ok_or_else(|| {
                    Error::new_spanned(
                        value,
                        "write the variant's number as a literal: it is part of the layout's text",
                    )
                })?,
            };
            next = value.saturating_add(1);
            Ok(value)
        })
        .collect()
}

fn check_has_no_fields(variant: &Variant) -> Result<()> {
    match &variant.fields {
        Fields::Unit => Ok(()),
        fields => Err(Error::new_spanned(
            fields,
            "the variants of a shared enum are without fields: derive `ModMirror` in place of the attribute",
        )),
    }
}

fn literal(value: &Expr) -> Option<i128> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => literal(expr).map(|number| -number),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

fn bytes(shared: &Shared<'_>, number: &str, numbers: &[i128]) -> TokenStream {
    let Shared { item: DeriveInput { ident: name, .. }, abi, .. } = shared;
    let number = Ident::new(number, proc_macro2::Span::call_site());
    let patterns = numbers.iter().map(|value| {
        let digits = Literal::u128_unsuffixed(value.unsigned_abs());
        if *value < 0 { quote!(-#digits) } else { quote!(#digits) }
    });
    quote! {
        // SAFETY: it is a number in memory.
        unsafe impl #abi::expansion::bytemuck::NoUninit for #name {}
        // SAFETY: these are the numbers of the variants.
        unsafe impl #abi::expansion::bytemuck::CheckedBitPattern for #name {
            type Bits = #number;

            #[inline]
            fn is_valid_bit_pattern(bits: &#number) -> bool {
                ::core::matches!(*bits, #(#patterns)|*)
            }
        }
    }
}

fn contract(shared: &Shared<'_>, data: &DataEnum, number: &str, numbers: &[i128]) -> TokenStream {
    let abi = shared.abi;
    let name = name_in(shared.id);
    let names: Vec<_> = data.variants.iter().map(|variant| variant.ident.unraw().to_string()).collect();
    let values = numbers.iter().map(|value| {
        let digits = Literal::i128_suffixed(*value);
        quote!(#digits)
    });
    let shape = quote! {
        #abi::Shape::Enum { name: #name, number: #number, variants: &[#((#names, #values)),*] }
    };
    let text = doc_text(&shared.item.attrs);
    let texts = data.variants.iter().map(|variant| doc_text(&variant.attrs));
    let docs = quote! {
        &#abi::Docs { name: #name, text: #text, fields: &[#((#names, #texts)),*], nested: &[] }
    };
    shared.contract(&shape, &docs)
}
