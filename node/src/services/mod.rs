//! The shells around the cores: actors, the network's bridge, admission of messages.
//!
//! ```text
//!            gossip, requests                           RPC
//!                  │                                     │
//!              network ──▶ admission (signatures) ◀──────┤
//!                  │             │                       │
//!          desk (questions)      │                       │
//!                  ▼             ▼                       ▼
//!              chain (root) ─▶ chain 1 … (one actor each) ─▶ index
//!                  │   RootFinal     │
//!                  └────────▶────────┘
//! ```
//!
//! Cores are plain structs; a shell runs their effects and holds narrow ports to its neighbours.
//! Every queue is bounded and each message says what happens when it is full.

#![allow(
    clippy::disallowed_methods,
    reason = "tasks here end when the node drops their channels"
)]

pub mod admission;
pub mod backend;
pub mod chain;
pub mod clock;
pub mod courier;
pub mod desk;
pub mod duty;
pub mod indexing;
pub mod metrics;
pub mod network;
pub mod node;
pub mod staker;
pub mod vault;
