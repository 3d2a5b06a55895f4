//! What a node of the network writes down and finds again when it starts anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use consensus::Seat;
use crypto::{Hash, hash_borsh};
use store::{KeyUse, MemoryDb, SimDisk, VoteLog, VoteLogConfig};
use tx_chain::journal::{Beginning, Parts, VoteParts};
use tx_chain::{Config, Effect, Journal, Start};
use types::{Vote, domain};

use super::{CHAIN, genesis_state, header, network, root};

/// The disks of a node, and the journal on them.
pub(crate) struct Disk {
    blocks: SimDisk,
    db: Arc<MemoryDb>,
    /// For each consensus key its votes and its mark.
    votes: BTreeMap<Hash, (SimDisk, SimDisk)>,
    journal: Option<Journal>,
}

impl Disk {
    pub(crate) fn new() -> Self {
        Self {
            blocks: SimDisk::new(),
            db: Arc::new(MemoryDb::new()),
            votes: BTreeMap::new(),
            journal: None,
        }
    }

    /// Power fails: what was not synced is lost.
    pub(crate) fn crash(&mut self) {
        self.crash_to(0, 0);
    }

    /// Power fails; the seeds decide what is left of the blocks and of the votes that were not
    /// synced.
    pub(crate) fn crash_to(&mut self, blocks: u64, votes: u64) {
        self.journal = None;
        self.blocks = self.blocks.crash(blocks);
        for (log, mark) in self.votes.values_mut() {
            (*log, *mark) = (log.crash(votes), mark.crash(votes));
        }
    }

    /// Reads back where the node stopped, as a node's shell does.
    pub(crate) fn open(&mut self, config: &Config) -> Start {
        let parts = Parts {
            blocks: Box::new(self.blocks.clone()),
            db: self.db.clone(),
            nonce: 7,
        };
        let state = genesis_state();
        let beginning = Beginning {
            network: network(),
            header: header(CHAIN, &state),
            state,
            root: root(),
        };
        let (mut journal, mut start) = Journal::open(parts, beginning).unwrap();
        let committee = start.committee(&config.consensus.committee);
        if let Some(seat) = config.keyring.seat(committee) {
            let votes = self.votes_of(&seat);
            journal.vote_with(votes, &mut start).unwrap();
        }
        self.journal = Some(journal);
        start
    }

    /// Keeps what an effect wants kept, before it is carried out.
    pub(crate) fn keep(&mut self, effect: &Effect) {
        let votes = match effect {
            Effect::Handover { seat, .. } => seat.as_ref().map(|seat| self.votes_of(seat)),
            _ => None,
        };
        let journal = self.journal.as_mut().unwrap();
        let kept = match effect {
            Effect::Persist(record) => journal.write(record),
            Effect::Broadcast(_) | Effect::Send { .. } => journal.sync(),
            Effect::Final(lot) => journal.finalized(lot).and_then(|()| journal.sync()),
            Effect::Handover { opening, .. } => journal.open_term(opening, votes),
            _ => Ok(()),
        };
        kept.unwrap();
    }

    /// Votes come from elsewhere, as they do when a validator moves to another machine.
    pub(crate) fn import(&mut self, seat: &Seat, votes: &[Vote]) {
        let (log, mark, key) = self.votes_of(seat);
        let config = VoteLogConfig {
            network: network().0,
            key,
        };
        let mut mark = KeyUse::open(mark, config).unwrap();
        let mut log = VoteLog::open(log, config, mark.last()).unwrap();
        for vote in votes {
            let written = store::Vote {
                chain: vote.chain.0,
                epoch: vote.epoch,
                round: vote.round,
                kind: vote.kind as u8,
                payload: borsh::to_vec(vote).unwrap(),
            };
            log.append(written).unwrap();
        }
        log.sync().unwrap();
        mark.note(log.durable_sequence()).unwrap();
    }

    /// What the key of the current term has signed.
    pub(crate) fn said(&self) -> Vec<Vote> {
        self.journal.as_ref().unwrap().said().unwrap().1
    }

    fn votes_of(&mut self, seat: &Seat) -> VoteParts {
        let key = hash_borsh(domain::GENESIS, &seat.key.public().to_bytes());
        let (votes, mark) = self.votes.entry(key).or_default();
        (Box::new(votes.clone()), Box::new(mark.clone()), key)
    }
}
