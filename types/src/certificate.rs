//! Certificates: enough seats of a committee said the same, in one aggregate signature.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::bls;
use serde::{Deserialize, Serialize};

use crate::{
    Blame, BlockHash, ChainId, Committee, Epoch, NetworkId, Round, Signers, Statement, VoteKind,
    limits,
};

/// The four certificates of a round.
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
pub enum CertificateKind {
    /// PC(v,h): at least q seats prepared h.
    Prepare = 0,
    /// SC(v): at least q seats skipped; groups by what each had prepared.
    Skip = 1,
    /// CC(v,h): at least q seats confirmed h, so h and its ancestors are final.
    Confirm = 2,
    /// FC(v,h): at least F seats prepared h; early consensus.
    Early = 3,
}

impl CertificateKind {
    /// The vote that a certificate of this kind collects.
    pub const fn vote(self) -> VoteKind {
        match self {
            Self::Prepare | Self::Early => VoteKind::Prepare,
            Self::Skip => VoteKind::Skip,
            Self::Confirm => VoteKind::Confirm,
        }
    }
}

/// Members that signed one value.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Group {
    /// What they signed.
    pub value: Option<BlockHash>,
    /// Who they are.
    pub signers: Signers,
}

/// Signatures of a committee in a round.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Certificate {
    /// Which certificate.
    pub kind: CertificateKind,
    /// The chain.
    pub chain: ChainId,
    /// The committee's term.
    pub epoch: Epoch,
    /// The round.
    pub round: Round,
    /// Signers by value, values ascending, bitmaps disjoint. One group unless a skip.
    pub groups: Vec<Group>,
    /// The aggregate of all signatures.
    pub signature: bls::Signature,
}

/// Why a certificate proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It belongs to another committee.
    #[error("certificate of chain {chain} epoch {epoch}, not of this committee")]
    OtherCommittee {
        /// Its chain.
        chain: ChainId,
        /// Its epoch.
        epoch: Epoch,
    },
    /// Groups empty, unordered, overlapping, of the wrong size or of a wrong value.
    #[error("certificate groups are not canonical")]
    Groups,
    /// Too few seats signed.
    #[error("certificate of {seats} seats, {needed} needed")]
    TooFewSeats {
        /// Seats that signed.
        seats: u64,
        /// Seats needed.
        needed: u64,
    },
    /// Its round is higher than any chain gets.
    #[error("certificate of round {round}, which no chain gets to")]
    Round {
        /// Its round.
        round: Round,
    },
    /// The aggregate signature does not verify.
    #[error("certificate signature is wrong")]
    Signature,
}

impl CertificateError {
    /// Whoever forwards a bad certificate has not checked it.
    pub const fn blame(&self) -> Blame {
        Blame::Sender
    }
}

impl Certificate {
    /// The block of a prepare, confirm or early certificate; none for a skip.
    pub fn block(&self) -> Option<BlockHash> {
        match (self.kind, self.groups.as_slice()) {
            (CertificateKind::Skip, _) => None,
            (_, [group]) => group.value,
            _ => None,
        }
    }

    /// All seats that signed.
    pub fn seats(&self, committee: &Committee) -> u64 {
        self.groups
            .iter()
            .map(|group| committee.seats_of(&group.signers))
            .sum()
    }

    /// The block that a skip certificate pins: one declared by at least m - f of its m seats.
    ///
    /// None when the certificate is unpinned: then no block of the round can be final.
    pub fn pinned(&self, committee: &Committee) -> Option<BlockHash> {
        let needed = self
            .seats(committee)
            .saturating_sub(committee.thresholds().faulty);
        self.groups.iter().find_map(|group| {
            group
                .value
                .filter(|_| committee.seats_of(&group.signers) >= needed)
        })
    }

    /// Checks shape, seats and signature against the committee.
    ///
    /// An early certificate must carry `early` seats or the committee's quorum, whichever is more.
    pub fn verify(
        &self,
        committee: &Committee,
        network: NetworkId,
        early: u64,
    ) -> Result<(), CertificateError> {
        self.check_shape(committee, early)?;
        self.check_signature(committee, network)
    }

    /// How many pairings it takes to verify the signature.
    pub fn pairings(&self) -> u64 {
        self.groups.len() as u64 + 1
    }

    /// Checks all but the signature; cheap, so done first.
    pub fn check_shape(&self, committee: &Committee, early: u64) -> Result<(), CertificateError> {
        if (self.chain, self.epoch) != (committee.chain, committee.epoch) {
            return Err(CertificateError::OtherCommittee {
                chain: self.chain,
                epoch: self.epoch,
            });
        }
        if self.round > limits::ROUNDS {
            return Err(CertificateError::Round { round: self.round });
        }
        if !self.groups_are_canonical(committee) {
            return Err(CertificateError::Groups);
        }
        let quorum = committee.thresholds().quorum;
        let needed = if self.kind == CertificateKind::Early {
            early.max(quorum)
        } else {
            quorum
        };
        let seats = self.seats(committee);
        if seats < needed {
            return Err(CertificateError::TooFewSeats { seats, needed });
        }
        Ok(())
    }

    fn groups_are_canonical(&self, committee: &Committee) -> bool {
        let sized = self.groups.iter().all(|group| {
            group.signers.committee_size() == committee.size() && group.signers.count() > 0
        });
        let ordered = self.groups.windows(2).all(|pair| match pair {
            [a, b] => a.value < b.value,
            _ => true,
        });
        let disjoint = self.groups.iter().enumerate().all(|(at, group)| {
            self.groups
                .iter()
                .skip(at + 1)
                .all(|other| !group.signers.meets(&other.signers))
        });
        let valued = self.kind == CertificateKind::Skip
            || matches!(self.groups.as_slice(), [Group { value: Some(_), .. }]);
        // A group per signer at most, so a skip certificate can't be made to cost more pairings.
        let bounded = !self.groups.is_empty() && self.groups.len() <= committee.size();
        bounded && sized && ordered && disjoint && valued
    }

    fn check_signature(
        &self,
        committee: &Committee,
        network: NetworkId,
    ) -> Result<(), CertificateError> {
        let digests: Vec<_> = self
            .groups
            .iter()
            .map(|group| self.digest(group, network))
            .collect();
        let keys: Vec<Vec<&bls::PublicKey>> = self
            .groups
            .iter()
            .map(|group| {
                let members = group
                    .signers
                    .iter()
                    .filter_map(|i| committee.members.get(i));
                members.map(|member| &member.key).collect()
            })
            .collect();
        let groups: Vec<(&[&bls::PublicKey], &[u8])> = keys
            .iter()
            .zip(&digests)
            .map(|(k, d)| (k.as_slice(), &d.as_bytes()[..]))
            .collect();
        bls::verify_aggregate(&groups, &self.signature).map_err(|_| CertificateError::Signature)
    }

    fn digest(&self, group: &Group, network: NetworkId) -> crypto::Hash {
        Statement {
            network,
            chain: self.chain,
            epoch: self.epoch,
            round: self.round,
            kind: self.kind.vote(),
            value: group.value,
        }
        .digest()
    }
}
