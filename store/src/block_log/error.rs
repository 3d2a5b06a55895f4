//! What can go wrong in the block log, and what to do about it.

use crypto::Hash;

use crate::log_file::FileError;

/// A block log operation failed. None of these is caused by a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockLogError {
    /// A file operation failed.
    #[error("block log: {0}")]
    File(#[from] FileError),
    /// An earlier write failed and the log refuses everything since.
    #[error("the block log stopped after an earlier error: check the disk, then restart the node")]
    Stopped,
    /// Bytes that were durable are wrong.
    #[error(
        "the block log is damaged at offset {offset}: check the disk, then move the data directory \
         away (keep keys and votes) and restart to fetch the chain from peers or a snapshot"
    )]
    Corrupt {
        /// Where the damage starts.
        offset: u64,
    },
    /// Bytes that were durable are gone.
    #[error(
        "the block log ends at offset {end}, but {durable} bytes were durable: the disk lost \
         writes, or an old copy was restored; move the data directory away (keep keys and votes) \
         and restart to fetch the chain from peers or a snapshot"
    )]
    TooShort {
        /// Where it ends.
        end: u64,
        /// How much was known to be durable.
        durable: u64,
    },
    /// The log belongs to another network.
    #[error("the block log is of network {found}, not of {expected}: choose another directory")]
    OtherNetwork {
        /// Whose log it is.
        found: Hash,
        /// Whose log was asked for.
        expected: Hash,
    },
    /// The log has a format that this version does not know.
    #[error(
        "the block log has format {found}, this version reads 1: use the version that wrote it"
    )]
    OtherVersion {
        /// The format found.
        found: u32,
    },
    /// No record starts there.
    #[error("no record of the block log starts at offset {offset}")]
    NoRecord {
        /// The offset asked for.
        offset: u64,
    },
    /// The payload is larger than a record can be.
    #[error("a payload of {bytes} bytes is larger than a block log record can be")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
}
