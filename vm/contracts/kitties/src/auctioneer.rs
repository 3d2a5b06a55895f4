//! Holds auctions, on a chain of its own.

use thinkey_sdk::prelude::*;

use crate::{Bid, CollectorHandle, Lot, RecorderHandle};

/// The account.
#[account]
pub struct Auctioneer {
    collector: AccountId,
    recorder: AccountId,
    auctions: Map<u64, Auction>,
}

/// An auction that is not settled.
#[derive(Codec)]
struct Auction {
    lot: Lot,
    best: Option<Bid>,
}

/// Auctions kitties.
#[contract]
impl Auctioneer {
    /// Begins with those that it works for.
    #[init]
    fn begin(&mut self, collector: AccountId, recorder: AccountId) {
        self.collector = collector;
        self.recorder = recorder;
    }

    /// Anybody: asks the Collector for the kitty of a sale.
    #[message]
    fn fetch(&mut self, sale: u64) {
        CollectorHandle::at(self.collector)
            .request(sale)
            .reply()
            .send();
    }

    /// The Collector hands it over.
    #[reply(request)]
    fn got(&mut self, lot: Lot) {
        if !self.auctions.contains(&lot.sale) {
            log!("auction", lot.sale, lot.kitty);
            self.auctions.insert(
                &lot.sale,
                &Auction {
                    lot: lot.clone(),
                    best: None,
                },
            );
        }
    }

    /// Somebody bids the value that comes along. [A2]
    #[message(payable)]
    fn bid(&mut self, sale: u64) {
        let mut auction = self.auction(sale);
        ensure!(root_height() < auction.lot.closes, "closed");
        ensure!(
            value() > 0 && value() >= auction.lot.floor,
            "below the floor"
        );
        if let Some(best) = &auction.best {
            ensure!(value() > best.price, "not more than the best bid");
            best.bidder.pay(best.price);
        }
        auction.best = Some(Bid {
            bidder: sender(),
            price: value(),
        });
        self.auctions.insert(&sale, &auction);
        log!("bid", sale, sender(), value());
    }

    /// Anybody: tells the Recorder how an auction ended. May be repeated. [A3]
    #[message]
    fn finish(&mut self, sale: u64) {
        let auction = self.auction(sale);
        ensure!(root_height() >= auction.lot.closes, "still open");
        RecorderHandle::at(self.recorder)
            .result(sale, auction.best)
            .gas(share(1))
            .send();
    }

    /// The Recorder says whether the best bid of this auction won.
    #[message]
    fn settle(&mut self, sale: u64, seller: AccountId, won: bool) {
        ensure!(sender() == self.recorder, "only the recorder");
        // [A3] A verdict may arrive again.
        let Some(auction) = self.auctions.take(&sale) else {
            return;
        };
        if let Some(best) = auction.best {
            let to = if won { seller } else { best.bidder };
            to.pay(best.price);
            log!("settled", sale, to, best.price);
        }
    }

    /// The best bid of an auction.
    #[view]
    fn best(&self, sale: u64) -> Option<Bid> {
        self.auctions.get(&sale).and_then(|auction| auction.best)
    }

    fn auction(&self, sale: u64) -> Auction {
        self.auctions
            .get(&sale)
            .unwrap_or_else(|| abort("no such auction"))
    }
}
