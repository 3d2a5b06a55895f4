//! What makes chain 0 the root: it records the anchors of all other chains, and the routing table.
//!
//! The root runs the same machine as every chain. What differs is its [`actors::System`],
//! [`RootSystem`], which reads and writes the storage of system accounts before a block's messages
//! run: it records [`Anchors`], takes declarations ([`RootDeclaration`]), and keeps the terms of
//! all committees, whose rules stand in [`elections`].
//!
//! ```text
//!  chain i: final block ── Anchor ──► precheck ──► check (certificates) ──┐
//!                                     (gossip)     (once per node)        ▼
//!  root block h: body.anchors ──► Anchors::record_all ► AnchorRecord per chain, in account 1
//!                                     ▲    ▲                              │
//!     committees, account 4 ──────────┘    └──── RootHistory              ▼
//!  every chain ◄── RootBlock {header, lanes, records} ◄── view::root_block, once h is final
//! ```
//!
//! # Rules
//!
//! * **[R1] Known committee.** An anchor's tip is certified by the committee that the root's state
//!   holds for the term that the chain is in: a confirm and a prepare certificate over the tip's
//!   hash, of its round. The term changes with the recorded closing block, so an anchor never
//!   crosses one.
//! * **[R2] Each height once.** `first` is the last recorded height plus one, so anchors of a chain
//!   neither overlap nor leave a gap, and one covers at most [`types::limits::ANCHOR_RUN`] heights.
//! * **[R3] One history.** The tip's history extends the recorded one, and the recorded tip lies in
//!   it at its height. So by induction every recorded tip is an ancestor of the next.
//! * **[R4] One root.** The root block that a tip cites is on this root's chain, not below the one
//!   cited by the record before, and not above the one that the recording block itself cites as
//!   final. Nodes thus judge it by final blocks only and agree, whatever else they have seen. It
//!   lies at most [`history::ROOT_WINDOW`] below that, so nodes may forget.
//! * **[R5] A chain's own books.** The lanes that come along are those the tip commits to, and
//!   held + exported + burned = minted + imported. Nothing is minted after genesis.
//! * **[R6] Books of two chains.** What a chain says it took from a peer is at most what the
//!   peer says it sent, by count, bytes and value; what it says the peer took is at most what the
//!   peer says it took. The peer's word is its record before the block, or the root's own lanes:
//!   whatever a chain may have taken was root-final before, so it is in there. All anchors of a
//!   block are judged against the same records, so their order has no effect.
//! * **[R7] Nothing moves back**: no height, root reference, lane counter or burned value.
//! * **[R8] A fork stops the chain.** Who shows a certified block of the running term that neither
//!   extends the recorded one nor is extended by it ([`types::Rival`]) freezes the chain; the first
//!   one recorded stays. f + 1 seats or more have lied, and the certificates of both are kept for
//!   whoever brings evidence. A block of a term that is over freezes nothing: the next committee
//!   builds on what was recorded, whatever the old one's keys sign later.
//! * **[R9] All or none.** A block's anchors, at most one a chain and chains ascending, are all
//!   recorded or the block is invalid.
//! * **[R10] Tails.** A closing block may be final by the word of its tails alone: then the anchor
//!   carries them, each the next one's parent and of a lower round, at most
//!   [`types::limits::ANCHOR_TAILS`], and the certificates are over the last. Tails themselves are
//!   never anchored.
//! * **[R11] No early end.** A tip closes its term only if it cites a root block in which all were
//!   told that the next committee is ready.
//! * **[R12] Frozen chains** record nothing until their rescue has ended.
//! * **[R13] Rounds last.** A tip's round is at most [`types::limits::ROUND_STEP`] for each height,
//!   which blocks keep to one by one. The next term counts on from it: whoever captures a committee
//!   can't take the rounds of those that follow.
//!
//! # Safety
//!
//! A captured committee can certify any block, so certificates alone let it mint (Thinkey's root
//! checks no more). By [R5] its books must balance, and the only sums in them that it does not
//! choose are `minted`, fixed since genesis, and `imported`, bounded by [R6] by what others
//! exported. What it exports it must take from what it holds. So it can move or destroy what its
//! own chain holds and nothing else: summed over all chains, held + in flight + burned never
//! exceeds what genesis minted.
//!
//! # Trusting certificates
//!
//! With [`Anchors::trust_certificates`] signatures are not verified and cited root hashes are not
//! looked up. That is for anchors checked before, and for root blocks that are final: the root's
//! committee vouches for both. All else, the books too, is checked always.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

pub mod anchors;
pub mod beacon;
pub mod committees;
pub mod declaration;
pub mod duty;
pub mod elections;
pub mod evidence;
pub mod history;
pub mod keygen;
pub mod routing;
pub mod slashing;
pub mod slots;
pub mod staking;
pub mod system;
#[cfg(test)]
mod testing;
pub mod view;

pub use anchors::{AnchorError, Anchors, Counter, Place, record, recorded_height, records};
pub use beacon::{ThresholdBeacon, verify_seed};
pub use committees::{CommitteeCache, Committees, CommitteesError, SeatHolders, Seated};
pub use declaration::{RootDeclaration, Seed, Seeds};
pub use elections::ElectionRules;
pub use history::{RootHistory, SharedHistory};
pub use keygen::{Keygen, KeygenRules};
pub use system::{DeclarationError, RootSystem};
pub use view::{ViewError, root_block};

use actors::Account;
use types::{AccountId, Header, Lanes, RoutingTable};

/// The root's system accounts in its first state, given the first blocks of all other chains and
/// the committees of all. Stake comes on top.
pub fn first_accounts<'a>(
    chains: impl IntoIterator<Item = (&'a Header, &'a Lanes)>,
    table: &RoutingTable,
    committees: &Committees,
    rules: &ElectionRules,
) -> Vec<(AccountId, Account)> {
    let elections = elections::first_account(committees.chains(), rules);
    let mut accounts = vec![
        (anchors::account_id(), anchors::first_account(chains)),
        (routing::account_id(), routing::first_account(table)),
        (committees::account_id(), committees.first_account()),
    ];
    accounts.extend(elections.map(|account| (elections::account_id(), account)));
    accounts
}
