//! Why the index can't go on.

use types::{ChainId, Height};

/// What stops the index. None of it comes from a client.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The database refuses.
    #[error("the index can't use its database: {0}")]
    Db(#[from] store::DbError),
    /// A stored record has no meaning.
    #[error("the record in column {column} of the index is damaged; delete the index to rebuild")]
    Damaged {
        /// Its column.
        column: &'static str,
    },
    /// A chain reported a block too far ahead; see [`Index::resume`](super::Index::resume).
    #[error("chain {chain} reported block {found}, the index needs block {expected} first")]
    Gap {
        /// The chain.
        chain: ChainId,
        /// The next height that the index needs.
        expected: Height,
        /// The height reported.
        found: Height,
    },
    /// Two final blocks at one height.
    #[error("two final blocks of chain {chain} at height {height}")]
    Fork {
        /// The chain.
        chain: ChainId,
        /// The height.
        height: Height,
    },
    /// The network has no such chain.
    #[error("the network has no chain {chain}")]
    UnknownChain {
        /// The chain.
        chain: ChainId,
    },
    /// A final root block whose body does not decode.
    #[error("the body of final root block {height} does not decode")]
    Body {
        /// The block's height.
        height: Height,
    },
}
