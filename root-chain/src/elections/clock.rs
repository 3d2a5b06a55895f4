//! What falls due at a root height: elections open and close, terms may end, chains are frozen
//! and rescued.

use actors::{Edit, Shown};
use crypto::bls::PublicKey;
use types::{
    Anchor, AnchorRecord, Certificate, ChainId, Committee, Epoch, Height, Member, News, Signers,
};

use super::candidate::Candidate;
use super::cut::{Cut, rank, sample};
use super::rules::{Beacon, ElectionRules};
use super::slots;
use super::stakes::Stakes;
use super::term::{Election, Freeze, Known, Stage, Successor, Term};
use super::ticket::{LEAST_TURNOUT, Threshold};
use crate::anchors;
use crate::beacon;
use crate::committees::{self, CommitteeCache, Seated};
use crate::slashing;
use crate::staking::Certified;

/// Elections of a term before the next committee is drawn publicly. [E6]
pub const ATTEMPTS: u32 = 3;

/// Whether an election is past its attempts: it draws from those that declared themselves.
pub(super) const fn is_public(election: &Election) -> bool {
    election.attempt >= ATTEMPTS
}

/// One block's look at the clock.
pub(crate) struct Clock<'a> {
    pub(crate) rules: &'a ElectionRules,
    pub(crate) stakes: &'a dyn Stakes,
    pub(crate) beacon: &'a dyn Beacon,
    pub(crate) committees: &'a CommitteeCache,
    pub(crate) height: Height,
    /// Whether the block closes the root's own term.
    pub(crate) closes: bool,
    /// The beacon runs at root heights that are multiples of this.
    pub(crate) beacon_every: u64,
    /// All tickets, once they were counted in this block.
    total: Option<u64>,
    /// Whether the block has seated a committee. [E8]
    seated: bool,
}

impl<'a> Clock<'a> {
    pub(crate) const fn new(
        rules: &'a ElectionRules,
        stakes: &'a dyn Stakes,
        beacon: &'a dyn Beacon,
        committees: &'a CommitteeCache,
        height: Height,
    ) -> Self {
        Self {
            rules,
            stakes,
            beacon,
            committees,
            height,
            closes: false,
            beacon_every: 1,
            total: None,
            seated: false,
        }
    }

    /// Does what is due, chain by chain.
    pub(crate) fn tick(&mut self, edit: &mut Edit<'_>, news: &mut Vec<News>) {
        for chain in slots::chains(edit) {
            let Some(before) = slots::term(edit, chain) else {
                continue;
            };
            let mut term = before.clone();
            if chain.is_root() && self.closes {
                self.succeed(edit, chain, &mut term);
            }
            self.advance(edit, chain, &mut term, news);
            if !chain.is_root() {
                self.watch(edit, chain, &mut term, news);
                self.finish_rescue(edit, chain, &mut term, news);
            }
            if term != before {
                slots::put_term(edit, chain, &term);
            }
        }
    }

    /// An anchor was recorded: its signers are rewarded, and when it closes the term, the next one
    /// begins.
    pub(crate) fn anchored(&self, edit: &mut Edit<'_>, anchor: &Anchor, record: &AnchorRecord) {
        let chain = record.tip.chain;
        if slots::term(edit, chain).is_some() {
            slots::put_certified(edit, chain, &anchor.finality);
            let blocks = (anchor.tip.height - anchor.first).saturating_add(1);
            let prepare = &anchor.finality.prepare;
            self.reward(edit, prepare, anchor.tip.proposer, blocks);
        }
        if record.closing
            && let Some(mut term) = slots::term(edit, chain)
        {
            self.succeed(edit, chain, &mut term);
            slots::put_term(edit, chain, &term);
        }
    }

    /// The root's own committee is rewarded block by block, for the certificate of the parent that
    /// the proposer shows.
    pub(crate) fn prepared(&self, edit: &mut Edit<'_>, shown: &Shown<'_>) {
        let term = slots::term(edit, ChainId::ROOT);
        let of_term = term.filter(|term| term.epoch == shown.certificate.epoch);
        if of_term.is_some() && shown.certificate.chain.is_root() {
            self.reward(edit, shown.certificate, shown.by, 1);
        }
    }

