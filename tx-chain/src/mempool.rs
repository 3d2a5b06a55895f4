//! The mempool: external messages that wait for a block.
//!
//! A sender's messages stand in a queue by nonce; only the message whose turn it is can be taken,
//! best price first, then first come. A message that a block holds is *in flight*: it stays here
//! until that block is final (dropped) or abandoned (its turn again). [C3]
//!
//! A message behind a missing nonce is *stranded*: its turn can't come, so its sender pays nothing
//! for its place. Such messages have an eighth of the room, to themselves, and those of one sender
//! little of it. When one in the middle of a queue leaves, those behind it strand; if they don't
//! fit, the farthest of the largest such queue leave.

use std::collections::{BTreeMap, BTreeSet};

use types::{AccountId, Amount, BlockHash, Height, MessageId};

use self::queue::{Entry, Head, Queue};
use self::room::Size;
use crate::signed::SignedMessage;

mod check;
mod queue;
mod refusal;
mod room;
#[cfg(test)]
mod tests;

pub use refusal::Refusal;
pub use room::MempoolLimits;

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

/// External messages that wait for a block.
#[derive(Debug)]
pub struct Mempool {
    limits: MempoolLimits,
    queues: BTreeMap<AccountId, Queue>,
    ids: BTreeMap<MessageId, (AccountId, u64)>,
    heads: BTreeSet<Head>,
    in_flight: BTreeMap<BlockHash, Vec<(AccountId, u64)>>,
    expiries: BTreeSet<(Height, AccountId, u64)>,
    size: Size,
    /// All that is stranded.
    stranded: Size,
    /// Senders with messages that stranded since the room was last tidied.
    set_back: BTreeSet<AccountId>,
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
            size: Size::default(),
            stranded: Size::default(),
            set_back: BTreeSet::new(),
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
        let entry = self.queues.get(sender)?.get(*nonce)?;
        Some(&entry.message)
    }

    /// The nonce that the sender's next message needs, with what waits here counted.
    pub fn next_nonce(&self, sender: &AccountId, account_nonce: u64) -> u64 {
        self.queues
            .get(sender)
            .map_or(account_nonce, |queue| queue.missing_from(account_nonce))
    }

    /// Takes a message in, or says why not; a refusal changes nothing.
    pub fn admit(
        &mut self,
        message: SignedMessage,
        sender: Sender,
        root_height: Height,
    ) -> Result<(), Refusal> {
        let entry = Entry {
            message,
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
            bytes = bytes.saturating_add(entry.message.bytes());
            gas = gas.saturating_add(entry.message.message().call.gas.limit);
            if bytes > budget.bytes || gas > budget.gas {
                break;
            }
            taken.push(entry.message.clone());
            self.set_turn(&head.2, |turn| turn + 1);
        }
        taken
    }

    /// Puts taken messages back as if they had not been taken.
    pub fn give_back<'a>(&mut self, messages: impl IntoIterator<Item = &'a SignedMessage>) {
        for message in messages {
            let call = &message.message().call;
            self.set_turn(&call.from, |turn| turn.min(call.nonce));
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
            self.set_turn(sender, |turn| turn.max(nonce + 1));
        }
        if !held.is_empty() {
            self.in_flight.insert(block, held);
        }
    }

    /// The block is final: its messages leave, and with them all of a used nonce.
    ///
    /// Returns the ids of these: those of the block, and others whose nonce it used.
    pub fn finalize(&mut self, block: &BlockHash) -> Vec<MessageId> {
        let mut gone = Vec::new();
        for (sender, nonce) in self.in_flight.remove(block).unwrap_or_default() {
            // The turn first: nothing strands for want of a nonce that was used.
            self.set_turn(&sender, |turn| turn.max(nonce + 1));
            while let Some(lowest) = self.lowest(&sender).filter(|lowest| *lowest <= nonce) {
                gone.extend(self.remove(&sender, lowest));
            }
        }
        self.tidy();
        gone
    }

    /// The block will never be final: its messages wait again.
    pub fn abandon(&mut self, block: &BlockHash) {
        for (sender, nonce) in self.in_flight.remove(block).unwrap_or_default() {
            self.set_turn(&sender, |turn| turn.min(nonce));
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
        self.tidy();
        gone
    }

    /// Drops one message, as when execution found that it can't be included.
    pub fn drop_message(&mut self, sender: &AccountId, nonce: u64) {
        self.remove(sender, nonce);
    }

    /// Makes room where messages stranded: the farthest of their queues leave, so that nobody
    /// pushes out what others have waiting. This is done when a block is final or a root height
    /// reached, for some strand only until then.
    ///
    /// Nobody is told their ids: unlike what expired, they may still be included from elsewhere.
    fn tidy(&mut self) {
        let room = self.limits.stranded_room();
        let late = std::mem::take(&mut self.set_back);
        late.iter().for_each(|sender| self.trim(sender));
        let mut leaving: BTreeSet<_> = late.iter().filter_map(|s| self.leaving(s)).collect();
        while !self.stranded.fits(room)
            && let Some((_, _, sender)) = leaving.pop_last()
        {
            self.remove_farthest(&sender);
            leaving.extend(self.leaving(&sender));
        }
    }

    /// Leaves a sender as many of its stranded messages as it may have.
    fn trim(&mut self, sender: &AccountId) {
        let limits = self.limits;
        let too_much = |queue: &Queue| !limits.may_strand(queue.stranded());
        while self.queues.get(sender).is_some_and(too_much) {
            self.remove_farthest(sender);
        }
    }

    /// The place of a sender's farthest stranded message among those of others that strand with
    /// it: the last leaves first. It is that of who takes most, then that which came last; ids say
    /// nothing, for an account can be made to have any.
    fn leaving(&self, sender: &AccountId) -> Option<(u128, u64, AccountId)> {
        let queue = self.queues.get(sender)?;
        let share = queue.stranded().share_of(self.limits.stranded_room());
        Some((share, queue.farthest_stranded()?.arrival, *sender))
    }

    fn remove_farthest(&mut self, sender: &AccountId) {
        let queue = self.queues.get(sender);
        if let Some(farthest) = queue.and_then(Queue::farthest_stranded) {
            self.remove(sender, farthest.nonce());
        }
    }

    fn insert(&mut self, entry: Entry, account_nonce: u64) {
        let (sender, size) = (entry.sender(), entry.size());
        let (id, nonce, expiry) = (entry.id(), entry.nonce(), entry.expiry());
        self.queues
            .entry(sender)
            .or_insert_with(|| Queue::new(account_nonce));
        let replaced = self.change(&sender, |queue| {
            queue.set_turn(queue.turn().max(account_nonce));
            queue.insert(entry)
        });
        if let Some(old) = replaced.flatten() {
            self.forget(&old);
        }
        self.size = self.size.plus(size);
        self.ids.insert(id, (sender, nonce));
        self.expiries.insert((expiry, sender, nonce));
    }

    fn remove(&mut self, sender: &AccountId, nonce: u64) -> Option<MessageId> {
        let entry = self.change(sender, |queue| queue.remove(nonce))??;
        self.forget(&entry);
        Some(entry.id())
    }

    /// Takes what left its queue off the books.
    fn forget(&mut self, entry: &Entry) {
        self.size = self.size.minus(entry.size());
        self.ids.remove(&entry.id());
        self.expiries
            .remove(&(entry.expiry(), entry.sender(), entry.nonce()));
    }

    fn lowest(&self, sender: &AccountId) -> Option<u64> {
        self.queues.get(sender)?.lowest()
    }

    fn set_turn(&mut self, sender: &AccountId, change: impl FnOnce(u64) -> u64) {
        self.change(sender, |queue| queue.set_turn(change(queue.turn())));
    }

    /// Changes a queue, and with it what is known of all queues; an empty one is dropped.
    fn change<T>(&mut self, sender: &AccountId, act: impl FnOnce(&mut Queue) -> T) -> Option<T> {
        let queue = self.queues.get_mut(sender)?;
        let (head, missing, stranded) = (queue.head(), queue.missing(), queue.stranded());
        let result = act(queue);
        if queue.head() != head {
            if let Some(head) = head {
                self.heads.remove(&head);
            }
            self.heads.extend(queue.head());
        }
        if queue.missing() < missing {
            self.set_back.insert(*sender);
        }
        self.stranded = self.stranded.minus(stranded).plus(queue.stranded());
        if queue.is_empty() {
            self.queues.remove(sender);
        }
        Some(result)
    }

    fn head_entry(&self, head: &Head) -> Option<&Entry> {
        let queue = self.queues.get(&head.2)?;
        queue.get(queue.turn())
    }
}
