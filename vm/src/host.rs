//! The seam to the account model: what code can see and do besides computing.

use std::fmt;
use std::sync::Arc;

use crypto::Hash;
use types::{AccountId, Amount, ChainId, Height, MessageId, Time};

use crate::Refusal;
use crate::limits;

/// What stays the same while a message is handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The account.
    pub own: AccountId,
    /// The chain.
    pub chain: ChainId,
    /// The block's height.
    pub height: Height,
    /// The root height that the block cites.
    pub root_height: Height,
    /// The block's time.
    pub time: Time,
    /// Who sent the message; for replies, bounces and time-outs: who was called.
    pub sender: AccountId,
    /// The value that came with it.
    pub value: Amount,
    /// The external message at the top of the tree; the zero id in views.
    pub trace: MessageId,
    /// The message that this one answers, for replies, bounces and time-outs.
    pub about: Option<MessageId>,
    /// The failure code of bounces and time-outs.
    pub failure: Option<u8>,
}

/// A message that code sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output<'a> {
    /// Recipient.
    pub to: AccountId,
    /// Value, taken from the balance.
    pub value: Amount,
    /// Gas that travels with it.
    pub gas: u64,
    /// Root heights, counted from the block's, at which it may still be executed; 0: the most.
    pub deadline: Height,
    /// The method, at most [`limits::METHOD`] bytes; empty: value alone.
    pub method: &'a str,
    /// Encoded arguments, at most [`limits::DATA`] bytes.
    pub data: &'a [u8],
    /// Whether the recipient's reply is to come back.
    pub wants_reply: bool,
    /// Gas to set aside for the handler of the reply; 0: what the host finds right.
    pub handler_gas: u64,
}

/// An account that code creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creation<'a> {
    /// Hash of its code.
    pub code: Hash,
    /// Tells accounts of one creator and code apart, and so chooses the chain.
    pub salt: [u8; 32],
    /// Value, taken from the balance.
    pub value: Amount,
    /// Gas that travels with it.
    pub gas: u64,
    /// Input of its `init`, at most [`limits::DATA`] bytes.
    pub init: &'a [u8],
}

/// An output that the host took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its position among the outputs.
    pub index: u32,
    /// Gas that leaves the run with it: given to it, and paid ahead for what must follow.
    pub gas: u64,
}

/// What the account model gives to code. The engine has checked every bound and charged every
/// price of the schedule before it calls; what a run that trapped did must be void. [V7]
pub trait Host {
    /// What stays the same.
    fn facts(&self) -> &Facts;

    /// The method's name; for replies, bounces and time-outs that of the answered call.
    fn method(&self) -> &str;

    /// The message's input.
    fn input(&self) -> &[u8];

    /// The balance, the message's value included, less what was sent.
    fn balance(&self) -> Amount;

    /// The part of the balance that storage locks, writes of this run included.
    fn deposit(&self) -> Amount;

    /// The beacon's seed at the newest root-final height that the block cites.
    fn seed(&self) -> Option<[u8; 32]>;

    /// A value of the storage.
    fn get(&mut self, key: &StorageKey) -> Option<Arc<[u8]>>;

    /// Sets a value, at most [`limits::STORAGE_VALUE`] bytes.
    ///
    /// # Errors
    /// For example when the balance does not cover the deposit.
    fn put(&mut self, key: &StorageKey, value: &[u8]) -> Result<(), Refusal>;

    /// Removes a value; whether there was one.
    ///
    /// # Errors
    /// What the account model refuses.
    fn delete(&mut self, key: &StorageKey) -> Result<bool, Refusal>;

    /// The least key above `after`, or of all, that starts with `prefix`, and the gas that the
    /// search took besides the schedule's. `gas_left` bounds it.
    ///
    /// # Errors
    /// When gas does not pay for the search.
    fn next(
        &mut self,
        after: Option<&StorageKey>,
        prefix: &[u8],
        gas_left: u64,
    ) -> Result<(Option<StorageKey>, u64), Refusal>;

    /// Sends when the run ends well. `gas_left` bounds the gas of the answer.
    ///
    /// # Errors
    /// What the account model refuses.
    fn send(&mut self, output: Output<'_>, gas_left: u64) -> Result<Sent, Refusal>;

    /// Creates an account when the run ends well; its id.
    ///
    /// # Errors
    /// What the account model refuses.
    fn create(
        &mut self,
        creation: Creation<'_>,
        gas_left: u64,
    ) -> Result<(AccountId, Sent), Refusal>;

    /// Id of the message that an output will be.
    fn output_id(&self, index: u32) -> Option<MessageId>;

    /// What the handler of an output's answer gets back, at most [`limits::NOTE`] bytes.
    ///
    /// # Errors
    /// What the account model refuses.
    fn remember(&mut self, index: u32, note: &[u8]) -> Result<(), Refusal>;

    /// What was remembered for the answered call; nothing for other messages.
    fn remembered(&self) -> &[u8];

    /// The code of the account from the next message on.
    ///
    /// # Errors
    /// What the account model refuses.
    fn become_code(&mut self, code: Hash) -> Result<(), Refusal>;

    /// The account holds the code no longer.
    ///
    /// # Errors
    /// For example for the code that it has from the next message on.
    fn drop_code(&mut self, code: Hash) -> Result<(), Refusal>;

    /// An event: a topic of at most [`limits::TOPIC`] bytes and at most [`limits::EVENT`] bytes.
    /// The gas that it took besides the schedule's; `gas_left` bounds it.
    ///
    /// # Errors
    /// What the account model refuses.
    fn emit(&mut self, topic: &[u8], data: &[u8], gas_left: u64) -> Result<u64, Refusal>;
}

/// A key of a contract's storage: 1 to 31 bytes.
///
/// As a slot of the account's storage it is padded with zeros to 31 bytes, and the last byte is
/// its length. So slots have the order of keys, a key can be read back from its slot, and no key
/// meets a slot whose last byte is 0 or above 31: those are free for the account model itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StorageKey([u8; 32]);

impl StorageKey {
    /// The key with these bytes, if there are 1 to 31.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut slot = [0; 32];
        let length = u8::try_from(bytes.len()).ok()?;
        if length == 0 || bytes.len() > limits::STORAGE_KEY {
            return None;
        }
        slot.get_mut(..bytes.len())?.copy_from_slice(bytes);
        slot[31] = length;
        Some(Self(slot))
    }

    /// The key of a slot, if it is the slot of a key.
    pub fn of_slot(slot: &[u8; 32]) -> Option<Self> {
        let key = Self::new(slot.get(..usize::from(slot[31]))?)?;
        (key.0 == *slot).then_some(key)
    }

    /// The slot.
    pub const fn slot(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key's bytes.
    pub fn bytes(&self) -> &[u8] {
        self.0.split_at(usize::from(self.0[31])).0
    }
}

impl fmt::Debug for StorageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StorageKey({})", self.bytes().escape_ascii())
    }
}