    fn reward(&self, edit: &mut Edit<'_>, prepare: &Certificate, proposer: u16, blocks: u64) {
        let (chain, epoch) = (prepare.chain, prepare.epoch);
        let committee = self.committees.get(edit, chain, epoch);
        let holders = committees::holders(edit, chain, epoch);
        let group = prepare.groups.first();
        if let (Some(committee), Some(holders), Some(group)) = (committee, holders, group) {
            let certified = Certified {
                committee: &committee,
                holders: &holders,
                signers: &group.signers,
                proposer,
                blocks,
            };
            self.stakes.reward(edit, &certified);
        }
    }

    /// A seed became known: elections that wait for it go on.
    pub(crate) fn seeded(&self, edit: &mut Edit<'_>, of: Height, seed: crypto::Hash) {
        for chain in slots::chains(edit) {
            let Some(mut term) = slots::term(edit, chain) else {
                continue;
            };
            if let Stage::Electing(election) = &mut term.stage
                && election.opened <= of
                && election.seed.is_none()
            {
                let height = self.height;
                election.seed = Some(Known { seed, height });
                slots::put_term(edit, chain, &term);
            }
        }
    }

    /// The members of the root's committee drew a seed themselves: only their own election uses it.
    pub(crate) fn drawn(&self, edit: &mut Edit<'_>, seed: crypto::Hash) {
        let height = self.height;
        if let Some(mut term) = slots::term(edit, ChainId::ROOT)
            && let Stage::Electing(election) = &mut term.stage
            && election.seed.is_none()
        {
            election.seed = Some(Known { seed, height });
            slots::put_term(edit, ChainId::ROOT, &term);
        }
    }

    /// [E12] Freezes a chain.
    pub(crate) fn freeze(
        &self,
        edit: &mut Edit<'_>,
        chain: ChainId,
        term: &mut Term,
        news: &mut Vec<News>,
    ) {
        let committee = self.committees.get(edit, chain, term.epoch);
        let members = committee.map_or(0, |committee| committee.size());
        term.frozen = Some(Freeze {
            at: self.height,
            present: Signers::none(members),
        });
        news.push(News::Frozen {
            chain,
            until: term.next(),
        });
    }

    /// The next term begins.
    fn succeed(&self, edit: &mut Edit<'_>, chain: ChainId, term: &mut Term) {
        self.end(edit, chain, term.epoch);
        committees::put_end(edit, chain, term.epoch, self.height);
        slots::remove_auditors(edit, chain, term.epoch);
        if chain.is_root() {
            beacon::degraded::end(edit, term.epoch, self.height, self.beacon_every);
        }
        let length = self.rules.length(chain);
        *term = Term::begin(term.next(), self.height, length);
        let below = self.height.saturating_sub(self.rules.kept);
        committees::prune(edit, chain, term.epoch, below);
    }

    /// The duties of a committee end.
    fn end(&self, edit: &mut Edit<'_>, chain: ChainId, epoch: Epoch) {
        let committee = self.committees.get(edit, chain, epoch);
        let holders = committees::holders(edit, chain, epoch);
        if let (Some(committee), Some(holders)) = (committee, holders) {
            self.stakes.end(edit, &committee, &holders, self.height);
        }
    }

    fn advance(
        &mut self,
        edit: &mut Edit<'_>,
        chain: ChainId,
        term: &mut Term,
        news: &mut Vec<News>,
    ) {
        let lead = self.rules.lead(chain);
        let due = self.height.saturating_add(lead) >= term.end || term.frozen.is_some();
        match &term.stage {
            Stage::Serving if due => term.stage = self.open(edit, chain),
            Stage::Electing(election) => {
                let election = election.clone();
                self.close(edit, chain, term, election, news);
            }
            Stage::Elected(successor) if term.frozen.is_none() => {
                let successor = successor.clone();
                self.follow_up(edit, chain, term, successor, news);
            }
            _ => {}
        }
    }

