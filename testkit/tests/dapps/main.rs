//! The contracts of `vm/contracts` as they are deployed: their built modules on the real engine,
//! over chains, with gas, deposits and faults.

mod energy;
mod kitties;
mod names;
mod places;
mod token;
mod wallet;

use std::path::Path;

use testkit::{Call, Trace, User, Word, World, args};
use types::AccountId;

/// What users have.
pub(crate) const FUNDS: u128 = 1_000_000_000_000;
/// Gas for a message that causes a tree of them.
pub(crate) const GAS: u64 = 60_000_000;

/// A module that `cargo xtask contracts` built.
pub(crate) fn module(name: &str) -> Vec<u8> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vm/contracts/built");
    std::fs::read(built.join(name).with_extension("wasm")).expect("cargo xtask contracts")
}

/// Calls and expects that all goes well.
#[track_caller]
pub(crate) fn call(user: &User, to: AccountId, method: &str, data: &[u8], value: u128) {
    let call = user.call(to, method, data).value(value).gas(GAS);
    call.settle().assert(Word::Settled);
}

/// Calls and expects that the code refuses, in these words, and the value comes back.
#[track_caller]
pub(crate) fn refused(call: Call<'_>, why: &str) {
    let trace = call.gas(GAS).settle();
    trace.assert(Word::Refunded);
    let nodes = trace.nodes();
    assert!(nodes.iter().any(|node| node.text == why), "{trace}");
}

/// What a call took of its sender for gas: that of the trace, and what the way back would cost.
pub(crate) fn gas(trace: &Trace) -> u128 {
    u128::from(trace.gas() + actors::gas::RETURN)
}

/// What an account may spend, or lock for what it stores.
pub(crate) fn free(world: &World, account: AccountId) -> u128 {
    world.balance(account) - world.locked(account)
}

/// A number that a view answers.
#[track_caller]
pub(crate) fn number(world: &World, of: AccountId, method: &str, data: &[u8]) -> u128 {
    let answer = world.view(of, method, data);
    u128::from_le_bytes(answer.try_into().expect("a u128"))
}

/// What the SDK costs by itself.
#[test]
fn hello_is_small() {
    assert!(module("hello").len() <= 10 * 1024);
}

#[test]
fn hello_greets() {
    let world = World::new(2);
    let alice = world.user(1, FUNDS);
    let hello = alice.deploy(&module("hello")).init(args(&("Hello",))).on(2);
    let id = alice.call(hello, "hello", args(&("Alice",))).send();
    world.settle();
    let trace = world.trace(id);
    trace.assert(Word::Settled);
    let count = world.view(hello, "count", []);
    assert_eq!(count, 1u64.to_le_bytes());
}
