//! Proofs that members lied, which anyone with the committee's record can check. [E1]–[E7]

use std::collections::BTreeSet;

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::bls;
use types::{
    BlockHash, Certificate, CertificateKind, ChainId, Committee, Epoch, Header, Justification,
    NetworkId, Round, Signers, Vote, VoteKind,
};

use crate::justification;

#[cfg(test)]
mod tests;

/// A header with its leader's signature.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignedHeader {
    /// The header.
    pub header: Header,
    /// Over [`Header::proposal_digest`].
    pub signature: bls::Signature,
}

/// Statements that no honest member makes together.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Evidence {
    /// [E1] A leader signed two headers in a round.
    Proposals {
        /// One header.
        first: Box<SignedHeader>,
        /// Another.
        second: Box<SignedHeader>,
    },
    /// [E2]–[E6] Two votes of a member in a round.
    Votes {
        /// One vote.
        first: Vote,
        /// Another.
        second: Vote,
    },
    /// [E2]–[E6] A member's vote and a certificate that it signed.
    VoteAndCertificate {
        /// The vote.
        vote: Vote,
        /// The certificate.
        certificate: Certificate,
    },
    /// [E2]–[E6] Two certificates; whoever signed both sides is at fault.
    Certificates {
        /// One certificate.
        first: Certificate,
        /// Another.
        second: Certificate,
    },
    /// [E7] A prepare certificate of a header whose justification is invalid.
    Justification {
        /// The header.
        header: Box<Header>,
        /// What it commits to.
        justification: Justification,
        /// Who prepared it.
        certificate: Certificate,
    },
}

/// Why evidence proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// Another chain, epoch or round than the committee's or than the other half's.
    #[error("the two halves are not of one round of this committee")]
    OtherRound,
    /// A signature or certificate does not verify.
    #[error("a signature does not verify")]
    Signature,
    /// An honest member may have said both.
    #[error("an honest member may say both")]
    NoConflict,
}

impl EvidenceError {
    /// False evidence is the fault of whoever sends it.
    pub const fn blame(&self) -> types::Blame {
        types::Blame::Sender
    }
}

/// What a member says in a round, and what must not go with it.
///
/// The table behind [E2]–[E6]; prepare and confirm never clash, whatever their blocks.
pub(crate) fn clash(
    (a, x): (VoteKind, Option<BlockHash>),
    (b, y): (VoteKind, Option<BlockHash>),
) -> bool {
    use VoteKind::{Confirm, Prepare, Skip};
    match (a, b) {
        (Prepare, Prepare) | (Skip, Skip) | (Confirm, Confirm) => x != y,
        (Prepare, Skip) | (Skip, Prepare) => x != y,
        (Confirm, Skip) | (Skip, Confirm) => true,
        (Prepare, Confirm) | (Confirm, Prepare) => false,
    }
}

/// Whether two votes of one round clash.
pub(crate) fn votes_clash(a: &Vote, b: &Vote) -> bool {
    a.member == b.member && clash((a.kind, a.value), (b.kind, b.value))
}

/// Whether a vote clashes with what its member signed in a certificate of the round.
pub(crate) fn vote_clashes(vote: &Vote, certificate: &Certificate) -> bool {
    certificate.groups.iter().any(|group| {
        group.signers.contains(vote.member.into())
            && clash(
                (vote.kind, vote.value),
                (certificate.kind.vote(), group.value),
            )
    })
}

/// Members that signed clashing sides of two certificates of a round.
pub(crate) fn liars(a: &Certificate, b: &Certificate) -> BTreeSet<u16> {
    let mut found = BTreeSet::new();
    for one in &a.groups {
        for other in &b.groups {
            if clash((a.kind.vote(), one.value), (b.kind.vote(), other.value)) {
                found.extend(common(&one.signers, &other.signers));
            }
        }
    }
    found
}

fn common(a: &Signers, b: &Signers) -> impl Iterator<Item = u16> {
    a.iter()
        .filter(|member| b.contains(*member))
        .filter_map(|member| u16::try_from(member).ok())
}

impl Evidence {
    /// The chain, the epoch and the round of its first half.
    pub const fn place(&self) -> (ChainId, Epoch, Round) {
        match self {
            Self::Proposals { first, .. } => of_header(&first.header),
            Self::Votes { first, .. } => of_vote(first),
            Self::VoteAndCertificate { vote, .. } => of_vote(vote),
            Self::Certificates { first, .. } => of_certificate(first),
            Self::Justification { header, .. } => of_header(header),
        }
    }

    /// All members who may be at fault, ascending, without a look at any signature.
    pub fn accused(&self) -> BTreeSet<u16> {
        match self {
            Self::Proposals { first, .. } => BTreeSet::from([first.header.proposer]),
            Self::Votes { first, .. } => BTreeSet::from([first.member]),
            Self::VoteAndCertificate { vote, .. } => BTreeSet::from([vote.member]),
            Self::Certificates { first, second } => &signers(first) & &signers(second),
            Self::Justification { certificate, .. } => signers(certificate),
        }
    }

