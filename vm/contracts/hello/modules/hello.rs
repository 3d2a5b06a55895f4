//! The module of [`hello::Hello`].
#![cfg_attr(target_family = "wasm", no_std)]

thinkey_sdk::export!(hello::Hello);
