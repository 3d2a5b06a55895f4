//! The market of a microgrid.

use thinkey_sdk::prelude::*;

use crate::book::{Order, meet};
use crate::home::HomeHandle;

/// Offers, and bids, of one slot.
const ORDERS: usize = 32;
/// Gas to tell a Home what was matched.
const MATCHED: u64 = 300_000;
/// The most energy of one order: sums over all orders of a slot can't overflow.
const MOST_KWH: u64 = 1 << 32;
/// Slots that orders may be ahead.
const AHEAD: u64 = 1_000;

/// The account.
#[account]
pub struct Market {
    /// Who admits Homes.
    grid: AccountId,
    /// Root heights of a slot.
    length: u64,
    homes: Map<AccountId, bool>,
    slots: Map<u64, Slot>,
}

/// A slot that is not settled.
#[derive(Clone, Default, PartialEq, Eq, Codec)]
#[cfg_attr(test, derive(Debug))]
pub struct Slot {
    /// Offers, oldest first.
    pub offers: Vec<Order>,
    /// Bids, oldest first.
    pub bids: Vec<Order>,
    /// The price for all, when it is cleared.
    pub price: Option<Amount>,
    /// What each offer delivered, as far as it was reported.
    pub delivered: Vec<Option<u64>>,
}

/// A market for energy.
#[contract]
impl Market {
    /// Begins with who admits Homes, and the root heights of a slot.
    #[init]
    fn begin(&mut self, grid: AccountId, length: u64) {
        ensure!(length > 0, "a slot has a length");
        self.grid = grid;
        self.length = length;
    }

    /// The grid admits a Home, or strikes it off.
    #[message]
    fn admit(&mut self, home: AccountId, admitted: bool) {
        ensure!(sender() == self.grid, "only the grid");
        self.homes.update(&home, |is| *is = admitted);
    }

    /// A Home offers energy.
    #[message]
    fn sell(&mut self, number: u64, kwh: u64, price: Amount) {
        let mut slot = self.open(number, kwh);
        ensure!(slot.offers.len() < ORDERS, "too many offers");
        slot.offers.push(Order::new(sender(), kwh, price));
        self.slots.insert(&number, &slot);
    }

    /// A Home bids for energy; the value of it all comes along.
    #[message(payable)]
    fn buy(&mut self, number: u64, kwh: u64, price: Amount) {
        let mut slot = self.open(number, kwh);
        ensure!(slot.bids.len() < ORDERS, "too many bids");
        ensure!(
            value() == Amount::from(kwh) * price,
            "the value is energy times price"
        );
        slot.bids.push(Order::new(sender(), kwh, price));
        self.slots.insert(&number, &slot);
    }

    /// Anybody: clears a slot that has begun. [E2]
    #[message]
    fn clear(&mut self, number: u64) {
        let mut slot = self.slot(number);
        ensure!(
            root_height() >= number * self.length,
            "orders are still taken"
        );
        ensure!(slot.price.is_none(), "cleared already");
        let price = meet(&mut slot.offers, &mut slot.bids);
        for bid in &slot.bids {
            let paid = Amount::from(bid.kwh) * bid.price;
            let due = Amount::from(bid.matched) * price.unwrap_or(0);
            bid.by.pay(paid - due);
        }
        let Some(price) = price else {
            log!("nothing matched", number);
            self.slots.remove(&number);
            return;
        };
        slot.price = Some(price);
        slot.offers.retain(|offer| offer.matched > 0);
        slot.bids.retain(|bid| bid.matched > 0);
        slot.delivered = slot.offers.iter().map(|_| None).collect();
        let gas = share(slot.offers.len() + slot.bids.len()).min(MATCHED);
        for offer in &slot.offers {
            HomeHandle::at(offer.by)
                .matched(number, offer.matched, 0, price)
                .gas(gas)
                .send();
        }
        for bid in &slot.bids {
            HomeHandle::at(bid.by)
                .matched(number, 0, bid.matched, price)
                .gas(gas)
                .send();
        }
        log!("cleared", number, price);
        self.slots.insert(&number, &slot);
    }

    /// A Home reports what it delivered in a slot, all its offers together; the first word counts.
    #[message]
    fn deliver(&mut self, number: u64, kwh: u64) {
        let mut slot = self.slot(number);
        ensure!(slot.price.is_some(), "not cleared");
        let begun = root_height() >= (number + 1) * self.length;
        ensure!(
            begun && !self.is_over(number),
            "reported in the slot after it"
        );
        let mut left = kwh;
        let mut found = false;
        for (offer, delivered) in slot.offers.iter().zip(&mut slot.delivered) {
            if offer.by == sender() && delivered.is_none() {
                let part = left.min(offer.matched);
                left -= part;
                *delivered = Some(part);
                found = true;
            }
        }
        ensure!(found, "nothing to report");
        self.slots.insert(&number, &slot);
    }

    /// Anybody: settles a slot that all have reported on, or whose time is over. [E3] [E4]
    #[message]
    fn settle(&mut self, number: u64) {
        let slot = self.slot(number);
        let Some(price) = slot.price else {
            abort("not cleared");
        };
        let complete = slot.delivered.iter().all(Option::is_some);
        ensure!(complete || self.is_over(number), "some may still report");
        self.slots.remove(&number);
        let mut missing = 0;
        for (offer, delivered) in slot.offers.iter().zip(&slot.delivered) {
            let delivered = delivered.unwrap_or(0);
            missing += offer.matched - delivered;
            offer.by.pay(Amount::from(delivered) * price);
        }
        give_back(&slot.bids, Amount::from(missing) * price);
        log!("settled", number, price, missing);
    }

    /// A slot that is not settled.
    #[view]
    fn orders(&self, number: u64) -> Option<Slot> {
        self.slots.get(&number)
    }

    fn is_over(&self, number: u64) -> bool {
        root_height() >= (number + 2) * self.length
    }

    /// [E1] A slot that takes orders of the sender.
    fn open(&self, number: u64, kwh: u64) -> Slot {
        ensure!(self.homes.contains(&sender()), "not admitted");
        ensure!(
            (1..=MOST_KWH).contains(&kwh),
            "an order is for 1 to 2^32 kWh"
        );
        let now = root_height() / self.length;
        ensure!(
            number > now && number <= now + AHEAD,
            "no orders for this slot"
        );
        self.slots.get_or_default(&number)
    }

    fn slot(&self, number: u64) -> Slot {
        self.slots
            .get(&number)
            .unwrap_or_else(|| abort("no such slot"))
    }
}

/// Shares an amount among the bids by what they got. Each share is cut; what that leaves is the
/// last one's, so that all is given.
fn give_back(bids: &[Order], amount: Amount) {
    let all: u64 = bids.iter().map(|bid| bid.matched).sum();
    let mut left = amount;
    for (at, bid) in bids.iter().enumerate() {
        let last = at + 1 == bids.len();
        let share = if last {
            left
        } else {
            amount * Amount::from(bid.matched) / Amount::from(all)
        };
        left -= share;
        bid.by.pay(share);
    }
}
