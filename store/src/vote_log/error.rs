//! What can go wrong in the vote log, and what to do about it.

use crypto::Hash;

use crate::log_file::FileError;

/// A vote log operation failed. Whatever it is, the key must not sign. None is caused by a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VoteLogError {
    /// A file operation failed.
    #[error("vote log: {0}")]
    File(#[from] FileError),
    /// An earlier write failed and the log refuses everything since.
    #[error("the vote log stopped after an earlier error: check the disk, then restart the node")]
    Stopped,
    /// There is a log already.
    #[error("there is a vote log already: open it instead of making a new one")]
    Exists,
    /// The key has signed more than the log knows, so signing could be double signing.
    #[error(
        "the key has signed up to vote {key}, but the vote log {}: this node will not sign. \
         Restore the newest vote log of this key (an older copy is refused), import its \
         protection file, or register a fresh key",
        log_state(log)
    )]
    OlderThanKey {
        /// The newest vote in the log; `None` if there is no log.
        log: Option<u64>,
        /// The newest vote of the key.
        key: u64,
    },
    /// Bytes that were durable are wrong.
    #[error(
        "the vote log is damaged at offset {offset}: this node will not sign. Check the disk, then \
         import the key's protection file or register a fresh key; do not delete the log"
    )]
    Corrupt {
        /// Where the damage starts.
        offset: u64,
    },
    /// The log belongs to another network.
    #[error("the vote log is of network {found}, not of {expected}: choose another directory")]
    OtherNetwork {
        /// Whose log it is.
        found: Hash,
        /// Whose log was asked for.
        expected: Hash,
    },
    /// The log belongs to another key.
    #[error("the vote log is of key {found}, not of {expected}: each key has a log of its own")]
    OtherKey {
        /// Whose log it is.
        found: Hash,
        /// Whose log was asked for.
        expected: Hash,
    },
    /// The log has a format that this version does not know.
    #[error("the vote log has format {found}, this version reads 1: use the version that wrote it")]
    OtherVersion {
        /// The format found.
        found: u32,
    },
    /// The payload is larger than a vote can be.
    #[error("a payload of {bytes} bytes is larger than a vote can be")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
}

fn log_state(log: &Option<u64>) -> impl std::fmt::Display + use<> {
    let newest = *log;
    std::fmt::from_fn(move |f| match newest {
        None => f.write_str("is missing"),
        Some(newest) => write!(f, "ends at vote {newest}"),
    })
}
