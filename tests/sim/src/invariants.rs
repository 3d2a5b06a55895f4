//! The oracle: what must hold whatever happens, in arithmetic of its own.
//!
//! It never asks the code that it judges: sums, nonces, fees and lanes are computed again from
//! the messages and receipts of final blocks, as plain maps.

pub(crate) mod agreement;
pub(crate) mod anchoring;
pub(crate) mod authenticity;
pub(crate) mod beacon;
pub(crate) mod bounds;
pub(crate) mod durability;
pub(crate) mod honesty;
pub(crate) mod ledger;
pub(crate) mod liveness;
pub(crate) mod once;
mod seating;
mod seen;
mod stakes;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use root_chain::RootDeclaration;
use tx_chain::FinalBlock;
use types::{AccountId, ChainId, Header, Height, News};

pub(crate) use seating::Seating;
pub(crate) use seen::{Contract, Holding, Seen};

use beacon::RootSeen;

use crate::report::Violations;
use crate::setup::Setup;
use crate::wire::Wire;

/// Everything that is watched during a run.
pub(crate) struct Oracle {
    pub(crate) agreement: agreement::Agreement,
    pub(crate) ledger: ledger::Books,
    pub(crate) once: once::Once,
    pub(crate) authenticity: authenticity::Authenticity,
    pub(crate) anchoring: anchoring::Anchoring,
    pub(crate) honesty: honesty::Honesty,
    pub(crate) durability: durability::Durability,
    pub(crate) seating: Seating,
    pub(crate) beacon: beacon::Beacon,
    pub(crate) stakes: stakes::Stakes,
    pub(crate) bad: Violations,
}

impl Oracle {
    pub(crate) fn new(setup: &Setup, traitors: BTreeSet<usize>) -> Self {
        let firsts: Vec<Seen> = setup
            .chain_ids()
            .map(|chain| {
                let first = setup.network.first(chain);
                let first = first.expect("every chain has a first block");
                Seen::first(&first.header, &first.state)
            })
            .collect();
        Self {
            agreement: agreement::Agreement::new(&firsts),
            ledger: ledger::Books::new(&firsts, setup.network.spec().routing.clone()),
            once: once::Once::default(),
            authenticity: authenticity::Authenticity::new(setup.network.spec().routing.clone()),
            anchoring: anchoring::Anchoring::new(&firsts),
            seating: Seating::new(setup, &traitors),
            beacon: beacon::Beacon::new(setup),
            stakes: stakes::Stakes::new(setup, &traitors),
            honesty: honesty::Honesty::new(setup, traitors),
            durability: durability::Durability::default(),
            bad: Violations::default(),
        }
    }

    /// A node says that blocks are final, and will say so after any crash.
    pub(crate) fn reported(&mut self, node: usize, chain: ChainId, lot: &[FinalBlock]) {
        if chain.is_root() {
            for block in lot {
                let height = block.executed.header().height;
                let news = &block.executed.recorded.news;
                if self.seating.learn(height, news) {
                    self.learn(news);
                }
            }
        }
        if self.honesty.is_traitor(node) {
            return;
        }
        for block in lot {
            let header: &Header = block.executed.header();
            self.agreement
                .report(node, header, &block.executed.hash, &mut self.bad);
            self.durability
                .report(node, chain, header.height, &block.executed.hash);
            if chain.is_root() {
                let root = RootSeen {
                    height: header.height,
                    epoch: header.epoch,
                    news: &block.executed.recorded.news,
                    drawn: None,
                };
                self.beacon.reported(node, &root, &mut self.bad);
            }
        }
    }

    fn learn(&mut self, news: &[News]) {
        for told in news {
            if let News::Rescued { committee, base } = told {
                self.agreement.rescued(committee.epoch, base);
            }
        }
    }

    /// Something leaves an honest node, which has the root final up to `known`.
    pub(crate) fn sent(&mut self, node: usize, wire: &Wire, known: Height) {
        let bad = &mut self.bad;
        self.honesty.sent(node, wire, bad);
        match wire {
            Wire::Shares { shares, .. } => self.beacon.released(node, shares, known, bad),
            Wire::Declaration(declaration) => match RootDeclaration::decode(declaration) {
                Ok(RootDeclaration::Seeds(seeds)) => {
                    let said = (seeds.first, &seeds.signatures[..]);
                    self.beacon.declared(node, said, known, bad);
                }
                Ok(RootDeclaration::Elected(elected)) => self.honesty.elected(&elected, bad),
                _ => {}
            },
            _ => {}
        }
    }

    /// The observer made a block final that it had not before.
    pub(crate) fn see(&mut self, seen: &Arc<Seen>) {
        self.ledger.see(seen, &mut self.bad);
        self.once.see(seen, &mut self.bad);
        self.authenticity.see(seen, &mut self.bad);
        self.anchoring.see(seen, &mut self.bad);
        if seen.chain.is_root() {
            self.see_root(seen);
        }
    }

    fn see_root(&mut self, seen: &Seen) {
        let root = RootSeen {
            height: seen.height,
            epoch: seen.header.epoch,
            news: &seen.news,
            drawn: seen.drawn,
        };
        let kept = |height| seen.seeds.get(&height).copied();
        self.beacon.see(&root, seen.group, kept, &mut self.bad);
        let account = AccountId::system(ChainId::ROOT, 3);
        let holding = seen.holdings.get(&account).copied().unwrap_or_default();
        let (place, told) = (seen.place(), (&seen.news[..], &self.seating));
        self.stakes.see(
            &place,
            &seen.stakers,
            holding.spendable,
            told,
            &mut self.bad,
        );
    }

    /// What was seen that a run wants to have seen.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        let all = [
            ("seed of the beacon", self.beacon.count()),
            ("beacon lost", self.beacon.lost()),
            ("absent from a rescue", self.stakes.absent()),
            ("convicted", self.stakes.convicted()),
            ("staker joined", self.stakes.came_and_went().0),
            ("staker quit", self.stakes.came_and_went().1),
            ("newcomer seated", self.seating.newcomers()),
        ];
        let seen = all.into_iter().filter(|(_, count)| *count > 0);
        seen.map(|(name, count)| (name, count as u64))
    }

    /// Nothing will happen any more; `settled` says whether all came to rest.
    pub(crate) fn end(&mut self, settled: bool) {
        self.authenticity.end(settled, &mut self.bad);
        self.anchoring.end(&mut self.bad);
        if settled {
            self.ledger.end(&mut self.bad);
        }
    }
}
