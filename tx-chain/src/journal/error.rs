//! Why a journal can't be read or written.

use store::{BlockLogError, DbError, VoteLogError};
use types::{ChainId, Height};

/// Why a journal can't be read or written. None is a peer's fault.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The block log.
    #[error(transparent)]
    Blocks(#[from] BlockLogError),
    /// The vote log, or the mark of its key.
    #[error(transparent)]
    Votes(#[from] VoteLogError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A node without a vote log was asked to write a vote.
    #[error("this node has no vote log for the chain, so it must not vote")]
    NoVoteLog,
    /// A record does not decode though its checksum is right: written by another version.
    #[error("a stored record does not decode; was it written by another version?")]
    Record,
    /// The database and its checkpoint contradict each other.
    #[error(
        "the database does not give the state of chain {chain} at height {height}; delete the \
         `db` folder of the data directory and start again: it is made anew from the block log"
    )]
    State {
        /// The chain.
        chain: ChainId,
        /// The checkpoint's height.
        height: Height,
    },
    /// A final block is not in the log.
    #[error("the block log lacks a final block of chain {chain}; get the data from other nodes")]
    Missing {
        /// The chain.
        chain: ChainId,
    },
}
