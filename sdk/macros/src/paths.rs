//! Where the contract's items are in the crate that a macro is used in.
//!
//! A crate may depend on the SDK, on the plugin, or on the contract itself; each leads to the same items.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, Ident, Result};

/// Crates that have the contract, and where in them. The first that the manifest names is taken: a crate that names the
/// contract can do so everywhere in its code.
const CRATES: [(&str, bool); 3] = [("tinkerbox-abi", true), ("tinkerbox-sdk", false), ("tinkerbox", false)];

/// The path of `tinkerbox-abi` in the crate that is compiled.
///
/// # Errors
/// The crate depends on none of those that have it.
pub fn abi() -> Result<TokenStream> {
    for (package, is_contract) in CRATES {
        let name = match crate_name(package) {
            // Its tests and examples are other crates, and the crate itself has this name for itself.
            Ok(FoundCrate::Itself) => package.replace('-', "_"),
            Ok(FoundCrate::Name(name)) => name,
            Err(_) => continue,
        };
        let name = Ident::new(&name, Span::call_site());
        return Ok(if is_contract { quote!(::#name) } else { quote!(::#name::abi) });
    }
    Err(Error::new(
        Span::call_site(),
        "this crate's Cargo.toml names neither `tinkerbox-sdk` nor `tinkerbox` among its dependencies: add the one that it \
         needs, `tinkerbox-sdk` for a mod and for types that mods share, `tinkerbox` for a game",
    ))
}
