//! A captured committee certifies a second block at a height that the root has recorded.
//!
//! Its members are honest until then, and afterwards but for this. Nobody acts on the second block:
//! the root freezes the chain, and whoever signed both loses all stake.

use std::collections::BTreeSet;

use consensus::Evidence;
use crypto::bls;
use root_chain::{RootDeclaration, duty, elections};
use types::{
    Anchor, Apart, BlockHash, Certificate, CertificateKind, ChainId, Committee, Finality, Group,
    NodeId, Phase, Rival, Signers, Statement, Vote, VoteKind,
};

use super::{Event, World};
use crate::wire::Wire;

/// How often it is tried, and told.
const AGAIN_MS: u64 = 700;
/// So long after the network healed it is tried no more.
const GIVE_UP_MS: u64 = 60_000;

/// What a captured committee did.
#[derive(Default)]
pub(super) struct Fork {
    /// The last anchor of its chain that left an honest node.
    anchors: Vec<Anchor>,
    /// The second block.
    rival: Option<(Anchor, Finality)>,
    pub(super) guilty: BTreeSet<NodeId>,
}

impl World {
    /// An anchor of the chain that is to fork leaves a node.
    pub(super) fn note_anchor(&mut self, wire: &Wire) {
        let Wire::Anchor(anchor) = wire else { return };
        let chain = self.plan.fork.as_ref().map(|fork| fork.chain);
        if chain == Some(anchor.tip.chain) && self.fork.rival.is_none() {
            let kept = &mut self.fork.anchors;
            kept.retain(|old| old.tip.height + 20 > anchor.tip.height);
            kept.push((**anchor).clone());
        }
    }

    /// Forks the chain, or tries again later; then tells the root until another term has begun and
    /// who signed both has paid. The other term may have begun before the root heard of it.
    pub(super) fn fork(&mut self) {
        let Some(chain) = self.plan.fork.as_ref().map(|fork| fork.chain) else {
            return;
        };
        if self.fork.rival.is_none() {
            self.fork.rival = self.forge_rival(chain);
        }
        match self.fork.rival.clone() {
            Some((rival, recorded)) => {
                if self.fork_is_over() {
                    return;
                }
                self.tell_rival(rival, recorded);
            }
            None if self.now > self.plan.gst.after(GIVE_UP_MS) => return,
            None => {}
        }
        self.events.put(self.now.after(AGAIN_MS), Event::Fork);
    }

    /// Whether a later term of the chain has begun.
    fn is_through(&self, chain: ChainId, rival: &Anchor) -> bool {
        self.epochs
            .get(&chain)
            .is_some_and(|epoch| *epoch > rival.tip.epoch)
    }

    /// Whether all is as it should be after a fork, if there was one.
    pub(super) fn fork_is_over(&self) -> bool {
        let Some((rival, _)) = &self.fork.rival else {
            return true;
        };
        let convicted = self.oracle.stakes.have_lost_all(&self.fork.guilty);
        convicted && self.is_through(rival.tip.chain, rival)
    }

    /// A second block at the recorded height, with certificates of those who can sign.
    fn forge_rival(&mut self, chain: ChainId) -> Option<(Anchor, Finality)> {
        let state = &self.newest_root()?.state;
        let term = elections::term(state, chain).filter(|term| term.frozen.is_none())?;
        let record = root_chain::record(state, chain)?;
        let kept = self.fork.anchors.iter();
        let mut kept = kept.filter(|anchor| anchor.tip.hash() == record.tip.hash);
        let anchor = kept.next()?;
        let current = anchor.tip.epoch == term.epoch && anchor.tip.phase == Phase::Ordinary;
        let committee = self
            .oracle
            .seating
            .of(chain, term.epoch)
            .filter(|_| current)?;
        let signers = self.capture(committee)?;
        let mut rival = anchor.clone();
        rival.tip.time = rival.tip.time.after(1);
        let of = (committee, rival.tip.round, rival.tip.hash());
        // What the root keeps of the recorded block may be of another relayer than this anchor.
        let recorded = elections::certified(state, chain)?;
        rival.finality = Finality {
            confirm: self.certify(CertificateKind::Confirm, of, &signers)?,
            prepare: self.certify(CertificateKind::Prepare, of, &signers)?,
        };
        let node = |(member, _): &(u16, _)| committee.members.get(usize::from(*member));
        // Who signed both, as far as the certificates show.
        let shown = [&recorded.confirm, &recorded.prepare].into_iter();
        let shown: Vec<&Signers> = shown
            .flat_map(|certificate| certificate.groups.iter().map(|group| &group.signers))
            .collect();
        let both = signers.iter().filter(|(member, _)| {
            shown
                .iter()
                .any(|first| first.contains(usize::from(*member)))
        });
        let guilty = both.filter_map(node).map(|member| member.node).collect();
        self.corrupt(guilty);
        *self.faults.entry("fork").or_default() += 1;
        Some((rival, recorded))
    }

