//! The orders of a slot, and how they meet.

use thinkey_sdk::prelude::*;

/// An offer or a bid.
#[derive(Clone, PartialEq, Eq, Codec)]
#[cfg_attr(test, derive(Debug))]
pub struct Order {
    /// Whose.
    pub by: AccountId,
    /// Energy.
    pub kwh: u64,
    /// The least or the most for a kilowatt-hour.
    pub price: Amount,
    /// How much of it was matched.
    pub matched: u64,
}

impl Order {
    /// An order of which nothing is matched.
    pub const fn new(by: AccountId, kwh: u64, price: Amount) -> Self {
        Self {
            by,
            kwh,
            price,
            matched: 0,
        }
    }

    const fn left(&self) -> u64 {
        self.kwh - self.matched
    }
}

/// [E2] Matches offers and bids; the price for all, if anything was matched.
pub(crate) fn meet(offers: &mut [Order], bids: &mut [Order]) -> Option<Amount> {
    let mut price = None;
    loop {
        let offer = best(offers, |one, other| one < other);
        let bid = best(bids, |one, other| one > other);
        let (Some(offer), Some(bid)) = (offer, bid) else {
            return price;
        };
        if offer.price > bid.price {
            return price;
        }
        let kwh = offer.left().min(bid.left());
        offer.matched += kwh;
        bid.matched += kwh;
        price = Some(offer.price);
    }
}

/// The first of the best orders that have something left.
fn best(orders: &mut [Order], better: fn(Amount, Amount) -> bool) -> Option<&mut Order> {
    let open = orders.iter_mut().filter(|order| order.left() > 0);
    open.reduce(|best, order| {
        if better(order.price, best.price) {
            order
        } else {
            best
        }
    })
}
