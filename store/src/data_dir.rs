//! The directory in which a node keeps everything: whose it is, and that only one node uses it.
//!
//! ```text
//! file `IDENTITY`, 48 bytes (integers little-endian)
//! offset  size
//!      0     8  "THINKEY\0"
//!      8     4  format version of the directory, 1
//!     12    32  network id
//!     44     4  CRC-32 of the 44 bytes before
//! file `LOCK`     locked by the node that runs
//! file `RESERVE`  zeros, given up when the disk is full so that the node can still stop cleanly
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crypto::Hash;

const MAGIC: &[u8; 8] = b"THINKEY\0";
const VERSION: u32 = 1;
const IDENTITY: &str = "IDENTITY";
const NEW_IDENTITY: &str = "IDENTITY.new";
const LOCK: &str = "LOCK";
const RESERVE: &str = "RESERVE";

/// A data directory, held by this process until dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// A data directory can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataDirError {
    /// The directory belongs to another network.
    #[error(
        "{path:?} holds data of network {found}, not of {expected}: choose another data directory, \
         or start with the genesis file of that network"
    )]
    OtherNetwork {
        /// The directory.
        path: PathBuf,
        /// Whose it is.
        found: Hash,
        /// Whose was asked for.
        expected: Hash,
    },
    /// The directory was written by a version with another layout.
    #[error("{path:?} has format {found}, this version reads 1: use the version that wrote it")]
    OtherVersion {
        /// The directory.
        path: PathBuf,
        /// The format found.
        found: u32,
    },
    /// A node is running on the directory.
    #[error("{path:?} is in use by another process: stop it, or choose another data directory")]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// The directory has files, but not ours.
    #[error("{path:?} is not empty and not a data directory: choose an empty or a new one")]
    Foreign {
        /// The directory.
        path: PathBuf,
    },
    /// The identity file is damaged.
    #[error(
        "the file IDENTITY in {path:?} is damaged: check the disk, save keys and votes, and start \
         with a new data directory"
    )]
    Corrupt {
        /// The directory.
        path: PathBuf,
    },
    /// No space left on the device.
    #[error("the disk of {path:?} is full: free some space, then start again")]
    Full {
        /// The directory.
        path: PathBuf,
    },
    /// The operating system reports an error.
    #[error("can't use {path:?} ({kind}): check that it is a directory with the rights to write")]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the operating system says.
        kind: ErrorKind,
    },
}

impl DataDir {
    /// Takes the directory at `path` for `network`; makes it if it is missing or empty.
    pub fn open(path: &Path, network: &Hash) -> Result<Self, DataDirError> {
        let failed = |error: io::Error| from_io(path, &error);
        fs::create_dir_all(path).map_err(failed)?;
        let known = path.join(IDENTITY).exists();
        if !known && has_foreign_files(path).map_err(failed)? {
            return Err(DataDirError::Foreign {
                path: path.to_owned(),
            });
        }
        let this = Self {
            path: path.to_owned(),
            _lock: lock(path)?,
        };
        // Looked at again under the lock, as another process may have made it meanwhile.
        if path.join(IDENTITY).exists() {
            this.check(network)?;
        } else {
            write_identity(path, network).map_err(failed)?;
        }
        Ok(this)
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of something inside.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Sets `bytes` of disk space aside, unless that is done already.
    pub fn reserve(&self, bytes: u64) -> Result<(), DataDirError> {
        let path = self.join(RESERVE);
        if fs::metadata(&path).is_ok_and(|found| found.len() >= bytes) {
            return Ok(());
        }
        let written = write_zeros(&path, bytes);
        written.map_err(|error| {
            // Half a reserve only makes the disk fuller.
            let _ = fs::remove_file(&path);
            from_io(&self.path, &error)
        })
    }

    /// Gives the reserved space back, when the disk is full and the node has to stop cleanly.
    pub fn release_reserve(&self) -> Result<(), DataDirError> {
        match fs::remove_file(self.join(RESERVE)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(from_io(&self.path, &error)),
            _ => Ok(()),
        }
    }

    fn check(&self, network: &Hash) -> Result<(), DataDirError> {
        let path = &self.path;
        let corrupt = || DataDirError::Corrupt { path: path.clone() };
        let bytes = fs::read(path.join(IDENTITY)).map_err(|error| from_io(path, &error))?;
        let (front, crc) = bytes.split_last_chunk().ok_or_else(corrupt)?;
        if crc32fast::hash(front) != u32::from_le_bytes(*crc) || !front.starts_with(MAGIC) {
            return Err(corrupt());
        }
        let rest = front.get(MAGIC.len()..).unwrap_or_default();
        let (version, rest) = rest.split_first_chunk().ok_or_else(corrupt)?;
        let found = u32::from_le_bytes(*version);
        if found != VERSION {
            return Err(DataDirError::OtherVersion {
                path: path.clone(),
                found,
            });
        }
        let found = Hash::new(rest.try_into().map_err(|_| corrupt())?);
        if found != *network {
            let (path, expected) = (path.clone(), *network);
            return Err(DataDirError::OtherNetwork {
                path,
                found,
                expected,
            });
        }
        Ok(())
    }
}

fn has_foreign_files(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        if ![LOCK, NEW_IDENTITY].iter().any(|ours| name == *ours) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn lock(path: &Path) -> Result<File, DataDirError> {
    let mut options = OpenOptions::new();
    let opened = options
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.join(LOCK));
    let file = opened.map_err(|error| from_io(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DataDirError::Locked {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(from_io(path, &error)),
    }
}

/// Written under another name first, so that a crash leaves a whole file or none.
fn write_identity(path: &Path, network: &Hash) -> io::Result<()> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(network.as_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    let mut file = File::create(path.join(NEW_IDENTITY))?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(path.join(NEW_IDENTITY), path.join(IDENTITY))?;
    File::open(path)?.sync_all()
}

fn write_zeros(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    io::copy(&mut io::Read::take(io::repeat(0), bytes), &mut file)?;
    file.sync_all()
}

fn from_io(path: &Path, error: &io::Error) -> DataDirError {
    let path = path.to_owned();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => DataDirError::Full { path },
        kind => DataDirError::Io { path, kind },
    }
}
