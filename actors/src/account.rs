//! An account: what one actor owns.

use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize, io};
use crypto::{Domain, Hash, ed25519, hash};
use store::{Key, StateTree, Value};
use types::{AccountId, Amount};

use crate::queue::sum;
use crate::slot_proof::AccountDigest;
use crate::{Contract, Outbox, Queue};

const SLOT: Domain = Domain::new("thinkey/slot");

/// One value of an account's storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot(pub Arc<[u8]>);

impl Value for Slot {
    fn commitment(&self) -> Hash {
        hash(SLOT, &[&self.0])
    }
}

/// What one actor owns. An account that equals the default one does not exist.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Value that it may spend.
    pub balance: Amount,
    /// Value that came back and could not be credited; joins the balance with the next external
    /// message. [G6]
    pub claimable: Amount,
    /// External messages sent. An account that has sent one never vanishes.
    pub nonce: u64,
    /// The key that controls it, once rotated; before, the key whose hash is the id.
    pub key: Option<ed25519::PublicKey>,
    /// Its code, owner and deposit, if it has code. Boxed: most accounts have none.
    pub contract: Option<Box<Contract>>,
    /// State of its code, the code itself and handlers that wait; see [`slots`](crate::slots).
    pub storage: StateTree<Slot>,
    /// Relay messages to it that were not executed yet.
    pub mailbox: Queue,
    /// Relay messages from it that wait for room on their lanes.
    pub outbox: Outbox,
}

impl Account {
    /// An account with a balance and nothing else.
    pub fn with_balance(balance: Amount) -> Self {
        Self {
            balance,
            ..Self::default()
        }
    }

    /// Everything of value here: balance, claimable, mailbox and outbox.
    ///
    /// # Panics
    /// When the sum overflows, which a state never contains. [G9]
    pub fn carried(&self) -> Amount {
        let queues = sum(self.mailbox.carried(), self.outbox.carried());
        sum(sum(self.balance, self.claimable), queues)
    }

    /// [`Self::carried`] for accounts from outside: `None` on overflow.
    pub fn checked_carried(&self) -> Option<Amount> {
        let queues = [self.mailbox.carried(), self.outbox.carried()];
        Amount::sum([self.balance, self.claimable].into_iter().chain(queues))
    }

    /// Whether `key` may sign for the account, which has the id `id`.
    pub fn is_controlled_by(&self, id: &AccountId, key: &ed25519::PublicKey) -> bool {
        match &self.key {
            Some(own) => own == key,
            None => AccountId::of_key(key) == *id,
        }
    }

    /// Hash of its code.
    pub fn code(&self) -> Option<Hash> {
        self.contract.as_ref().map(|contract| contract.code)
    }

    /// The part of the balance that can't be spent. [G12] [G13]
    pub fn locked(&self) -> Amount {
        let contract = self.contract.as_ref();
        contract.map_or(Amount::ZERO, |contract| contract.locked())
    }

    /// Whether nothing sets it apart from an account that was never used.
    pub fn is_empty(&self) -> bool {
        self.balance.is_zero()
            && self.claimable.is_zero()
            && self.nonce == 0
            && self.key.is_none()
            && self.contract.is_none()
            && self.storage.is_empty()
            && self.mailbox.is_empty()
            && self.outbox.is_empty()
    }
}

impl Value for Account {
    /// Hash over all fields; storage and queues by their roots, absent when empty.
    fn commitment(&self) -> Hash {
        AccountDigest::of(self).commitment()
    }
}

impl PartialEq for Account {
    fn eq(&self, other: &Self) -> bool {
        self.commitment() == other.commitment()
    }
}

impl BorshSerialize for Account {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        (self.balance, self.claimable, self.nonce).serialize(writer)?;
        self.key.serialize(writer)?;
        self.contract.serialize(writer)?;
        self.storage.len().serialize(writer)?;
        for (key, slot) in self.storage.iter() {
            (key, slot.0.as_ref()).serialize(writer)?;
        }
        self.mailbox.serialize(writer)?;
        self.outbox.serialize(writer)
    }
}

impl BorshDeserialize for Account {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let (balance, claimable, nonce) = BorshDeserialize::deserialize_reader(reader)?;
        let (key, contract) = BorshDeserialize::deserialize_reader(reader)?;
        let slots = u64::deserialize_reader(reader)?;
        let mut changes = Vec::new();
        for _ in 0..slots {
            let (key, bytes): (Key, Vec<u8>) = BorshDeserialize::deserialize_reader(reader)?;
            changes.push((key, Some(Slot(bytes.into()))));
        }
        if !changes.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "slots out of order",
            ));
        }
        Ok(Self {
            balance,
            claimable,
            nonce,
            key,
            contract,
            storage: StateTree::new().apply_sorted(changes),
            mailbox: BorshDeserialize::deserialize_reader(reader)?,
            outbox: BorshDeserialize::deserialize_reader(reader)?,
        })
    }
}
