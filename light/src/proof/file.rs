//! Proof files as bytes. [F1]

use borsh::BorshDeserialize;
use crypto::{Domain, hash};

use super::ProofFile;

/// The first bytes of every proof file.
const MAGIC: &[u8; 8] = b"thinkeyP";
/// The format that this program writes and reads.
const VERSION: u16 = 2;
const CHECKSUM: Domain = Domain::new("thinkey/proof-file");
const CHECKSUM_BYTES: usize = 32;

/// Bytes of the largest file that is read.
pub const FILE_BYTES: usize = 8 * 1024 * 1024;
/// Pieces of evidence in one file.
pub const MAX_EVIDENCE: usize = 256;
/// Handovers in one file: more terms than any checkpoint outlives.
pub const MAX_HANDOVERS: usize = 1_024;

/// Why bytes are no proof file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Larger than any proof.
    #[error("{bytes} bytes are more than a proof file has")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not a proof file at all.
    #[error("this is not a Thinkey proof file")]
    Magic,
    /// Of another version.
    #[error("proof file of version {found}; this program reads version 2, another one may help")]
    Version {
        /// Its version.
        found: u16,
    },
    /// Cut short, damaged, or with bytes too many.
    #[error("the file is damaged or cut short: its contents have no meaning")]
    Contents,
    /// Everything holds, yet bytes that prove nothing were changed.
    #[error("the file was changed after it was made, in a place that proves nothing")]
    Checksum,
}

impl ProofFile {
    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::from(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(borsh::to_vec(self).unwrap_or_default());
        let checksum = hash(CHECKSUM, &[&bytes]);
        bytes.extend(checksum.as_bytes());
        bytes
    }

    /// Reads a file, its checksum too.
    pub fn decode(bytes: &[u8]) -> Result<Self, FileError> {
        let file = Self::decode_unchecked(bytes)?;
        Self::check(bytes)?;
        Ok(file)
    }

    /// Reads a file without looking at its checksum, so that damage is found where it matters.
    pub(super) fn decode_unchecked(bytes: &[u8]) -> Result<Self, FileError> {
        if bytes.len() > FILE_BYTES {
            return Err(FileError::TooLarge { bytes: bytes.len() });
        }
        let rest = bytes.strip_prefix(MAGIC).ok_or(FileError::Magic)?;
        let (version, rest) = rest.split_first_chunk().ok_or(FileError::Contents)?;
        let found = u16::from_le_bytes(*version);
        if found != VERSION {
            return Err(FileError::Version { found });
        }
        let (contents, _) = rest
            .split_last_chunk::<CHECKSUM_BYTES>()
            .ok_or(FileError::Contents)?;
        let file = Self::try_from_slice(contents).map_err(|_| FileError::Contents)?;
        let evidence = 1..=MAX_EVIDENCE;
        let bounded =
            evidence.contains(&file.evidence.len()) && file.handovers.len() <= MAX_HANDOVERS;
        bounded.then_some(file).ok_or(FileError::Contents)
    }

    /// Checks the checksum at the end.
    pub(super) fn check(bytes: &[u8]) -> Result<(), FileError> {
        let (contents, found) = bytes
            .split_last_chunk::<CHECKSUM_BYTES>()
            .ok_or(FileError::Contents)?;
        if hash(CHECKSUM, &[contents]).as_bytes() == found {
            Ok(())
        } else {
            Err(FileError::Checksum)
        }
    }
}
