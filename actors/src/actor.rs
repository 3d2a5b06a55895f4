//! An account at work: its copy of itself, and what its steps leave behind.

use std::collections::BTreeMap;
use std::sync::Arc;

use store::Key;
use types::{
    AccountId, Amount, Height, MessageId, Notes, Receipt, RelayBody, RelayMessage, Status, limits,
};

use crate::queue::{rest, sum};
use crate::{Account, Context, Fault, Letter, Slot, State};

/// An account that takes part in a block.
pub(crate) struct Actor {
    pub(crate) id: AccountId,
    pub(crate) account: Account,
    /// What it carried when it was loaded.
    pub(crate) before: Amount,
    /// Writes to its storage, applied when the block is settled.
    pub(crate) writes: BTreeMap<Key, Option<Slot>>,
    pub(crate) receipts: Vec<Receipt>,
    pub(crate) outputs: Vec<Output>,
    /// For each step, how many outputs there are after it.
    pub(crate) ends: Vec<u32>,
    pub(crate) gas: u64,
    pub(crate) burned: Amount,
}

/// Actors in the order of their ids. Boxed: an actor is large and changes hands often.
pub(crate) type Actors = Vec<Box<Actor>>;

/// A message that a step produced.
pub(crate) struct Output {
    pub(crate) letter: Arc<Letter>,
    /// Does the recipient live on this chain?
    pub(crate) inter: bool,
    /// Was it consumed in this block?
    pub(crate) consumed: bool,
}

/// What a message that failed returns.
pub(crate) struct Back {
    /// To its sender.
    pub(crate) bounce: Amount,
    /// To the payer of the tree.
    pub(crate) refund: Amount,
}

impl Back {
    /// All of it to the sender.
    pub(crate) const fn whole(bounce: Amount) -> Self {
        Self {
            bounce,
            refund: Amount::ZERO,
        }
    }
}

/// The message whose execution sends.
pub(crate) struct Parent {
    pub(crate) id: MessageId,
    pub(crate) trace: MessageId,
    /// Who paid for the gas of the tree, and gets what nobody used.
    pub(crate) payer: AccountId,
    pub(crate) depth: u8,
    pub(crate) deadline: Height,
    pub(crate) price: u64,
}

impl Actor {
    pub(crate) fn load(state: &State, id: AccountId) -> Self {
        let account = state.account(&id).cloned().unwrap_or_default();
        Self {
            id,
            before: account.carried(),
            account,
            writes: BTreeMap::new(),
            receipts: Vec::new(),
            outputs: Vec::new(),
            ends: Vec::new(),
            gas: 0,
            burned: Amount::ZERO,
        }
    }

    /// Consumes a relay message. Never fails: a message that fails returns. [G6]
    pub(crate) fn relay(&mut self, letter: &Letter, ctx: &Context) {
        match &letter.message().body {
            RelayBody::Credit => self.credit(letter, ctx),
            RelayBody::Call { .. } | RelayBody::Deploy { .. } | RelayBody::Upgrade { .. } => {
                self.call(letter, ctx);
            }
            RelayBody::Bounce(_) | RelayBody::Refund | RelayBody::Reply { .. } => {
                self.take_back(letter, ctx);
            }
        }
    }

    /// Ends a step: what was sent since the last one are its outputs.
    pub(crate) fn end_step(&mut self) {
        self.ends.push(self.outputs.len() as u32);
    }

    /// Where the outputs of a step are among all outputs.
    pub(crate) fn outputs_of(&self, step: usize) -> std::ops::Range<usize> {
        let end_of = |step: usize| self.ends.get(step).map_or(0, |end| *end as usize);
        let start = step.checked_sub(1).map_or(0, end_of);
        start..end_of(step)
    }

    /// Applies the writes to the account's storage, once all steps ran.
    pub(crate) fn store(&mut self) {
        if !self.writes.is_empty() {
            let writes = std::mem::take(&mut self.writes);
            self.account.storage = self.account.storage.apply(writes);
        }
    }

    /// Takes a fee from value that no longer is in the account. [G7]
    pub(crate) fn burn(&mut self, units: u64, price: u64) {
        let fee = types::Gas {
            limit: units,
            price,
        }
        .cost();
        self.burned = sum(self.burned, fee);
    }

