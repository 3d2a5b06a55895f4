//! The module of [`names::Names`].
#![cfg_attr(target_family = "wasm", no_std)]

thinkey_sdk::export!(names::Names);
