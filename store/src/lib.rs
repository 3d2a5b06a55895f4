//! What a node keeps on disk and in memory, and what of it survives which accident.
//!
//! ```text
//!              executed block                                  vote to be sent
//!       ┌────────────┴──────────────┐                                 │
//!       ▼ block bytes               ▼ changed keys                    ▼
//!  ┌──────────┐  fsync per    ┌────────────┐                    ┌──────────┐ fsync, then
//!  │ BlockLog │  block        │ StateTree  │ root, proofs       │ VoteLog  │ it may leave
//!  └──────────┘               └────────────┘                    └──────────┘
//!       ▲ replay from the           │ changes since the               ▲ never older than
//!       │ checkpoint's offset       ▼ last checkpoint                 │ the key's use
//!       │                     ┌────────────┐                    ┌──────────┐
//!       └─────────────────────│     Db     │ lazy, in batches   │  KeyUse  │ next to the key
//!                             └────────────┘                    └──────────┘
//!       all inside one DataDir, which belongs to one network and one running node
//! ```
//!
//! | what | durable when | if it is lost |
//! |---|---|---|
//! | [`VoteLog`]: what a key signed | before a vote leaves | the key must not sign again |
//! | [`BlockLog`]: blocks | once per block, before their effects leave | fetched from peers |
//! | [`Db`]: checkpoint of state, indexes | now and then | replayed from the block log |
//! | [`StateTree`]: state with its root | never, it is memory | loaded from the checkpoint |
//!
//! # Rules
//!
//! * **\[S1\] Durable means synced.** A byte counts once an fsync of it returned. A failed fsync is
//!   final: logs and databases refuse everything after, as a second one may succeed without the
//!   data (\[B3\], \[W4\], \[D4\], \[F3\]; Rebello et al., "Can Applications Recover from fsync
//!   Failures?", USENIX ATC 2020).
//! * **\[S2\] Torn is not damaged.** A crash may tear what was not synced: that is cut off
//!   silently. Bytes that were synced and are wrong are an error that names the place and says what
//!   to do, and nothing is cut (\[L2\]).
//! * **\[S3\] A key never signs what it can't remember.** A vote log that is missing, or older than
//!   the use of its key, is refused (\[W3\]).
//! * **\[S4\] One content, one root.** The state root follows from keys and values alone, not from
//!   the order or grouping of changes, nor from the number of threads (\[T1\], \[T3\]).
//! * **\[S5\] A checkpoint vouches for nothing.** It carries its state root and log offset in the
//!   batch with its data; whoever loads it checks the one and replays from the other (\[D1\],
//!   \[D5\]).
//! * **\[S6\] Determinism.** All but the backends on files ([`FsDir`], [`SledDb`], [`RedbDb`],
//!   [`DataDir`]) is a function of its calls: [`SimDisk`] and [`FaultyDb`] fail and crash as the
//!   caller says, from the caller's seeds.
//!
//! Why after any crash the node is as it was: let the newest checkpoint that survived name offset
//! `c`, and the log end at `e` after cutting. Batches survive in order \[D2\], so the checkpoint is
//! whole; it was made from blocks that were durable in the log before, so `c ≤ e` (\[B2\], checked
//! at opening through [`BlockLogConfig::durable`]). Replaying `c..e` gives the state after the last
//! durable block, and nothing that depends on a later block has left the node \[S1\].
//!
//! # Bytes
//!
//! Each format stands, byte for byte, at the top of its module, and tests pin it: records of both
//! logs in `frame`, segments in [`block_log`], votes and the mark of a key in [`vote_log`], the
//! identity file in [`data_dir`], nodes in [`state_tree`], proofs at [`StateProof`]. The files of
//! [`SledDb`] and [`RedbDb`] are those of their libraries, with the keys that their modules name.
//!
//! # Known limits
//!
//! * Damage to the very last synced record looks like a torn tail to \[L2\] alone. For votes
//!   [`KeyUse`] narrows the gap, for blocks [`BlockLogConfig::durable`] and the peers.
//! * Losing a key's mark together with its vote log goes unnoticed here: keep them on two disks, or
//!   treat a key of unknown past as used.
//! * sled 0.34 has assertions inside that stop the process rather than report. Kills, power losses
//!   and full disks as tried in the tests met none of them; damage to its file may.

#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

pub mod block_log;
pub mod data_dir;
pub mod db;
mod frame;
pub mod log_file;
pub mod state_tree;
pub mod vote_log;

pub use block_log::{BlockLog, BlockLogConfig, BlockLogError, BlockRecord};
pub use data_dir::{DataDir, DataDirError};
pub use db::{
    Batch, Column, Db, DbAction, DbError, DbFault, FaultyDb, MemoryDb, Pair, RedbDb, Scan, SledDb,
    Visit,
};
pub use log_file::{DiskFault, FileAction, FileError, FsDir, LogDir, LogFile, SimDisk};
pub use state_tree::{
    KEY_BITS, Key, OverlapError, Prefix, StateProof, StateProofError, StateTree, Value,
};
pub use vote_log::{KeyUse, Vote, VoteLog, VoteLogConfig, VoteLogError, VoteRecord};
