//! The attributes of `thinkey-sdk`: they turn a struct and its methods into an account.
//!
//! ```text
//! #[account] struct T { … }     ─▶ T, impl Account for T
//! #[contract] impl T { … }      ─▶ the methods, impl Contract for T, THandle, T::at
//! #[interface] trait T { … }    ─▶ THandle alone, for accounts whose code is somebody else's
//! #[derive(Codec)]              ─▶ Encode and Decode, as borsh has them
//! ```
//!
//! What they write is plain code without unsafe blocks; errors point at the author's tokens.

mod abi;
mod account;
mod codec;
mod contract;
mod handle;
mod method;

use proc_macro::TokenStream;
use syn::{DeriveInput, ItemImpl, ItemStruct, ItemTrait, parse_macro_input};

/// An account's state. Fields of the types `Cell` and `Map` are storage of their own, the others
/// together are one value; all need a default.
#[proc_macro_attribute]
pub fn account(_: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as ItemStruct);
    finish(account::expand(&item))
}

/// The behaviour of an account: an impl block whose methods are marked.
///
/// * `#[init]`: runs once, when the account begins; value comes along, for its deposit.
/// * `#[message]`, `#[message(payable)]`: what other accounts and users call.
/// * `#[view]`: takes `&self` and answers questions.
/// * `#[reply(m)]`: the answer to a call of the method `m` that asked for one. Arguments: what `m`
///   returned, then what was remembered; both may be left out from the end.
/// * `#[bounce(m)]`, `#[timeout(m)]`: the call failed. Argument: what was remembered, if anything.
///
/// Other methods stay as they are.
#[proc_macro_attribute]
pub fn contract(_: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as ItemImpl);
    finish(contract::expand(item))
}

/// A typed handle to accounts whose code is not at hand: a trait with the messages that they take.
#[proc_macro_attribute]
pub fn interface(_: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as ItemTrait);
    finish(handle::of_interface(&item))
}

/// `Encode` and `Decode` for structs and enums of them, and their lines of the ABI.
#[proc_macro_derive(Codec)]
pub fn codec(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as DeriveInput);
    finish(codec::expand(&item))
}

fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
