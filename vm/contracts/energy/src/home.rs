//! A household: it trades for its owner and tells what its meter saw.

use thinkey_sdk::prelude::*;

use crate::market::MarketHandle;

/// The account.
#[account]
pub struct Home {
    owner: AccountId,
    meter: AccountId,
    market: AccountId,
    trades: Map<u64, Trade>,
}

/// What was traded for a slot.
#[derive(Clone, Default, PartialEq, Eq, Codec)]
#[cfg_attr(test, derive(Debug))]
pub struct Trade {
    /// Kilowatt-hours.
    pub sold: u64,
    /// Kilowatt-hours.
    pub bought: u64,
    /// For each of them.
    pub price: Amount,
}

/// A household of a microgrid.
#[contract]
impl Home {
    /// Begins with who decides, whose readings count, and where to trade.
    #[init]
    fn begin(&mut self, owner: AccountId, meter: AccountId, market: AccountId) {
        self.owner = owner;
        self.meter = meter;
        self.market = market;
    }

    /// Takes value to buy with.
    #[message(payable)]
    fn deposit(&mut self) {}

    /// The owner takes value out.
    #[message]
    fn withdraw(&mut self, amount: Amount) {
        self.check_owner();
        self.owner.pay(amount);
    }

    /// The owner offers energy for a slot, at a least price.
    #[message]
    fn offer(&mut self, slot: u64, kwh: u64, price: Amount) {
        self.check_owner();
        MarketHandle::at(self.market)
            .sell(slot, kwh, price)
            .remember(&slot)
            .send();
    }

    /// The owner wants energy for a slot, at a most price.
    #[message]
    fn want(&mut self, slot: u64, kwh: u64, price: Amount) {
        self.check_owner();
        let value = Amount::from(kwh) * price;
        MarketHandle::at(self.market)
            .buy(slot, kwh, price)
            .value(value)
            .remember(&slot)
            .send();
    }

    /// The market did not take the offer.
    #[bounce(sell)]
    fn not_offered(&mut self, slot: u64) {
        log!("order refused", slot);
    }

    /// The market did not take the bid; its value is back.
    #[bounce(buy)]
    fn not_wanted(&mut self, slot: u64) {
        log!("order refused", slot);
    }

    /// The market matched an order.
    #[message]
    fn matched(&mut self, slot: u64, sold: u64, bought: u64, price: Amount) {
        ensure!(sender() == self.market, "only the market");
        self.trades.update(&slot, |trade| {
            trade.sold += sold;
            trade.bought += bought;
            trade.price = price;
        });
    }

    /// The meter saw so much leave the house in a slot.
    #[message]
    fn reading(&mut self, slot: u64, kwh: u64) {
        ensure!(sender() == self.meter, "only the meter");
        MarketHandle::at(self.market).deliver(slot, kwh).send();
    }

    /// What was traded for a slot.
    #[view]
    fn trade(&self, slot: u64) -> Trade {
        self.trades.get_or_default(&slot)
    }

    fn check_owner(&self) {
        ensure!(sender() == self.owner, "only the owner");
    }
}
