//! A file of evidence: what proves that members of a committee lied, to be shown and reported
//! wherever and whenever it suits.
//!
//! ```text
//!  {"kind":"thinkey-evidence","version":1,"network":ID,
//!   "chain":1,"epoch":"0","round":"9","crime":WORDS,"accused":[2],
//!   "evidence":HEX}                                  borsh of consensus::Evidence
//! ```
//!
//! The network and the evidence count. What stands between them is for people, and must be what
//! the evidence says. Whether it proves anything only the root can say, which knows the committee:
//! nothing here looks at a signature. Files hold no secret.
//!
//! A node keeps what it proves in the [`Folder`] of its data directory.

use std::io::Read;
use std::path::Path;

use borsh::BorshDeserialize;
use consensus::Evidence;
use serde::{Deserialize, Serialize};
use types::{ChainId, NetworkId, limits};

use crate::rpc::view::U64;

mod folder;
#[cfg(test)]
mod tests;

pub use folder::{FOLDER, Folder, MOST};

/// Bytes of the longest evidence: with its reporter's account and a tag it is a declaration.
pub const EVIDENCE_BYTES: usize = limits::DECLARATION_BYTES - 33;
/// Bytes of the largest file that is read.
const FILE_BYTES: u64 = 2 * limits::DECLARATION_BYTES as u64 + 64 * 1024;

const KIND: &str = "thinkey-evidence";
const VERSION: u16 = 1;

/// Evidence, and the network that its signatures are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceFile {
    /// The network.
    pub network: NetworkId,
    /// What proves that members lied, if it holds.
    pub evidence: Evidence,
}

/// Why a file of evidence can't be used.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceFileError {
    /// The system refuses.
    #[error("can't be read: {source}")]
    File {
        /// Why.
        source: std::io::Error,
    },
    /// Larger than any evidence.
    #[error("more than {FILE_BYTES} bytes: larger than any evidence")]
    TooLarge,
    /// Something else, or cut off.
    #[error("no evidence file, or a damaged one: {source}")]
    Form {
        /// Where and how.
        source: serde_json::Error,
    },
    /// Another kind of file.
    #[error("a file of kind {found:?}, not of \"{KIND}\"")]
    Kind {
        /// What it says of itself.
        found: String,
    },
    /// Of a version that this program does not know.
    #[error("an evidence file of version {found}; this program reads version {VERSION}")]
    Version {
        /// What it says of itself.
        found: u16,
    },
    /// Its bytes are no evidence, or too many.
    #[error("what should be the evidence is none: damaged, or cut off")]
    Evidence,
    /// The words around the evidence are not about it.
    #[error("the file says {field} otherwise than the evidence in it")]
    Differs {
        /// What.
        field: &'static str,
    },
    /// Of another network.
    #[error("the evidence is of network {found}, this is {expected}")]
    OtherNetwork {
        /// The file's.
        found: NetworkId,
        /// The one asked.
        expected: NetworkId,
    },
}

/// The file's JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    version: u16,
    network: NetworkId,
    chain: ChainId,
    epoch: U64,
    round: U64,
    crime: String,
    accused: Vec<u16>,
    evidence: String,
}

impl EvidenceFile {
    /// Reads a file.
    ///
    /// # Errors
    /// It can't be read, or is not what [`EvidenceFile::text`] makes.
    pub fn read(path: &Path) -> Result<Self, EvidenceFileError> {
        let failed = |source| EvidenceFileError::File { source };
        let file = std::fs::File::open(path).map_err(failed)?;
        let mut bytes = Vec::new();
        // One byte more than a file can have, so that a larger one is known to be one.
        let read = file.take(FILE_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(failed)?;
        Self::parse(&bytes)
    }

    /// What the bytes of a file say.
    ///
    /// # Errors
    /// They are not what [`EvidenceFile::text`] makes.
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceFileError> {
        if bytes.len() as u64 > FILE_BYTES {
            return Err(EvidenceFileError::TooLarge);
        }
        let written: Written =
            serde_json::from_slice(bytes).map_err(|source| EvidenceFileError::Form { source })?;
        if written.kind != KIND {
            let found = written.kind;
            return Err(EvidenceFileError::Kind { found });
        }
        if written.version != VERSION {
            let found = written.version;
            return Err(EvidenceFileError::Version { found });
        }
        let file = Self {
            network: written.network,
            evidence: decode(&written.evidence).ok_or(EvidenceFileError::Evidence)?,
        };
        written.check(&file.written())?;
        Ok(file)
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let written = serde_json::to_string_pretty(&self.written());
        written.unwrap_or_default() + "\n"
    }

    /// Refuses evidence of another network.
    ///
    /// # Errors
    /// It is.
    pub fn check_network(&self, expected: NetworkId) -> Result<(), EvidenceFileError> {
        let found = self.network;
        if found == expected {
            return Ok(());
        }
        Err(EvidenceFileError::OtherNetwork { found, expected })
    }

    fn written(&self) -> Written {
        let (chain, epoch, round) = self.evidence.place();
        Written {
            kind: KIND.to_owned(),
            version: VERSION,
            network: self.network,
            chain,
            epoch: U64(epoch),
            round: U64(round),
            crime: crime(&self.evidence).to_owned(),
            accused: self.evidence.accused().into_iter().collect(),
            evidence: encode(&self.evidence),
        }
    }
}

impl Written {
    fn check(&self, true_one: &Self) -> Result<(), EvidenceFileError> {
        let same = [
            ("the chain", self.chain == true_one.chain),
            ("the epoch", self.epoch == true_one.epoch),
            ("the round", self.round == true_one.round),
            ("the crime", self.crime == true_one.crime),
            ("who is accused", self.accused == true_one.accused),
        ];
        match same.into_iter().find(|(_, same)| !same) {
            Some((field, _)) => Err(EvidenceFileError::Differs { field }),
            None => Ok(()),
        }
    }
}

/// What evidence accuses members of, in words.
pub const fn crime(evidence: &Evidence) -> &'static str {
    match evidence {
        Evidence::Proposals { .. } => "proposed two blocks in one round",
        Evidence::Votes { .. } => "cast two votes that contradict each other",
        Evidence::VoteAndCertificate { .. } => {
            "cast a vote that contradicts a certificate it signed"
        }
        Evidence::Certificates { .. } => "signed two certificates that contradict each other",
        Evidence::Justification { .. } => "prepared a block that nothing justifies",
    }
}

/// Evidence as it travels in text.
pub fn encode(evidence: &Evidence) -> String {
    hex::encode(borsh::to_vec(evidence).unwrap_or_default())
}

/// Evidence from text; `None` when it is none, or too long.
pub fn decode(text: &str) -> Option<Evidence> {
    if text.len() > 2 * EVIDENCE_BYTES {
        return None;
    }
    Evidence::try_from_slice(&hex::decode(text).ok()?).ok()
}
