//! What a node knows of one round.

use std::collections::BTreeSet;
use std::sync::Arc;

use types::{
    Block, BlockHash, Certificate, CertificateKind, Committee, Header, Justification, Time, Vote,
    VoteKind,
};

use crate::evidence;
use crate::tally::Tally;

/// This node's own votes of a round: written before they are sent. [W1]
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnVotes {
    /// prep
    pub(crate) prepared: Option<BlockHash>,
    /// skipped, with what was declared
    pub(crate) skipped: Option<Option<BlockHash>>,
    /// conf
    pub(crate) confirmed: Option<BlockHash>,
    /// All of them, to be repeated.
    pub(crate) cast: Vec<Vote>,
}

impl OwnVotes {
    pub(crate) fn note(&mut self, vote: Vote) {
        match vote.kind {
            VoteKind::Prepare => self.prepared = vote.value,
            VoteKind::Skip => self.skipped = Some(vote.value),
            VoteKind::Confirm => self.confirmed = vote.value,
        }
        self.cast.push(vote);
    }
}

/// The leader's block.
#[derive(Clone, Debug)]
pub(crate) struct Proposal {
    pub(crate) hash: BlockHash,
    /// As it came: the body may be detached.
    pub(crate) block: Arc<Block>,
}

/// Votes, certificates and proposal of a round.
#[derive(Clone, Debug, Default)]
pub(crate) struct RoundState {
    pub(crate) own: OwnVotes,
    prepares: Tally,
    skips: Tally,
    confirms: Tally,
    pub(crate) prepare: Option<Certificate>,
    pub(crate) confirm: Option<Certificate>,
    pub(crate) early: Option<Certificate>,
    pub(crate) unpinned: Option<Certificate>,
    pub(crate) pinned: Option<Certificate>,
    /// The first eligible proposal that the leader signed.
    pub(crate) proposal: Option<Proposal>,
    /// A signed header whose justification is invalid. [E7]
    pub(crate) ineligible: Option<Box<(Header, Justification)>>,
    /// The leader equivocated, proposed something invalid, or skips its own round. [P3]
    pub(crate) faulty: bool,
    /// Seats of the FC that was reported last. [F2]
    pub(crate) reported: u64,
    /// When prepare votes were last added to a certificate.
    pub(crate) grown: Time,
    /// When prepare votes that no certificate holds are to be added. [F3]
    pub(crate) grow_at: Option<Time>,
    /// CC with PC was sent on.
    pub(crate) announced: bool,
    /// Members blamed already.
    pub(crate) blamed: BTreeSet<u16>,
}

impl RoundState {
    pub(crate) const fn tally(&self, kind: VoteKind) -> &Tally {
        match kind {
            VoteKind::Prepare => &self.prepares,
            VoteKind::Skip => &self.skips,
            VoteKind::Confirm => &self.confirms,
        }
    }

    pub(crate) const fn tally_mut(&mut self, kind: VoteKind) -> &mut Tally {
        match kind {
            VoteKind::Prepare => &mut self.prepares,
            VoteKind::Skip => &mut self.skips,
            VoteKind::Confirm => &mut self.confirms,
        }
    }

    /// Whether anything at all was heard.
    pub(crate) fn is_quiet(&self) -> bool {
        let kinds = [VoteKind::Prepare, VoteKind::Skip, VoteKind::Confirm];
        self.proposal.is_none() && !self.faulty && kinds.iter().all(|k| self.tally(*k).is_empty())
    }

    /// All certificates held.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        let held = [
            &self.prepare,
            &self.pinned,
            &self.unpinned,
            &self.confirm,
            &self.early,
        ];
        held.into_iter().flatten()
    }

    /// The place of a certificate of this kind.
    pub(crate) fn slot(
        &mut self,
        certificate: &Certificate,
        committee: &Committee,
    ) -> &mut Option<Certificate> {
        match certificate.kind {
            CertificateKind::Prepare => &mut self.prepare,
            CertificateKind::Confirm => &mut self.confirm,
            CertificateKind::Early => &mut self.early,
            CertificateKind::Skip if certificate.pinned(committee).is_some() => &mut self.pinned,
            CertificateKind::Skip => &mut self.unpinned,
        }
    }

    /// Whether a certificate of this kind would tell nothing new. [V4]
    pub(crate) fn has_like(&mut self, certificate: &Certificate, committee: &Committee) -> bool {
        let block = certificate.block();
        if certificate.kind == CertificateKind::Early {
            let seats = certificate.seats(committee);
            let held = [&self.early, &self.prepare].into_iter().flatten();
            let mut held = held.filter(|held| held.block() == block);
            return held.any(|held| held.seats(committee) >= seats);
        }
        let held = self.slot(certificate, committee);
        held.as_ref().is_some_and(|held| held.block() == block)
    }

    /// The certificate of most prepare votes, PC or FC, and its seats.
    pub(crate) fn widest(&self, committee: &Committee) -> Option<(&Certificate, u64)> {
        let held = [&self.early, &self.prepare].into_iter().flatten();
        let counted = held.map(|held| (held, held.seats(committee)));
        counted.max_by_key(|(_, seats)| *seats)
    }

    /// Whether a certificate would be held: none of its kind is, or it is an early one that grew.
    pub(crate) fn has_place(&mut self, certificate: &Certificate, committee: &Committee) -> bool {
        let held = self.slot(certificate, committee);
        held.as_ref()
            .is_none_or(|held| grows(held, certificate, committee))
    }

    /// Whether a certificate contradicts one held, or votes, and so shows members that are not
    /// blamed yet: more than f seats lie, or an early one broke.
    pub(crate) fn convicts(&self, certificate: &Certificate) -> bool {
        let mut held = self.certificates();
        held.any(|held| !evidence::liars(held, certificate).is_subset(&self.blamed))
            || self.clashes(certificate).next().is_some()
    }

    /// Votes that contradict a certificate, of members that are not blamed yet.
    pub(crate) fn clashes(&self, certificate: &Certificate) -> impl Iterator<Item = &Vote> {
        [VoteKind::Prepare, VoteKind::Skip, VoteKind::Confirm]
            .into_iter()
            .flat_map(|kind| self.tally(kind).votes())
            .filter(|vote| !self.blamed.contains(&vote.member))
            .filter(move |vote| evidence::vote_clashes(vote, certificate))
    }

    /// A block that the round certifies or pins: it may be built upon.
    pub(crate) fn has_block(&self) -> bool {
        self.prepare.is_some() || self.pinned.is_some() || self.confirm.is_some()
    }
}

/// Whether a certificate is an early one of more seats than the one held.
fn grows(held: &Certificate, certificate: &Certificate, committee: &Committee) -> bool {
    certificate.kind == CertificateKind::Early
        && held.block() == certificate.block()
        && held.seats(committee) < certificate.seats(committee)
}
