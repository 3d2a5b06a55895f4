//! The module of [`kitties::Recorder`].
#![cfg_attr(target_family = "wasm", no_std)]

thinkey_sdk::export!(kitties::Recorder);