    /// Checks the evidence from the committee's record alone and names the members at fault,
    /// ascending and never none.
    ///
    /// # Errors
    /// What keeps the evidence from proving anything.
    pub fn check(
        &self,
        committee: &Committee,
        network: NetworkId,
    ) -> Result<Vec<u16>, EvidenceError> {
        let members = match self {
            Self::Proposals { first, second } => {
                check_proposals(first, second, committee, network)?
            }
            Self::Votes { first, second } => {
                same_round(of_vote(first), of_vote(second))?;
                if !votes_clash(first, second) {
                    return Err(EvidenceError::NoConflict);
                }
                check_vote(first, committee, network)?;
                check_vote(second, committee, network)?;
                BTreeSet::from([first.member])
            }
            Self::VoteAndCertificate { vote, certificate } => {
                same_round(of_vote(vote), of_certificate(certificate))?;
                if !vote_clashes(vote, certificate) {
                    return Err(EvidenceError::NoConflict);
                }
                check_vote(vote, committee, network)?;
                check_certificate(certificate, committee, network)?;
                BTreeSet::from([vote.member])
            }
            Self::Certificates { first, second } => {
                same_round(of_certificate(first), of_certificate(second))?;
                check_certificate(first, committee, network)?;
                check_certificate(second, committee, network)?;
                liars(first, second)
            }
            Self::Justification {
                header,
                justification,
                certificate,
            } => check_justification(header, justification, certificate, committee, network)?,
        };
        if members.is_empty() {
            return Err(EvidenceError::NoConflict);
        }
        Ok(members.into_iter().collect())
    }
}

fn signers(certificate: &Certificate) -> BTreeSet<u16> {
    let groups = certificate.groups.iter();
    let members = groups.flat_map(|group| group.signers.iter());
    members
        .filter_map(|member| u16::try_from(member).ok())
        .collect()
}

type Place = (ChainId, Epoch, Round);

const fn of_vote(vote: &Vote) -> Place {
    (vote.chain, vote.epoch, vote.round)
}

const fn of_certificate(certificate: &Certificate) -> Place {
    (certificate.chain, certificate.epoch, certificate.round)
}

const fn of_header(header: &Header) -> Place {
    (header.chain, header.epoch, header.round)
}

fn same_round(a: Place, b: Place) -> Result<(), EvidenceError> {
    if a == b {
        Ok(())
    } else {
        Err(EvidenceError::OtherRound)
    }
}

fn check_vote(vote: &Vote, committee: &Committee, network: NetworkId) -> Result<(), EvidenceError> {
    if (vote.chain, vote.epoch) != (committee.chain, committee.epoch) {
        return Err(EvidenceError::OtherRound);
    }
    let digest = vote.statement(network).digest();
    let member = committee.members.get(usize::from(vote.member));
    let held = member.is_some_and(|member| {
        member
            .key
            .verify(digest.as_bytes(), &vote.signature)
            .is_ok()
    });
    held.then_some(()).ok_or(EvidenceError::Signature)
}

fn check_certificate(
    certificate: &Certificate,
    committee: &Committee,
    network: NetworkId,
) -> Result<(), EvidenceError> {
    if (certificate.chain, certificate.epoch) != (committee.chain, committee.epoch) {
        return Err(EvidenceError::OtherRound);
    }
    certificate
        .verify(committee, network, 0)
        .map_err(|_| EvidenceError::Signature)
}

fn check_proposals(
    first: &SignedHeader,
    second: &SignedHeader,
    committee: &Committee,
    network: NetworkId,
) -> Result<BTreeSet<u16>, EvidenceError> {
    let (a, b) = (&first.header, &second.header);
    same_round(of_header(a), of_header(b))?;
    if (a.chain, a.epoch) != (committee.chain, committee.epoch) {
        return Err(EvidenceError::OtherRound);
    }
    // Another proposer is no conflict: each may have signed once.
    if a == b || a.proposer != b.proposer {
        return Err(EvidenceError::NoConflict);
    }
    let member = committee
        .members
        .get(usize::from(a.proposer))
        .ok_or(EvidenceError::Signature)?;
    for signed in [first, second] {
        let digest = signed.header.proposal_digest(network);
        let held = member.key.verify(digest.as_bytes(), &signed.signature);
        held.map_err(|_| EvidenceError::Signature)?;
    }
    Ok(BTreeSet::from([a.proposer]))
}

fn check_justification(
    header: &Header,
    shown: &Justification,
    certificate: &Certificate,
    committee: &Committee,
    network: NetworkId,
) -> Result<BTreeSet<u16>, EvidenceError> {
    same_round(of_header(header), of_certificate(certificate))?;
    let prepares = matches!(
        certificate.kind,
        CertificateKind::Prepare | CertificateKind::Early
    );
    if !prepares
        || certificate.block() != Some(header.hash())
        || header.justification != shown.hash()
    {
        return Err(EvidenceError::NoConflict);
    }
    // First: the justification may hold many certificates, and anybody may have made this up.
    check_certificate(certificate, committee, network)?;
    // The block on which a term begins needs no certificate in it, and honest members may begin on
    // another one than the root records: a parent that claims to be it is believed.
    let genesis = (header.parent, header.parent_round);
    if justification::check(header, shown, genesis, committee, network, |_| false).is_ok() {
        return Err(EvidenceError::NoConflict);
    }
    Ok(signers(certificate))
}
