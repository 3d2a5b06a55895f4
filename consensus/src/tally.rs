//! The votes of one kind in one round, held unverified until they are enough. [V3]

use std::collections::{BTreeMap, BTreeSet};

use crypto::bls;
use types::{
    BlockHash, Certificate, CertificateError, CertificateKind, Committee, Group, NetworkId,
    Signers, Statement, Vote,
};

/// A member's vote and whether its own signature was verified.
#[derive(Clone, Debug)]
struct Slot {
    vote: Vote,
    proven: bool,
}

/// One slot per member.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    slots: BTreeMap<u16, Slot>,
    seats: BTreeMap<Option<BlockHash>, u64>,
    /// Members that sent a false signature: they have no say any more.
    muted: BTreeSet<u16>,
}

/// The committee's side of counting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ballot<'a> {
    pub(crate) committee: &'a Committee,
    pub(crate) network: NetworkId,
    pub(crate) secret: [u8; 32],
}

impl Ballot<'_> {
    /// Whether a single vote is signed by its member.
    pub(crate) fn holds(&self, vote: &Vote) -> bool {
        let digest = vote.statement(self.network).digest();
        let member = self.committee.members.get(usize::from(vote.member));
        member.is_some_and(|member| {
            let held = member.key.verify(digest.as_bytes(), &vote.signature);
            held.is_ok()
        })
    }

    /// Checks a certificate; an early one must have `early` seats.
    pub(crate) fn verify(
        &self,
        certificate: &Certificate,
        early: u64,
    ) -> Result<(), CertificateError> {
        match certificate.verify(self.committee, self.network, early) {
            Err(CertificateError::TooFewSeats { seats, .. })
                if cfg!(feature = "plant-low-quorum")
                    && seats > self.committee.thresholds().faulty =>
            {
                Ok(())
            }
            result => result,
        }
    }

    /// Whether the sum of some votes for one block holds, however few they are.
    fn adds_up(&self, lot: &Certificate) -> bool {
        let [group] = lot.groups.as_slice() else {
            return false;
        };
        let statement = Statement {
            network: self.network,
            chain: lot.chain,
            epoch: lot.epoch,
            round: lot.round,
            kind: lot.kind.vote(),
            value: group.value,
        };
        let members = group.signers.iter();
        let keys: Vec<&bls::PublicKey> = members
            .filter_map(|member| self.committee.members.get(member))
            .map(|member| &member.key)
            .collect();
        let digest = statement.digest();
        bls::verify_aggregate(&[(keys, &digest.as_bytes()[..])], &lot.signature).is_ok()
    }
}

