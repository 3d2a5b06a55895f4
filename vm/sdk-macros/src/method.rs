//! A marked method.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Error, Expr, ExprLit, FnArg, Lit, Meta, Pat, Result, ReturnType, Signature, Token,
    Type,
};

/// What a method answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Init,
    Message,
    View,
    Reply,
    Bounce,
    Timeout,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Init,
        Self::Message,
        Self::View,
        Self::Reply,
        Self::Bounce,
        Self::Timeout,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Message => "message",
            Self::View => "view",
            Self::Reply => "reply",
            Self::Bounce => "bounce",
            Self::Timeout => "timeout",
        }
    }

    /// The variant of `thinkey_sdk::Entry`.
    pub(crate) fn entry(self) -> TokenStream {
        match self {
            Self::Init => quote!(Init),
            Self::Message => quote!(Call),
            Self::View => quote!(View),
            Self::Reply => quote!(Reply),
            Self::Bounce => quote!(Bounce),
            Self::Timeout => quote!(Timeout),
        }
    }

    pub(crate) const fn is_handler(self) -> bool {
        matches!(self, Self::Reply | Self::Bounce | Self::Timeout)
    }

    fn of(attribute: &Attribute) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| attribute.path().is_ident(kind.name()))
    }
}

/// A marked method.
pub(crate) struct Method {
    pub(crate) kind: Kind,
    pub(crate) name: Ident,
    pub(crate) payable: bool,
    /// For handlers: the method whose answer they take.
    pub(crate) of: Option<String>,
    pub(crate) doc: String,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) args: Vec<(Ident, Type)>,
    pub(crate) returns: Type,
}

impl Method {
    /// Reads a method and takes its mark away; `None` if it has none.
    pub(crate) fn take(attrs: &mut Vec<Attribute>, sig: &Signature) -> Result<Option<Self>> {
        let Some(at) = attrs.iter().position(|attr| Kind::of(attr).is_some()) else {
            return Ok(None);
        };
        let mark = attrs.remove(at);
        let Some(kind) = Kind::of(&mark) else {
            return Ok(None);
        };
        let words = words(&mark)?;
        let payable = words.iter().any(|word| word == "payable");
        let of = words.into_iter().find(|word| word != "payable");
        if kind.is_handler() != of.is_some() || (kind.is_handler() && payable) {
            let why =
                "#[message(payable)], #[reply(method)], #[bounce(method)] or #[timeout(method)]";
            return Err(Error::new_spanned(mark, why));
        }
        // An account begins with its deposit.
        let payable = payable || kind == Kind::Init;
        Self::read(kind, payable, of, attrs, sig).map(Some)
    }

    /// A method of an interface.
    pub(crate) fn of_trait(attrs: &[Attribute], sig: &Signature) -> Result<Self> {
        Self::read(Kind::Message, true, None, attrs, sig)
    }

    fn read(
        kind: Kind,
        payable: bool,
        of: Option<String>,
        attrs: &[Attribute],
        sig: &Signature,
    ) -> Result<Self> {
        let docs = attrs.iter().filter(|attr| attr.path().is_ident("doc"));
        let docs = docs.cloned().collect::<Vec<_>>();
        let mut inputs = sig.inputs.iter();
        match inputs.next() {
            Some(FnArg::Receiver(me)) if me.reference.is_some() => {
                if kind == Kind::View && me.mutability.is_some() {
                    return Err(Error::new_spanned(me, "a view takes &self"));
                }
            }
            _ => return Err(Error::new_spanned(sig, "takes &self or &mut self")),
        }
        if sig.ident.to_string().len() > 64 {
            return Err(Error::new_spanned(&sig.ident, "at most 64 bytes"));
        }
        let method = Self {
            kind,
            name: sig.ident.clone(),
            payable,
            of,
            doc: text(&docs),
            docs,
            args: inputs.map(argument).collect::<Result<_>>()?,
            returns: match &sig.output {
                ReturnType::Default => syn::parse_quote!(()),
                ReturnType::Type(_, ty) => (**ty).clone(),
            },
        };
        let most = match kind {
            Kind::Reply => 2,
            Kind::Bounce | Kind::Timeout => 1,
            _ => 6,
        };
        if method.args.len() > most {
            let why = format!("a {} takes at most {most} arguments", kind.name());
            return Err(Error::new_spanned(sig, why));
        }
        Ok(method)
    }

    /// The name that chooses this method.
    pub(crate) fn selector(&self) -> String {
        self.of.clone().unwrap_or_else(|| self.name.to_string())
    }
}

fn argument(input: &FnArg) -> Result<(Ident, Type)> {
    if let FnArg::Typed(typed) = input
        && let Pat::Ident(name) = &*typed.pat
    {
        return Ok((name.ident.clone(), (*typed.ty).clone()));
    }
    Err(Error::new_spanned(
        input,
        "an argument is a name and a type",
    ))
}

/// The words in the brackets of a mark.
fn words(mark: &Attribute) -> Result<Vec<String>> {
    if matches!(mark.meta, Meta::Path(_)) {
        return Ok(Vec::new());
    }
    let words = mark.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated)?;
    Ok(words.iter().map(Ident::to_string).collect())
}

/// The text of doc comments.
pub(crate) fn text(docs: &[Attribute]) -> String {
    let lines = docs.iter().filter_map(|doc| {
        let Meta::NameValue(pair) = &doc.meta else {
            return None;
        };
        match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(line),
                ..
            }) => Some(line.value().trim().to_owned()),
            _ => None,
        }
    });
    lines.collect::<Vec<_>>().join(" ").trim().to_owned()
}
