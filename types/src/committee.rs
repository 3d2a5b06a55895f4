//! A chain's committee and the seat counts that its certificates need.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::bls;
use serde::{Deserialize, Serialize};

use crate::{ChainId, Epoch, NodeId, Signers, limits};

/// One member: a node, its consensus key for this epoch, its seats.
///
/// The key's proof of possession was checked where the committee was made.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Member {
    /// Where to reach the member.
    pub node: NodeId,
    /// Consensus key, BLS12-381 min-sig.
    pub key: bls::PublicKey,
    /// Voting weight.
    pub seats: u32,
}

/// The members that run a chain for an epoch, in the order that signer bitmaps use.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Committee {
    /// The chain.
    pub chain: ChainId,
    /// The term.
    pub epoch: Epoch,
    /// Members; a member's number is its position.
    pub members: Vec<Member>,
}

/// Why a committee can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitteeError {
    /// No members, or too many.
    #[error("a committee of {members} members; it must have 1 to 2048")]
    Size {
        /// How many there are.
        members: usize,
    },
    /// A member without seats, or too many seats in all.
    #[error("member {member} has no seat, or the seats are more than 2^20; give each 1 or more")]
    Seats {
        /// The first member at fault.
        member: usize,
    },
    /// The same consensus key twice.
    #[error("member {member} repeats another member's consensus key; generate a key of its own")]
    RepeatedKey {
        /// The member that repeats.
        member: usize,
    },
}

/// Seat counts: n seats, at most f Byzantine, q for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// All seats.
    pub seats: u64,
    /// Byzantine seats that safety survives: floor((n-1)/3).
    pub faulty: u64,
    /// Seats of a prepare, skip or confirm certificate: n - f.
    pub quorum: u64,
}

impl Thresholds {
    /// Thresholds of a committee of `seats`.
    pub const fn of(seats: u64) -> Self {
        let faulty = seats.saturating_sub(1) / 3;
        Self {
            seats,
            faulty,
            quorum: seats - faulty,
        }
    }

    /// Default seats of an early certificate: n - floor(f/2).
    pub const fn early(&self) -> u64 {
        self.seats - self.faulty / 2
    }

    /// Byzantine seats that an early certificate of `seats` survives: F - q.
    pub const fn early_tolerance(&self, seats: u64) -> Option<u64> {
        seats.checked_sub(self.quorum)
    }
}

impl Committee {
    /// Checks sizes, seats and that no key repeats.
    pub fn validate(&self) -> Result<(), CommitteeError> {
        let members = self.members.len();
        if members == 0 || members > limits::COMMITTEE_MEMBERS {
            return Err(CommitteeError::Size { members });
        }
        let mut total = 0_u64;
        let mut keys = std::collections::BTreeSet::new();
        for (member, record) in self.members.iter().enumerate() {
            total = total.saturating_add(record.seats.into());
            if record.seats == 0 || total > limits::COMMITTEE_SEATS {
                return Err(CommitteeError::Seats { member });
            }
            if !keys.insert(record.key.to_bytes()) {
                return Err(CommitteeError::RepeatedKey { member });
            }
        }
        Ok(())
    }

    /// The seat counts.
    pub fn thresholds(&self) -> Thresholds {
        Thresholds::of(
            self.members
                .iter()
                .map(|member| u64::from(member.seats))
                .sum(),
        )
    }

    /// How many members there are.
    pub const fn size(&self) -> usize {
        self.members.len()
    }

    /// Seats of one member, 0 when there is none of that number.
    pub fn seats(&self, member: usize) -> u64 {
        self.members
            .get(member)
            .map_or(0, |record| record.seats.into())
    }

    /// Seats of a set of members.
    pub fn seats_of(&self, signers: &Signers) -> u64 {
        signers.iter().map(|member| self.seats(member)).sum()
    }

    /// The number of the member that has this consensus key.
    pub fn member_of(&self, key: &bls::PublicKey) -> Option<usize> {
        self.members.iter().position(|member| member.key == *key)
    }
}
