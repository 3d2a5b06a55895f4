//! What a declaration to the root says.

use actors::Subject;
use borsh::{BorshDeserialize, BorshSerialize};
use crypto::bls::Signature;
use crypto::{Domain, hash_borsh};
use types::{Anchor, Declaration, DeclarationSize, Height, Rival};

use crate::beacon::Lot;
use crate::elections::{Elected, Ready};
use crate::evidence::{Ballots, Promise, Report};
use crate::keygen::{Complained, Dealt, KeyReady};

#[cfg(test)]
mod tests;

/// A declaration, decoded. Each carries its own proof; whoever passes it on vouches for nothing.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum RootDeclaration {
    /// A staker was drawn.
    Elected(Box<Elected>) = 0,
    /// A member follows the chain.
    Ready(Ready) = 1,
    /// The beacon's signature for a root height.
    Seed(Seed) = 2,
    /// A higher certified block of a frozen chain.
    Rescue(Box<Anchor>) = 3,
    /// A certified block that contradicts what is recorded of its chain.
    Rival(Box<Rival>) = 4,
    /// That a staker will report something.
    Promise(Promise) = 5,
    /// That members of a committee lied.
    Evidence(Box<Report>) = 6,
    /// That a staker declared itself twice in one election.
    Ballots(Box<Ballots>) = 7,
    /// The beacon's signatures for root heights in a row.
    Seeds(Seeds) = 8,
    /// A member of the next root committee deals its part of a key.
    Dealt(Box<Dealt>) = 9,
    /// A share was bad.
    Complained(Box<Complained>) = 10,
    /// A member holds its shares.
    KeyReady(Box<KeyReady>) = 11,
    /// What a member draws where there is no group.
    Lot(Lot) = 12,
}

/// The beacon's signature for a root height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Seed {
    /// The root height, which is final.
    pub height: Height,
    /// The group's signature.
    pub signature: Signature,
}

/// The beacon's signatures for heights at which it runs, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Seeds {
    /// The first of the root heights; all are final.
    pub first: Height,
    /// The group's signatures: 1 to [`crate::beacon::RUN`] of them.
    pub signatures: Vec<Signature>,
}

/// Signatures that the declarations of one block weigh at most. One costs about a millisecond, so
/// whatever is declared, a block takes less than a tenth of a second.
pub const BLOCK_WEIGHT: u32 = 60;

const SUBJECT: Domain = Domain::new("thinkey/declaration-subject");

/// How many signatures an encoded declaration is taken to cost, by its first byte alone.
pub(crate) fn weight(declaration: &Declaration) -> u32 {
    match declaration.as_bytes().first() {
        // Draw, possession, and the two keys of the sum.
        Some(0) => 3,
        Some(1 | 2 | 5 | 12) => 1,
        // A run of seeds.
        Some(8) => 16,
        // Hundreds of points, a few products, a signature for each seat.
        Some(9) => 8,
        Some(10) => 4,
        Some(11) => 6,
        // Certificates sum up hundreds of keys.
        Some(3 | 4) => 6,
        // Up to four certificates or votes; two candidacies.
        _ => 12,
    }
}

/// Whose word on what a declaration is; of those with the same one only one waits.
///
/// Whoever may say a thing says it once: a second, different word about it waits for the first one
/// to be recorded or to grow stale. What proves itself may come from anybody, so it is named by
/// what it is about and by whom it pays.
pub(crate) fn subject(declaration: &Declaration) -> Option<Subject> {
    use RootDeclaration as Said;
    let kind = declaration.as_bytes().first().copied().unwrap_or_default();
    let decoded = RootDeclaration::decode(declaration).ok()?;
    let about = match decoded {
        Said::Elected(said) => hash_borsh(SUBJECT, &(said.draw, said.staker)),
        Said::Ready(said) => hash_borsh(SUBJECT, &(said.chain, said.epoch, said.member)),
        Said::Seed(said) => hash_borsh(SUBJECT, &said.height),
        Said::Seeds(said) => hash_borsh(SUBJECT, &said.first),
        Said::Rescue(anchor) => hash_borsh(SUBJECT, &(anchor.tip.chain, anchor.tip.height)),
        Said::Rival(rival) => hash_borsh(SUBJECT, &rival.chain()),
        Said::Promise(promise) => hash_borsh(SUBJECT, &promise.reporter),
        Said::Evidence(report) => {
            let (place, accused) = (report.place(), report.evidence.accused());
            hash_borsh(SUBJECT, &(place, &accused, report.reporter))
        }
        Said::Ballots(pair) => hash_borsh(
            SUBJECT,
            &(pair.first.draw, pair.first.staker, pair.reporter),
        ),
        Said::Dealt(said) => hash_borsh(SUBJECT, &(said.epoch, said.attempt, said.member)),
        Said::Complained(said) => {
            hash_borsh(SUBJECT, &(said.epoch, said.attempt, said.dealer, said.seat))
        }
        Said::KeyReady(said) => hash_borsh(SUBJECT, &(said.epoch, said.attempt, said.member)),
        Said::Lot(said) => hash_borsh(SUBJECT, &(said.epoch, said.opened, said.member)),
    };
    Some(Subject { kind, about })
}

/// Bytes that are no declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no declaration")]
pub struct Undecodable;

impl RootDeclaration {
    /// The bytes that travel.
    ///
    /// # Errors
    /// When there are too many of them.
    pub fn encode(&self) -> Result<Declaration, DeclarationSize> {
        Declaration::new(borsh::to_vec(self).unwrap_or_default())
    }

    /// What travelling bytes say. Their number was bounded when they arrived.
    ///
    /// # Errors
    /// When they are no declaration, or not all of them are.
    pub fn decode(declaration: &Declaration) -> Result<Self, Undecodable> {
        borsh::from_slice(declaration.as_bytes()).map_err(|_| Undecodable)
    }
}
