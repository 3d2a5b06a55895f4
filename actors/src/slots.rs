//! Which slots of a code account's storage are whose. [G11]
//!
//! ```text
//! bytes 0..31                  byte 31
//! key, padded with zeros       its length, 1 to 31     the code's own
//! code hash, without its end   0x80                    code that the account holds
//! message id, without its end  0x81                    a handler that waits
//! ```

use crypto::Hash;
use store::Key;
use types::MessageId;

/// Bytes of a key at most.
pub const KEY: usize = 31;

const CODE: u8 = 0x80;
const HANDLER: u8 = 0x81;

/// The slot of a key of the code's own, `None` when it does not have 1 to 31 bytes.
///
/// Slots have the order of their keys.
pub fn slot(key: &[u8]) -> Option<Key> {
    if key.is_empty() {
        return None;
    }
    let mut slot = padded(key)?;
    slot[KEY] = key.len() as u8;
    Some(slot)
}

/// The key of a slot, `None` when it is not the code's own.
pub fn key_of(slot: &Key) -> Option<&[u8]> {
    let length = usize::from(slot[KEY]);
    slot.get(..length)
        .filter(|key| (1..=KEY).contains(&key.len()))
}

/// The least slot whose key begins with `prefix`, or below it.
pub(crate) fn first_slot(prefix: &[u8]) -> Option<Key> {
    padded(prefix)
}

/// Where an account keeps the code with this hash.
pub fn code_slot(code: &Hash) -> Key {
    tagged(code.as_bytes(), CODE)
}

/// Where an account keeps the handler of a message's answer.
pub fn handler_slot(message: &MessageId) -> Key {
    tagged(message.as_bytes(), HANDLER)
}

/// Whether a handler waits in the slot.
pub const fn is_handler(slot: &Key) -> bool {
    slot[KEY] == HANDLER
}

fn padded(key: &[u8]) -> Option<Key> {
    let mut slot = [0; 32];
    slot[..KEY].get_mut(..key.len())?.copy_from_slice(key);
    Some(slot)
}

fn tagged(bytes: &[u8; 32], tag: u8) -> Key {
    let mut slot = *bytes;
    slot[KEY] = tag;
    slot
}
