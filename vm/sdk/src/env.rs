//! What an account may know while it handles a message.

use alloc::string::String;

use crate::codec::Name;
use crate::{AccountId, Amount, Decode, Encode, abort, host};

/// The account's own id.
pub fn own_id() -> AccountId {
    AccountId(host::own_id())
}

/// Who sent the message; in handlers of answers: who was called.
pub fn sender() -> AccountId {
    AccountId(host::sender())
}

/// The value that came with the message; in handlers of bounces: what came back.
pub fn value() -> Amount {
    host::value()
}

/// The balance, the message's value included, less what was sent. A part of it is the deposit
/// for storage and cannot be sent.
pub fn balance() -> Amount {
    host::balance()
}

/// The part of the balance that the account's storage locks: that of its code, its slots and the
/// handlers that wait, as this run left them so far. [K8]
pub fn deposit() -> Amount {
    host::deposit()
}

/// What a slot with a value of so many bytes locks, to tell a price before anything is stored.
/// What counts is how [`deposit`] changes.
pub const fn slot_deposit(bytes: usize) -> Amount {
    crate::deposit::slot(bytes)
}

/// Gives up unless so much value came along; the text says the price.
pub fn ensure_paid(price: Amount) {
    if value() < price {
        abort(&cost(price));
    }
}

/// A price as people read it; what formats numbers costs a module too much. [K7]
fn cost(price: Amount) -> String {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let mut text = String::from("it costs ");
    let Ok(price) = u64::try_from(price) else {
        text.push_str("more");
        return text;
    };
    let mut unit = 1;
    while price / unit >= 10 {
        unit *= 10;
    }
    while unit > 0 {
        text.push_str(DIGITS[(price / unit % 10) as usize]);
        unit /= 10;
    }
    text
}

/// The chain that executes the message.
pub fn chain() -> u32 {
    host::chain()
}

/// The block's height.
pub fn height() -> u64 {
    host::height()
}

/// The root height that the block cites: the clock of deadlines, common to all chains.
pub fn root_height() -> u64 {
    host::root_height()
}

/// The block's time, milliseconds of Unix time, as its proposer claims it.
pub fn time() -> u64 {
    host::time()
}

/// The beacon's newest seed. Known to everyone before the block: decide with it only what was
/// fixed at an earlier root height.
pub fn seed() -> Option<[u8; 32]> {
    host::seed()
}

/// Gas that may still be used or given away.
pub fn gas_left() -> u64 {
    host::gas_left()
}

/// An equal share of the gas that is left, for each of so many calls and for the account itself.
/// To be asked before the first of them is sent.
pub fn share(calls: usize) -> u64 {
    gas_left() / (calls as u64 + 1)
}

/// Id of the external message at the top of the tree.
pub fn trace() -> [u8; 32] {
    host::trace()
}

/// In handlers of answers: the id of the call that is answered.
pub fn about() -> Option<[u8; 32]> {
    host::about()
}

/// In handlers of bounces and time-outs: the failure code.
pub fn failure() -> Option<u8> {
    u8::try_from(host::failure()).ok()
}

/// In handlers of answers: the method of the call that is answered; else the called method.
pub fn method() -> String {
    String::from_utf8(host::method()).unwrap_or_default()
}

/// Answers the caller; the last one counts. What a message returns is answered by itself.
pub fn reply(answer: &impl Encode) {
    host::reply(&answer.to_bytes());
}

/// What a log entry is about; [`crate::log!`] makes one for each place that logs.
#[doc(hidden)]
pub trait Topic {
    /// Its text.
    const TEXT: &'static str;
}

/// Shows an event with the types of its values.
#[doc(hidden)]
pub fn log<T: Topic, V: Encode>(_: T, values: &V) {
    let topic = const { &Name::new(T::TEXT).and(&V::NAME) };
    host::emit(topic.as_bytes(), &values.to_bytes());
}

/// Shows an event in the trace whose topic is not fixed; else see [`crate::log!`].
pub fn emit(topic: &str, data: &impl Encode) {
    host::emit(topic.as_bytes(), &data.to_bytes());
}

/// From the next message on the account has this code, which it must hold.
pub fn become_code(code: &[u8; 32]) {
    host::become_code(code);
}

/// The account holds this code no longer, and its deposit is free. Aborts for the code that the
/// account has from the next message on.
pub fn drop_code(code: &[u8; 32]) {
    host::drop_code(code);
}

/// SHA3-256.
pub fn sha3_256(data: &[u8]) -> [u8; 32] {
    host::sha3(data)
}

/// SHA-256.
pub fn sha2_256(data: &[u8]) -> [u8; 32] {
    host::sha2(data)
}

/// Whether the Ed25519 signature is good, after ZIP-215.
pub fn ed25519_verify(key: &[u8; 32], signature: &[u8; 64], message: &[u8]) -> bool {
    host::ed25519(key, signature, message)
}

/// Whether the BLS12-381 signature is good.
pub fn bls_verify(key: &[u8; 96], signature: &[u8; 48], message: &[u8]) -> bool {
    host::bls(key, signature, message)
}

/// The arguments, or an abort.
#[doc(hidden)]
pub fn decode<T: Decode>(bytes: &[u8]) -> T {
    T::from_bytes(bytes).unwrap_or_else(|| abort("arguments do not decode"))
}
