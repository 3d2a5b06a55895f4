//! What comes back: refunds, bounces and replies, and the handlers that wait for them. [G12]

use std::collections::BTreeMap;

use store::Key;
use types::{AccountId, Amount, Gas, MessageId, Notes, RelayBody, Status, limits};

use crate::actor::{Actor, Parent};
use crate::calls::run;
use crate::queue::{rest, sum};
use crate::send::Handler;
use crate::slots::handler_slot;
use crate::{Account, Context, Entry, Facts, Letter, Own, Slot, State, gas};

impl Actor {
    /// Credits what comes back, or keeps it claimable, then lets the handler that waits for it
    /// run. Its deadline does not count. [G6]
    pub(crate) fn take_back(&mut self, letter: &Letter, ctx: &Context) {
        match self.account.balance.plus(letter.carried()) {
            Some(balance) if !self.is_nobody(ctx) => self.account.balance = balance,
            _ => self.account.claimable = sum(self.account.claimable, letter.carried()),
        }
        match self.stop_waiting(letter) {
            None => self.receipt(letter.id(), Status::Done, gas::RETURN, Vec::new()),
            Some(handler) => self.handle_answer(letter, &handler, ctx),
        }
    }

    /// The handler that waits for the message. It is gone before it runs, so that whatever it
    /// does, it runs once. [T3]
    fn stop_waiting(&mut self, letter: &Letter) -> Option<Handler> {
        let of = answered(&letter.message().body)?;
        let (slot, handler) = waiting(&self.account, &self.writes, of)?;
        let length = slot.0.len();
        let contract = self.account.contract.as_mut()?;
        contract.resize(Some(length), None);
        contract.release(handler.gas.cost());
        if !cfg!(feature = "plant-waiting-handler") {
            self.writes.insert(handler_slot(of), None);
        }
        Some(handler)
    }

    fn handle_answer(&mut self, letter: &Letter, handler: &Handler, ctx: &Context) {
        let message = letter.message();
        let mut facts = Facts::of(letter.id(), message);
        let Some(entry) = entry(&message.body, handler, &mut facts) else {
            return self.receipt(letter.id(), Status::Done, gas::RETURN, Vec::new());
        };
        let Gas { price, limit } = handler.gas;
        facts.price = price;
        // Of a chain whose committee lies a bounce may bring less than the call took along.
        facts.value = facts.value.min(letter.carried());
        // Unused gas of the call: what came back besides the value.
        let spare = rest(letter.carried(), facts.value);
        let aside = sum(handler.gas.cost(), spare);
        let balance = rest(self.account.balance, aside);
        let left = handler_budget(limit, ctx).saturating_sub(gas::HANDLER);
        let mut own = Own::new(self.id, &self.account, &self.writes, facts, balance, left);
        own.may_send = message.depth < limits::DEPTH;
        let result = run(&mut own, entry, ctx);
        let (mut meter, mut left) = (own.meter, own.left);
        meter.work += gas::HANDLER.min(limit);
        let parent = Parent {
            price,
            ..Parent::of(letter)
        };
        let (status, used, mut outputs, notes) = match result {
            // What came back stays, whatever becomes of the handler.
            Err(fault) => {
                self.pay(meter.work, price);
                let status = Status::Failed(fault.code);
                (status, meter.work, Vec::new(), fault.notes())
            }
            Ok(()) => {
                let used = meter.used() + meter.given + meter.kept;
                let unused = limit - used;
                left.balance = sum(left.balance, sum(spare, cost(unused, price)));
                let (outputs, notes) = self.keep(&parent, left, &meter, ctx);
                let notes = (notes != Notes::default()).then(|| Box::new(notes));
                (Status::Done, used, outputs, notes)
            }
        };
        let unused = sum(spare, cost(limit - used, price));
        let output = outputs.len() as u32;
        outputs.extend(self.pass_on(&parent, unused, output, ctx));
        let work = gas::RETURN + meter.work;
        self.receipt_with(letter.id(), status, work, outputs, notes);
    }

    /// Hands gas that nobody used on to whoever paid for it, if it is worth a message. [G12]
    fn pass_on(
        &mut self,
        parent: &Parent,
        unused: Amount,
        output: u32,
        ctx: &Context,
    ) -> Option<MessageId> {
        let fee = cost(gas::RETURN, parent.price);
        let value = unused.minus(fee).filter(|value| !value.is_zero())?;
        if parent.payer == self.id {
            return None;
        }
        self.pay(gas::RETURN, parent.price);
        self.account.balance = rest(self.account.balance, value);
        let refund = parent.back(self.id, parent.payer, value, RelayBody::Refund, output);
        Some(self.emit(refund, ctx))
    }
}

fn cost(limit: u64, price: u64) -> Amount {
    Gas { limit, price }.cost()
}

/// The most gas that a relay message can use at an account that took part in the block before.
pub(crate) fn most(actor: &Actor, letter: &Letter, ctx: &Context) -> u64 {
    let body = &letter.message().body;
    let handler = answered(body).and_then(|of| waiting(&actor.account, &actor.writes, of));
    most_with(handler, letter, ctx)
}

/// The same for an account that did not; it is looked up only when a handler may wait.
pub(crate) fn most_stored(state: &State, id: &AccountId, letter: &Letter, ctx: &Context) -> u64 {
    let writes = BTreeMap::new();
    let body = &letter.message().body;
    let handler = answered(body).and_then(|of| waiting(state.account(id)?, &writes, of));
    most_with(handler, letter, ctx)
}

fn most_with(handler: Option<(&Slot, Handler)>, letter: &Letter, ctx: &Context) -> u64 {
    let handler = handler.map_or(0, |(_, handler)| handler_budget(handler.gas.limit, ctx));
    gas::most(letter.message(), ctx.call_limit()).saturating_add(handler)
}

/// A handler and the return that it answers fit into what one call may use.
fn handler_budget(limit: u64, ctx: &Context) -> u64 {
    let most = ctx.call_limit().saturating_sub(gas::RETURN);
    limit.min(most.max(gas::HANDLER))
}

/// The message that a reply or bounce answers.
const fn answered(body: &RelayBody) -> Option<&MessageId> {
    match body {
        RelayBody::Bounce(bounce) => Some(&bounce.of),
        RelayBody::Reply { of, .. } => Some(of),
        _ => None,
    }
}

fn waiting<'a>(
    account: &'a Account,
    writes: &'a BTreeMap<Key, Option<Slot>>,
    of: &MessageId,
) -> Option<(&'a Slot, Handler)> {
    account.contract.as_ref()?;
    let key = handler_slot(of);
    let slot = match writes.get(&key) {
        Some(written) => written.as_ref()?,
        None => account.storage.get(&key)?,
    };
    let handler = borsh::from_slice(&slot.0);
    assert!(handler.is_ok(), "nothing else writes such slots");
    Some((slot, handler.ok()?))
}

fn entry<'a>(body: &'a RelayBody, waits: &'a Handler, facts: &mut Facts) -> Option<Entry<'a>> {
    let (handler, context) = (&*waits.name, &*waits.context);
    match body {
        RelayBody::Reply { of, data } => {
            facts.value = Amount::ZERO;
            Some(Entry::Reply {
                handler,
                context,
                of: *of,
                data,
            })
        }
        RelayBody::Bounce(bounce) => {
            facts.value = waits.value;
            Some(Entry::Bounce {
                handler,
                context,
                of: bounce.of,
                code: bounce.code,
            })
        }
        _ => None,
    }
}
