//! The module of [`token::Ledger`].
#![cfg_attr(target_family = "wasm", no_std)]

thinkey_sdk::export!(token::Ledger);