    /// [E1] Opens an election: the seed of this very height will draw.
    fn open(&mut self, edit: &Edit<'_>, chain: ChainId) -> Stage {
        let height = self.height;
        let stakes = self.stakes;
        let total = *self.total.get_or_insert_with(|| stakes.total(edit, height));
        let seats = self.rules.seats(chain);
        Stage::Electing(Election {
            attempt: 0,
            opened: height,
            snapshot: height,
            total,
            threshold: Threshold::of(seats, total, slots::turnout(edit), 0),
            seed: None,
            candidates: 0,
        })
    }

    /// [E5] [E6] Cuts off once the window is over, and draws publicly once the seed is known.
    fn close(
        &mut self,
        edit: &mut Edit<'_>,
        chain: ChainId,
        term: &mut Term,
        mut election: Election,
        news: &mut Vec<News>,
    ) {
        let Some(known) = election.seed else { return };
        let public = is_public(&election);
        let over = self.height >= known.height.saturating_add(self.rules.window);
        if self.seated || !(public || over) {
            return;
        }
        self.seated = true;
        let (seats, auditors) = (self.rules.seats(chain), self.rules.auditors);
        let epoch = term.next();
        let mut all = candidates(edit, chain, epoch, election.candidates);
        let enough = if public {
            1
        } else {
            all.retain(|candidate| candidate.attempt == election.attempt);
            let seats = u64::from(seats).min(election.total);
            (2 * seats).div_ceil(3).max(1)
        };
        let cut = match public {
            true => sample(&all, &known.seed, seats, auditors),
            false => rank(&all, seats, auditors),
        };
        if election.attempt == 0 {
            self.count_turnout(edit, &election, &all);
        }
        if cut.seats() >= enough {
            term.stage = self.seat(edit, (chain, epoch), &all, &cut, news);
            slots::remove_candidates(edit, chain, epoch, election.candidates);
        } else if public {
            // Nobody declared anything in any attempt: from the beginning.
            term.stage = self.open(edit, chain);
        } else {
            election.attempt += 1;
            election.opened = self.height;
            election.seed = None;
            let turnout = slots::turnout(edit);
            let attempt = election.attempt;
            election.threshold = Threshold::of(seats, election.total, turnout, attempt);
            term.stage = Stage::Electing(election);
        }
    }

    /// The share of expected winners that declared themselves; a quarter of the news counts.
    fn count_turnout(&self, edit: &mut Edit<'_>, election: &Election, all: &[Candidate]) {
        let expected = election.threshold.expected(election.total);
        if expected == 0 {
            return;
        }
        let named = all.iter().map(|c| c.tickets.numbers().len() as u64);
        let seen = named.sum::<u64>().saturating_mul(1_000) / expected;
        let seen = u32::try_from(seen).unwrap_or(1_000).min(1_000);
        let smoothed = (3 * slots::turnout(edit) + seen) / 4;
        slots::put_turnout(edit, smoothed.clamp(LEAST_TURNOUT, 1_000));
    }

    /// Records a committee.
    fn seat(
        &self,
        edit: &mut Edit<'_>,
        (chain, epoch): (ChainId, Epoch),
        all: &[Candidate],
        cut: &Cut,
        news: &mut Vec<News>,
    ) -> Stage {
        let mut members = Vec::new();
        let mut holders = Vec::new();
        let mut encryption = Vec::new();
        for (place, seats) in &cut.members {
            // A candidate's key was decoded when it declared itself.
            let found = all.get(*place);
            let decoded = found.and_then(|found| PublicKey::from_bytes(&found.key).ok());
            if let (Some(found), Some(key)) = (found, decoded) {
                let (node, seats) = (found.node, *seats);
                members.push(Member { node, key, seats });
                holders.push(Some(found.staker));
                encryption.extend(found.encryption);
            }
        }
        let committee = Committee {
            chain,
            epoch,
            members,
        };
        let ready = Signers::none(committee.size());
        let auditors = cut.auditors.iter().filter_map(|place| all.get(*place));
        let auditors: Vec<_> = auditors.map(|auditor| auditor.staker).collect();
        let seated = Seated { committee, holders };
        committees::put(edit, &seated, self.height);
        slashing::acquit(edit, chain, epoch);
        slots::put_auditors(edit, chain, epoch, &auditors);
        if chain.is_root() {
            slots::put_encryption_keys(edit, epoch, &encryption);
        }
        self.stakes.begin(edit, &seated.holders);
        news.push(News::Elected(seated.committee));
        Stage::Elected(Successor {
            elected: self.height,
            ready,
            told: None,
        })
    }

