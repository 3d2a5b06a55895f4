//! Proofs that a slot of an account's storage has some bytes, against a state root alone.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Hash, ed25519, hash_borsh};
use store::{Key, StateProof, StateProofError, Value};
use types::{AccountId, Amount, domain};

use crate::{Account, Contract, Slot, State};

/// What a leaf of the state tree commits to: an account with its parts by their roots.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AccountDigest {
    /// Value that it may spend.
    pub balance: Amount,
    /// Value that came back.
    pub claimable: Amount,
    /// External messages sent.
    pub nonce: u64,
    /// The key that controls it, once rotated.
    pub key: Option<ed25519::PublicKey>,
    /// Its code, if it has some.
    pub contract: Option<Contract>,
    /// Root of its storage; none when that is empty.
    pub storage: Option<Hash>,
    /// Commitment to the messages that wait for it.
    pub mailbox: Option<Hash>,
    /// Commitment to the messages that wait to leave it.
    pub outbox: Option<Hash>,
}

impl AccountDigest {
    /// The digest of an account.
    pub fn of(account: &Account) -> Self {
        Self {
            balance: account.balance,
            claimable: account.claimable,
            nonce: account.nonce,
            key: account.key,
            contract: account.contract.as_deref().cloned(),
            storage: (!account.storage.is_empty()).then(|| account.storage.root()),
            mailbox: account.mailbox.root(),
            outbox: account.outbox.root(),
        }
    }

    /// The commitment in the state tree: a hash over all fields.
    pub fn commitment(&self) -> Hash {
        hash_borsh(domain::ACCOUNT, self)
    }
}

/// That an account's slot has some bytes: from the bytes to the storage root, from the account to
/// the state root.
///
/// For a state root, an account, a key and bytes exactly one proof is accepted.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SlotProof {
    /// The account.
    pub account: AccountDigest,
    /// Its place under the state root.
    pub position: StateProof,
    /// The slot's place under the account's storage root.
    pub slot: StateProof,
}

/// At which step a slot's proof fails. Whoever hands it over can check it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotProofError {
    /// The account's place leads elsewhere.
    #[error("the account is not under the state root: {0}")]
    Account(StateProofError),
    /// The state holds the account with other contents, or not at all.
    #[error("the state holds no such account")]
    OtherAccount,
    /// The slot's place leads elsewhere.
    #[error("the slot is not under the account's storage root: {0}")]
    Slot(StateProofError),
    /// The account stores other bytes there, or none.
    #[error("the account does not store these bytes")]
    OtherBytes,
}

impl SlotProof {
    /// Checks that `bytes` stand in the slot `key` of the account `id` under `root`.
    ///
    /// # Errors
    /// The first step that does not hold.
    pub fn verify(
        &self,
        root: &Hash,
        id: &AccountId,
        key: &Key,
        bytes: &[u8],
    ) -> Result<(), SlotProofError> {
        let found = self.position.verify(root, id.as_bytes());
        if found.map_err(SlotProofError::Account)? != Some(self.account.commitment()) {
            return Err(SlotProofError::OtherAccount);
        }
        let storage = self.account.storage.ok_or(SlotProofError::OtherBytes)?;
        let found = self.slot.verify(&storage, key);
        if found.map_err(SlotProofError::Slot)? != Some(Slot(bytes.into()).commitment()) {
            return Err(SlotProofError::OtherBytes);
        }
        Ok(())
    }
}

impl State {
    /// The bytes of an account's slot and the proof that they stand there; `None` when they don't.
    pub fn prove_slot(&self, id: &AccountId, key: &Key) -> Option<(&[u8], SlotProof)> {
        let account = self.account(id)?;
        let bytes = self.slot(id, key)?;
        let proof = SlotProof {
            account: AccountDigest::of(account),
            position: self.prove(id),
            slot: account.storage.prove(key),
        };
        Some((bytes, proof))
    }
}

#[cfg(test)]
mod tests;
