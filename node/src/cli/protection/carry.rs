//! Vote logs of a data directory, to and from the form in which they travel.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crypto::Hash;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{FsDir, KeyUse, Vote, VoteLog, VoteLogConfig, VoteLogError, VoteRecord};
use types::NetworkId;

use super::CarryError;
use crate::rpc::view::U64;

/// What one key has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRecord {
    chain: u32,
    /// The key's id.
    key: Hash,
    /// The number of its newest vote.
    sequence: U64,
    /// The votes that are still known, ascending.
    votes: Vec<VoteEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VoteEntry {
    sequence: U64,
    epoch: U64,
    round: U64,
    kind: u8,
    /// The signed vote: borsh, hexadecimal.
    vote: String,
}

/// What is to be written for one key.
pub(super) struct Plan {
    chain: u32,
    config: VoteLogConfig,
    folders: [PathBuf; 2],
    last: u64,
    records: Vec<VoteRecord>,
    /// Whether the file says more than the directory knows.
    news: bool,
}

/// Where the votes of a key, and the mark of how far it was used, are.
fn folders(data: &Path, chain: u32, key: Hash) -> [PathBuf; 2] {
    let name: String = key.to_string().chars().take(16).collect();
    let chain = data.join(format!("chain-{chain}"));
    ["votes", "key-use"].map(|kind| chain.join(kind).join(&name))
}

/// What all keys of a data directory have signed.
pub(super) fn read(data: &Path, network: NetworkId) -> Result<Vec<KeyRecord>, CarryError> {
    let mut keys = Vec::new();
    for chain in chains(data) {
        let failed = |source| CarryError::Log { chain, source };
        for folder in children(&data.join(format!("chain-{chain}")).join("votes")) {
            let dir = FsDir::open(&folder)
                .map_err(VoteLogError::from)
                .map_err(failed)?;
            let Some(config) = VoteLog::owner(&dir).map_err(failed)? else {
                continue;
            };
            let config = VoteLogConfig {
                network: network.0,
                ..config
            };
            let (log, _) = open(data, chain, config).map_err(failed)?;
            keys.push(KeyRecord::of(chain, config.key, &log));
        }
    }
    Ok(keys)
}

fn chains(data: &Path) -> Vec<u32> {
    let names = children(data).into_iter();
    let numbers = names.filter_map(|path| {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix("chain-")?.parse().ok()
    });
    let mut chains: Vec<u32> = numbers.collect();
    chains.sort_unstable();
    chains
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<_> = entries.map(|entry| entry.path()).collect();
    all.retain(|path| path.is_dir());
    all.sort();
    all
}

/// A key's log as the node opens it, and its mark; the log is begun when the key was never used.
fn open(data: &Path, chain: u32, config: VoteLogConfig) -> Result<(VoteLog, KeyUse), VoteLogError> {
    let [votes, mark] = folders(data, chain, config.key);
    let mark = KeyUse::open(Box::new(FsDir::open(&mark)?), config)?;
    let log = VoteLog::open(Box::new(FsDir::open(&votes)?), config, mark.last())?;
    Ok((log, mark))
}

impl KeyRecord {
    fn of(chain: u32, key: Hash, log: &VoteLog) -> Self {
        let votes = log.records().iter().map(|record| VoteEntry {
            sequence: U64(record.sequence),
            epoch: U64(record.vote.epoch),
            round: U64(record.vote.round),
            kind: record.vote.kind,
            vote: hex::encode(&record.vote.payload),
        });
        Self {
            chain,
            key,
            sequence: U64(log.last_sequence()),
            votes: votes.collect(),
        }
    }

    /// The key, its newest vote, and the highest round of each epoch and kind.
    pub(super) fn summary(&self) -> Value {
        let mut highest: BTreeMap<(u64, u8), u64> = BTreeMap::new();
        for vote in &self.votes {
            let round = highest.entry((vote.epoch.0, vote.kind)).or_default();
            *round = vote.round.0.max(*round);
        }
        let highest = highest.into_iter().map(|((epoch, kind), round)| {
            json!({ "epoch": U64(epoch), "kind": kind, "round": U64(round) })
        });
        json!({
            "chain": self.chain,
            "key": self.key,
            "sequence": self.sequence,
            "highest": highest.collect::<Vec<_>>(),
        })
    }

