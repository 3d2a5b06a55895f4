//! Reads stakers, terms and seeds from the root's state. Whatever is read is bounded: a page of
//! stakers, two committees, a few seeds; only counting all tickets looks at every record.

use root_chain::staking::{self, Snapshot, Staker};
use root_chain::{beacon, committees, elections};
use types::{AccountId, Address, ChainId, Committee, Epoch};

use super::backend::RootReading;
use super::view::{
    AddressText, DutyView, DutyWhen, ElectionView, GroupView, HandoverView, MemberView, NextView,
    SeedView, SeedsView, StakerView, TermStage, TermView, U64, ValidatorList, ValidatorRow,
    ValidatorView,
};

/// Stakers on a page.
const PAGE: usize = 64;
/// Seeds that are told at once.
const SEEDS: usize = 16;
/// Keys of the beacon that are told.
const GROUPS: u64 = 4;

impl RootReading {
    /// An account's address in the network.
    pub(super) fn address(&self, account: AccountId) -> AddressText {
        Address::new(&self.network, account).into()
    }

    fn root_epoch(&self) -> u64 {
        self.staking.epoch(self.height)
    }

    fn tickets(&self, staker: &Staker) -> u64 {
        staker.tickets(self.root_epoch(), &self.staking)
    }

    fn stage(&self, staker: &Staker) -> String {
        staker.stage(self.height, &self.staking).to_string()
    }

    /// The term that a chain is in; 0 when first committees serve forever.
    fn epoch(&self, chain: ChainId) -> Epoch {
        elections::term(&self.state, chain).map_or(0, |term| term.epoch)
    }

    fn staker(&self, staker: &Staker) -> StakerView {
        let jailed = staker.jailed_until;
        StakerView {
            stage: self.stage(staker),
            stake: staker.stake,
            tickets: U64(self.tickets(staker)),
            rewards: staker.rewards,
            jailed_until: (jailed > self.root_epoch()).then_some(U64(jailed)),
            tombstoned: staker.tombstoned,
            quit_at: staker.leaving.map(|leaving| U64(leaving.height)),
            free_at: staker.free_at(&self.staking).map(U64),
            node: staker.node.to_string(),
            key: hex::encode(staker.key),
        }
    }

    /// Chains with committees: those with terms, or those that have anchors and the root.
    fn chains(&self) -> Vec<ChainId> {
        let of_terms = elections::chains(&self.state);
        if !of_terms.is_empty() {
            return of_terms;
        }
        let anchored = root_chain::records(&self.state);
        let anchored = anchored.into_iter().map(|record| record.tip.chain);
        std::iter::once(ChainId::ROOT).chain(anchored).collect()
    }

    fn duties(&self, id: AccountId) -> Vec<DutyView> {
        let chains = self.chains().into_iter();
        chains.flat_map(|chain| self.duties_of(id, chain)).collect()
    }

    fn duties_of(&self, id: AccountId, chain: ChainId) -> Vec<DutyView> {
        let term = elections::term(&self.state, chain);
        let epoch = self.epoch(chain);
        let successor = term.as_ref().and_then(|term| term.successor());
        let until = term.as_ref().map(|term| U64(term.end));
        let now = self.duty(id, chain, epoch).map(|(_, seats, of)| DutyView {
            chain,
            epoch: U64(epoch),
            when: DutyWhen::Now,
            seats,
            of,
            ready: true,
            until,
            handover: None,
        });
        let next = successor.and_then(|successor| {
            let (member, seats, of) = self.duty(id, chain, epoch + 1)?;
            Some(DutyView {
                chain,
                epoch: U64(epoch + 1),
                when: DutyWhen::Next,
                seats,
                of,
                ready: successor.ready.contains(member),
                until: None,
                handover: self.handover(chain, epoch + 1, successor),
            })
        });
        now.into_iter().chain(next).collect()
    }

    fn handover(
        &self,
        chain: ChainId,
        epoch: Epoch,
        successor: &elections::Successor,
    ) -> Option<HandoverView> {
        let committee = committees::committee(&self.state, chain, epoch)?;
        Some(HandoverView {
            ready: count(committee.seats_of(&successor.ready)),
            quorum: count(committee.thresholds().quorum),
            told: successor.told.is_some(),
        })
    }

    /// A staker's member number, seats and all seats in a committee. Decodes the committee's keys
    /// only when the staker is in it.
    fn duty(&self, id: AccountId, chain: ChainId, epoch: Epoch) -> Option<(usize, u32, u32)> {
        let holders = committees::holders(&self.state, chain, epoch)?;
        let member = holders.iter().position(|holder| *holder == Some(id))?;
        let committee = committees::committee(&self.state, chain, epoch)?;
        let seats = committee.members.get(member)?.seats;
        Some((member, seats, all_seats(&committee)))
    }

    fn members(&self, committee: &Committee) -> Vec<MemberView> {
        let holders = committees::holders(&self.state, committee.chain, committee.epoch);
        let holders = holders.unwrap_or_default().into_iter();
        let holders = holders.chain(std::iter::repeat(None));
        let members = committee.members.iter().zip(holders);
        members
            .map(|(member, holder)| MemberView {
                node: member.node.to_string(),
                seats: member.seats,
                staker: holder.map(|id| self.address(id)),
            })
            .collect()
    }
}

fn all_seats(committee: &Committee) -> u32 {
    count(committee.thresholds().seats)
}

