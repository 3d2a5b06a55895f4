//! Certificates: receiving them, and what each of them makes the node do. [V4] [C1]–[C4]

use std::sync::Arc;

use types::{BlockHash, Certificate, CertificateError, CertificateKind, Finality, NodeId, Round};

use super::{Consensus, ROUNDS_BEHIND};
use crate::evidence::liars;
use crate::{Effect, Evidence, Fault, Message, Record};

impl Consensus {
    pub(super) fn on_certificate(
        &mut self,
        from: NodeId,
        certificate: Certificate,
        out: &mut Vec<Effect>,
    ) {
        let source = self.source(&from);
        if !self.is_news(&certificate) || !self.trusts(source) {
            return;
        }
        // An early certificate of a quorum is good; whether it is worth anything here is not its
        // sender's fault.
        match self.ballot().verify(&certificate, self.thresholds.quorum) {
            Ok(()) => self.adopt(certificate, false, out),
            Err(error) => {
                if error == CertificateError::Signature {
                    self.charge(source, certificate.pairings());
                }
                out.push(Effect::Penalize {
                    node: from,
                    fault: Fault::Certificate(error),
                });
            }
        }
    }

    // [V4] Nothing is paired twice, and nothing that tells nothing new. What contradicts a known
    // certificate is news as long as it convicts somebody else: it has no place to be known from.
    fn is_news(&mut self, certificate: &Certificate) -> bool {
        let last = self.last.header.round;
        if certificate.round.saturating_add(ROUNDS_BEHIND) <= last {
            return false;
        }
        let wanted = certificate.round > last && !self.is_too_small(certificate);
        match self.rounds.get_mut(&certificate.round) {
            Some(state) => {
                let committee = &self.config.committee;
                !state.has_like(certificate, committee)
                    && (wanted && state.has_place(certificate, committee)
                        || state.convicts(certificate))
            }
            None => wanted,
        }
    }

    pub(super) fn on_finality(&mut self, from: NodeId, finality: Finality, out: &mut Vec<Effect>) {
        let Finality { confirm, prepare } = finality;
        let matching = confirm.kind == CertificateKind::Confirm
            && prepare.kind == CertificateKind::Prepare
            && confirm.round == prepare.round
            && confirm.block() == prepare.block();
        if !matching {
            out.push(Effect::Penalize {
                node: from,
                fault: Fault::Malformed,
            });
            return;
        }
        self.on_certificate(from, prepare, out);
        self.on_certificate(from, confirm, out);
    }

    /// Whether exactly this certificate was verified before.
    pub(super) fn knows(&self, certificate: &Certificate) -> bool {
        let state = self.rounds.get(&certificate.round);
        let last = self.last.finality.as_ref();
        state.is_some_and(|state| state.certificates().any(|held| held == certificate))
            || last.is_some_and(|last| last.prepare == *certificate)
    }

    /// Acts on a certificate known to be good.
    pub(super) fn adopt(&mut self, certificate: Certificate, formed: bool, out: &mut Vec<Effect>) {
        let round = certificate.round;
        self.convict(&certificate, out);
        let committee = Arc::clone(&self.config.committee);
        if round <= self.last.header.round {
            return;
        }
        let state = self.state(round);
        let first_skip = state.unpinned.is_none() && state.pinned.is_none();
        if !state.has_place(&certificate, &committee) {
            return;
        }
        *state.slot(&certificate, &committee) = Some(certificate.clone());
        self.dirty = true;
        let block = certificate.block();
        match (certificate.kind, block) {
            (CertificateKind::Prepare, Some(hash)) => self.on_prepared(certificate, hash, out),
            (CertificateKind::Skip, _) => self.on_skipped(certificate, first_skip, out),
            (CertificateKind::Confirm, Some(_)) => self.on_confirmed(certificate, out),
            (CertificateKind::Early, _) => self.on_early(certificate, formed, out),
            _ => {}
        }
    }

