//! The description of a contract in the custom section `thinkey.abi` of its module.
//!
//! UTF-8 text, one JSON object in each line:
//!
//! ```text
//! {"abi":1,"contract":"Token","doc":"…","methods":[
//!    {"kind":"message","name":"send","doc":"…","payable":false,
//!     "args":[["to","AccountId"],["amount","u128"]],"returns":"()"}, …]}
//! {"type":"Offer","fields":[["kwh","u64"],["price","u128"]]}
//! {"type":"Side","variants":[["Buy"],["Sell","u64"]]}
//! ```
//!
//! (the first line is one line). Kinds are `init`, `message`, `view`, `reply`, `bounce` and
//! `timeout`; the latter three are handlers, with the method that they wait for in `"of"`. Types
//! are those of Rust; lines with `"type"` describe those that are neither built in nor `AccountId`,
//! and may repeat. The encoding is that of [`crate::codec`], arguments as one tuple.
//!
//! Logs describe themselves: [`crate::log!`] writes the types of the values behind the topic.

/// The bytes of several texts together.
#[doc(hidden)]
pub const fn length(parts: &[&str]) -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < parts.len() {
        sum += parts[i].len();
        i += 1;
    }
    sum
}

/// Several texts in a row.
#[doc(hidden)]
pub const fn join<const N: usize>(parts: &[&str]) -> [u8; N] {
    let (mut out, mut at, mut i) = ([0; N], 0, 0);
    while i < parts.len() {
        let part = parts[i].as_bytes();
        let mut j = 0;
        while j < part.len() {
            out[at] = part[j];
            at += 1;
            j += 1;
        }
        i += 1;
    }
    out
}

/// A text of joined texts.
#[doc(hidden)]
pub const fn text(bytes: &'static [u8]) -> &'static str {
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("texts in a row are a text"),
    }
}

/// Joins constant texts to one.
#[doc(hidden)]
#[macro_export]
macro_rules! schema {
    ($($part:expr),* $(,)?) => {{
        const PARTS: &[&str] = &[$($part),*];
        const LENGTH: usize = $crate::abi::length(PARTS);
        const BYTES: [u8; LENGTH] = $crate::abi::join(PARTS);
        $crate::abi::text(&BYTES)
    }};
}

/// Makes a module of a contract: its exports and its ABI. Once in a `cdylib`.
///
/// ```ignore
/// thinkey_sdk::export!(token::Token);
/// ```
#[macro_export]
macro_rules! export {
    ($contract:ty) => {
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, reason = "exports have names that nothing else may have")]
        const _: () = {
            // SAFETY of the names: a module has one contract, and nothing else is called so.
            use $crate::{Contract, Entry, entry::run};

            // Not `#[used]`: that would put the bytes into the memory as well.
            #[allow(dead_code, reason = "it is read in the module's section")]
            #[unsafe(link_section = "thinkey.abi")]
            static ABI: [u8; <$contract as Contract>::ABI.len()] =
                $crate::abi::join(&[<$contract as Contract>::ABI]);

            #[unsafe(no_mangle)]
            extern "C" fn thinkey_init() {
                run::<$contract>(Entry::Init);
            }

            #[unsafe(no_mangle)]
            extern "C" fn thinkey_call() {
                run::<$contract>(Entry::Call);
            }

            #[unsafe(no_mangle)]
            extern "C" fn thinkey_reply() {
                run::<$contract>(Entry::Reply);
            }

            #[unsafe(no_mangle)]
            extern "C" fn thinkey_bounce() {
                run::<$contract>(Entry::Bounce);
            }

            #[unsafe(no_mangle)]
            extern "C" fn thinkey_timeout() {
                run::<$contract>(Entry::Timeout);
            }

            #[unsafe(no_mangle)]
            extern "C" fn thinkey_view() {
                run::<$contract>(Entry::View);
            }
        };
    };
}
