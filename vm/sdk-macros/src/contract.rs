//! `#[contract]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ImplItem, ItemImpl, Result};

use crate::method::{Kind, Method};
use crate::{abi, handle};

pub(crate) fn expand(mut item: ItemImpl) -> Result<TokenStream> {
    if item.trait_.is_some() || !item.generics.params.is_empty() {
        return Err(Error::new_spanned(&item.self_ty, "a plain impl block"));
    }
    let mut methods = Vec::new();
    for item in &mut item.items {
        if let ImplItem::Fn(function) = item {
            methods.extend(Method::take(&mut function.attrs, &function.sig)?);
        }
    }
    refuse_doubles(&methods)?;
    let name = handle::name_of(&item.self_ty)?;
    let docs = item.attrs.iter().filter(|attr| attr.path().is_ident("doc"));
    let doc = crate::method::text(&docs.cloned().collect::<Vec<_>>());
    let abi = abi::lines(&name.to_string(), &doc, &methods);
    let arms = Kind::ALL.map(|kind| arms(kind, &methods));
    let handle = handle::of_contract(&name, &methods);
    Ok(quote! {
        #item

        impl ::thinkey_sdk::Contract for #name {
            const ABI: &'static str = #abi;

            fn dispatch(
                &mut self,
                entry: ::thinkey_sdk::Entry,
                method: &[u8],
                input: &[u8],
            ) -> bool {
                match entry { #(#arms)* }
                true
            }
        }

        #handle
    })
}

fn refuse_doubles(methods: &[Method]) -> Result<()> {
    for (at, method) in methods.iter().enumerate() {
        let same = |other: &Method| {
            let init = method.kind == Kind::Init;
            other.kind == method.kind && (init || other.selector() == method.selector())
        };
        if methods.iter().take(at).any(same) {
            return Err(Error::new_spanned(&method.name, "this is answered already"));
        }
    }
    Ok(())
}

fn arms(kind: Kind, methods: &[Method]) -> TokenStream {
    let entry = kind.entry();
    let mut answered = methods.iter().filter(|method| method.kind == kind);
    if kind == Kind::Init {
        let Some(init) = answered.next() else {
            return quote!(::thinkey_sdk::Entry::Init => return false,);
        };
        let run = run(init);
        return quote!(::thinkey_sdk::Entry::Init => { #run });
    }
    let mut arms = answered.map(arm).collect::<Vec<_>>();
    if kind == Kind::Timeout {
        let timed = |of: &Method| {
            let mut timeouts = methods.iter().filter(|method| method.kind == Kind::Timeout);
            timeouts.any(|method| method.of == of.of)
        };
        let bounces = methods.iter().filter(|method| method.kind == Kind::Bounce);
        arms.extend(bounces.filter(|bounce| !timed(bounce)).map(arm));
    }
    quote! {
        ::thinkey_sdk::Entry::#entry => match method {
            #(#arms)*
            _ => return false,
        },
    }
}

fn arm(method: &Method) -> TokenStream {
    let selector = syn::LitByteStr::new(method.selector().as_bytes(), method.name.span());
    let run = run(method);
    quote!(#selector => { #run })
}

fn run(method: &Method) -> TokenStream {
    let name = &method.name;
    let args = method.args.iter().map(|(name, _)| name).collect::<Vec<_>>();
    let types = method.args.iter().map(|(_, ty)| ty).collect::<Vec<_>>();
    let decode = quote!(::thinkey_sdk::env::decode);
    let remembered = quote!(::thinkey_sdk::entry::remembered);
    match (method.kind, &types[..]) {
        (Kind::Reply, []) | (Kind::Bounce | Kind::Timeout, []) => quote!(self.#name();),
        (Kind::Reply, [answer]) => quote!(self.#name(#decode::<#answer>(input));),
        (Kind::Reply, [answer, note, ..]) => quote! {
            let answer = #decode::<#answer>(input);
            self.#name(answer, #remembered::<#note>());
        },
        (Kind::Bounce | Kind::Timeout, [note, ..]) => {
            quote!(self.#name(#remembered::<#note>());)
        }
        (kind, _) => {
            let refuse = (!method.payable && kind != Kind::View)
                .then(|| quote!(::thinkey_sdk::entry::refuse_value();));
            quote! {
                #refuse
                let (#(#args,)*) = #decode::<(#(#types,)*)>(input);
                ::thinkey_sdk::entry::Answer::answer(self.#name(#(#args),*));
            }
        }
    }
}
