//! The evidence that a node keeps.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use consensus::Evidence;
use crypto::{Domain, hash_borsh};
use store::{FileError, FsDir, LogDir};
use types::NetworkId;

use super::{EvidenceFile, crime};

/// The folder's name in a data directory.
pub const FOLDER: &str = "evidence";
/// Files that are kept at most; beyond that nothing more is.
pub const MOST: usize = 256;

/// One file is written at a time: the chains of a node and its duty prove the same things.
static WRITING: Mutex<()> = Mutex::new(());

const NAME: Domain = Domain::new("thinkey/evidence-file");

/// A folder of evidence files, made when there is something to keep.
///
/// Of one crime of the same members in one term one file is kept: a second one would convict
/// nobody else. So a member that lies in every round makes no more files than one that lies once.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    network: NetworkId,
}

impl Folder {
    /// The folder of a data directory that belongs to a network.
    pub fn of(data_dir: &Path, network: NetworkId) -> Self {
        Self {
            path: data_dir.join(FOLDER),
            network,
        }
    }

    /// Keeps evidence, durably and whole; gives the new file, or `None` when there is one of its
    /// kind already or the folder is full.
    ///
    /// # Errors
    /// The disk is full or refuses.
    pub fn keep(&self, evidence: &Evidence) -> Result<Option<PathBuf>, FileError> {
        let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let name = name(evidence);
        let folder = FsDir::open(&self.path)?;
        let names = folder.names()?;
        if names.len() >= MOST || names.contains(&name) {
            return Ok(None);
        }
        let new = format!("{name}.new");
        if names.contains(&new) {
            folder.remove(&new)?;
        }
        let kept = EvidenceFile {
            network: self.network,
            evidence: evidence.clone(),
        };
        let mut file = folder.create(&new)?;
        file.append(kept.text().as_bytes())?;
        file.sync()?;
        folder.rename(&new, &name)?;
        folder.sync()?;
        Ok(Some(self.path.join(name)))
    }

    /// All evidence that is kept and can be read, in the order of the files' names.
    ///
    /// # Errors
    /// The system refuses to list the folder.
    pub fn all(&self) -> Result<Vec<Evidence>, FileError> {
        if !self.path.exists() {
            return Ok(Vec::new());
        }
        let mut names = FsDir::open(&self.path)?.names()?;
        names.sort();
        let files = names.iter().filter(|name| name.ends_with(".json"));
        let read = files.filter_map(|name| EvidenceFile::read(&self.path.join(name)).ok());
        let own = read.filter(|file| file.network == self.network);
        Ok(own.map(|file| file.evidence).collect())
    }
}

/// Chain, term, and whom it accuses of what.
fn name(evidence: &Evidence) -> String {
    let (chain, epoch, _) = evidence.place();
    let accused = hash_borsh(NAME, &(crime(evidence), evidence.accused()));
    let accused: String = accused.to_string().chars().take(16).collect();
    format!("{chain}-{epoch}-{accused}.json")
}
