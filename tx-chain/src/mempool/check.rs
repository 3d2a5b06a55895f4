//! What the mempool takes in, and why not the rest. [C4]

use types::{Amount, Height};

use super::queue::{Entry, Queue};
use super::room::Size;
use super::{Mempool, Refusal, Sender};

impl Mempool {
    pub(super) fn check(
        &self,
        new: &Entry,
        sender: Sender,
        root_height: Height,
    ) -> Result<(), Refusal> {
        if self.ids.contains_key(&new.id()) {
            return Err(Refusal::Known);
        }
        let queue = self.queues.get(&new.sender());
        let next = self.next_nonce(&new.sender(), sender.nonce);
        self.check_nonce(new, sender, next)?;
        self.check_expiry(new, root_height)?;
        check_funds(new, sender, queue)?;
        check_price(new, queue)?;
        self.check_room(new, queue, next)
    }

    /// `next` is the first nonce that is neither used nor waiting.
    fn check_nonce(&self, new: &Entry, sender: Sender, next: u64) -> Result<(), Refusal> {
        let nonce = new.nonce();
        if nonce < sender.nonce {
            return Err(Refusal::NonceUsed {
                nonce,
                next: sender.nonce,
            });
        }
        if nonce.saturating_sub(next) > self.limits.nonce_gap {
            return Err(Refusal::NonceGap { nonce, next });
        }
        Ok(())
    }

    fn check_expiry(&self, new: &Entry, root_height: Height) -> Result<(), Refusal> {
        let expiry = new.expiry();
        if expiry < root_height {
            return Err(Refusal::Expired {
                expiry,
                root_height,
            });
        }
        if expiry - root_height > self.limits.expiry_ahead {
            return Err(Refusal::ExpiryTooFar {
                most: root_height + self.limits.expiry_ahead,
            });
        }
        Ok(())
    }

    fn check_room(&self, new: &Entry, queue: Option<&Queue>, next: u64) -> Result<(), Refusal> {
        let old = queue.and_then(|queue| queue.get(new.nonce()));
        if old.is_none() && queue.is_some_and(|queue| queue.len() >= self.limits.per_sender) {
            return Err(Refusal::SenderFull {
                most: self.limits.per_sender,
            });
        }
        let leaves = old.map(Entry::size).unwrap_or_default();
        let with_it = |size: Size| size.minus(leaves).plus(new.size());
        // Nothing is evicted for a newcomer, so nobody can push out what others have waiting.
        if !with_it(self.size).fits(self.limits.room()) {
            return Err(Refusal::Full);
        }
        let nonce = new.nonce();
        if nonce <= next {
            return Ok(());
        }
        let of_sender = queue.map(Queue::stranded).unwrap_or_default();
        let fits = with_it(self.stranded).fits(self.limits.stranded_room());
        if fits && self.limits.may_strand(with_it(of_sender)) {
            return Ok(());
        }
        Err(Refusal::Stranded { nonce, next })
    }
}

/// A sender must be able to pay all that it has waiting, so that nothing here is latently dead.
fn check_funds(new: &Entry, sender: Sender, queue: Option<&Queue>) -> Result<(), Refusal> {
    let others = queue.into_iter().flat_map(Queue::entries);
    let waiting = others
        .filter(|entry| entry.nonce() >= sender.nonce && entry.nonce() != new.nonce())
        .try_fold(Amount::ZERO, |sum, entry| sum.plus(entry.cost()?));
    let needed = waiting.and_then(|waiting| waiting.plus(new.cost()?));
    match needed {
        Some(needed) if needed <= sender.balance => Ok(()),
        _ => Err(Refusal::Balance {
            balance: sender.balance,
        }),
    }
}

/// What replaces another message pays a tenth more, and comes before that one is in a block.
fn check_price(new: &Entry, queue: Option<&Queue>) -> Result<(), Refusal> {
    let Some((queue, old)) = queue.and_then(|queue| Some((queue, queue.get(new.nonce())?))) else {
        return Ok(());
    };
    let least = old
        .price()
        .saturating_add(old.price().div_ceil(10))
        .max(old.price().saturating_add(1));
    if new.nonce() < queue.turn() || new.price() < least {
        return Err(Refusal::Underpriced { least });
    }
    Ok(())
}
