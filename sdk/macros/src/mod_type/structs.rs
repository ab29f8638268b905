//! Shared structs.
//!
//! ```text
//!   all fields plain     `Pod`: any bytes are a value
//!   otherwise            `NoUninit` and `CheckedBitPattern`: bytes are a value if those of each field are
//! ```
//!
//! Beside these unsafe implementations the output checks what they rest on: that there is no padding, and that the fields'
//! types have the same traits. An array has them if its elements do.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Error, Fields, LitStr, Result, parse_quote};

use super::fields::{self, SharedField};
use super::item::{self, Shared, name_in};
use crate::docs::doc_text;

pub fn shared(mut item: DeriveInput, id: &LitStr, fields: &Fields, abi: &TokenStream) -> Result<TokenStream> {
    let fields = fields::shared(fields)?;
    fix_repr(&mut item)?;
    let shared = Shared { item: &item, id, abi };
    let padding = padding(&shared, &fields);
    let bytes = match fields.iter().all(|field| field.is_plain) {
        true => plain(&shared, &fields),
        false => checked(&shared, &fields),
    };
    let contract = contract(&shared, &fields);
    Ok(quote! {
        #item
        #padding
        #bytes
        #contract
    })
}

fn fix_repr(item: &mut DeriveInput) -> Result<()> {
    match &item::reprs(&item.attrs)?[..] {
        [] => item.attrs.push(parse_quote!(#[repr(C)])),
        [word] if word.path().is_ident("C") || word.path().is_ident("transparent") => {}
        [word, ..] => {
            return Err(Error::new_spanned(
                word,
                "the host and the mod must agree on the layout of a shared type: leave `repr` out, or write \
                 `#[repr(C)]` alone",
            ));
        }
    }
    Ok(())
}

/// Refuses padding at compile time: before each field but the first, and behind the last one.
fn padding(shared: &Shared<'_>, fields: &[SharedField<'_>]) -> TokenStream {
    let name = &shared.item.ident;
    let end = |field: &SharedField<'_>| {
        let (member, ty) = (&field.member, field.ty);
        quote!(::core::mem::offset_of!(#name, #member) + ::core::mem::size_of::<#ty>())
    };
    let before = fields.windows(2).map(|pair| {
        let (before, member, end) = (&pair[0].name, &pair[1].member, end(&pair[0]));
        let place = format!("between `{before}` and `{}`", pair[1].name);
        refuse_gap(pair[1].ty.span(), &quote!(::core::mem::offset_of!(#name, #member) - (#end)), &place)
    });
    let behind = fields.last().map(|last| {
        let place = format!("behind `{}`, the last field", last.name);
        let end = end(last);
        refuse_gap(last.ty.span(), &quote!(::core::mem::size_of::<#name>() - (#end)), &place)
    });
    quote!(const _: () = { #(#before)* #behind };)
}

/// Refuses a gap of this many bytes. They are at most 7, since no type is aligned to more than 8.
fn refuse_gap(span: Span, gap: &TokenStream, place: &str) -> TokenStream {
    let arms = (1usize..8).map(|bytes| {
        let message = format!(
            "{bytes} bytes of padding {place}: order the fields from the largest to the smallest, or add \
             `pad: [u8; {bytes}]` there"
        );
        quote_spanned!(span=> #bytes => ::core::panic!(#message),)
    });
    quote_spanned!(span=> match #gap { #(#arms)* _ => {} })
}

/// Any bytes are a value.
fn plain(shared: &Shared<'_>, fields: &[SharedField<'_>]) -> TokenStream {
    let Shared { item: DeriveInput { ident: name, .. }, abi, .. } = shared;
    let asserts = fields.iter().map(|field| {
        let element = field.element;
        quote_spanned!(element.span()=> #abi::expansion::assert_plain::<#element>();)
    });
    quote! {
        const _: () = { #(#asserts)* };
        // SAFETY: any bytes are values of the fields, as the constant above asserts.
        unsafe impl #abi::expansion::bytemuck::Zeroable for #name {}
        // SAFETY: the same, and there is no padding, as another constant asserts.
        unsafe impl #abi::expansion::bytemuck::Pod for #name {}
    }
}

/// Bytes are a value if those of each field are.
fn checked(shared: &Shared<'_>, fields: &[SharedField<'_>]) -> TokenStream {
    let Shared { item: DeriveInput { ident: name, .. }, abi, .. } = shared;
    let asserts = fields.iter().map(|field| {
        let element = field.element;
        quote_spanned!(element.span()=> #abi::expansion::assert_field::<#element>();)
    });
    let checks = fields.iter().filter(|field| !field.is_plain).map(|field| {
        let SharedField { member, ty, element, .. } = field;
        quote! {
            && #abi::expansion::are_values::<#element>(
                &bytes[::core::mem::offset_of!(#name, #member)..][..::core::mem::size_of::<#ty>()],
            )
        }
    });
    quote! {
        const _: () = { #(#asserts)* };
        // SAFETY: neither the fields nor the elements of arrays have padding, and there is none between the fields, as
        // constants assert.
        unsafe impl #abi::expansion::bytemuck::NoUninit for #name {}
        // SAFETY: the bytes of each field that not all bytes are values of are checked by the field's own type, and `Bits`
        // has the size and the alignment of the struct.
        unsafe impl #abi::expansion::bytemuck::CheckedBitPattern for #name {
            type Bits = [
                <#abi::expansion::Words<{ ::core::mem::align_of::<#name>() }> as #abi::expansion::Aligned>::Word;
                ::core::mem::size_of::<#name>() / ::core::mem::align_of::<#name>()
            ];

            #[inline]
            fn is_valid_bit_pattern(bits: &Self::Bits) -> bool {
                let bytes = #abi::expansion::bytemuck::bytes_of(bits);
                true #(#checks)*
            }
        }
    }
}

/// How a value lies in memory, the id and the doc comments.
fn contract(shared: &Shared<'_>, fields: &[SharedField<'_>]) -> TokenStream {
    let abi = shared.abi;
    let name = name_in(shared.id);
    let shapes = fields.iter().map(|field| {
        let (name, shape) = (&field.name, field.shape(abi));
        quote!((#name, #shape))
    });
    let shape = quote!(#abi::Shape::Struct { name: #name, fields: &[#(#shapes),*] });
    let text = doc_text(&shared.item.attrs);
    let docs = fields.iter().map(|SharedField { name, docs, .. }| quote!((#name, #docs)));
    let mut types: Vec<_> =
        fields.iter().filter(|field| !field.is_plain).map(|field| field.element).collect();
    let mut seen = BTreeSet::new();
    types.retain(|ty| seen.insert(quote!(#ty).to_string()));
    let docs = quote! {{
        const ALL: &[::core::option::Option<&#abi::Docs>] = &[#(<#types as #abi::ModField>::FIELD_DOCS),*];
        const NESTED: [&#abi::Docs; #abi::expansion::documented(ALL)] = #abi::expansion::nested(ALL);
        &#abi::Docs { name: #name, text: #text, fields: &[#(#docs),*], nested: &NESTED }
    }};
    shared.contract(&shape, &docs)
}
