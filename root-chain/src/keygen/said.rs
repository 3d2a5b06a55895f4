//! What members declare in a key generation.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::bls::{SecretKey, Signature};
use crypto::threshold::{Complaint, Dealing};
use crypto::{Domain, Hash, hash_borsh};
use types::Epoch;

const DEALT: Domain = Domain::new("thinkey/keygen/dealt");

/// A member deals.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Dealt {
    /// The root's term whose key it is.
    pub epoch: Epoch,
    /// The attempt.
    pub attempt: u32,
    /// The dealer's number.
    pub member: u16,
    /// What it deals.
    pub dealing: Dealing,
    /// By the member's consensus key over [`Dealt::digest`].
    pub signature: Signature,
}

/// The holder of a seat complains about its share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Complained {
    /// The root's term.
    pub epoch: Epoch,
    /// The attempt.
    pub attempt: u32,
    /// The dealer's number.
    pub dealer: u16,
    /// The seat's number, counted from 1.
    pub seat: u16,
    /// Only the seat's holder can make it, so it needs no signature.
    pub complaint: Complaint,
}

/// A member shows that it holds shares of the new key.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct KeyReady {
    /// The root's term.
    pub epoch: Epoch,
    /// The attempt.
    pub attempt: u32,
    /// The member's number.
    pub member: u16,
    /// By the shares of its seats in their order, over [`super::test_message`].
    pub signatures: Vec<Signature>,
}

impl Dealt {
    /// Signs a dealing with the member's consensus key.
    pub fn sign(
        (epoch, attempt, member): (Epoch, u32, u16),
        dealing: Dealing,
        context: &Hash,
        key: &SecretKey,
    ) -> Self {
        let mut dealt = Self {
            epoch,
            attempt,
            member,
            dealing,
            signature: Signature::from([0; 48]),
        };
        dealt.signature = key.sign(dealt.digest(context).as_bytes());
        dealt
    }

    /// What the member signs.
    pub fn digest(&self, context: &Hash) -> Hash {
        hash_borsh(DEALT, &(context, self.member, self.dealing.digest()))
    }
}
