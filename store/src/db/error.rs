//! What can go wrong in a database, and what to do about it.

use std::io::ErrorKind;

/// A database operation failed. None of these is caused by a peer.
///
/// After [`DbError::Full`], [`DbError::Io`] or [`DbError::Corrupt`] from a write the database is
/// stopped: what reached the disk is unknown, and asking again could turn a lost write into a
/// silent one. Reopening finds out. \[D4\]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// No space left on the device.
    #[error("the disk is full: free some space, then restart; nothing that was flushed is lost")]
    Full,
    /// The operating system reports an error.
    #[error("the database can't {action} ({kind}): check the disk and its rights, then restart")]
    Io {
        /// What was being done.
        action: DbAction,
        /// What the operating system says.
        kind: ErrorKind,
    },
    /// The files don't hold what was written.
    #[error(
        "the database is damaged: move its directory away and restart; it is rebuilt from the \
         block log, a snapshot or peers"
    )]
    Corrupt,
    /// Another process, or another handle in this one, has the database open.
    #[error("the database is in use by another process: stop it, or choose another directory")]
    Locked,
    /// The files were written by a version with another format.
    #[error(
        "the database has format {found}, which this version can't read: use the version \
             that wrote it, or move its directory away and restart to rebuild it"
    )]
    OtherFormat {
        /// The format found.
        found: u32,
    },
    /// An earlier write failed and the database refuses everything since.
    #[error("the database stopped after an earlier error: restart the node")]
    Stopped,
    /// The backend's code contradicts itself.
    #[error("the database backend failed inside: restart; if it stays, move its directory away")]
    Backend,
}

/// What was being done when an operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DbAction {
    /// Opening or creating.
    Open,
    /// Reading.
    Read,
    /// Writing a batch.
    Commit,
    /// Making batches durable.
    Flush,
}

impl std::fmt::Display for DbAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "be opened",
            Self::Read => "read",
            Self::Commit => "write",
            Self::Flush => "sync",
        })
    }
}

impl DbError {
    /// The error for what the operating system reported during `action`.
    pub fn from_io(action: DbAction, kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData => Self::Corrupt,
            kind => Self::Io { action, kind },
        }
    }
}
