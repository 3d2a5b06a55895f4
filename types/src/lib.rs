//! The words and bytes that every part of Thinkey shares: ids, amounts, messages, blocks,
//! votes, certificates, lanes and anchors.
//!
//! Nothing here decides anything. A type knows its own encoding, its own hash and the checks
//! that need no state, such as "is this certificate signed by enough seats of that committee".
//!
//! ```text
//! ExternalMessage ─┐                       ┌─ Receipt
//! Import ──────────┼─ Body ── Block ── Header ── Certificate ── Finality
//! Anchor ──────────┘           │              (votes of a Committee)
//!                              └─ Bundle ── RelayMessage   (leaves for another chain)
//! ```
//!
//! # Rules
//!
//! * **[Y1]** Everything hashed, signed or sent is borsh: one encoding per value, trailing bytes
//!   refused. JSON and TOML forms are for people and never hashed.
//! * **[Y2]** Every hash has a domain of its own (see [`domain`]), so bytes made for one purpose
//!   never pass for another.
//! * **[Y3]** A message id never covers a signature: signing again does not make another message.
//! * **[Y4]** Amounts are `u128` with checked arithmetic only; there is no `+` on [`Amount`].
//! * **[Y5]** A signature always covers the network, so nothing can be replayed on another one.
//! * **[Y6]** Lengths that come from outside are capped when decoded; see [`limits`].
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

pub mod address;
pub mod amount;
pub mod anchor;
pub mod blame;
pub mod block;
pub mod bundle;
pub mod certificate;
pub mod code;
pub mod committee;
pub mod declaration;
pub mod domain;
pub mod ids;
pub mod lane;
pub mod limits;
pub mod message;
pub mod order;
pub mod receipt;
pub mod rival;
pub mod routing;
pub mod signers;
pub mod term;
pub mod time;
pub mod vote;

pub use address::{Address, AddressError};
pub use amount::Amount;
pub use anchor::{Anchor, AnchorRecord, RootBlock, Tip};
pub use blame::Blame;
pub use block::{Block, Body, Finality, Header, Justification, RootRef};
pub use bundle::{Bundle, BundleProof, Import};
pub use certificate::{Certificate, CertificateError, CertificateKind, Group};
pub use code::{CodeBytes, Deploy};
pub use committee::{Committee, CommitteeError, Member, Thresholds};
pub use declaration::{Declaration, DeclarationSize};
pub use ids::{AccountId, BlockHash, ChainId, MessageId, NetworkId, NodeId};
pub use lane::{Ack, Lane, Lanes, Ledger};
pub use message::{
    Bounce, ExternalCall, ExternalMessage, FailureCode, Gas, Input, RelayBody, RelayMessage,
};
pub use order::{AccountOrder, Order, Source, Step};
pub use receipt::{Log, Notes, Receipt, Status};
pub use rival::{Apart, Rival};
pub use routing::{Route, RoutingError, RoutingTable};
pub use signers::Signers;
pub use term::{News, Phase};
pub use time::Time;
pub use vote::{Statement, Vote, VoteKind};

/// A height of a chain: genesis is 0, its first block is 1.
pub type Height = u64;
/// A round of a committee's consensus; several rounds may pass without a block.
pub type Round = u64;
/// A committee's term on its chain.
pub type Epoch = u64;
