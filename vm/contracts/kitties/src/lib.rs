//! The paper's CryptoKitties (section 5.5): auctions that run on as many chains as one likes.
//!
//! ```text
//!  seller ─ sell ─▶ Collector ◀── request ── Auctioneers, each on a chain of its own
//!                     │   ▲  └──── lot ─────▶    ▲ bids, with their value
//!           1. decide │   │ 4. decided           │
//!                     ▼   │                      │
//!                    Recorder ── 2. finish ────▶ │
//!                        ▲─────── 3. result ─────┘
//!                        └─────── 4. settle ─────▶ pays the seller, or back to the bidder
//! ```
//!
//! A kitty that everybody wants is not one account that everybody waits for: its auction is held
//! by several Auctioneers at once, and a bidder goes to any of them.
//!
//! # Rules
//!
//! * **\[A1\] One winner.** The Collector fixes who holds the auction when it closes, and tells
//!   the Recorder. The Recorder decides once, when it has the result of each of them: the highest
//!   bid wins, among equals the one of the Auctioneer that asked for the kitty first.
//! * **\[A2\] Losers are refunded.** An Auctioneer keeps the value of its highest bid only; who is
//!   outbid has his value back at once. Of the highest bids the winner's goes to the seller, and
//!   the others go back.
//! * **\[A3\] Whoever cares, pushes.** Nothing happens by itself: `close`, `finish` and `repeat`
//!   may be called by everybody, any number of times; an auction ends though messages were lost
//!   on the way, since what bounces is sent again, and what arrives twice counts once.
//! * **\[A4\] Whom to trust.** An Auctioneer holds value and reports prices, so the founder names
//!   those that the Collector deals with.
//! * **\[A5\] Sales are paid for.** The Recorder keeps each sale for good, since a verdict may have
//!   to be told again: its seller pays what that locks at most, and the Recorder gets it before the
//!   sale. Else whoever has a kitty could use up what it can store, sale by sale. All else is freed
//!   when a sale is decided; a kitty has one at a time, and kitties are the founder's to make.
#![cfg_attr(target_family = "wasm", no_std)]

mod auctioneer;
mod collector;
mod recorder;
#[cfg(test)]
mod tests;

pub use auctioneer::{Auctioneer, AuctioneerHandle};
pub use collector::{Collector, CollectorHandle};
pub use recorder::{Recorder, RecorderHandle};
use thinkey_sdk::prelude::*;

/// Auctioneers that may hold one auction.
const HOUSES: usize = 8;
/// Bytes of what the Recorder keeps of a sale at most, besides its Auctioneers: seller, length and
/// verdict.
const RECORD: usize = 32 + 4 + 82;

/// What a sale costs that so many Auctioneers may hold. [A5]
const fn price(houses: u8) -> Amount {
    slot_deposit(RECORD + 32 * houses as usize)
}

/// What an Auctioneer gets to auction.
#[derive(Clone, Default, PartialEq, Eq, Codec)]
#[cfg_attr(test, derive(Debug))]
pub struct Lot {
    /// Number of the sale; a kitty may be sold more than once.
    pub sale: u64,
    /// The kitty.
    pub kitty: u64,
    /// The least price.
    pub floor: Amount,
    /// The root height from which on there are no more bids.
    pub closes: u64,
}

/// What somebody pays.
#[derive(Clone, PartialEq, Eq, Codec)]
#[cfg_attr(test, derive(Debug))]
pub struct Bid {
    /// Who.
    pub bidder: AccountId,
    /// How much.
    pub price: Amount,
}
