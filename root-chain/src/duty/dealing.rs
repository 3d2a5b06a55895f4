//! A member's part in generating the key of its term's beacon.

use crypto::Hash;
use crypto::threshold::{Complaint, Dealing, Seat, Share};
use types::{ChainId, Epoch, Height};

use super::{Duty, Effect, Saying};
use crate::declaration::RootDeclaration;
use crate::keygen::{self, Complained, Dealt, KeyReady, Roster, Run, Stage, test_message};

/// What a member says in one attempt; each is computed once.
pub(super) struct Part {
    context: Hash,
    dealt: Option<RootDeclaration>,
    complaints: Option<Vec<Complained>>,
    ready: Option<RootDeclaration>,
}

impl Duty {
    /// Deals, complains, and shows that it holds its shares, as the attempt under way wants it.
    pub(super) fn generate_key(&mut self, out: &mut Vec<Effect>) {
        let Some(run) = keygen::run(&self.state) else {
            return;
        };
        let context = run.context(self.system.anchors.network);
        let Some(seat) = self.seats.get(ChainId::ROOT, run.epoch) else {
            return;
        };
        let member = seat.member;
        if self
            .part
            .as_ref()
            .is_none_or(|part| part.context != context)
        {
            self.part = Some(Part {
                context,
                dealt: None,
                complaints: None,
                ready: None,
            });
        }
        let at = usize::from(member);
        match run.stage {
            Stage::Dealing if !run.dealt.contains(at) => self.deal(&run, member, out),
            Stage::Complaining => self.complain(&run, member, out),
            Stage::Trying if !run.ready.contains(at) => self.try_key(&run, member, out),
            _ => {}
        }
    }

    fn deal(&mut self, run: &Run, member: u16, out: &mut Vec<Effect>) {
        let made = self.part.as_ref().and_then(|part| part.dealt.clone());
        let Some(declaration) = made.or_else(|| self.make_dealing(run, member)) else {
            return;
        };
        self.declare(Saying::Dealt(run.start), &declaration, out);
        if let Some(part) = &mut self.part {
            part.dealt = Some(declaration);
        }
    }

    /// [D2] The same dealing whenever it is made.
    fn make_dealing(&self, run: &Run, member: u16) -> Option<RootDeclaration> {
        let roster = self.roster(run.epoch)?;
        if member >= roster.dealers {
            return None;
        }
        let context = run.context(self.system.anchors.network);
        let seat = self.seats.get(ChainId::ROOT, run.epoch)?;
        let seed = self.who.ratchet.dealing_seed(seat.root_epoch(), &context)?;
        let dealing = Dealing::create(&seed, &roster.terms(&context, member)).ok()?;
        let place = (run.epoch, run.attempt, member);
        let dealt = Dealt::sign(place, dealing, &context, &seat.key);
        Some(RootDeclaration::Dealt(Box::new(dealt)))
    }

    fn complain(&mut self, run: &Run, member: u16, out: &mut Vec<Effect>) {
        if self
            .part
            .as_ref()
            .is_some_and(|part| part.complaints.is_none())
        {
            let complaints = self.find_bad_shares(run, member);
            if let Some(part) = &mut self.part {
                part.complaints = Some(complaints);
            }
        }
        let known = self.part.as_ref().and_then(|part| part.complaints.clone());
        let open = known.into_iter().flatten();
        for said in open.filter(|said| !run.guilty.contains(said.dealer.into())) {
            let what = Saying::Complained(run.start, said.dealer, said.seat);
            self.declare(what, &RootDeclaration::Complained(Box::new(said)), out);
        }
    }

    /// Opens all that was dealt to its seats; one bad share of a dealer is enough.
    fn find_bad_shares(&self, run: &Run, member: u16) -> Vec<Complained> {
        let Some(roster) = self.roster(run.epoch) else {
            return Vec::new();
        };
        let seats: Vec<Seat> = roster.seats(member).collect();
        let dealers = run.qualified();
        let bad = dealers.iter().filter_map(|dealer| {
            let dealer = u16::try_from(dealer).ok()?;
            let (seat, complaint) = self.bad_share(run.epoch, dealer, &seats)?;
            Some(Complained {
                epoch: run.epoch,
                attempt: run.attempt,
                dealer,
                seat: seat.number(),
                complaint,
            })
        });
        bad.collect()
    }

    fn bad_share(&self, epoch: Epoch, dealer: u16, seats: &[Seat]) -> Option<(Seat, Complaint)> {
        let key = self
            .seats
            .get(ChainId::ROOT, epoch)?
            .decryption_key(&self.who)?;
        let (_, kept) = keygen::dealing(&self.state, epoch, dealer)?;
        let dealing = kept.restore().ok()?;
        let bad = |seat: &&Seat| dealing.open(&key, **seat).is_err();
        let seat = *seats.iter().find(bad)?;
        Some((seat, Complaint::create(&dealing, &key, seat)))
    }

    fn try_key(&mut self, run: &Run, member: u16, out: &mut Vec<Effect>) {
        let made = self.part.as_ref().and_then(|part| part.ready.clone());
        let Some(declaration) = made.or_else(|| self.sign_test(run, member)) else {
            return;
        };
        self.declare(Saying::KeyReady(run.start), &declaration, out);
        if let Some(part) = &mut self.part {
            part.ready = Some(declaration);
        }
    }

    fn sign_test(&self, run: &Run, member: u16) -> Option<RootDeclaration> {
        let public = crate::beacon::public_key(&self.state, run.epoch)?;
        let context = run.context(self.system.anchors.network);
        let message = test_message(&context, &public);
        let shares = self.dealt_shares(run.epoch)?;
        let signed = shares
            .iter()
            .map(|share| share.sign(message.as_bytes()).signature);
        Some(RootDeclaration::KeyReady(Box::new(KeyReady {
            epoch: run.epoch,
            attempt: run.attempt,
            member,
            signatures: signed.collect(),
        })))
    }

    /// The node's shares of a term's key: the sum of what all qualified dealers dealt to each of
    /// its seats. Found again in the root's state after a restart.
    pub(super) fn dealt_shares(&self, epoch: Epoch) -> Option<Vec<Share>> {
        let seat = self.seats.get(ChainId::ROOT, epoch)?;
        let key = seat.decryption_key(&self.who)?;
        let roster = self.roster(epoch)?;
        let (_, dealers) = keygen::qualified(&self.state, epoch)?;
        let dealings = dealers.iter().map(|dealer| {
            let (_, kept) = keygen::dealing(&self.state, epoch, u16::try_from(dealer).ok()?)?;
            kept.restore().ok()
        });
        let dealings: Vec<_> = dealings.collect::<Option<_>>()?;
        let sum = |own: Seat| {
            let shares = dealings.iter().map(|dealing| dealing.open(&key, own).ok());
            Share::sum(&shares.collect::<Option<Vec<_>>>()?).ok()
        };
        roster.seats(seat.member).map(sum).collect()
    }

    fn roster(&self, epoch: Epoch) -> Option<std::sync::Arc<Roster>> {
        self.system.keygen.as_ref()?.roster(&self.state, epoch)
    }

    /// The root height at which the key generation of a term began, for logs.
    pub fn keygen(&self) -> Option<(Epoch, Height, Stage)> {
        let run = keygen::run(&self.state)?;
        Some((run.epoch, run.start, run.stage))
    }
}
