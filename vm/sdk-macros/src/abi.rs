//! Lines of JSON for `thinkey.abi`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Type;

use crate::method::Method;

/// The contract's line, followed by those of the types that it uses.
pub(crate) fn lines(name: &str, doc: &str, methods: &[Method]) -> TokenStream {
    let listed = methods.iter().map(line).collect::<Vec<_>>().join(",");
    let (name, doc) = (quoted(name), quoted(doc));
    let line = format!("{{\"abi\":1,\"contract\":{name},\"doc\":{doc},\"methods\":[{listed}]}}\n");
    let mut types: Vec<&Type> = Vec::new();
    let used = methods.iter().flat_map(|method| {
        let args = method.args.iter().map(|(_, ty)| ty);
        args.chain([&method.returns])
    });
    for ty in used {
        if !matches!(ty, Type::Tuple(_)) && types.iter().all(|seen| shown(seen) != shown(ty)) {
            types.push(ty);
        }
    }
    quote!(::thinkey_sdk::schema!(#line, #(<#types as ::thinkey_sdk::Encode>::SCHEMA),*))
}

fn line(method: &Method) -> String {
    let kind = method.kind.name();
    let name = quoted(&method.name.to_string());
    let doc = quoted(&method.doc);
    let of = method.of.as_deref().map(quoted);
    let of = of.map_or_else(String::new, |of| format!(",\"of\":{of}"));
    let args = method
        .args
        .iter()
        .map(|(name, ty)| pair(&name.to_string(), ty));
    let args = args.collect::<Vec<_>>().join(",");
    let (payable, returns) = (method.payable, quoted(&shown(&method.returns)));
    format!(
        "{{\"kind\":\"{kind}\",\"name\":{name}{of},\"doc\":{doc},\"payable\":{payable},\
         \"args\":[{args}],\"returns\":{returns}}}"
    )
}

/// A name and a type.
pub(crate) fn pair(name: &str, ty: &Type) -> String {
    format!("[{},{}]", quoted(name), quoted(&shown(ty)))
}

/// A type as Rust writes it, without spaces, except that amounts are numbers.
pub(crate) fn shown(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    let words = text
        .split(' ')
        .map(|word| if word == "Amount" { "u128" } else { word });
    words.collect()
}

/// A text as JSON has it.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            char if char < ' ' => out.push_str(&format!("\\u{:04x}", char as u32)),
            char => out.push(char),
        }
    }
    out.push('"');
    out
}
