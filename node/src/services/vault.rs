//! What a staker's node must not lose over a restart: the secret of its later keys, and the keys
//! of the terms that it was drawn for. Files that only their owner may read, each replaced whole.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crypto::bls;
use root_chain::duty::Ratchet;
use types::{ChainId, Epoch};
use zeroize::Zeroizing;

const RATCHET: &str = "ratchet";
const NEW: &str = "new";

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
}

/// A folder of secrets.
pub struct Vault {
    folder: PathBuf,
}

impl Vault {
    /// Opens the folder, or makes it.
    pub fn open(folder: PathBuf) -> Result<Self, VaultError> {
        fs::create_dir_all(&folder).map_err(|source| failed(&folder, source))?;
        Ok(Self { folder })
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

    fn read(&self, path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        match fs::read(path) {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed(path, source)),
        }
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
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_there_after_a_restart_and_what_is_erased_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Vault::open(folder.path().join("duty")).unwrap();
        assert!(open().ratchet().unwrap().is_none() && open().keys().unwrap().is_empty());
        let mut ratchet = Ratchet::new([7; 32]);
        open().keep_ratchet(&ratchet).unwrap();
        ratchet.advance(3);
        open().keep_ratchet(&ratchet).unwrap();
        let key = bls::SecretKey::from_seed(&[9; 32]);
        for epoch in [1, 12] {
            open().keep_key(ChainId(3), epoch, &key).unwrap();
        }
        open().erase_key(ChainId(3), 1).unwrap();
        open().erase_key(ChainId(3), 1).unwrap();
        assert!(open().ratchet().unwrap() == Some(ratchet));
        let keys = open().keys().unwrap();
        let terms: Vec<_> = keys
            .iter()
            .map(|(term, key)| (*term, key.public()))
            .collect();
        assert_eq!(terms, [((ChainId(3), 12), key.public())]);
    }

    #[test]
    fn a_damaged_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path().to_owned()).unwrap();
        fs::write(folder.path().join("chain-1-term-2.key"), b"short").unwrap();
        let error = vault.keys().unwrap_err().to_string();
        assert!(
            error.contains("chain-1-term-2.key") && error.contains("damaged"),
            "{error}"
        );
    }
}
