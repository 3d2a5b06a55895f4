//! Lanes: the counters of the directed pairs (this chain, another chain), and the chain's ledger.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Hash, merkle::MerkleTree};
use serde::{Deserialize, Serialize};

use crate::{Amount, ChainId};

/// What this chain has sent to and taken from one other chain, since the beginning.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
pub struct Lane {
    /// The other chain.
    pub peer: ChainId,
    /// Index of the next message to it.
    pub next_index: u64,
    /// Bytes of all messages to it.
    pub bytes_out: u64,
    /// Value and prepaid gas of all messages to it.
    pub value_out: Amount,
    /// Index of the next message to take from it: the cursor.
    pub next_import: u64,
    /// Bytes of all messages taken from it.
    pub bytes_in: u64,
    /// Value and prepaid gas of all messages taken from it.
    pub value_in: Amount,
    /// Messages to it that it has taken, as the root shows.
    pub acked: u64,
    /// Bytes of those.
    pub acked_bytes: u64,
}

/// What the root shows that another chain has taken from this one; an input of a block.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Ack {
    /// The chain that took.
    pub peer: ChainId,
    /// Messages taken: its cursor for the lane.
    pub messages: u64,
    /// Bytes taken.
    pub bytes: u64,
}

/// The chain's own account of value.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
pub struct Ledger {
    /// Value put into being here, at genesis.
    pub minted: Amount,
    /// Value destroyed here, as fees.
    pub burned: Amount,
    /// Balances, mailboxes and waiting outboxes of all accounts here.
    pub held: Amount,
}

/// The ledger and all lanes of a chain, peers ascending. Committed in every header.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Lanes {
    /// The ledger.
    pub ledger: Ledger,
    /// The lanes that were ever used.
    pub lanes: Vec<Lane>,
}

impl Lanes {
    /// The commitment: a Merkle root over the ledger and then each lane.
    pub fn root(&self) -> Hash {
        let ledger = borsh::to_vec(&self.ledger).unwrap_or_default();
        let lanes = self
            .lanes
            .iter()
            .map(|lane| borsh::to_vec(lane).unwrap_or_default());
        MerkleTree::from_leaves(std::iter::once(ledger).chain(lanes)).root()
    }

    /// The lane to and from `peer`; a fresh one when it was never used.
    pub fn lane(&self, peer: ChainId) -> Lane {
        match self.lanes.binary_search_by_key(&peer, |lane| lane.peer) {
            Ok(at) => self.lanes.get(at).copied().unwrap_or_default(),
            Err(_) => Lane {
                peer,
                ..Lane::default()
            },
        }
    }

    /// The lane to and from `peer`, made when it was never used.
    pub fn lane_mut(&mut self, peer: ChainId) -> &mut Lane {
        let at = match self.lanes.binary_search_by_key(&peer, |lane| lane.peer) {
            Ok(at) => at,
            Err(at) => {
                self.lanes.insert(
                    at,
                    Lane {
                        peer,
                        ..Lane::default()
                    },
                );
                at
            }
        };
        &mut self.lanes[at]
    }

    /// I3: held + exported + burned = minted + imported, as checked sums.
    pub fn balances(&self) -> bool {
        let out = Amount::sum(self.lanes.iter().map(|lane| lane.value_out));
        let taken = Amount::sum(self.lanes.iter().map(|lane| lane.value_in));
        let left = out.and_then(|out| Amount::sum([self.ledger.held, self.ledger.burned, out]));
        let right = taken.and_then(|taken| self.ledger.minted.plus(taken));
        left.is_some() && left == right
    }
}
