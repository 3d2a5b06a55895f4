//! Counts the results of auctions and decides who won.

use thinkey_sdk::prelude::*;

use crate::{AuctioneerHandle, Bid, CollectorHandle};

/// Gas to tell somebody what was decided.
const TELL: u64 = 400_000;

/// The account.
#[account]
pub struct Recorder {
    founder: AccountId,
    collector: AccountId,
    results: Map<(u64, AccountId), Result>,
    sales: Map<u64, Sale>,
}

/// How one Auctioneer's auction ended.
#[derive(Codec)]
struct Result {
    best: Option<Bid>,
}

/// A sale that the Collector closed.
#[derive(Codec)]
struct Sale {
    seller: AccountId,
    houses: Vec<AccountId>,
    verdict: Option<Verdict>,
}

/// What was decided.
#[derive(Clone, Codec)]
struct Verdict {
    /// Whose best bid won, and the bid; none if there were no bids.
    winner: Option<Win>,
}

/// A bid that won.
#[derive(Clone, Codec)]
struct Win {
    house: AccountId,
    bid: Bid,
}

/// Records the results of auctions.
#[contract]
impl Recorder {
    /// Begins with whoever names the Collector.
    #[init]
    fn begin(&mut self, founder: AccountId) {
        self.founder = founder;
    }

    /// The founder names the Collector, once.
    #[message]
    fn set_collector(&mut self, collector: AccountId) {
        ensure!(
            sender() == self.founder && self.collector.is_nobody(),
            "named once"
        );
        self.collector = collector;
    }

    /// An Auctioneer tells how its auction ended. The first word counts, and only that of those
    /// that the Collector named, so that nobody else fills the account's storage.
    #[message]
    fn result(&mut self, sale: u64, best: Option<Bid>) {
        let known = self.sales.get(&sale);
        let known = known.is_some_and(|sale| sale.houses.contains(&sender()));
        ensure!(known, "not closed, or not yours");
        let key = (sale, sender());
        if !self.results.contains(&key) {
            self.results.insert(&key, &Result { best });
        }
        // Once decided, the verdict is told again, and the result is forgotten.
        self.try_to_decide(sale);
    }

    /// The Collector closed a sale that these Auctioneers hold.
    #[message]
    fn decide(&mut self, sale: u64, seller: AccountId, houses: Vec<AccountId>) {
        ensure!(sender() == self.collector, "only the collector");
        if !self.sales.contains(&sale) {
            let gas = share(houses.len()).min(TELL * (houses.len() as u64 + 4));
            for &house in &houses {
                AuctioneerHandle::at(house).finish(sale).gas(gas).send();
            }
            self.sales.insert(
                &sale,
                &Sale {
                    seller,
                    houses,
                    verdict: None,
                },
            );
        }
        self.try_to_decide(sale);
    }

    /// Anybody: tells all sides again what was decided. [A3]
    #[message]
    fn repeat(&mut self, sale: u64) {
        self.try_to_decide(sale);
    }

    /// Who won a sale; none while it is not decided, or if nobody did.
    #[view]
    fn winner(&self, sale: u64) -> Option<Bid> {
        let verdict = self.sales.get(&sale)?.verdict?;
        Some(verdict.winner?.bid)
    }

    /// [A1] Decides when all results are there; tells what was decided again and again. [A3]
    fn try_to_decide(&mut self, number: u64) {
        let Some(mut sale) = self.sales.get(&number) else {
            return;
        };
        if sale.verdict.is_none() {
            let Some(verdict) = self.verdict(number, &sale) else {
                return;
            };
            sale.verdict = Some(verdict);
            self.sales.insert(&number, &sale);
        }
        self.tell(number, &sale);
    }

    /// The highest bid of all, among equals the first; none while a result is missing.
    fn verdict(&self, number: u64, sale: &Sale) -> Option<Verdict> {
        let mut winner: Option<Win> = None;
        for &house in &sale.houses {
            let result = self.results.get(&(number, house))?;
            if let Some(bid) = result.best
                && winner.as_ref().is_none_or(|win| bid.price > win.bid.price)
            {
                winner = Some(Win { house, bid });
            }
        }
        Some(Verdict { winner })
    }

    fn tell(&mut self, number: u64, sale: &Sale) {
        let Some(Verdict { winner }) = &sale.verdict else {
            return;
        };
        let gas = share(sale.houses.len() + 1).min(TELL);
        for &house in &sale.houses {
            self.results.remove(&(number, house));
            let won = winner.as_ref().is_some_and(|win| win.house == house);
            AuctioneerHandle::at(house)
                .settle(number, sale.seller, won)
                .gas(gas)
                .send();
        }
        let bid = winner.as_ref().map(|win| win.bid.clone());
        CollectorHandle::at(self.collector)
            .decided(number, bid)
            .gas(gas)
            .send();
    }
}
