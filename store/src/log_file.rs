//! The port to files, narrow enough to simulate: append, sync, read, cut, and names in a directory.
//!
//! * **\[F1\]** Appended bytes may vanish, whole or in part, until [`LogFile::sync`] returns.
//! * **\[F2\]** A made, renamed or removed name may come undone until [`LogDir::sync`] returns.
//! * **\[F3\]** A failed sync says nothing about what is on the disk, and a second one that
//!   succeeds neither: the operating system may have dropped the bytes. Callers never retry.

mod fs_log;
mod sim_disk;

use std::io::{self, ErrorKind};

pub use fs_log::FsDir;
pub use sim_disk::{DiskFault, SimDisk};

/// A file that grows at its end.
pub trait LogFile: Send {
    /// Its length in bytes.
    fn len(&self) -> u64;

    /// True without bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds bytes at the end; on an error some of them may be there. \[F1\]
    fn append(&mut self, bytes: &[u8]) -> Result<(), FileError>;

    /// Makes all bytes and the length durable. \[F3\]
    fn sync(&mut self) -> Result<(), FileError>;

    /// Fills `out` from `offset`; an error if the file ends before.
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), FileError>;

    /// Cuts the file to `len` bytes, which is at most its length.
    fn truncate(&mut self, len: u64) -> Result<(), FileError>;

    /// The whole file.
    fn read_all(&self) -> Result<Vec<u8>, FileError> {
        let mut all = vec![0; self.len() as usize];
        self.read(0, &mut all)?;
        Ok(all)
    }
}

/// A directory of such files; names are plain, without separators.
pub trait LogDir: Send {
    /// The names of all files, sorted.
    fn names(&self) -> Result<Vec<String>, FileError>;

    /// Opens a file that is there.
    fn open(&self, name: &str) -> Result<Box<dyn LogFile>, FileError>;

    /// Makes a file that is not there yet.
    fn create(&self, name: &str) -> Result<Box<dyn LogFile>, FileError>;

    /// Gives a file another name, replacing the file that had it; atomic, even in a crash.
    fn rename(&self, from: &str, to: &str) -> Result<(), FileError>;

    /// Removes a file.
    fn remove(&self, name: &str) -> Result<(), FileError>;

    /// Makes all names durable. \[F2\]
    fn sync(&self) -> Result<(), FileError>;
}

/// What was being done when a file operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileAction {
    /// Listing a directory.
    List,
    /// Opening a file.
    Open,
    /// Making a file.
    Create,
    /// Reading.
    Read,
    /// Writing at the end.
    Append,
    /// Making durable.
    Sync,
    /// Cutting.
    Truncate,
    /// Renaming.
    Rename,
    /// Removing.
    Remove,
}

impl std::fmt::Display for FileAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::List => "list files",
            Self::Open => "open a file",
            Self::Create => "make a file",
            Self::Read => "read",
            Self::Append => "write",
            Self::Sync => "sync",
            Self::Truncate => "cut a file",
            Self::Rename => "rename a file",
            Self::Remove => "remove a file",
        })
    }
}

/// A file operation failed. None of these is caused by a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// No space left on the device.
    #[error("the disk is full: free some space, then restart; nothing that was synced is lost")]
    Full,
    /// The file is not there.
    #[error("can't {action}: it is not there")]
    Missing {
        /// What was being done.
        action: FileAction,
    },
    /// The file is there already.
    #[error("can't make a file that exists")]
    Exists,
    /// The operating system reports an error.
    #[error("can't {action} ({kind}): check the disk and its rights, then restart")]
    Io {
        /// What was being done.
        action: FileAction,
        /// What the operating system says.
        kind: ErrorKind,
    },
}

impl FileError {
    /// The error for what the operating system reported during `action`.
    pub fn from_io(action: FileAction, error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            ErrorKind::NotFound => Self::Missing { action },
            ErrorKind::AlreadyExists => Self::Exists,
            kind => Self::Io { action, kind },
        }
    }
}
