//! `#[account]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Field, Fields, ItemStruct, Result, Type};

pub(crate) fn expand(item: &ItemStruct) -> Result<TokenStream> {
    let name = &item.ident;
    let Fields::Named(fields) = &item.fields else {
        return Err(Error::new_spanned(item, "an account has named fields"));
    };
    if fields.named.len() > 200 {
        return Err(Error::new_spanned(
            item,
            "an account has at most 200 fields",
        ));
    }
    let fields = || fields.named.iter().enumerate();
    let loads = fields().map(|(number, field)| load(number, field));
    let saved = fields().filter(|(_, field)| !is_stored(&field.ty));
    let saved = saved.map(|(_, field)| &field.ident).collect::<Vec<_>>();
    let has_plain = !saved.is_empty();
    Ok(quote! {
        #item

        impl ::thinkey_sdk::Account for #name {
            const HAS_PLAIN: bool = #has_plain;

            fn load(plain: &mut &[u8]) -> ::core::option::Option<Self> {
                ::core::option::Option::Some(Self { #(#loads),* })
            }

            fn save(&self, out: &mut ::thinkey_sdk::Vec<u8>) {
                #(::thinkey_sdk::Encode::encode(&self.#saved, out);)*
            }
        }
    })
}

fn load(number: usize, field: &Field) -> TokenStream {
    let (name, ty) = (&field.ident, &field.ty);
    if is_stored(ty) {
        let number = number as u8 + 1;
        return quote!(#name: <#ty>::new(#number));
    }
    // What an older code did not write has its default.
    quote!(#name: if plain.is_empty() {
        ::core::default::Default::default()
    } else {
        <#ty as ::thinkey_sdk::Decode>::decode(plain)?
    })
}

/// Whether the field is storage of its own.
fn is_stored(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let last = path.path.segments.last();
    last.is_some_and(|last| last.ident == "Cell" || last.ident == "Map")
}
