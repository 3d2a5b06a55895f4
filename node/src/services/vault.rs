//! What a staker's node must not lose over a restart: the secret of its later keys, and the keys
//! of the terms that it was drawn for. Files that only their owner may read, each replaced whole.
//!
//! The secret of later keys is here or in the file that it comes from, never in both for longer
//! than it takes to move it: a second copy would make keys again whose votes are not known.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crypto::bls;
use root_chain::duty::Ratchet;
use types::{ChainId, Epoch};
use zeroize::Zeroizing;

/// The file of the secret of later keys.
pub const RATCHET: &str = "ratchet";
const NEW: &str = "new";
/// The folder of marks: each named by a key that was used.
pub const USED: &str = "used";

/// Why secrets can't be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The system refuses.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not hold what its name says.
    #[error("{}: damaged; a key that is lost can't vote, the stake is not touched", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Others may read it.
    #[error("others may read {0} (mode {mode:o}); run: chmod 600 {0}", path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The secret of later keys is nowhere.
    #[error(
        "the secret of later keys is neither in {} nor in {}: without it the node can't serve, and \
         keys that were used must not be made again",
        folder.display(),
        file.display()
    )]
    NoRatchet {
        /// The folder of the data directory.
        folder: PathBuf,
        /// Where it would come from.
        file: PathBuf,
    },
    /// There are two secrets of later keys.
    #[error(
        "{} is not the secret of later keys that {} has: used keys must not be made again",
        file.display(),
        folder.display()
    )]
    TwoRatchets {
        /// The folder of the data directory.
        folder: PathBuf,
        /// The file.
        file: PathBuf,
    },
}

/// A folder of secrets.
pub struct Vault {
    folder: PathBuf,
}

impl Vault {
    /// Opens the folder, or makes it.
    pub fn open(folder: PathBuf) -> Result<Self, VaultError> {
        let made = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder);
        made.map_err(|source| failed(&folder, source))?;
        Ok(Self { folder })
    }

    /// The secret of later keys: the one that is kept, or else the given one, kept from now on.
    ///
    /// # Errors
    /// There is none, or the one in `file` does not lead to the one that is kept.
    pub fn take_over(
        &self,
        given: Option<Ratchet>,
        file: Option<&Path>,
    ) -> Result<Ratchet, VaultError> {
        let (folder, file) = (&self.folder, file.unwrap_or(Path::new("memory")));
        let named = || (folder.clone(), file.to_owned());
        match (self.ratchet()?, given) {
            (Some(kept), Some(mut given)) => {
                given.advance(kept.epoch());
                if given == kept {
                    return Ok(kept);
                }
                let (folder, file) = named();
                Err(VaultError::TwoRatchets { folder, file })
            }
            (Some(kept), None) => Ok(kept),
            (None, Some(given)) => {
                self.keep_ratchet(&given)?;
                Ok(given)
            }
            (None, None) => {
                let (folder, file) = named();
                Err(VaultError::NoRatchet { folder, file })
            }
        }
    }

    /// Removes the file that the secret of later keys came from.
    pub fn remove_source(&self, file: &Path) -> Result<(), VaultError> {
        fs::remove_file(file).map_err(|source| failed(file, source))
    }

    /// The secret of later keys; none before the first was kept.
    pub fn ratchet(&self) -> Result<Option<Ratchet>, VaultError> {
        let path = self.folder.join(RATCHET);
        let Some(bytes) = self.read(&path)? else {
            return Ok(None);
        };
        let ratchet = borsh::from_slice(&bytes);
        ratchet.map(Some).map_err(|_| VaultError::Damaged { path })
    }

    /// The consensus keys that are kept.
    pub fn keys(&self) -> Result<BTreeMap<(ChainId, Epoch), bls::SecretKey>, VaultError> {
        let mut keys = BTreeMap::new();
        let entries = fs::read_dir(&self.folder).map_err(|source| failed(&self.folder, source))?;
        for entry in entries {
            let path = entry.map_err(|source| failed(&self.folder, source))?.path();
            let Some(term) = term_of(&path) else { continue };
            let Some(bytes) = self.read(&path)? else {
                continue;
            };
            let scalar = bytes.as_slice().try_into().ok();
            let key = scalar.and_then(|scalar| bls::SecretKey::from_bytes(scalar).ok());
            keys.insert(term, key.ok_or(VaultError::Damaged { path })?);
        }
        Ok(keys)
    }

    /// Keeps a secret in the place of the one before, which is gone for good.
    pub fn keep_ratchet(&self, ratchet: &Ratchet) -> Result<(), VaultError> {
        let bytes = Zeroizing::new(borsh::to_vec(ratchet).unwrap_or_default());
        self.write(RATCHET, &bytes)
    }

    /// Keeps the key of a term.
    pub fn keep_key(
        &self,
        chain: ChainId,
        epoch: Epoch,
        key: &bls::SecretKey,
    ) -> Result<(), VaultError> {
        self.write(&name_of(chain, epoch), &*Zeroizing::new(key.to_bytes()))
    }

    /// Erases the key of a term.
    pub fn erase_key(&self, chain: ChainId, epoch: Epoch) -> Result<(), VaultError> {
        let path = self.folder.join(name_of(chain, epoch));
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed(&path, source)),
            _ => self.sync(),
        }
    }

    /// Forgets that a key was used which is erased.
    pub fn forget_use(&self, name: &str) -> Result<(), VaultError> {
        let path = self.folder.join(USED).join(name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed(&path, source)),
            _ => Ok(()),
        }
    }

    fn read(&self, path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed(path, source)),
        };
        let metadata = file.metadata().map_err(|source| failed(path, source))?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let path = path.to_owned();
            return Err(VaultError::Readable { path, mode });
        }
        let mut bytes = Zeroizing::new(Vec::new());
        let read = file.read_to_end(&mut bytes);
        read.map_err(|source| failed(path, source))?;
        Ok(Some(bytes))
    }

    /// Durable before it takes the old one's name.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), VaultError> {
        let (new, path) = (self.folder.join(NEW), self.folder.join(name));
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true).mode(0o600);
        let written = options.open(&new).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.map_err(|source| failed(&new, source))?;
        fs::rename(&new, &path).map_err(|source| failed(&path, source))?;
        self.sync()
    }

    fn sync(&self) -> Result<(), VaultError> {
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(|source| failed(&self.folder, source))
    }
}

fn failed(path: &Path, source: io::Error) -> VaultError {
    let path = path.to_owned();
    VaultError::File { path, source }
}

fn name_of(chain: ChainId, epoch: Epoch) -> String {
    format!("chain-{chain}-term-{epoch}.key")
}

fn term_of(path: &Path) -> Option<(ChainId, Epoch)> {
    let name = path.file_name()?.to_str()?;
    let (chain, epoch) = name
        .strip_prefix("chain-")?
        .strip_suffix(".key")?
        .split_once("-term-")?;
    Some((ChainId(chain.parse().ok()?), epoch.parse().ok()?))
}

#[cfg(test)]
mod tests;
