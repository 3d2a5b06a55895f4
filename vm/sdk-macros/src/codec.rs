//! `#[derive(Codec)]`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Data, DataEnum, DeriveInput, Error, Fields, Result, Type, Variant};

use crate::abi::{pair, quoted, shown};

pub(crate) fn expand(item: &DeriveInput) -> Result<TokenStream> {
    if !item.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &item.generics,
            "a type without parameters",
        ));
    }
    let name = &item.ident;
    let word = name.to_string();
    let (line, types, encode, decode) = match &item.data {
        Data::Struct(data) => of_struct(name, &data.fields),
        Data::Enum(data) => of_enum(name, data)?,
        Data::Union(_) => return Err(Error::new_spanned(item, "a struct or an enum")),
    };
    Ok(quote! {
        impl ::thinkey_sdk::Encode for #name {
            const NAME: ::thinkey_sdk::codec::Name = ::thinkey_sdk::codec::Name::new(#word);

            const SCHEMA: &'static str =
                ::thinkey_sdk::schema!(#line, #(<#types as ::thinkey_sdk::Encode>::SCHEMA),*);

            fn encode(&self, out: &mut ::thinkey_sdk::Vec<u8>) {
                #encode
            }
        }

        impl ::thinkey_sdk::Decode for #name {
            fn decode(from: &mut &[u8]) -> ::core::option::Option<Self> {
                #decode
            }
        }
    })
}

type Parts = (String, Vec<Type>, TokenStream, TokenStream);

fn of_struct(name: &Ident, fields: &Fields) -> Parts {
    let members = fields.members().collect::<Vec<_>>();
    let types = fields
        .iter()
        .map(|field| field.ty.clone())
        .collect::<Vec<_>>();
    let pairs = fields.iter().enumerate().map(|(at, field)| {
        let name = field
            .ident
            .as_ref()
            .map_or_else(|| at.to_string(), Ident::to_string);
        pair(&name, &field.ty)
    });
    let pairs = pairs.collect::<Vec<_>>().join(",");
    let line = format!(
        "{{\"type\":{},\"fields\":[{pairs}]}}\n",
        quoted(&name.to_string())
    );
    let encode = quote!(#(::thinkey_sdk::Encode::encode(&self.#members, out);)*);
    let decode = quote!(::core::option::Option::Some(Self {
        #(#members: ::thinkey_sdk::Decode::decode(from)?),*
    }));
    (line, types, encode, decode)
}

fn of_enum(name: &Ident, data: &DataEnum) -> Result<Parts> {
    let fields = data.variants.iter().flat_map(|variant| &variant.fields);
    let types = fields.map(|field| field.ty.clone()).collect();
    let described = data
        .variants
        .iter()
        .map(described)
        .collect::<Vec<_>>()
        .join(",");
    let line = format!(
        "{{\"type\":{},\"variants\":[{described}]}}\n",
        quoted(&name.to_string())
    );
    let mut encodes = Vec::new();
    let mut decodes = Vec::new();
    for (number, variant) in data.variants.iter().enumerate() {
        let number = u8::try_from(number)
            .ok()
            .filter(|_| variant.discriminant.is_none());
        let why = "at most 256 variants, numbered by their order";
        let number = number.ok_or_else(|| Error::new_spanned(variant, why))?;
        let case = &variant.ident;
        let members = variant.fields.members().collect::<Vec<_>>();
        let names = (0..members.len()).map(|at| format_ident!("field_{at}"));
        let names = names.collect::<Vec<_>>();
        encodes.push(quote!(Self::#case { #(#members: #names),* } => {
            out.push(#number);
            #(::thinkey_sdk::Encode::encode(#names, out);)*
        }));
        decodes.push(quote!(#number => Self::#case {
            #(#members: ::thinkey_sdk::Decode::decode(from)?),*
        }));
    }
    let encode = quote!(match self { #(#encodes)* });
    let decode = quote!(::core::option::Option::Some(
        match <u8 as ::thinkey_sdk::Decode>::decode(from)? {
            #(#decodes,)*
            _ => return ::core::option::Option::None,
        }
    ));
    Ok((line, types, encode, decode))
}

fn described(variant: &Variant) -> String {
    let name = [quoted(&variant.ident.to_string())];
    let types = variant.fields.iter().map(|field| quoted(&shown(&field.ty)));
    let parts = name.into_iter().chain(types).collect::<Vec<_>>();
    format!("[{}]", parts.join(","))
}