    /// [T2] Each vote is one, and of the place that it is said to be of.
    pub(super) fn check(&self) -> Result<(), CarryError> {
        let mut before = 0;
        for entry in &self.votes {
            let sequence = entry.sequence.0;
            let in_order = sequence > before && sequence <= self.sequence.0;
            if !in_order || entry.record(self.chain).is_none() {
                let chain = self.chain;
                return Err(CarryError::Vote { chain, sequence });
            }
            before = sequence;
        }
        Ok(())
    }
}

impl VoteEntry {
    fn record(&self, chain: u32) -> Option<VoteRecord> {
        let payload = hex::decode(&self.vote).ok()?;
        let vote: types::Vote = borsh::from_slice(&payload).ok()?;
        let found = (vote.chain.0, vote.epoch, vote.round, vote.kind as u8);
        let (epoch, round, kind) = (self.epoch.0, self.round.0, self.kind);
        (found == (chain, epoch, round, kind)).then_some(VoteRecord {
            sequence: self.sequence.0,
            vote: Vote {
                chain,
                epoch,
                round,
                kind,
                payload,
            },
        })
    }
}

/// What the directory will know of a key. [T3]
pub(super) fn plan(data: &Path, network: NetworkId, key: &KeyRecord) -> Result<Plan, CarryError> {
    let chain = key.chain;
    let failed = |source| CarryError::Log { chain, source };
    let config = VoteLogConfig {
        network: network.0,
        key: key.key,
    };
    let (known, used) = known(data, chain, config).map_err(failed)?;
    let mut all: BTreeMap<u64, Vote> = BTreeMap::new();
    for record in &known {
        all.insert(record.sequence, record.vote.clone());
    }
    let mut news = false;
    for record in key.votes.iter().filter_map(|entry| entry.record(chain)) {
        let sequence = record.sequence;
        match all.get(&sequence) {
            Some(vote) if *vote != record.vote => {
                return Err(CarryError::TwoMachines { chain, sequence });
            }
            Some(_) => {}
            None => {
                news = true;
                all.insert(sequence, record.vote);
            }
        }
    }
    let newest = known.last().map_or(0, |record| record.sequence);
    let last = key.sequence.0.max(newest);
    if let Some(key) = used.filter(|used| *used > last) {
        // [T4]
        let log = Some(last);
        return Err(failed(VoteLogError::OlderThanKey { log, key }));
    }
    let records = all.into_iter();
    Ok(Plan {
        chain,
        config,
        folders: folders(data, chain, key.key),
        last,
        records: records
            .map(|(sequence, vote)| VoteRecord { sequence, vote })
            .collect(),
        news: news || last > newest,
    })
}

/// The records of a key that the directory knows, if there is a log, and how far it was used.
fn known(
    data: &Path,
    chain: u32,
    config: VoteLogConfig,
) -> Result<(Vec<VoteRecord>, Option<u64>), VoteLogError> {
    let [votes, mark] = folders(data, chain, config.key);
    let used = match mark.is_dir() {
        true => KeyUse::open(Box::new(FsDir::open(&mark)?), config)?.last(),
        false => None,
    };
    if !votes.is_dir() {
        return Ok((Vec::new(), used));
    }
    let dir = FsDir::open(&votes)?;
    if VoteLog::owner(&dir)?.is_none() {
        return Ok((Vec::new(), used));
    }
    let log = VoteLog::open(Box::new(dir), config, None)?;
    Ok((log.records().to_vec(), used.max(Some(log.last_sequence()))))
}

impl Plan {
    /// What will be known.
    pub(super) fn summary(&self) -> Value {
        let (sequence, imported) = (U64(self.last), self.news);
        json!({
            "chain": self.chain,
            "key": self.config.key,
            "sequence": sequence,
            "imported": imported,
        })
    }

    /// The log first, then the mark, which may lag and never lead.
    pub(super) fn write(self) -> Result<(), CarryError> {
        if !self.news {
            return Ok(());
        }
        let chain = self.chain;
        self.carry()
            .map_err(|source| CarryError::Log { chain, source })
    }

    fn carry(self) -> Result<(), VoteLogError> {
        let [votes, mark] = &self.folders;
        let dir = Box::new(FsDir::open(votes)?);
        let log = VoteLog::carry(dir, self.config, self.last, self.records)?;
        let mut mark = KeyUse::open(Box::new(FsDir::open(mark)?), self.config)?;
        mark.note(log.durable_sequence())
    }
}
