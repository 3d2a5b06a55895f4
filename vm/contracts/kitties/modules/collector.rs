//! The module of [`kitties::Collector`].
#![cfg_attr(target_family = "wasm", no_std)]

thinkey_sdk::export!(kitties::Collector);
