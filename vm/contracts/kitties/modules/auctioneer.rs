//! The module of [`kitties::Auctioneer`].
#![cfg_attr(target_family = "wasm", no_std)]

thinkey_sdk::export!(kitties::Auctioneer);
