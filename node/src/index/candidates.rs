//! Blocks that are not final yet, and messages that are in none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use types::{BlockHash, ExternalCall, MessageId, Time};

use super::growth::Growth;
use super::record::{Content, Marks, Spot, Submission, Times};

/// An executed proposal.
pub(super) struct Candidate {
    pub(super) content: Arc<Content>,
    pub(super) proposed: Time,
    pub(super) growth: Growth,
}

impl Candidate {
    /// When it was seen at the levels that a proposal can have.
    pub(super) fn times(&self) -> Times {
        Times {
            proposed: Some(self.proposed),
            ..Times::default()
        }
    }
}

/// Executed proposals that may become final, a bounded number for each chain.
#[derive(Default)]
pub(super) struct Candidates {
    blocks: BTreeMap<BlockHash, Candidate>,
    mentions: BTreeMap<(MessageId, BlockHash), Marks>,
    /// Early consensus on blocks that were not executed yet.
    ahead: BTreeMap<BlockHash, (Spot, Growth)>,
}

impl Candidates {
    pub(super) fn has(&self, hash: &BlockHash) -> bool {
        self.blocks.contains_key(hash)
    }

    pub(super) fn get_mut(&mut self, hash: &BlockHash) -> Option<&mut Candidate> {
        self.blocks.get_mut(hash)
    }

    /// Keeps a proposal; when there are too many of its chain, that of the lowest round goes.
    pub(super) fn insert(&mut self, hash: BlockHash, content: Arc<Content>, now: Time, cap: usize) {
        let chain = content.header.chain;
        let of_chain = self.blocks.iter();
        let mut rounds: Vec<_> = of_chain
            .filter(|(_, block)| block.content.header.chain == chain)
            .map(|(hash, block)| (block.content.header.round, *hash))
            .collect();
        rounds.sort_unstable();
        let over = (rounds.len() + 1).saturating_sub(cap);
        for (_, hash) in rounds.into_iter().take(over) {
            self.take(&hash);
        }
        for (id, marks) in content.marks() {
            self.mentions.insert((id, hash), marks);
        }
        let candidate = Candidate {
            content,
            proposed: now,
            growth: self.early(&hash),
        };
        self.blocks.insert(hash, candidate);
    }

    /// Keeps early consensus on a block that is still to be executed; at most `cap` of them.
    pub(super) fn herald(&mut self, spot: Spot, hash: BlockHash, cap: usize) -> &mut Growth {
        while self.ahead.len() >= cap.max(1) && !self.ahead.contains_key(&hash) {
            self.ahead.pop_first();
        }
        let (_, growth) = self.ahead.entry(hash).or_insert((spot, Growth::default()));
        growth
    }

    /// What is known of early consensus on a block that was not executed; it is kept no longer.
    pub(super) fn early(&mut self, hash: &BlockHash) -> Growth {
        let ahead = self.ahead.remove(hash);
        ahead.map_or_else(Growth::default, |(_, growth)| growth)
    }

    pub(super) fn take(&mut self, hash: &BlockHash) -> Option<Candidate> {
        let candidate = self.blocks.remove(hash)?;
        for id in candidate.content.marks().keys() {
            self.mentions.remove(&(*id, *hash));
        }
        Some(candidate)
    }

    /// Drops what can't become final any more: everything up to a final block.
    pub(super) fn forget(&mut self, last: Spot) {
        let blocks = self.blocks.iter();
        let gone: Vec<_> = blocks
            .filter(|(_, block)| {
                let header = &block.content.header;
                header.chain == last.chain && header.height <= last.height
            })
            .map(|(hash, _)| *hash)
            .collect();
        for hash in gone {
            self.take(&hash);
        }
        self.ahead
            .retain(|_, (spot, _)| spot.chain != last.chain || spot.height > last.height);
    }

    /// The proposals that have something to do with a message, the likeliest to be final first.
    pub(super) fn of(&self, id: &MessageId) -> Vec<(&Candidate, Marks)> {
        let range = (*id, BlockHash::default())..=(*id, BlockHash([0xff; 32].into()));
        let mentions = self.mentions.range(range);
        let mut found: Vec<_> = mentions
            .filter_map(|((_, hash), marks)| Some((self.blocks.get(hash)?, *marks)))
            .collect();
        found.sort_by_key(|(block, _)| {
            std::cmp::Reverse((block.growth.seats(), block.content.header.round))
        });
        found
    }
}

/// A message that waits, and how often it was handed in and not refused.
struct Waiting {
    submission: Submission,
    times: u32,
}

/// External messages handed in here that no final block holds; the oldest go when it is full.
#[derive(Default)]
pub(super) struct Pending {
    messages: BTreeMap<MessageId, Waiting>,
    order: BTreeSet<(Time, MessageId)>,
    bytes: usize,
}

impl Pending {
    pub(super) fn get(&self, id: &MessageId) -> Option<&Submission> {
        self.messages.get(id).map(|waiting| &waiting.submission)
    }

    /// False when it is there already. The oldest go when there are more than `most`, or more bytes
    /// than `most_bytes`.
    pub(super) fn insert(
        &mut self,
        id: MessageId,
        call: ExternalCall,
        at: Time,
        (most, most_bytes): (usize, usize),
    ) -> bool {
        if let Some(waiting) = self.messages.get_mut(&id) {
            waiting.times = waiting.times.saturating_add(1);
            return false;
        }
        let bytes = size(&call);
        let full = |held: &Self| {
            held.messages.len() >= most.max(1) || held.bytes.saturating_add(bytes) > most_bytes
        };
        while full(self) {
            let Some((_, oldest)) = self.order.first().copied() else {
                break;
            };
            self.take(&oldest);
        }
        self.bytes += bytes;
        let submission = Submission {
            at,
            expired: false,
            call: Some(call),
        };
        let waiting = Waiting {
            submission,
            times: 1,
        };
        self.messages.insert(id, waiting);
        self.order.insert((at, id))
    }

    /// Takes back one handing in; whether the message leaves. The id does not tell by whom it is
    /// signed, so a forged copy may be refused when the true one was not.
    pub(super) fn refuse(&mut self, id: &MessageId) -> bool {
        let Some(waiting) = self.messages.get_mut(id) else {
            return false;
        };
        waiting.times -= 1;
        waiting.times == 0 && self.take(id).is_some()
    }

    pub(super) fn take(&mut self, id: &MessageId) -> Option<Submission> {
        let submission = self.messages.remove(id)?.submission;
        self.order.remove(&(submission.at, *id));
        self.bytes -= submission.call.as_ref().map_or(0, size);
        Some(submission)
    }
}

fn size(call: &ExternalCall) -> usize {
    borsh::object_length(call).unwrap_or(usize::MAX)
}
