//! The bytes of the vote log: its header and its records.

use crypto::Hash;

use super::{VoteLogConfig, VoteLogError};
use crate::frame::{self, FRAME_HEADER};

/// Length of a header.
pub(super) const HEADER: usize = 88;

const VERSION: u32 = 1;

/// Length of what stands before a payload.
const PREFIX: usize = 29;

/// What a key signed; the payload is the caller's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The chain it is about.
    pub chain: u32,
    /// Its epoch.
    pub epoch: u64,
    /// Its round.
    pub round: u64,
    /// What kind of vote it is; the caller's business.
    pub kind: u8,
    /// What was signed, as the caller needs it to sign the same again or nothing.
    pub payload: Vec<u8>,
}

/// A vote in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteRecord {
    /// Its number: 1 for the first vote of a key, without gaps.
    pub sequence: u64,
    /// The vote.
    pub vote: Vote,
}

impl VoteRecord {
    pub(super) fn prefix(&self) -> [u8; PREFIX] {
        let mut bytes = [0; PREFIX];
        bytes[..8].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.vote.chain.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.vote.epoch.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.vote.round.to_le_bytes());
        bytes[28] = self.vote.kind;
        bytes
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let (sequence, rest) = body.split_first_chunk()?;
        let (chain, rest) = rest.split_first_chunk()?;
        let (epoch, rest) = rest.split_first_chunk()?;
        let (round, rest) = rest.split_first_chunk()?;
        let (kind, payload) = rest.split_first()?;
        let vote = Vote {
            chain: u32::from_le_bytes(*chain),
            epoch: u64::from_le_bytes(*epoch),
            round: u64::from_le_bytes(*round),
            kind: *kind,
            payload: payload.to_vec(),
        };
        Some(Self {
            sequence: u64::from_le_bytes(*sequence),
            vote,
        })
    }
}

/// What the file says before its records.
#[derive(Clone, Copy)]
pub(super) struct Header {
    /// The newest sequence when the file was made.
    pub(super) before: u64,
    pub(super) config: VoteLogConfig,
}

impl Header {
    pub(super) fn encode(&self, magic: &[u8; 8]) -> Vec<u8> {
        let mut bytes = magic.to_vec();
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.before.to_le_bytes());
        bytes.extend_from_slice(self.config.network.as_bytes());
        bytes.extend_from_slice(self.config.key.as_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// The checksum of the header, which goes into that of each record. \[L1\]
    pub(super) fn salt(&self, magic: &[u8; 8]) -> u32 {
        self.encode(magic)
            .last_chunk()
            .map_or(0, |crc| u32::from_le_bytes(*crc))
    }

    /// Reads the header at the start of `file` and checks whose it is.
    pub(super) fn parse(
        file: &[u8],
        magic: &[u8; 8],
        config: &VoteLogConfig,
    ) -> Result<Self, VoteLogError> {
        let damaged = VoteLogError::Corrupt { offset: 0 };
        let bytes = file.get(..HEADER).ok_or(damaged)?;
        let (front, crc) = bytes.split_last_chunk().ok_or(damaged)?;
        if crc32fast::hash(front) != u32::from_le_bytes(*crc) || !front.starts_with(magic) {
            return Err(damaged);
        }
        let (version, rest) = front
            .get(8..)
            .and_then(|b| b.split_first_chunk())
            .ok_or(damaged)?;
        let (before, rest) = rest.split_first_chunk().ok_or(damaged)?;
        let (network, key) = rest.split_first_chunk().ok_or(damaged)?;
        let found = u32::from_le_bytes(*version);
        if found != VERSION {
            return Err(VoteLogError::OtherVersion { found });
        }
        let (network, key) = (
            Hash::new(*network),
            Hash::new(*key.first_chunk().ok_or(damaged)?),
        );
        if network != config.network {
            return Err(VoteLogError::OtherNetwork {
                found: network,
                expected: config.network,
            });
        }
        if key != config.key {
            return Err(VoteLogError::OtherKey {
                found: key,
                expected: config.key,
            });
        }
        Ok(Self {
            before: u64::from_le_bytes(*before),
            config: *config,
        })
    }
}

/// All records of a file whose torn tail is left out. \[W2\]
pub(super) fn read_all(
    header: &Header,
    salt: u32,
    file: &[u8],
) -> Result<Vec<VoteRecord>, VoteLogError> {
    let mut records: Vec<VoteRecord> = Vec::new();
    let mut at = HEADER;
    while at < file.len() {
        let damaged = VoteLogError::Corrupt { offset: at as u64 };
        let rest = file.get(at..).unwrap_or_default();
        let frame = frame::decode(salt, at as u64, rest).ok_or(damaged)?;
        let record = VoteRecord::parse(frame.body).ok_or(damaged)?;
        let last = records.last().map_or(0, |last| last.sequence);
        let follows = if record.sequence <= header.before {
            record.sequence > last
        } else {
            record.sequence == last.max(header.before) + 1
        };
        if !follows {
            return Err(damaged);
        }
        records.push(record);
        at += FRAME_HEADER + frame.body.len();
    }
    Ok(records)
}
