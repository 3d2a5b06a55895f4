//! Calls, deploys and upgrades: what arrives with gas to run on.

use crypto::Hash;
use types::{
    AccountId, Amount, CodeBytes, Deploy, FailureCode, Gas, Height, MessageId, Notes, RelayBody,
    RelayMessage, Status, limits,
};

use crate::actor::{Actor, Back, Parent};
use crate::contract::{SLOT_BYTES, deposit};
use crate::own::{Left, Meter};
use crate::queue::sum;
use crate::send::Sending;
use crate::slots::code_slot;
use crate::{Code, Context, Contract, Entry, Facts, Fault, Letter, Own, Slot, gas};

impl Actor {
    /// Executes a call, deploy or upgrade with the value and gas that it brings.
    pub(crate) fn call(&mut self, letter: &Letter, ctx: &Context) {
        let message = letter.message();
        let budget = message.gas.limit.min(ctx.call_limit());
        let failure = match self.hindrance(letter, ctx) {
            Some(code) => Err(code),
            None if budget < self.least(&message.body) => Err(FailureCode::OutOfGas),
            None => {
                let balance = self.account.balance.plus(message.value);
                balance.ok_or(FailureCode::Overflow)
            }
        };
        match failure {
            Ok(balance) => self.handle(letter, balance, budget, ctx),
            Err(code) => {
                let used = message.gas.limit.min(gas::CALL);
                self.fail_call(letter, code.into(), gas::CALL, used, ctx);
            }
        }
    }

    /// What the message costs before any code runs.
    fn least(&self, body: &RelayBody) -> u64 {
        match body {
            // [G11] Nothing is validated when the account was made before.
            RelayBody::Deploy { .. } if self.account.contract.is_some() => gas::CALL,
            body => gas::least_relay(body),
        }
    }

    fn handle(&mut self, letter: &Letter, balance: Amount, budget: u64, ctx: &Context) {
        let message = letter.message();
        let least = self.least(&message.body);
        let facts = Facts::of(letter.id(), message);
        let left = budget - least;
        let mut own = Own::new(self.id, &self.account, &self.writes, facts, balance, left);
        own.may_send = message.depth < limits::DEPTH;
        let result = answer(&mut own, message, ctx);
        let (mut meter, left) = (own.meter, own.left);
        meter.work += least;
        match result {
            // What a failing handler would have paid ahead comes back with the rest.
            Err(fault) => {
                if cfg!(feature = "plant-failed-write") {
                    self.writes.extend(left.writes);
                }
                self.fail_call(letter, fault, meter.work, meter.work, ctx);
            }
            Ok(()) => self.succeed(letter, left, &meter, ctx),
        }
    }

    fn succeed(&mut self, letter: &Letter, left: Left, meter: &Meter, ctx: &Context) {
        let message = letter.message();
        let price = message.gas.price;
        let given = if cfg!(feature = "plant-gas-twice") {
            0
        } else {
            meter.given
        };
        let unused = message.gas.limit - meter.used() - given - meter.kept;
        let unused = Gas {
            limit: unused,
            price,
        };
        let parent = Parent::of(letter);
        let (mut outputs, notes) = self.keep(&parent, left, meter, ctx);
        if let Some(body) = back_of(letter, &notes, unused.cost()) {
            let output = outputs.len() as u32;
            let to = match body {
                // [G7] Not to the code that gave the gas to the call.
                RelayBody::Refund if !cfg!(feature = "plant-refund-to-code") => message.payer,
                _ => message.from,
            };
            let back = parent.back(self.id, to, unused.cost(), body, output);
            outputs.push(self.emit(back, ctx));
        }
        let notes = (notes != Notes::default()).then(|| Box::new(notes));
        self.receipt_with(letter.id(), Status::Done, meter.work, outputs, notes);
    }