    /// Takes a fee from the balance.
    pub(crate) fn pay(&mut self, units: u64, price: u64) {
        let fee = types::Gas {
            limit: units,
            price,
        }
        .cost();
        self.account.balance = rest(self.account.balance, fee);
        self.burn(units, price);
    }

    /// Sends a message whose value and gas were debited before. [G5]
    pub(crate) fn emit(&mut self, message: RelayMessage, ctx: &Context) -> MessageId {
        let inter = ctx.is_home(&message.to);
        let letter = Letter::new(message);
        assert!(letter.is_some(), "what was debited fits in a u128");
        letter.map_or_else(MessageId::default, |letter| {
            let id = letter.id();
            self.outputs.push(Output {
                letter: Arc::new(letter),
                inter,
                consumed: false,
            });
            id
        })
    }

    /// Writes the receipt of a message and counts its gas. [G1]
    pub(crate) fn receipt(
        &mut self,
        message: MessageId,
        status: Status,
        work: u64,
        outputs: Vec<MessageId>,
    ) {
        self.receipt_with(message, status, work, outputs, None);
    }

    /// Writes the receipt of a message whose code said something.
    pub(crate) fn receipt_with(
        &mut self,
        message: MessageId,
        status: Status,
        work: u64,
        outputs: Vec<MessageId>,
        notes: Option<Box<Notes>>,
    ) {
        self.gas = self.gas.saturating_add(work);
        self.receipts.push(Receipt {
            message,
            status,
            gas: work,
            outputs,
            notes,
        });
    }

    /// Ends a failed relay message: one receipt, one bounce with what comes back, and a refund if
    /// unused gas goes elsewhere. [G6]
    pub(crate) fn fail(
        &mut self,
        letter: &Letter,
        fault: Fault,
        work: u64,
        back: Back,
        ctx: &Context,
    ) {
        let code = fault.code;
        let message = letter.message();
        let head = match &message.body {
            RelayBody::Call { data, .. } => {
                data.iter().take(limits::BOUNCE_HEAD).copied().collect()
            }
            _ => Vec::new(),
        };
        let bounce = types::Bounce {
            of: letter.id(),
            code,
            head,
        };
        let parent = Parent::of(letter);
        let body = RelayBody::Bounce(bounce);
        let bounce = parent.back(self.id, message.from, back.bounce, body, 0);
        let mut outputs = vec![self.emit(bounce, ctx)];
        if !back.refund.is_zero() {
            let (to, body) = (message.payer, RelayBody::Refund);
            let refund = parent.back(self.id, to, back.refund, body, 1);
            outputs.push(self.emit(refund, ctx));
        }
        let status = Status::Failed(code);
        self.receipt_with(letter.id(), status, work, outputs, fault.notes());
    }

    /// Claimable value joins the balance where it fits.
    pub(crate) fn claim(&mut self) {
        if let Some(balance) = self.account.balance.plus(self.account.claimable) {
            self.account.balance = balance;
            self.account.claimable = Amount::ZERO;
        }
    }

    /// A system account that nothing answers for.
    pub(crate) fn is_nobody(&self, ctx: &Context) -> bool {
        self.id.system_chain().is_some() && !ctx.behaviours.has(&self.id)
    }
}

impl Parent {
    /// A relay message as the parent of what its execution sends.
    pub(crate) fn of(letter: &Letter) -> Self {
        let message = letter.message();
        Self {
            id: letter.id(),
            trace: message.trace,
            payer: message.payer,
            depth: message.depth,
            deadline: message.deadline,
            price: message.gas.price,
        }
    }

    /// What goes back to `to`, who sent the message. Without deadline, and at no greater depth than
    /// allowed, so that nothing can stop it.
    pub(crate) fn back(
        &self,
        from: AccountId,
        to: AccountId,
        value: Amount,
        body: RelayBody,
        output: u32,
    ) -> RelayMessage {
        RelayMessage {
            trace: self.trace,
            parent: self.id,
            output,
            depth: self.depth.saturating_add(1).min(limits::DEPTH),
            from,
            to,
            payer: self.payer,
            value,
            gas: types::Gas {
                limit: 0,
                price: self.price,
            },
            deadline: Height::MAX,
            body,
        }
    }
}
