//! An energy market for a microgrid: neighbours sell each other what their roofs make.
//!
//! ```text
//!  Home (chain 1) ── sell 5 kWh ──────▶ Market of the grid ◀── buy 3 kWh + value ── Home (chain 2)
//!       │                                 │ clear: one price for a slot
//!       ◀───────────── matched ───────────┴─────────── matched, change ──────▶
//!  meter ─ reading ─▶ Home ── deliver ──▶ │
//!       ◀────────── pay ──────────────────┴── settle: what was not delivered ─▶
//! ```
//!
//! A household is a [`Home`] on whatever chain it likes; a microgrid is a [`Market`]. Time is cut
//! into slots of so many root heights, the clock that all chains have in common.
//!
//! # Rules
//!
//! * **\[E1\] Phases.** Orders for slot `s` are taken before it begins. Then anybody clears it.
//!   Deliveries are reported in the slot after `s`. When that ends, or all have reported, anybody
//!   settles it.
//! * **\[E2\] One price.** The cheapest offers meet the highest bids as long as they agree; all pay
//!   the price of the dearest offer that was taken. Nobody sells below or buys above what he said;
//!   equal orders are served by age.
//! * **\[E3\] Paid when delivered.** A bid brings its value along. At clearing, what exceeds the
//!   price goes back. At settlement sellers get the price of what they delivered, at most what they
//!   sold; the rest goes back to the buyers by their shares.
//! * **\[E4\] Nothing stays.** After settlement the market holds nothing of the slot.
//! * **\[E5\] Whom to trust.** A Home tells the market what its meter told it, and orders are kept
//!   on the market's own deposit; so the grid names those Homes that it admits.
#![cfg_attr(target_family = "wasm", no_std)]

mod book;
mod home;
mod market;
#[cfg(test)]
mod tests;

pub use book::Order;
pub use home::{Home, HomeHandle};
pub use market::{Market, MarketHandle, Slot};
