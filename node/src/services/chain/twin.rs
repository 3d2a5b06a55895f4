//! Whether somebody else signs with this node's key.
//!
//! A certificate proves who signed it. One that holds a vote of this node's key which is not in its
//! vote log shows that the key signs elsewhere: on a clone, or before an old copy of the data
//! directory was restored. Whoever goes on signing then is slashed, so the node stops.
//!
//! A node whose key has voted before listens for a while after its start and signs nothing new
//! meanwhile: what others certify in that time shows the twin before there are two signatures.

use std::collections::BTreeSet;

use consensus::Seat;
use types::{
    BlockHash, Certificate, CertificateKind, Committee, Epoch, Finality, Justification, Round,
    Vote, VoteKind,
};

type Said = (Epoch, Round, u8, Option<BlockHash>);

/// What this node's keys have signed above some round, and what certificates say of them.
#[derive(Debug, Default)]
pub struct Twin {
    /// Of rounds up to this one not every vote is known.
    above: Round,
    said: BTreeSet<Said>,
    /// The term in which the node votes, and its number there.
    seat: Option<(Epoch, u16)>,
}

/// A vote of this node's key that this node did not cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a certificate of round {round} holds a vote of this node's key that is not in its vote log: \
     another signs with the key, or this data directory is an old copy. It signs nothing more. \
     Stop the other node for good, or bring its newest votes here with `thinkey protection`"
)]
pub struct Foreign {
    /// The round.
    pub round: Round,
}

impl Twin {
    /// What was signed above round `above`, all of it in `votes`.
    pub fn new(above: Round, votes: &[Vote]) -> Self {
        let mut this = Self {
            above,
            ..Self::default()
        };
        votes.iter().for_each(|vote| this.cast(vote));
        this
    }

    /// The node votes in a term, or in none.
    pub fn sits(&mut self, committee: &Committee, seat: Option<&Seat>) {
        self.seat = seat.map(|seat| (committee.epoch, seat.member));
    }

    /// A term begins on the block of a round; its key may have signed in it before, above round
    /// `above` nothing but `votes`.
    pub fn opens(&mut self, base: Round, (above, votes): (Round, &[Vote])) {
        self.above = match self.above {
            Round::MAX => base.max(above),
            known => known.max(above),
        };
        votes.iter().for_each(|vote| self.cast(vote));
    }

    /// The node signs a vote.
    pub fn cast(&mut self, vote: &Vote) {
        if self.above == Round::MAX {
            // Nothing is known of what the key signed before.
            self.above = vote.round.saturating_sub(1);
        }
        let said = (vote.epoch, vote.round, vote.kind as u8, vote.value);
        self.said.insert(said);
    }

    /// Rounds up to this one are no longer looked at.
    pub fn forget(&mut self, round: Round) {
        self.above = self.above.max(round);
        let above = self.above;
        self.said.retain(|(_, round, ..)| *round > above);
    }

    /// Looks for this node's key in a certificate that was verified.
    ///
    /// # Errors
    /// It holds a vote that this node did not cast.
    pub fn look(&self, certificate: &Certificate) -> Result<(), Foreign> {
        let (epoch, round) = (certificate.epoch, certificate.round);
        let Some((_, member)) = self.seat.filter(|(term, _)| *term == epoch) else {
            return Ok(());
        };
        if round <= self.above {
            return Ok(());
        }
        let kind = match certificate.kind {
            CertificateKind::Prepare | CertificateKind::Early => VoteKind::Prepare,
            CertificateKind::Skip => VoteKind::Skip,
            CertificateKind::Confirm => VoteKind::Confirm,
        };
        let foreign = certificate.groups.iter().any(|group| {
            let holds = group.signers.contains(member.into());
            holds && !self.said.contains(&(epoch, round, kind as u8, group.value))
        });
        if foreign {
            return Err(Foreign { round });
        }
        Ok(())
    }

    /// The same for the certificates of a final block and for those that it was built on: who was
    /// away is shown a last certificate only, and finds the earlier ones in the blocks.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub fn look_at(
        &self,
        finality: Option<&Finality>,
        justification: &Justification,
    ) -> Result<(), Foreign> {
        let Justification { parent, skips } = justification;
        let own = finality.into_iter().flat_map(|f| [&f.prepare, &f.confirm]);
        let mut all = parent.iter().chain(skips).chain(own);
        all.try_for_each(|certificate| self.look(certificate))
    }
}

#[cfg(test)]
mod tests;
