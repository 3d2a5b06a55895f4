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

pub mod db;
pub mod state_tree;

pub use db::{
    Batch, Column, Db, DbAction, DbError, DbFault, FaultyDb, MemoryDb, Pair, RedbDb, Scan, SledDb,
    Visit,
};
pub use state_tree::{KEY_BITS, Key, Prefix, StateProof, StateProofError, StateTree, Value};
