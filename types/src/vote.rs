//! Votes: what a committee member signs in a round.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Hash, bls, hash_borsh};
use serde::{Deserialize, Serialize};

use crate::{BlockHash, ChainId, Epoch, NetworkId, Round, domain};

/// The three votes of a round.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum VoteKind {
    /// P(v,h): the proposal is valid and its body stored.
    Prepare = 0,
    /// S(v,d): the leader is faulty; d is the signer's own prepare vote of the round, if any.
    Skip = 1,
    /// C(v,h): a prepare certificate of h was seen.
    Confirm = 2,
}

/// What is signed: everything that tells this vote from any other, on any network. [Y5]
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Statement {
    /// The network.
    pub network: NetworkId,
    /// The chain.
    pub chain: ChainId,
    /// The committee's term.
    pub epoch: Epoch,
    /// The round.
    pub round: Round,
    /// Which vote.
    pub kind: VoteKind,
    /// The block; for a skip the declared prepare vote or none.
    pub value: Option<BlockHash>,
}

impl Statement {
    /// The 32 bytes that are signed.
    pub fn digest(&self) -> Hash {
        hash_borsh(domain::VOTE, self)
    }
}

/// A member's signed vote.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Vote {
    /// The chain.
    pub chain: ChainId,
    /// The committee's term.
    pub epoch: Epoch,
    /// The round.
    pub round: Round,
    /// Which vote.
    pub kind: VoteKind,
    /// The block; for a skip the declared prepare vote or none.
    pub value: Option<BlockHash>,
    /// The member's number in the committee.
    pub member: u16,
    /// Signature over [`Statement::digest`].
    pub signature: bls::Signature,
}

impl Vote {
    /// Signs a statement as `member`.
    pub fn sign(statement: &Statement, member: u16, key: &bls::SecretKey) -> Self {
        Self {
            chain: statement.chain,
            epoch: statement.epoch,
            round: statement.round,
            kind: statement.kind,
            value: statement.value,
            member,
            signature: key.sign(statement.digest().as_bytes()),
        }
    }

    /// What the vote states on `network`.
    pub const fn statement(&self, network: NetworkId) -> Statement {
        Statement {
            network,
            chain: self.chain,
            epoch: self.epoch,
            round: self.round,
            kind: self.kind,
            value: self.value,
        }
    }
}
