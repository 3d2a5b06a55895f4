//! Whose duties a node does, and what it needs for them before it starts.
//!
//! The secret of later keys lives in the data directory and nowhere else: the first start takes it
//! over from its file, which is removed. So a data directory that is lost takes the keys of running
//! terms with it, and no start without the votes of these keys can sign with them again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use actors::State;
use assembly::Network as Assembled;
use crypto::{Hash, bls};
use root_chain::duty::{Duty, Genesis, Identity, Ratchet};
use root_chain::staking;
use store::{FileAction, FileError, VoteLogError};
use tracing::info;
use types::{AccountId, ChainId, Epoch, NodeId};

use super::vault::{Vault, VaultError};

/// A staker, as its node knows it before it starts.
pub struct DutyPlan {
    /// The account that owns the stake.
    pub staker: AccountId,
    /// The node, as committees name it.
    pub node: NodeId,
    /// The stake key.
    pub stake: bls::SecretKey,
    /// The secret of later keys where it is brought along; the data directory's goes before it.
    pub ratchet: Option<Ratchet>,
    /// Where it comes from: removed once the data directory has it.
    pub ratchet_file: Option<PathBuf>,
    /// What it has for committees of genesis.
    pub genesis: Genesis,
}

/// A duty that is about to start.
pub(super) struct Kept {
    pub(super) duty: Duty,
    /// What the root should say of it.
    pub(super) record: Record,
    /// Where its secrets are.
    pub(super) vault: Vault,
    /// The terms that it has keys for.
    pub(super) terms: BTreeMap<(ChainId, Epoch), bls::SecretKey>,
}

impl From<Identity> for DutyPlan {
    /// A staker all of whose secrets are in memory: of a network of no worth.
    fn from(who: Identity) -> Self {
        Self {
            staker: who.staker,
            node: who.node,
            stake: who.stake,
            ratchet: Some(who.ratchet),
            ratchet_file: None,
            genesis: who.genesis,
        }
    }
}

impl DutyPlan {
    /// Takes the secrets over into the vault, and reads back what it has.
    pub(super) fn begin(self, vault: Vault, assembled: &Assembled) -> Result<Kept, VaultError> {
        let file = self.ratchet_file.as_deref();
        let ratchet = vault.take_over(self.ratchet, file)?;
        if let Some(file) = file.filter(|file| file.exists()) {
            vault.remove_source(file)?;
            info!(file = %file.display(), "moved into the data directory; the file is removed");
        }
        let record = Record {
            staker: self.staker,
            node: self.node,
            key: self.stake.public().to_bytes(),
            said: None,
        };
        let who = Identity {
            staker: self.staker,
            node: self.node,
            stake: self.stake,
            ratchet,
            genesis: self.genesis,
        };
        let terms = vault.keys()?;
        Ok(Kept {
            duty: assembled.duty(who),
            record,
            vault,
            terms,
        })
    }
}

/// A staker's record as its node expects it on the root.
pub struct Record {
    staker: AccountId,
    node: NodeId,
    key: [u8; 96],
    said: Option<&'static str>,
}

impl Record {
    /// The account that registered.
    pub(super) const fn staker(&self) -> AccountId {
        self.staker
    }

    /// Says in the log whether the root's record is this node's, when that changes.
    pub(super) fn compare(&mut self, state: &State) {
        let found = staking::staker(state, &self.staker);
        let says = match found {
            None => "its account is not registered: nothing to do yet",
            Some(found) if found.key != self.key => {
                "its account registered another stake key: this node is never drawn"
            }
            Some(found) if found.node != self.node => {
                "its account registered another node: others will not find this one"
            }
            Some(_) => "its account is registered",
        };
        if self.said.replace(says) != Some(says) {
            info!(staker = %self.staker, "{says}");
        }
    }
}

/// The marks that a consensus key was used: outside of what is lost together with its vote log.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    /// The folder of marks inside the data directory.
    pub(super) folder: PathBuf,
    /// Beside a key that is not in the data directory.
    pub(super) beside: Option<PathBuf>,
}

impl Marks {
    /// Refuses a key that was used and whose log is not in `key_use`.
    pub(super) fn check(&self, name: &str, key_use: &Path) -> Result<(), VoteLogError> {
        let used = self.of(name).iter().any(|mark| mark.exists());
        if used && !key_use.is_dir() {
            // How often it was used is not known here: once at least.
            return Err(VoteLogError::OlderThanKey { log: None, key: 1 });
        }
        Ok(())
    }

    /// Notes that a key is used from now on.
    pub(super) fn note(&self, name: &str) -> Result<(), FileError> {
        let noted = self.write(name);
        noted.map_err(|error| FileError::from_io(FileAction::Create, &error))
    }

    fn write(&self, name: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        for mark in self.of(name) {
            if !mark.exists() {
                std::fs::File::create(&mark)?.sync_all()?;
                let folder = mark.parent().unwrap_or(Path::new("."));
                std::fs::File::open(folder)?.sync_all()?;
            }
        }
        Ok(())
    }

    fn of(&self, name: &str) -> Vec<PathBuf> {
        let inside = self.folder.join(name);
        std::iter::once(inside).chain(self.beside.clone()).collect()
    }
}

/// The name under which a key's votes are kept, and its full id.
pub(super) fn key_name(key: &bls::PublicKey) -> (String, Hash) {
    let id = crypto::hash(types::domain::VOTE, &[&key.to_bytes()]);
    (id.to_string().chars().take(16).collect(), id)
}
