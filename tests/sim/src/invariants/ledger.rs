//! I2 and I3: a slow executor of its own. From receipts and messages alone it computes what every
//! account holds, what was burned, exported and imported, and compares all of it with the state.
//! Of code it knows nothing but what its runs leave behind.

mod code;
mod outputs;
mod runs;

use std::collections::BTreeMap;

use code::Coded;
use outputs::Made;
use types::{
    AccountId, ChainId, ExternalCall, FailureCode, Input, MessageId, Receipt, RelayBody,
    RelayMessage, RoutingTable, Status,
};

use super::seen::value;
use super::{Holding, Seen};
use crate::report::Violations;

/// The price list, restated: an oracle does not ask the code that it judges.
const EXTERNAL: u128 = 10_000;
const CREDIT: u128 = 3_000;
const RETURN: u128 = 3_000;
const CALL: u64 = 10_000;
const HANDLER: u128 = 10_000;
const BYTE: u128 = 10;

/// The root's account that holds all stake, restated: number 3 of chain 0.
fn staking() -> AccountId {
    AccountId::system(ChainId::ROOT, 3)
}

/// One chain's books.
#[derive(Default)]
struct Chain {
    spendable: BTreeMap<AccountId, i128>,
    nonces: BTreeMap<AccountId, u64>,
    /// Arrived here, not consumed.
    mailbox: BTreeMap<MessageId, RelayMessage>,
    /// Made here for another chain, not sent.
    outbox: BTreeMap<MessageId, RelayMessage>,
    /// Accounts with code.
    contracts: BTreeMap<AccountId, Coded>,
    minted: u128,
    burned: u128,
    /// The part of it that was stake.
    slashed: u128,
    exported: BTreeMap<ChainId, u128>,
    imported: BTreeMap<ChainId, u128>,
}

/// The books of all chains.
pub(crate) struct Books {
    chains: BTreeMap<ChainId, Chain>,
    routing: RoutingTable,
}

impl Books {
    pub(crate) fn new(firsts: &[Seen], routing: RoutingTable) -> Self {
        let mut chains = BTreeMap::new();
        for first in firsts {
            let mut chain = Chain::default();
            for (id, holding) in &first.holdings {
                chain.spendable.insert(*id, holding.spendable as i128);
                chain.minted += holding.spendable;
            }
            chains.insert(first.chain, chain);
        }
        Self { chains, routing }
    }

    pub(crate) fn see(&mut self, seen: &Seen, bad: &mut Violations) {
        let routing = &self.routing;
        let Some(chain) = self.chains.get_mut(&seen.chain) else {
            return bad.add("I2", format!("{}: no such chain", seen.place()));
        };
        chain.slash(seen);
        chain.arrive(seen, routing, bad);
        let made = seen.produced.iter().map(|message| (message.id(), message));
        let made: Made<'_> = made.collect();
        for receipt in &seen.receipts {
            if let Err(why) = chain.consume(seen, &made, receipt) {
                let what = format!("{}: receipt of {}: {why}", seen.place(), receipt.message);
                bad.add("I2", what);
            }
        }
        chain.leave(seen, bad);
        chain.compare(seen, bad);
        chain.compare_code(seen, bad);
        let gas: u64 = seen.receipts.iter().map(|receipt| receipt.gas).sum();
        if gas != seen.header.gas && seen.height > 0 {
            let (place, said) = (seen.place(), seen.header.gas);
            bad.add(
                "I2",
                format!("{place}: its steps used {gas} gas, not {said}"),
            );
        }
        self.conserve(bad);
    }

    /// Nothing is made or lost, over all chains and what is between them, after any block.
    fn conserve(&self, bad: &mut Violations) {
        let chains = || self.chains.values();
        let minted: u128 = chains().map(|chain| chain.minted).sum();
        let here = chains().map(|chain| chain.held() + chain.burned as i128);
        let sum = |lanes: &BTreeMap<ChainId, u128>| lanes.values().sum::<u128>() as i128;
        let between = chains().map(|chain| sum(&chain.exported) - sum(&chain.imported));
        let all = here.sum::<i128>() + between.sum::<i128>();
        if all != minted as i128 {
            let what = format!("all chains have and have burned {all}, not {minted}");
            bad.add("I3", what);
        }
    }

    /// Runs of code that ended well: calls, replies, bounces, time-outs.
    pub(crate) fn runs(&self) -> [u64; 4] {
        let coded = self
            .chains
            .values()
            .flat_map(|chain| chain.contracts.values());
        coded.fold([0; 4], |sum, coded| {
            std::array::from_fn(|kind| sum[kind] + coded.runs()[kind])
        })
    }