    /// Makes what a run left behind count: burns its gas, sends its outputs.
    pub(crate) fn keep(
        &mut self,
        parent: &Parent,
        left: Left,
        meter: &Meter,
        ctx: &Context,
    ) -> (Vec<MessageId>, Notes) {
        self.burn(meter.used(), parent.price);
        self.account.balance = left.balance;
        self.account.contract = left.contract;
        self.writes.extend(left.writes);
        self.set_aside(meter.kept, parent.price);
        let sends = left.outputs.into_iter().enumerate();
        let outputs = sends.map(|(output, sending)| self.send(parent, sending, output as u32, ctx));
        (outputs.collect(), left.notes)
    }

    /// [G12] Gas for handlers stays here as a part of the balance that nothing else can spend.
    fn set_aside(&mut self, kept: u64, price: u64) {
        if let (1.., Some(contract)) = (kept, &mut self.account.contract) {
            let kept = Gas { limit: kept, price };
            contract.reserve(kept.cost());
            self.account.balance = sum(self.account.balance, kept.cost());
        }
    }

    /// Sends on behalf of the account; value and gas are debited already.
    ///
    /// [G7] What code pays does not inherit the deadline of the message that made it pay: whoever
    /// chose that one could have it come back, and code is not told of a payment that comes back.
    pub(crate) fn send(
        &mut self,
        parent: &Parent,
        sending: Sending,
        output: u32,
        ctx: &Context,
    ) -> MessageId {
        let pays = sending.body == RelayBody::Credit && self.account.contract.is_some();
        let deadline = match pays {
            true => sending.deadline,
            false => parent.deadline.min(latest(ctx)).min(sending.deadline),
        };
        let message = RelayMessage {
            trace: parent.trace,
            parent: parent.id,
            output,
            depth: parent.depth.saturating_add(1),
            from: self.id,
            to: sending.to,
            payer: parent.payer,
            value: sending.value,
            gas: Gas {
                limit: sending.gas,
                price: parent.price,
            },
            deadline,
            body: sending.body,
        };
        self.emit(message, ctx)
    }

    fn fail_call(&mut self, letter: &Letter, fault: Fault, work: u64, used: u64, ctx: &Context) {
        let message = letter.message();
        let price = message.gas.price;
        let unused = message.gas.limit - used;
        let apart = refund_apart(message, unused);
        let fee = if apart > 0 { gas::RETURN } else { 0 };
        // [G7] An account that no chain has can send nothing over a lane: what would go to the
        // payer is burned there, and the code that called it gains nothing by it.
        let is_real = ctx.routing.home(&self.id) == ctx.chain;
        let refund = if is_real { apart } else { 0 };
        let lost = apart - refund;
        self.burn(used + fee + lost, price);
        let cost = |limit| Gas { limit, price }.cost();
        let mut value = message.value;
        if cfg!(feature = "plant-kept-bounce") {
            let kept = std::mem::take(&mut value);
            self.account.balance = sum(self.account.balance, kept);
        }
        let back = Back {
            bounce: sum(value, cost(unused - fee - apart)),
            refund: cost(refund),
        };
        self.fail(letter, fault, work, back, ctx);
    }
}

/// [G7] Unused gas of a failed call that goes to the payer in a message of its own: where the
/// sender neither paid for it nor waits to hand it on, and it is worth a message.
fn refund_apart(message: &RelayMessage, unused: u64) -> u64 {
    let waits = matches!(
        &message.body,
        RelayBody::Call { reply: true, .. } | RelayBody::Deploy { reply: true, .. }
    );
    if message.from == message.payer || waits || message.gas.price == 0 {
        return 0;
    }
    unused.saturating_sub(gas::RETURN)
}

/// Does what the message asks, by the system or by code.
fn answer(own: &mut Own<'_>, message: &RelayMessage, ctx: &Context) -> Result<(), Fault> {
    match &message.body {
        RelayBody::Call { method, data, .. } => match ctx.behaviours.find(&own.id) {
            Some(behaviour) => behaviour.handle_or_say(own, message, ctx),
            None => run(own, Entry::Call { method, data }, ctx),
        },
        RelayBody::Deploy { deploy, .. } => begin(own, deploy, ctx),
        RelayBody::Upgrade { code, adopt } => {
            let contract = own.left.contract.as_ref().ok_or_else(no_code)?;
            if contract.owner != Some(own.facts.from) {
                return Err(not_owner(contract.owner));
            }
            upgrade(own, code, *adopt, ctx)
        }
        _ => Ok(()),
    }
}

