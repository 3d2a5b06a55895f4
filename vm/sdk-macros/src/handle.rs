//! Typed handles to accounts.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Error, ItemTrait, Result, TraitItem, Type};

use crate::method::{Kind, Method};

/// The plain name of a contract's type.
pub(crate) fn name_of(ty: &Type) -> Result<Ident> {
    if let Type::Path(path) = ty
        && let Some(name) = path.path.get_ident()
    {
        return Ok(name.clone());
    }
    Err(Error::new_spanned(
        ty,
        "the name of an account of this module",
    ))
}

pub(crate) fn of_contract(name: &Ident, methods: &[Method]) -> TokenStream {
    let handle = format_ident!("{name}Handle");
    let of = format!("A handle to an account with the code of [`{name}`].");
    let struct_ = handle_struct(&handle, &of, methods);
    quote! {
        #struct_

        impl #name {
            /// A handle to an account with this code.
            #[allow(dead_code, reason = "not everyone has others of its kind")]
            pub const fn at(id: ::thinkey_sdk::AccountId) -> #handle {
                #handle(id)
            }
        }
    }
}

pub(crate) fn of_interface(item: &ItemTrait) -> Result<TokenStream> {
    let handle = format_ident!("{}Handle", item.ident);
    let of = format!(
        "A handle to an account that answers the messages of `{}`.",
        item.ident
    );
    let mut methods = Vec::new();
    for item in &item.items {
        if let TraitItem::Fn(function) = item {
            methods.push(Method::of_trait(&function.attrs, &function.sig)?);
        }
    }
    Ok(handle_struct(&handle, &of, &methods))
}

fn handle_struct(handle: &Ident, of: &str, methods: &[Method]) -> TokenStream {
    let calls = methods.iter().filter_map(|method| match method.kind {
        Kind::Message => Some(call(method, &quote!(::thinkey_sdk::Call))),
        Kind::View => Some(call(method, &quote!(::thinkey_sdk::call::Question))),
        _ => None,
    });
    quote! {
        #[doc = #of]
        #[derive(Clone, Copy)]
        #[allow(dead_code, reason = "not everyone calls every account")]
        pub struct #handle(pub ::thinkey_sdk::AccountId);

        #[allow(dead_code, reason = "not everyone calls every method")]
        impl #handle {
            /// A handle to this account.
            pub const fn at(id: ::thinkey_sdk::AccountId) -> Self {
                Self(id)
            }

            #(#calls)*
        }
    }
}

fn call(method: &Method, what: &TokenStream) -> TokenStream {
    let Method {
        name,
        docs,
        args,
        returns,
        ..
    } = method;
    let params = args.iter().map(|(name, ty)| quote!(#name: #ty));
    let names = args.iter().map(|(name, _)| quote!(&#name));
    let selector = name.to_string();
    quote! {
        #(#docs)*
        #[allow(clippy::needless_pass_by_value, reason = "the same types as the method")]
        pub fn #name(&self, #(#params),*) -> #what<#returns> {
            let data = ::thinkey_sdk::Encode::to_bytes(&(#(#names,)*));
            <#what<#returns>>::new(self.0, #selector, data)
        }
    }
}