    /// All has come to rest: nothing is in flight, so all that is left adds up. Drift 0.
    pub(crate) fn end(&self, bad: &mut Violations) {
        let minted: u128 = self.chains.values().map(|chain| chain.minted).sum();
        let burned: u128 = self.chains.values().map(|chain| chain.burned).sum();
        let held: i128 = self.chains.values().map(Chain::held).sum();
        if held + burned as i128 != minted as i128 {
            bad.add(
                "I3",
                format!("held {held} + burned {burned} is not minted {minted}"),
            );
        }
        for (from, source) in &self.chains {
            let waits: usize = source.contracts.values().map(Coded::waits).sum();
            if waits > 0 {
                bad.add(
                    "I4",
                    format!("chain {from}: {waits} handlers wait for ever"),
                );
            }
            for (to, sent) in &source.exported {
                let taken = self
                    .chains
                    .get(to)
                    .and_then(|chain| chain.imported.get(from));
                if taken != Some(sent) {
                    bad.add(
                        "I3",
                        format!("chain {from} sent {sent} to {to}, which took {taken:?}"),
                    );
                }
            }
        }
    }
}

impl Chain {
    /// Stake that misbehaviour cost.
    fn slash(&mut self, seen: &Seen) {
        let burned = seen.slashed.saturating_sub(self.slashed);
        self.slashed = seen.slashed;
        self.burned += burned;
        if burned > 0 {
            self.add(staking(), -(burned as i128));
        }
    }

    fn arrive(&mut self, seen: &Seen, routing: &RoutingTable, bad: &mut Violations) {
        for message in &seen.imported {
            *self
                .imported
                .entry(routing.home(&message.from))
                .or_default() += value(message);
            self.mailbox.insert(message.id(), message.clone());
            if routing.home(&message.to) != seen.chain {
                bad.add(
                    "I5",
                    format!("{}: {} came to the wrong chain", seen.place(), message.id()),
                );
            }
        }
        for message in &seen.produced {
            let here = routing.home(&message.to) == seen.chain;
            let waiting = if here {
                &mut self.mailbox
            } else {
                &mut self.outbox
            };
            waiting.insert(message.id(), message.clone());
        }
    }

    fn leave(&mut self, seen: &Seen, bad: &mut Violations) {
        for (to, message) in &seen.exported {
            if self.outbox.remove(&message.id()).as_ref() != Some(message) {
                let what = format!(
                    "{}: {} left but was not made here",
                    seen.place(),
                    message.id()
                );
                bad.add("I5", what);
            }
            *self.exported.entry(*to).or_default() += value(message);
        }
    }

