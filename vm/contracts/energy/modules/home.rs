//! The module of [`energy::Home`].
#![cfg_attr(target_family = "wasm", no_std)]

thinkey_sdk::export!(energy::Home);