    /// A quorum of members with their keys.
    fn capture(&self, committee: &Committee) -> Option<Vec<(u16, bls::SecretKey)>> {
        let mut signers = Vec::new();
        let mut seats = 0;
        for (member, record) in (0_u16..).zip(&committee.members) {
            let node = self.setup.node_of(&record.node)?;
            let seat = tx_chain::Keyring::seat(&*self.nodes[node].keys, committee);
            if let Some(seat) = seat.filter(|_| seats < committee.thresholds().quorum) {
                seats += u64::from(record.seats);
                signers.push((member, seat.key));
            }
        }
        (seats >= committee.thresholds().quorum).then_some(signers)
    }

    fn certify(
        &self,
        kind: CertificateKind,
        (committee, round, block): (&Committee, types::Round, BlockHash),
        members: &[(u16, bls::SecretKey)],
    ) -> Option<Certificate> {
        let (chain, epoch) = (committee.chain, committee.epoch);
        let statement = Statement {
            network: self.setup.network.id(),
            chain,
            epoch,
            round,
            kind: match kind {
                CertificateKind::Confirm => VoteKind::Confirm,
                _ => VoteKind::Prepare,
            },
            value: Some(block),
        };
        let mut signers = Signers::none(committee.size());
        let mut signatures = Vec::new();
        for (member, key) in members {
            signers.insert(usize::from(*member));
            signatures.push(Vote::sign(&statement, *member, key).signature);
        }
        Some(Certificate {
            kind,
            chain,
            epoch,
            round,
            groups: vec![Group {
                value: Some(block),
                signers,
            }],
            signature: bls::Signature::aggregate(&signatures).ok()?,
        })
    }

    /// Those who sign twice are honest no more.
    fn corrupt(&mut self, guilty: BTreeSet<NodeId>) {
        for node in &guilty {
            if let Some(number) = self.setup.node_of(node) {
                self.oracle.honesty.corrupt(number);
            }
            self.oracle.stakes.corrupt(node);
        }
        self.fork.guilty = guilty;
    }

    /// Some honest node that is up tells the root, and reports who signed both.
    fn tell_rival(&mut self, rival: Anchor, recorded: Finality) {
        let honest =
            |node: &usize| self.nodes[*node].is_up() && !self.oracle.honesty.is_traitor(*node);
        let up: Vec<usize> = (0..self.setup.observer()).filter(honest).collect();
        if up.is_empty() {
            return;
        }
        let node = *self.dice.pick(&up);
        // Where the first pair is enough to freeze the chain, the root no longer compares the rest.
        let pairs = [
            (recorded.confirm, &rival.finality.confirm),
            (recorded.prepare, &rival.finality.prepare),
        ];
        for (first, second) in pairs {
            let second = second.clone();
            let evidence = Evidence::Certificates { first, second };
            let told = duty::Input::Evidence(Box::new(evidence));
            for (chain, input) in self.duty(node, told) {
                self.feed(node, chain, input);
            }
        }
        let rival = Rival {
            tip: rival.tip,
            tails: rival.tails,
            finality: rival.finality,
            apart: Apart::Beside,
        };
        if let Ok(said) = RootDeclaration::Rival(Box::new(rival)).encode() {
            let to = self.recorders(node);
            self.leave(node, to, Wire::Declaration(said));
        }
    }
}
