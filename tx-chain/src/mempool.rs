//! The mempool: external messages that wait for a block.
//!
//! A sender's messages stand in a queue by nonce; only the message whose turn it is can be taken,
//! best price first, then first come. A message that a block holds is *in flight*: it stays here
//! until that block is final (dropped) or abandoned (its turn again). [C3]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use types::{AccountId, Amount, BlockHash, Height, MessageId};

use crate::signed::SignedMessage;

mod refusal;
#[cfg(test)]
mod tests;

pub use refusal::Refusal;

/// Bounds of a mempool. [C4]
#[derive(Clone, Copy, Debug)]
pub struct MempoolLimits {
    /// Messages in all.
    pub messages: usize,
    /// Bytes of all messages.
    pub bytes: usize,
    /// Messages of one sender.
    pub per_sender: usize,
    /// How far a nonce may be ahead of its account's.
    pub nonce_gap: u64,
    /// Root heights that an expiry may lie ahead.
    pub expiry_ahead: Height,
}

impl Default for MempoolLimits {
    fn default() -> Self {
        Self {
            messages: 100_000,
            bytes: 64 << 20,
            per_sender: 256,
            nonce_gap: 256,
            expiry_ahead: 100_000,
        }
    }
}

/// What the mempool needs to know of a sender's account, as of the last final block.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// Its balance.
    pub balance: Amount,
    /// External messages that it has sent.
    pub nonce: u64,
}

/// What a block may take.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Messages.
    pub messages: usize,
    /// Encoded bytes.
    pub bytes: usize,
    /// Sum of gas limits.
    pub gas: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    message: SignedMessage,
    bytes: usize,
    arrival: u64,
}

impl Entry {
    fn cost(&self) -> Option<Amount> {
        let call = &self.message.message().call;
        call.value.plus(call.gas.cost())
    }

    fn price(&self) -> u64 {
        self.message.message().call.gas.price
    }
}

/// One sender's messages by nonce.
#[derive(Debug, Default)]
struct Queue {
    entries: BTreeMap<u64, Entry>,
    /// The nonce whose turn it is: the account's nonce plus the messages in flight.
    turn: u64,
}

type Head = (Reverse<u64>, u64, AccountId);

/// External messages that wait for a block.
#[derive(Debug)]
pub struct Mempool {
    limits: MempoolLimits,
    queues: BTreeMap<AccountId, Queue>,
    ids: BTreeMap<MessageId, (AccountId, u64)>,
    heads: BTreeSet<Head>,
    in_flight: BTreeMap<BlockHash, Vec<(AccountId, u64)>>,
    expiries: BTreeSet<(Height, AccountId, u64)>,
    bytes: usize,
    arrivals: u64,
}

impl Mempool {
    /// An empty mempool.
    pub fn new(limits: MempoolLimits) -> Self {
        Self {
            limits,
            queues: BTreeMap::new(),
            ids: BTreeMap::new(),
            heads: BTreeSet::new(),
            in_flight: BTreeMap::new(),
            expiries: BTreeSet::new(),
            bytes: 0,
            arrivals: 0,
        }
    }

    /// How many messages are here, in flight ones among them.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether a block could take something now.
    pub fn is_ready(&self) -> bool {
        !self.heads.is_empty()
    }

    /// The message of that id, if it is here.
    pub fn get(&self, id: &MessageId) -> Option<&SignedMessage> {
        let (sender, nonce) = self.ids.get(id)?;
        self.queues
            .get(sender)?
            .entries
            .get(nonce)
            .map(|entry| &entry.message)
    }

    /// The nonce that the sender's next message needs, with what waits here counted.
    pub fn next_nonce(&self, sender: &AccountId, account_nonce: u64) -> u64 {
        let Some(queue) = self.queues.get(sender) else {
            return account_nonce;
        };
        let mut next = queue.turn.max(account_nonce);
        while queue.entries.contains_key(&next) {
            next += 1;
        }
        next
    }

    /// Takes a message in, or says why not; a refusal changes nothing.
    pub fn admit(
        &mut self,
        message: SignedMessage,
        sender: Sender,
        root_height: Height,
    ) -> Result<(), Refusal> {
        let bytes = message.bytes();
        let entry = Entry {
            message,
            bytes,
            arrival: self.arrivals,
        };
        self.check(&entry, sender, root_height)?;
        self.arrivals += 1;
        self.insert(entry, sender.nonce);
        Ok(())
    }

