//! The module of [`multisig::Multisig`].
#![cfg_attr(target_family = "wasm", no_std)]

thinkey_sdk::export!(multisig::Multisig);
