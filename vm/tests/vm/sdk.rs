//! Numbers that code and chain must agree on, though no module is built with this crate.

use vm::abi;

/// The SDK's own file.
#[path = "../../sdk/src/gas.rs"]
#[expect(unreachable_pub, reason = "it belongs to another crate")]
mod theirs;

#[test]
fn the_sdk_knows_the_gas_that_handlers_get() {
    assert_eq!(theirs::HANDLER, abi::HANDLER_GAS);
    assert_eq!(theirs::HANDLER_UNIT, abi::HANDLER_GAS_UNIT);
    let bits = u64::from(u32::MAX >> 1);
    let most = theirs::CALL.max(theirs::HANDLER) / theirs::HANDLER_UNIT;
    assert!(most <= bits, "flags hold it");
}