    /// Takes the best messages whose turn it is, within the budget. Each must be handed back by
    /// [`Mempool::include`] or [`Mempool::give_back`].
    pub fn take(&mut self, budget: Budget) -> Vec<SignedMessage> {
        let (mut taken, mut bytes, mut gas) = (Vec::new(), 0_usize, 0_u64);
        while taken.len() < budget.messages {
            let Some(head) = self.heads.first().copied() else {
                break;
            };
            let Some(entry) = self.head_entry(&head) else {
                break;
            };
            bytes = bytes.saturating_add(entry.bytes);
            gas = gas.saturating_add(entry.message.message().call.gas.limit);
            if bytes > budget.bytes || gas > budget.gas {
                break;
            }
            taken.push(entry.message.clone());
            self.set_turn(head.2, |turn| turn + 1);
        }
        taken
    }

    /// Puts taken messages back as if they had not been taken.
    pub fn give_back<'a>(&mut self, messages: impl IntoIterator<Item = &'a SignedMessage>) {
        for message in messages {
            let call = &message.message().call;
            self.set_turn(call.from, |turn| turn.min(call.nonce));
        }
    }

    /// Records that `block` holds these messages, taken from here or not.
    pub fn include<'a>(
        &mut self,
        block: BlockHash,
        messages: impl IntoIterator<Item = (&'a AccountId, u64)>,
    ) {
        let held: Vec<_> = messages
            .into_iter()
            .map(|(sender, nonce)| (*sender, nonce))
            .collect();
        for (sender, nonce) in &held {
            self.set_turn(*sender, |turn| turn.max(nonce + 1));
        }
        if !held.is_empty() {
            self.in_flight.insert(block, held);
        }
    }

    /// The block is final: its messages leave, and with them all of a used nonce.
    ///
    /// Returns the ids that left: those of the block, and others whose nonce it used.
    pub fn finalize(&mut self, block: &BlockHash) -> Vec<MessageId> {
        let mut gone = Vec::new();
        for (sender, nonce) in self.in_flight.remove(block).unwrap_or_default() {
            while let Some(lowest) = self.lowest(&sender).filter(|lowest| *lowest <= nonce) {
                gone.extend(self.remove(&sender, lowest));
            }
            self.set_turn(sender, |turn| turn.max(nonce + 1));
        }
        gone
    }

    /// The block will never be final: its messages wait again.
    pub fn abandon(&mut self, block: &BlockHash) {
        for (sender, nonce) in self.in_flight.remove(block).unwrap_or_default() {
            self.set_turn(sender, |turn| turn.min(nonce));
        }
    }

    /// No block that is not final yet will ever be: all that they hold waits again.
    pub fn abandon_all(&mut self) {
        let blocks: Vec<_> = self.in_flight.keys().copied().collect();
        blocks.iter().for_each(|block| self.abandon(block));
    }

    /// Drops what may no longer be included at `root_height`; returns the ids.
    pub fn expire(&mut self, root_height: Height) -> Vec<MessageId> {
        let mut gone = Vec::new();
        while let Some((_, sender, nonce)) = self
            .expiries
            .first()
            .copied()
            .filter(|(expiry, ..)| *expiry < root_height)
        {
            gone.extend(self.remove(&sender, nonce));
        }
        gone
    }

    /// Drops one message, as when execution found that it can't be included.
    pub fn drop_message(&mut self, sender: &AccountId, nonce: u64) {
        self.remove(sender, nonce);
    }

    fn check(&self, new: &Entry, sender: Sender, root_height: Height) -> Result<(), Refusal> {
        let call = &new.message.message().call;
        if self.ids.contains_key(&new.message.id()) {
            return Err(Refusal::Known);
        }
        if call.nonce < sender.nonce {
            return Err(Refusal::NonceUsed {
                nonce: call.nonce,
                next: sender.nonce,
            });
        }
        if call.nonce - sender.nonce > self.limits.nonce_gap {
            return Err(Refusal::NonceGap {
                nonce: call.nonce,
                next: sender.nonce,
            });
        }
        if call.expiry < root_height {
            return Err(Refusal::Expired {
                expiry: call.expiry,
                root_height,
            });
        }
        if call.expiry - root_height > self.limits.expiry_ahead {
            return Err(Refusal::ExpiryTooFar {
                most: root_height + self.limits.expiry_ahead,
            });
        }
        self.check_funds(new, sender)?;
        self.check_room(new)
    }

    /// A sender must be able to pay all that it has waiting, so that nothing here is latently dead.
    fn check_funds(&self, new: &Entry, sender: Sender) -> Result<(), Refusal> {
        let nonce = new.message.message().call.nonce;
        let queue = self.queues.get(&new.message.message().call.from);
        let others = queue.into_iter().flat_map(|queue| &queue.entries);
        let waiting = others
            .filter(|(at, _)| **at >= sender.nonce && **at != nonce)
            .try_fold(Amount::ZERO, |sum, (_, entry)| sum.plus(entry.cost()?));
        let needed = waiting.and_then(|waiting| waiting.plus(new.cost()?));
        match needed {
            Some(needed) if needed <= sender.balance => Ok(()),
            _ => Err(Refusal::Balance {
                balance: sender.balance,
            }),
        }
    }

    fn check_room(&self, new: &Entry) -> Result<(), Refusal> {
        let call = &new.message.message().call;
        let queue = self.queues.get(&call.from);
        if let Some(old) = queue.and_then(|queue| queue.entries.get(&call.nonce)) {
            let least = old
                .price()
                .saturating_add(old.price().div_ceil(10))
                .max(old.price().saturating_add(1));
            let in_flight = queue.is_some_and(|queue| call.nonce < queue.turn);
            return if in_flight || new.price() < least {
                Err(Refusal::Underpriced { least })
            } else {
                Ok(())
            };
        }
        if queue.is_some_and(|queue| queue.entries.len() >= self.limits.per_sender) {
            return Err(Refusal::SenderFull {
                most: self.limits.per_sender,
            });
        }
        // Nothing is evicted for a newcomer, so nobody can push out what others have waiting.
        if self.len() >= self.limits.messages || self.bytes + new.bytes > self.limits.bytes {
            return Err(Refusal::Full);
        }
        Ok(())
    }

    fn insert(&mut self, entry: Entry, account_nonce: u64) {
        let call = &entry.message.message().call;
        let (sender, nonce, expiry) = (call.from, call.nonce, call.expiry);
        self.remove(&sender, nonce);
        self.bytes += entry.bytes;
        self.ids.insert(entry.message.id(), (sender, nonce));
        self.expiries.insert((expiry, sender, nonce));
        let fresh = Queue {
            turn: account_nonce,
            ..Queue::default()
        };
        self.queues
            .entry(sender)
            .or_insert(fresh)
            .entries
            .insert(nonce, entry);
        self.set_turn(sender, |turn| turn.max(account_nonce));
    }

    fn remove(&mut self, sender: &AccountId, nonce: u64) -> Option<MessageId> {
        self.unlist(sender);
        let queue = self.queues.get_mut(sender)?;
        let entry = queue.entries.remove(&nonce);
        let empty = queue.entries.is_empty();
        if empty {
            self.queues.remove(sender);
        }
        self.list(sender);
        let entry = entry?;
        let id = entry.message.id();
        self.bytes -= entry.bytes;
        self.ids.remove(&id);
        self.expiries
            .remove(&(entry.message.message().call.expiry, *sender, nonce));
        Some(id)
    }

    fn lowest(&self, sender: &AccountId) -> Option<u64> {
        self.queues
            .get(sender)?
            .entries
            .first_key_value()
            .map(|(nonce, _)| *nonce)
    }

    fn set_turn(&mut self, sender: AccountId, change: impl FnOnce(u64) -> u64) {
        self.unlist(&sender);
        if let Some(queue) = self.queues.get_mut(&sender) {
            queue.turn = change(queue.turn);
        }
        self.list(&sender);
    }

    fn head(&self, sender: &AccountId) -> Option<Head> {
        let queue = self.queues.get(sender)?;
        let entry = queue.entries.get(&queue.turn)?;
        Some((Reverse(entry.price()), entry.arrival, *sender))
    }

    fn head_entry(&self, head: &Head) -> Option<&Entry> {
        let queue = self.queues.get(&head.2)?;
        queue.entries.get(&queue.turn)
    }

    fn list(&mut self, sender: &AccountId) {
        self.heads.extend(self.head(sender));
    }

    fn unlist(&mut self, sender: &AccountId) {
        if let Some(head) = self.head(sender) {
            self.heads.remove(&head);
        }
    }
}