fn count(seats: u64) -> u32 {
    u32::try_from(seats).unwrap_or(u32::MAX)
}

impl ValidatorView {
    /// An account as a staker.
    pub(super) fn of(root: &RootReading, id: AccountId) -> Self {
        let staker = staking::staker(&root.state, &id);
        let snapshot = Snapshot::at(&root.state, root.root_epoch(), &root.staking);
        Self {
            address: root.address(id),
            staker: staker.map(|staker| root.staker(&staker)),
            duties: root.duties(id),
            root_height: U64(root.height),
            root_epoch: U64(root.root_epoch()),
            ticket: root.staking.ticket,
            all_tickets: U64(snapshot.total),
        }
    }
}

impl ValidatorList {
    /// A page of the stakers.
    pub(super) fn of(root: &RootReading, page: u32) -> Self {
        let ids = staking::staker_ids(&root.state);
        let from = (page as usize).saturating_mul(PAGE);
        let on_page = ids.iter().skip(from).take(PAGE);
        let stakers = on_page.filter_map(|id| staking::staker(&root.state, id));
        let rows = stakers.map(|staker| ValidatorRow {
            address: root.address(staker.id),
            stage: root.stage(&staker),
            stake: staker.stake,
            tickets: U64(root.tickets(&staker)),
            duties: staker.duties,
        });
        Self {
            root_height: U64(root.height),
            total: count(ids.len() as u64),
            pages: count(ids.len().div_ceil(PAGE) as u64),
            validators: rows.collect(),
        }
    }
}

impl TermView {
    /// A chain's term; none of a chain without a committee.
    pub(super) fn of(root: &RootReading, chain: ChainId) -> Option<Self> {
        let epoch = root.epoch(chain);
        let committee = committees::committee(&root.state, chain, epoch)?;
        let term = elections::term(&root.state, chain);
        let lead = match chain.is_root() {
            true => root.terms.root_lead,
            false => root.terms.lead,
        };
        let election = term.as_ref().and_then(|term| term.election());
        let opened = election.map(|election| election.opened);
        let successor = term.as_ref().and_then(|term| term.successor());
        let stage = match (&term, election, successor) {
            (None, ..) => TermStage::Fixed,
            (_, Some(_), _) => TermStage::Electing,
            (.., Some(successor)) if successor.told.is_some() => TermStage::Closing,
            (.., Some(_)) => TermStage::Elected,
            _ => TermStage::Serving,
        };
        let planned = term.as_ref().map(|term| term.end.saturating_sub(lead));
        Some(Self {
            chain,
            epoch: U64(epoch),
            since: U64(term.as_ref().map_or(0, |term| term.since)),
            end: term.as_ref().map(|term| U64(term.end)),
            election_at: opened.or(planned).map(U64),
            stage,
            frozen_at: term
                .as_ref()
                .and_then(|term| Some(U64(term.frozen.as_ref()?.at))),
            seats: all_seats(&committee),
            members: root.members(&committee),
            election: election.map(ElectionView::of),
            next: successor.and_then(|successor| NextView::of(root, chain, epoch + 1, successor)),
        })
    }
}

impl ElectionView {
    fn of(election: &elections::Election) -> Self {
        Self {
            attempt: election.attempt,
            opened: U64(election.opened),
            seed_known: election.seed.map(|known| U64(known.height)),
            candidates: election.candidates,
            tickets: U64(election.total),
        }
    }
}

impl NextView {
    fn of(
        root: &RootReading,
        chain: ChainId,
        epoch: Epoch,
        successor: &elections::Successor,
    ) -> Option<Self> {
        let committee = committees::committee(&root.state, chain, epoch)?;
        Some(Self {
            epoch: U64(epoch),
            elected: U64(successor.elected),
            seats: all_seats(&committee),
            quorum: count(committee.thresholds().quorum),
            ready: count(committee.seats_of(&successor.ready)),
            told: successor.told.map(U64),
            members: root.members(&committee),
        })
    }
}

impl SeedsView {
    /// Seeds that are kept, from a root height down; the newest without one.
    pub(super) fn of(root: &RootReading, from: Option<u64>) -> Self {
        let every = root.beacon_every.max(1);
        let head = beacon::head(&root.state);
        let newest = head.map_or(0, |head| head.height);
        let from = from.unwrap_or(newest).min(newest);
        let newest = beacon::at_or_below(from, every);
        let terms = head.into_iter().flat_map(|head| {
            let terms = (0..GROUPS).map_while(move |back| head.epoch.checked_sub(back));
            terms.collect::<Vec<_>>()
        });
        let groups = terms.filter_map(|epoch| {
            let key = beacon::public_key(&root.state, epoch)?;
            Some(GroupView {
                epoch: U64(epoch),
                key: hex::encode(key),
            })
        });
        let heights = (0..SEEDS as u64).map_while(|at| newest.checked_sub(at * every));
        let seeds = heights.filter_map(|height| {
            let (seed, signature) = beacon::seed(&root.state, height, every)?;
            Some(SeedView {
                height: U64(height),
                seed,
                signature: hex::encode(borsh::to_vec(&signature).unwrap_or_default()),
            })
        });
        Self {
            root_height: U64(root.height),
            every: U64(every),
            seeds: seeds.collect(),
            groups: groups.collect(),
        }
    }
}