    /// [E7] Tells once that the term may end; elects again when nobody is ever ready.
    fn follow_up(
        &mut self,
        edit: &mut Edit<'_>,
        chain: ChainId,
        term: &mut Term,
        mut successor: Successor,
        news: &mut Vec<News>,
    ) {
        if successor.told.is_some() || self.height < term.end {
            return;
        }
        let epoch = term.next();
        if self.is_ready(edit, chain, epoch, &successor.ready) {
            successor.told = Some(self.height);
            term.stage = Stage::Elected(successor);
            news.push(News::Ready { chain, epoch });
            return;
        }
        let since = successor.elected.max(term.end);
        if self.height > since.saturating_add(self.rules.late) {
            self.end(edit, chain, epoch);
            term.stage = self.open(edit, chain);
        }
    }

    fn is_ready(&self, edit: &Edit<'_>, chain: ChainId, epoch: Epoch, ready: &Signers) -> bool {
        let committee = self.committees.get(edit, chain, epoch);
        let enough = committee
            .is_some_and(|committee| committee.seats_of(ready) >= committee.thresholds().quorum);
        enough && (!chain.is_root() || self.beacon.keys_ready(edit, epoch))
    }

    /// [E11] Freezes a chain that stands still, or whose committee does not end its term.
    fn watch(&self, edit: &mut Edit<'_>, chain: ChainId, term: &mut Term, news: &mut Vec<News>) {
        let Some(record) = anchors::written(edit, chain) else {
            return;
        };
        let silent = self.height.saturating_sub(record.recorded) > self.rules.stall;
        let told = term.successor().and_then(|successor| successor.told);
        let stays = told.is_some_and(|told| self.height.saturating_sub(told) > self.rules.late);
        if term.frozen.is_none() && (silent || stays) {
            self.freeze(edit, chain, term, news);
        }
    }

    /// [E13] Once the window is over and a committee is there, it takes over.
    fn finish_rescue(
        &self,
        edit: &mut Edit<'_>,
        chain: ChainId,
        term: &mut Term,
        news: &mut Vec<News>,
    ) {
        let Some(freeze) = &term.frozen else { return };
        let over = self.height >= freeze.at.saturating_add(self.rules.rescue);
        let (epoch, waits) = (term.next(), term.successor().is_some());
        if !over || !waits {
            return;
        }
        let committee = self.committees.get(edit, chain, epoch);
        let best = slots::rescued(edit, chain).or_else(|| anchors::written(edit, chain));
        let (Some(committee), Some(best)) = (committee, best) else {
            return;
        };
        self.punish_absent(edit, chain, term.epoch, &freeze.present);
        let record = AnchorRecord {
            epoch: term.epoch,
            closing: true,
            recorded: self.height,
            ..best
        };
        anchors::put(edit, &record);
        slots::put_rescued(edit, chain, None);
        slots::put_rival(edit, chain, None);
        news.push(News::Rescued {
            committee: (*committee).clone(),
            base: record.tip,
        });
        self.succeed(edit, chain, term);
    }

    fn punish_absent(&self, edit: &mut Edit<'_>, chain: ChainId, epoch: Epoch, present: &Signers) {
        let holders = committees::holders(edit, chain, epoch).unwrap_or_default();
        for (member, holder) in holders.into_iter().enumerate() {
            if let Some(staker) = holder.filter(|_| !present.contains(member)) {
                let of = (chain, epoch);
                self.stakes.absent(edit, &staker, of, self.height);
            }
        }
    }
}

fn candidates(edit: &Edit<'_>, chain: ChainId, epoch: Epoch, count: u32) -> Vec<Candidate> {
    let places = 0..count;
    places
        .filter_map(|place| slots::candidate(edit, chain, epoch, place))
        .collect()
}
