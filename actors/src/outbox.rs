//! An account's outbox: what waits for room on each lane. [G8]

use std::collections::BTreeMap;
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize, io};
use crypto::{Domain, Hash, Hasher};
use types::{Amount, ChainId};

use crate::queue::sum;
use crate::{Letter, Queue};

const OUTBOX: Domain = Domain::new("thinkey/outbox");

/// Relay messages that wait for room on their lanes: a queue for each destination.
///
/// Its bytes are the count of lanes and, ascending, each destination with its queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    /// No queue is empty; none at all for most accounts.
    lanes: Option<Arc<BTreeMap<ChainId, Queue>>>,
}

impl Outbox {
    /// Whether nothing waits.
    pub const fn is_empty(&self) -> bool {
        self.lanes.is_none()
    }

    /// The destinations that something waits for, ascending, and what waits.
    pub fn lanes(&self) -> impl Iterator<Item = (ChainId, &Queue)> {
        let lanes = self.lanes.iter().flat_map(|lanes| lanes.iter());
        lanes.map(|(to, queue)| (*to, queue))
    }

    /// What waits for one destination; `None` when nothing does.
    pub fn lane(&self, to: ChainId) -> Option<&Queue> {
        self.lanes.as_ref()?.get(&to)
    }

    /// All messages: destinations ascending, of each the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Letter>> {
        self.lanes().flat_map(|(_, queue)| queue.iter())
    }

    /// The value and prepaid gas of all that wait.
    pub fn carried(&self) -> Amount {
        let queues = self.lanes().map(|(_, queue)| queue.carried());
        queues.fold(Amount::ZERO, sum)
    }

    /// Commitment: a hash over the destinations and their queues' roots; `None` when empty.
    pub fn root(&self) -> Option<Hash> {
        let lanes = self.lanes.as_ref()?;
        let mut hasher = Hasher::new(OUTBOX);
        for (to, queue) in lanes.iter() {
            hasher.update(&to.0.to_le_bytes());
            hasher.update(queue.root().unwrap_or_default().as_bytes());
        }
        Some(hasher.finish())
    }

    pub(crate) fn push(&mut self, to: ChainId, letter: Arc<Letter>) {
        let lanes = Arc::make_mut(self.lanes.get_or_insert_default());
        lanes.entry(to).or_default().push(letter);
    }

    pub(crate) fn pop(&mut self, to: ChainId) -> Option<Arc<Letter>> {
        let lanes = Arc::make_mut(self.lanes.as_mut()?);
        let queue = lanes.get_mut(&to)?;
        let letter = queue.pop();
        if queue.is_empty() {
            lanes.remove(&to);
        }
        if lanes.is_empty() {
            self.lanes = None;
        }
        letter
    }
}

impl BorshSerialize for Outbox {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        let count = self.lanes.as_ref().map_or(0, |lanes| lanes.len());
        (count as u32).serialize(writer)?;
        self.lanes().try_for_each(|lane| lane.serialize(writer))
    }
}

impl BorshDeserialize for Outbox {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let wrong = |why| Err(io::Error::new(io::ErrorKind::InvalidData, why));
        let mut lanes: BTreeMap<ChainId, Queue> = BTreeMap::new();
        let mut carried = Some(Amount::ZERO);
        for _ in 0..u32::deserialize_reader(reader)? {
            let (to, queue): (ChainId, Queue) = BorshDeserialize::deserialize_reader(reader)?;
            if lanes.last_key_value().is_some_and(|(last, _)| *last >= to) {
                return wrong("lanes out of order");
            }
            if queue.is_empty() {
                return wrong("nothing waits for a lane");
            }
            carried = carried.and_then(|carried| carried.plus(queue.carried()));
            lanes.insert(to, queue);
        }
        if carried.is_none() {
            return wrong("an outbox carries too much");
        }
        let lanes = (!lanes.is_empty()).then(|| Arc::new(lanes));
        Ok(Self { lanes })
    }
}

#[cfg(test)]
mod tests;