impl Tally {
    /// The vote held of a member.
    pub(crate) fn get(&self, member: u16) -> Option<&Vote> {
        self.slots.get(&member).map(|slot| &slot.vote)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub(crate) fn is_muted(&self, member: u16) -> bool {
        self.muted.contains(&member)
    }

    /// All votes held, members ascending.
    pub(crate) fn votes(&self) -> impl Iterator<Item = &Vote> {
        self.slots.values().map(|slot| &slot.vote)
    }

    /// Seats that voted at all.
    pub(crate) fn all_seats(&self) -> u64 {
        self.seats.values().sum()
    }

    /// The value that has at least `needed` seats.
    pub(crate) fn winner(&self, needed: u64) -> Option<Option<BlockHash>> {
        let winner = self.seats.iter().find(|(_, seats)| **seats >= needed);
        winner.map(|(value, _)| *value)
    }

    /// Puts a vote into its member's free slot.
    pub(crate) fn insert(&mut self, vote: Vote, proven: bool, seats: u64) {
        if self.slots.contains_key(&vote.member) || self.is_muted(vote.member) {
            return;
        }
        *self.seats.entry(vote.value).or_default() += seats;
        self.slots.insert(vote.member, Slot { vote, proven });
    }

    /// Drops a member's vote and hears no more of it.
    pub(crate) fn mute(&mut self, member: u16, seats: u64) {
        self.muted.insert(member);
        if let Some(slot) = self.slots.remove(&member) {
            let held = self.seats.entry(slot.vote.value).or_default();
            *held = held.saturating_sub(seats);
        }
    }

    /// Aggregates the votes for `value`, or for any value when none is given, into a certificate
    /// and verifies it once. When that fails, every vote not yet proven is verified by bisection;
    /// the false ones are muted and their members returned, and the caller counts again.
    pub(crate) fn certify(
        &mut self,
        kind: CertificateKind,
        value: Option<Option<BlockHash>>,
        ballot: &Ballot<'_>,
    ) -> Result<Certificate, Vec<u16>> {
        let chosen = |slot: &&Slot| value.is_none_or(|value| slot.vote.value == value);
        let certificate = join(kind, self.slots.values().filter(chosen), ballot.committee);
        let proven = self.slots.values().filter(chosen).all(|slot| slot.proven);
        if let Some(certificate) = certificate
            && (proven || ballot.verify(&certificate, 0).is_ok())
        {
            // A sum that holds does not prove its parts, since errors may cancel: the votes stay
            // unproven, and none is used alone before it is verified alone.
            return Ok(certificate);
        }
        let suspects = self.votes().copied().collect();
        Err(self.mute_liars(suspects, ballot))
    }

    /// Votes for a certificate's block by members that it does not hold.
    fn beyond<'a>(&'a self, certificate: &'a Certificate) -> impl Iterator<Item = &'a Slot> {
        let value = certificate.block();
        let signed = move |member: u16| {
            let mut groups = certificate.groups.iter();
            groups.any(|group| group.signers.contains(member.into()))
        };
        let votes = self.slots.values();
        votes.filter(move |slot| slot.vote.value == value && !signed(slot.vote.member))
    }

    /// Seats whose votes a certificate of prepare votes does not hold.
    pub(crate) fn seats_beyond(&self, certificate: &Certificate, committee: &Committee) -> u64 {
        let members = self.beyond(certificate).map(|slot| slot.vote.member);
        members.map(|member| committee.seats(member.into())).sum()
    }

    /// Adds to a verified certificate of prepare votes all votes for its block that it lacks, as
    /// an early certificate. Those are verified together, the certificate is not verified again.
    /// When they don't hold, each is verified; the false ones are muted and their members
    /// returned, and the caller tries again. [F3]
    pub(crate) fn grow(
        &mut self,
        certificate: &Certificate,
        ballot: &Ballot<'_>,
    ) -> Result<Certificate, Vec<u16>> {
        let lot = join(
            CertificateKind::Early,
            self.beyond(certificate),
            ballot.committee,
        );
        let proven = self.beyond(certificate).all(|slot| slot.proven);
        if let Some(lot) = lot
            && (proven || ballot.adds_up(&lot))
            && let Some(grown) = merge(certificate, &lot)
        {
            return Ok(grown);
        }
        let suspects = self.beyond(certificate).map(|slot| slot.vote).collect();
        Err(self.mute_liars(suspects, ballot))
    }

    fn mute_liars(&mut self, suspects: Vec<Vote>, ballot: &Ballot<'_>) -> Vec<u16> {
        let digests: Vec<_> = suspects
            .iter()
            .map(|vote| vote.statement(ballot.network).digest())
            .collect();
        let items: Vec<(&bls::PublicKey, &[u8], &bls::Signature)> = suspects
            .iter()
            .zip(&digests)
            .filter_map(|(vote, digest)| {
                let member = ballot.committee.members.get(usize::from(vote.member))?;
                Some((&member.key, &digest.as_bytes()[..], &vote.signature))
            })
            .collect();
        let verdicts = bls::verify_each(&items, ballot.secret);
        let mut liars = Vec::new();
        for (vote, good) in suspects.iter().zip(verdicts) {
            if let Some(slot) = self.slots.get_mut(&vote.member) {
                slot.proven = good;
            }
            if !good {
                self.mute(vote.member, ballot.committee.seats(vote.member.into()));
                liars.push(vote.member);
            }
        }
        liars
    }
}

fn join<'a>(
    kind: CertificateKind,
    slots: impl Iterator<Item = &'a Slot>,
    committee: &Committee,
) -> Option<Certificate> {
    let mut groups: BTreeMap<Option<BlockHash>, Signers> = BTreeMap::new();
    let mut signatures = Vec::new();
    let mut round = None;
    for Slot { vote, .. } in slots {
        groups
            .entry(vote.value)
            .or_insert_with(|| Signers::none(committee.size()))
            .insert(vote.member.into());
        signatures.push(vote.signature);
        round = Some(vote.round);
    }
    let group = |(value, signers)| Group { value, signers };
    Some(Certificate {
        kind,
        chain: committee.chain,
        epoch: committee.epoch,
        round: round?,
        groups: groups.into_iter().map(group).collect(),
        signature: bls::Signature::aggregate(&signatures).ok()?,
    })
}

/// An early certificate of a certificate's signers and of others who prepared the same block.
fn merge(certificate: &Certificate, lot: &Certificate) -> Option<Certificate> {
    let (Some(held), [added]) = (certificate.groups.first(), lot.groups.as_slice()) else {
        return None;
    };
    let mut group = held.clone();
    for member in added.signers.iter() {
        group.signers.insert(member);
    }
    Some(Certificate {
        kind: CertificateKind::Early,
        groups: vec![group],
        signature: bls::Signature::aggregate(&[certificate.signature, lot.signature]).ok()?,
        ..*certificate
    })
}
