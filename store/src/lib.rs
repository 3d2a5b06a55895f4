//! What a node keeps: the authenticated state tree, a database behind a trait, and the logs.

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
pub use log_file::{DiskFault, FileError, FsDir, LogDir, LogFile, SimDisk};
pub use state_tree::{KEY_BITS, Key, Prefix, StateProof, StateProofError, StateTree, Value};
pub use vote_log::{KeyUse, Vote, VoteLog, VoteLogConfig, VoteLogError, VoteRecord};