/// Runs the account's code.
pub(crate) fn run(own: &mut Own<'_>, entry: Entry<'_>, ctx: &Context) -> Result<(), Fault> {
    let contract = own.left.contract.as_ref();
    let engine = ctx.behaviours.engine();
    let (Some(contract), Some(engine)) = (contract, engine) else {
        return Err(no_code());
    };
    let code = own.code(&contract.code).ok_or(FailureCode::NoCode)?;
    engine.run(&code, entry, own, ctx)
}

/// [G11] Gives the account its first code and runs it; nothing when it has code already.
fn begin(own: &mut Own<'_>, deploy: &Deploy, ctx: &Context) -> Result<(), Fault> {
    if own.left.contract.is_some() {
        return Ok(());
    }
    let hash = deploy.code.hash();
    if AccountId::of_code(&own.facts.from, &deploy.salt, &hash) != own.id {
        return Err(FailureCode::BadCode.into());
    }
    check(hash, &deploy.code, ctx)?;
    own.left.contract = Some(Box::new(Contract::new(hash, deploy.owner)));
    hold(own, hash, &deploy.code)?;
    let data = &deploy.init;
    run(own, Entry::Init { data }, ctx)
}

fn upgrade(own: &mut Own<'_>, code: &CodeBytes, adopt: bool, ctx: &Context) -> Result<(), Fault> {
    let hash = code.hash();
    check(hash, code, ctx)?;
    let before = own.left.contract.as_ref().map(|contract| contract.code);
    let replaced = before.filter(|before| adopt && *before != hash);
    if let Some(before) = &replaced {
        // First: what it frees counts for the new code's deposit.
        own.set(code_slot(before), None)?;
    }
    hold(own, hash, code)?;
    if replaced.is_some() {
        own.become_code(hash)?;
    }
    Ok(())
}

/// Puts code into the account's storage, for which the balance must cover the deposit. [G13]
fn hold(own: &mut Own<'_>, hash: Hash, code: &CodeBytes) -> Result<(), Fault> {
    let slot = Slot(code.shared().clone());
    let Err(failure) = own.set(code_slot(&hash), Some(slot)) else {
        return Ok(());
    };
    let need = deposit(SLOT_BYTES + code.len() as u64);
    let text = format!(
        "{} bytes of code need a deposit of {need} on top of {}, the balance is {}",
        code.len(),
        own.locked(),
        own.balance(),
    );
    Err(Fault {
        text,
        ..failure.into()
    })
}

fn no_code() -> Fault {
    Fault {
        text: "the account has no code".to_owned(),
        ..FailureCode::NoCode.into()
    }
}

fn not_owner(owner: Option<AccountId>) -> Fault {
    let text = match owner {
        Some(owner) => format!("only the account's owner may change its code: {owner}"),
        None => "the account has no owner, so nobody may change its code".to_owned(),
    };
    Fault {
        text,
        ..FailureCode::NotOwner.into()
    }
}

fn check(hash: Hash, code: &CodeBytes, ctx: &Context) -> Result<(), Fault> {
    let engine = ctx.behaviours.engine().ok_or(FailureCode::NoCode)?;
    engine.check(&Code {
        hash,
        bytes: code.shared().clone(),
    })
}

/// What goes back to the sender of a message that did what it asked.
fn back_of(letter: &Letter, notes: &Notes, unused: Amount) -> Option<RelayBody> {
    match &letter.message().body {
        RelayBody::Call { reply: true, .. } | RelayBody::Deploy { reply: true, .. } => {
            Some(RelayBody::Reply {
                of: letter.id(),
                data: notes.answer.clone(),
            })
        }
        _ => (!unused.is_zero()).then_some(RelayBody::Refund),
    }
}

/// The deadline of what is sent now.
pub(crate) const fn latest(ctx: &Context) -> Height {
    ctx.root_height.saturating_add(limits::DEADLINE_HEIGHTS)
}
