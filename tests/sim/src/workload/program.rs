//! What puppets are told, in the encoding of their contract.

use borsh::BorshSerialize;
use types::AccountId;

/// One thing to do; the variants of the contract's own type, in its order.
#[derive(Clone, Debug, BorshSerialize)]
pub(crate) enum Act {
    /// Calls a puppet.
    Send(Order),
    /// Calls puppets in turn.
    Spread(u8, Vec<AccountId>, Order),
    /// Two puppets, back and forth until gas ends: value, gas for handlers.
    Rally(AccountId, AccountId, u64, u64),
    /// Sends value alone.
    Pay(AccountId, u64),
    /// Stores so many bytes.
    Set(u8, u16),
    /// Stores no longer.
    Delete(u8),
    /// Uses up all gas.
    Spin,
    /// Gives up.
    Fail,
    /// Runs other code from the next message on.
    Become([u8; 32]),
    /// Creates an account: code, salt, value, gas, program.
    Create([u8; 32], [u8; 32], u64, u64, Vec<u8>),
    /// Answers so many bytes.
    Answer(u16),
    /// Stores the beacon's newest seed.
    Look(u8),
}

/// A call that is to be sent.
#[derive(Clone, Debug, BorshSerialize)]
pub(crate) struct Order {
    pub(crate) to: AccountId,
    pub(crate) value: u64,
    pub(crate) gas: u64,
    /// Root heights; 0 for the longest.
    pub(crate) deadline: u64,
    /// Gas for the handler of the answer; 0 for no answer.
    pub(crate) handler: u64,
    pub(crate) program: Vec<u8>,
    pub(crate) then: Vec<u8>,
}

/// A program's bytes.
pub(crate) fn encode(acts: &[Act]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for act in acts {
        let written = act.serialize(&mut bytes);
        assert!(written.is_ok(), "a vector takes everything");
    }
    bytes
}

/// The arguments of a method that takes a program.
pub(crate) fn argument(program: &[u8]) -> Vec<u8> {
    borsh::to_vec(program).unwrap_or_default()
}
