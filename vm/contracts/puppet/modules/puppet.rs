//! The module of [`puppet::Puppet`].
#![cfg_attr(target_family = "wasm", no_std)]

thinkey_sdk::export!(puppet::Puppet);
