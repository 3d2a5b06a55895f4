//! The module of [`energy::Market`].
#![cfg_attr(target_family = "wasm", no_std)]

thinkey_sdk::export!(energy::Market);
