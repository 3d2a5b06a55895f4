//! What storage locks of the balance. A test of the node compares it with the chain's.

/// What each byte locks.
pub(crate) const BYTE: u128 = 1_000;
/// Bytes that each slot counts on top of its value.
pub(crate) const SLOT: usize = 64;
/// Bytes of a handler that waits, besides its method's name.
#[cfg(not(target_family = "wasm"))]
pub(crate) const HANDLER: usize = 40;

/// What a slot with a value of so many bytes locks.
pub(crate) const fn slot(bytes: usize) -> u128 {
    (SLOT + bytes) as u128 * BYTE
}
