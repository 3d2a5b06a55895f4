//! The `thinkey` binary as a library: the shell around the pure cores.
//!
//! ```text
//!  people, scripts ─ cli ─┬─ wallet ── keystore      keys stay here
//!                         ├─ client ═══ HTTP, WebSocket ═══ rpc ── Backend ── services
//!                         └─ light     (proofs and checkpoints; no node needed)
//!
//!  node.toml ─ config ── single, devnet ── services ─┬─ chain, courier, network
//!                                                    └─ duty, vault, staker   what stakes
//!  cli ─ evidence ─ services                         files of what a node proved
//! ```
//!
//! Only here are clocks, sockets, threads and files used; see the crates below for what a node
//! decides.

pub mod abi;
pub mod bench;
pub mod cli;
pub mod client;
pub mod config;
pub mod devnet;
pub mod evidence;
pub mod exit;
pub mod gateway;
pub mod index;
pub mod keystore;
pub mod rpc;
pub mod runtime;
pub mod services;
pub mod simulate;
pub mod single;
pub mod wallet;