    // [C1] Forward once, confirm unless skipped, enter the next round.
    fn on_prepared(&mut self, certificate: Certificate, hash: BlockHash, out: &mut Vec<Effect>) {
        let round = certificate.round;
        out.push(Effect::Persist(Record::Certificate(certificate.clone())));
        self.want_certified(&certificate, hash);
        self.convict_signers(&certificate, out);
        self.broadcast(Message::Certificate(certificate), out);
        self.announce(round, out);
        self.confirm(round, hash, out);
        self.enter(round + 1);
        self.on_grown(round, out);
    }

    // [C2] Forward once, enter the next round.
    fn on_skipped(&mut self, certificate: Certificate, first: bool, out: &mut Vec<Effect>) {
        let round = certificate.round;
        if let Some(hash) = certificate.pinned(&self.config.committee) {
            self.want_certified(&certificate, hash);
        }
        if first {
            out.push(Effect::Persist(Record::Certificate(certificate.clone())));
            self.broadcast(Message::Certificate(certificate), out);
        }
        self.enter(round + 1);
    }

    // [F1] Final, as soon as PC and the bodies are there.
    fn on_confirmed(&mut self, certificate: Certificate, out: &mut Vec<Effect>) {
        let round = certificate.round;
        out.push(Effect::Persist(Record::Certificate(certificate)));
        self.announce(round, out);
        self.enter(round + 1);
    }

    /// Sends CC with its PC once. [C3]
    fn announce(&mut self, round: Round, out: &mut Vec<Effect>) {
        let state = self.state(round);
        if let (Some(confirm), Some(prepare), false) =
            (&state.confirm, &state.prepare, state.announced)
            && confirm.block() == prepare.block()
        {
            let finality = Finality {
                confirm: confirm.clone(),
                prepare: prepare.clone(),
            };
            state.announced = true;
            self.broadcast(Message::Finality(Box::new(finality)), out);
        }
    }

    /// Looks for members that a new certificate convicts. [E2]–[E6]
    fn convict(&mut self, certificate: &Certificate, out: &mut Vec<Effect>) {
        let Some(state) = self.rounds.get_mut(&certificate.round) else {
            return;
        };
        let mut blamed = state.blamed.clone();
        for held in state.certificates() {
            let guilty = liars(held, certificate);
            if !guilty.is_subset(&blamed) {
                blamed.extend(guilty);
                out.push(Effect::Blame(Evidence::Certificates {
                    first: held.clone(),
                    second: certificate.clone(),
                }));
            }
        }
        state.blamed = blamed;
        let votes: Vec<_> = state.clashes(certificate).copied().collect();
        for vote in votes {
            self.convict_by_vote(vote, certificate, out);
        }
    }

    fn convict_by_vote(
        &mut self,
        vote: types::Vote,
        certificate: &Certificate,
        out: &mut Vec<Effect>,
    ) {
        let fresh = !self.state(vote.round).blamed.contains(&vote.member);
        if fresh && self.holds_or_mute(&vote, out) {
            self.state(vote.round).blamed.insert(vote.member);
            out.push(Effect::Blame(Evidence::VoteAndCertificate {
                vote,
                certificate: certificate.clone(),
            }));
        }
    }

    // [E7] Prepared although its justification is invalid.
    pub(super) fn convict_signers(&mut self, certificate: &Certificate, out: &mut Vec<Effect>) {
        let state = self.rounds.get(&certificate.round);
        if let Some((header, justification)) = state.and_then(|state| state.ineligible.as_deref())
            && certificate.block() == Some(header.hash())
        {
            let evidence = Evidence::Justification {
                header: Box::new(header.clone()),
                justification: justification.clone(),
                certificate: certificate.clone(),
            };
            // A good header may come with a justification or a body that is not its own: then the
            // leader is faulty, and those who prepared the header are not.
            let (committee, network) = (&self.config.committee, self.config.network);
            if evidence.check(committee, network).is_ok() {
                out.push(Effect::Blame(evidence));
            }
        }
    }
}
