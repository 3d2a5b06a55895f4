//! The host functions: those of the node in a module, those of [`crate::mock`] natively.

#[cfg(target_family = "wasm")]
mod wasm;

#[cfg(target_family = "wasm")]
pub(crate) use wasm::*;

#[cfg(not(target_family = "wasm"))]
pub(crate) use crate::mock::host::*;

/// A message to send.
pub(crate) struct Send<'a> {
    pub(crate) to: &'a [u8; 32],
    pub(crate) value: u128,
    #[cfg_attr(
        not(target_family = "wasm"),
        allow(dead_code, reason = "no gas in mocks")
    )]
    pub(crate) gas: u64,
    pub(crate) deadline: u64,
    pub(crate) method: &'a str,
    pub(crate) data: &'a [u8],
    /// Bit 0: wants a reply; above it, thousands of gas for its handler.
    pub(crate) flags: u32,
}

/// An account to create.
pub(crate) struct Create<'a> {
    pub(crate) code: &'a [u8; 32],
    pub(crate) salt: &'a [u8; 32],
    pub(crate) value: u128,
    #[cfg_attr(
        not(target_family = "wasm"),
        allow(dead_code, reason = "no gas in mocks")
    )]
    pub(crate) gas: u64,
    pub(crate) init: &'a [u8],
}