    fn consume(
        &mut self,
        seen: &Seen,
        made: &Made<'_>,
        receipt: &Receipt,
    ) -> Result<(), &'static str> {
        if let Some(call) = seen.externals.get(&receipt.message) {
            return self.external(made, call, receipt);
        }
        let message = self.mailbox.remove(&receipt.message);
        let message = message.ok_or("the message never came here, or was consumed before")?;
        match (&message.body, receipt.status) {
            (body, _) if body.returns() => self.came_back(made, receipt, &message),
            (RelayBody::Credit, Status::Done) => {
                self.add(message.to, value(&message) as i128);
                Ok(())
            }
            (RelayBody::Credit, Status::Failed(_)) => {
                returned(made, receipt, &message, (value(&message), 0))
            }
            (RelayBody::Call { .. }, Status::Done) if message.to == staking() => {
                self.staked(made, receipt, &message)
            }
            (_, Status::Done) => self.executed(made, receipt, &message),
            (_, Status::Failed(code)) => self.failed(made, receipt, &message, code),
        }
    }

    /// The root's staking account took a call: it keeps the value, and unused gas goes back.
    fn staked(
        &mut self,
        made: &Made<'_>,
        receipt: &Receipt,
        message: &RelayMessage,
    ) -> Result<(), &'static str> {
        let fee = u128::from(receipt.gas) * u128::from(message.gas.price);
        let back: u128 = outputs(made, receipt).map(value).sum();
        if back + fee + message.value.0 != value(message) {
            return Err("a call of the staking account does not add up");
        }
        self.burned += fee;
        self.add(message.to, message.value.0 as i128);
        Ok(())
    }

    fn external(
        &mut self,
        made: &Made<'_>,
        call: &ExternalCall,
        receipt: &Receipt,
    ) -> Result<(), &'static str> {
        let nonce = self.nonces.entry(call.from).or_default();
        if *nonce != call.nonce {
            return Err("not the sender's next nonce");
        }
        *nonce += 1;
        let price = u128::from(call.gas.price);
        let (data, sends) = match &call.input {
            Input::Transfer => (0, true),
            Input::Call { method, data } => ((method.len() + data.len()) as u128, true),
            Input::RotateKey { .. } => (0, false),
            Input::Deploy(deploy) => ((deploy.code.len() + deploy.init.len()) as u128, true),
            Input::Upgrade { code, .. } => (code.len() as u128, true),
        };
        let work = (EXTERNAL + BYTE * data) * price;
        let outputs: Vec<_> = outputs(made, receipt).collect();
        let sent: u128 = outputs.iter().map(|message| value(message)).sum();
        if outputs.len() != receipt.outputs.len() {
            return Err("an output is missing");
        }
        if outputs
            .iter()
            .any(|sent| (sent.from, sent.payer) != (call.from, call.from))
        {
            return Err("another account sent it, or pays for what follows");
        }
        let (fee, expected) = match (&call.input, receipt.status) {
            (Input::Transfer, Status::Done) => ((EXTERNAL + CREDIT + RETURN) * price, call.value.0),
            (Input::Call { .. } | Input::Deploy(_) | Input::Upgrade { .. }, Status::Done) => {
                let fee = work + RETURN * price;
                let limit = u128::from(call.gas.limit) * price;
                (fee, call.value.0 + limit - fee)
            }
            (Input::RotateKey { .. }, Status::Done) => (work, 0),
            (_, Status::Failed(FailureCode::Balance)) if sends => (work, 0),
            _ => return Err("an external message does not end like this"),
        };
        if sent != expected {
            return Err("it sent another value than it asked for");
        }
        self.burned += fee;
        self.add(call.from, -((fee + sent) as i128));
        Ok(())
    }

    fn add(&mut self, account: AccountId, change: i128) {
        *self.spendable.entry(account).or_default() += change;
    }

    fn held(&self) -> i128 {
        let queued = self.mailbox.values().chain(self.outbox.values());
        self.spendable.values().sum::<i128>() + queued.map(value).sum::<u128>() as i128
    }

    fn compare(&self, seen: &Seen, bad: &mut Violations) {
        let place = seen.place();
        let mut expected: BTreeMap<AccountId, Holding> = BTreeMap::new();
        for (id, spendable) in &self.spendable {
            if *spendable < 0 {
                bad.add(
                    "I3",
                    format!("{place}: account {id} spent more than it had"),
                );
            }
            expected.entry(*id).or_default().spendable = *spendable as u128;
        }
        for (id, nonce) in &self.nonces {
            expected.entry(*id).or_default().nonce = *nonce;
        }
        for message in self.mailbox.values() {
            expected.entry(message.to).or_default().mailbox += value(message);
        }
        for message in self.outbox.values() {
            expected.entry(message.from).or_default().outbox += value(message);
        }
        for id in expected.keys().chain(seen.holdings.keys()) {
            let own = expected.get(id).copied().unwrap_or_default();
            let found = seen.holdings.get(id).copied().unwrap_or_default();
            if own != found {
                bad.add(
                    "I2",
                    format!("{place}: account {id} has {found:?}, not {own:?}"),
                );
            }
        }
        self.compare_ledger(seen, bad);
    }

    fn compare_ledger(&self, seen: &Seen, bad: &mut Violations) {
        let place = seen.place();
        let ledger = &seen.lanes.ledger;
        let own = (self.minted as i128, self.burned as i128, self.held());
        let found = (
            ledger.minted.0 as i128,
            ledger.burned.0 as i128,
            ledger.held.0 as i128,
        );
        if own != found {
            bad.add(
                "I3",
                format!("{place}: minted, burned, held are {found:?}, not {own:?}"),
            );
        }
        for lane in &seen.lanes.lanes {
            let out = self.exported.get(&lane.peer).copied().unwrap_or(0);
            let taken = self.imported.get(&lane.peer).copied().unwrap_or(0);
            if (lane.value_out.0, lane.value_in.0) != (out, taken) {
                bad.add(
                    "I3",
                    format!("{place}: the lane with {} is {lane:?}", lane.peer),
                );
            }
        }
        let out: u128 = self.exported.values().sum();
        let taken: u128 = self.imported.values().sum();
        if self.held() + (self.burned + out) as i128 != (self.minted + taken) as i128 {
            bad.add(
                "I3",
                format!("{place}: held + burned + exported is not minted + imported"),
            );
        }
    }
}

fn outputs<'a>(made: &'a Made<'_>, receipt: &'a Receipt) -> impl Iterator<Item = &'a RelayMessage> {
    receipt
        .outputs
        .iter()
        .filter_map(|id| made.get(id).copied())
}

/// A failed message came back with so much to whoever sent it, and so much to whoever paid.
fn returned(
    made: &Made<'_>,
    receipt: &Receipt,
    message: &RelayMessage,
    (back, apart): (u128, u128),
) -> Result<(), &'static str> {
    let mut outputs = outputs(made, receipt);
    let bounce = outputs.next().ok_or("it failed and did not come back")?;
    let refund = outputs.next();
    let refunded = match refund {
        None => apart == 0,
        Some(refund) => {
            let to_payer = refund.to == message.payer && refund.body == RelayBody::Refund;
            apart > 0 && to_payer && value(refund) == apart
        }
    };
    let fits = value(bounce) == back && bounce.to == message.from && outputs.next().is_none();
    match &bounce.body {
        RelayBody::Bounce(bounce) if bounce.of == message.id() && fits && refunded => Ok(()),
        _ => Err("it failed, and what came back is wrong"),
    }
}
