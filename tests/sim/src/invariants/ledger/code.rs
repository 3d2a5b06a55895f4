//! What code does to the books. Each unit of gas that a message brings is burned, given on, set
//! aside for a handler or comes back; each call that wants an answer gets one, which finds its
//! handler; each byte that is stored is paid for; what failed changed nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use borsh::BorshDeserialize;
use crypto::Hash;
use types::{
    AccountId, Amount, FailureCode, Gas, MessageId, Receipt, RelayBody, RelayMessage, Status,
};

use super::outputs::{Made, Outputs};
use super::{CALL, Chain, HANDLER, RETURN};
use crate::invariants::seen::value;
use crate::invariants::{Contract, Seen};
use crate::modules::is_puppet;
use crate::report::Violations;

/// What a byte of storage locks, and what each slot counts besides its value.
const DEPOSIT: u128 = 1_000;
const SLOT: u64 = 64;
/// How the names of slots end: code, handlers, and the one key of a puppet's own count.
const CODE_SLOT: u8 = 0x80;
const HANDLER_SLOT: u8 = 0x81;

/// An answer that an account waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wait {
    /// What the call carried besides gas.
    value: u128,
    price: u128,
    /// Who gets the gas that is left.
    payer: AccountId,
    /// Gas set aside; `None` when it can't be told from what came back.
    gas: Option<u128>,
}

/// An account with code.
#[derive(Debug)]
pub(super) struct Coded {
    /// `None` when code ran in this block, which may have changed it.
    code: Option<Hash>,
    owner: Option<AccountId>,
    waits: BTreeMap<MessageId, Wait>,
    /// Runs that ended well: calls, replies, bounces, time-outs. A puppet counts them too.
    runs: [u64; 4],
    /// It never was anything but a puppet.
    counts: bool,
    /// Something happened in this block that may change what it stores.
    changed: bool,
    /// What it stored after the last block, handlers apart.
    slots: BTreeMap<[u8; 32], Arc<[u8]>>,
}

impl Coded {
    fn new(code: Hash, owner: Option<AccountId>) -> Self {
        Self {
            code: Some(code),
            owner,
            waits: BTreeMap::new(),
            runs: [0; 4],
            counts: is_puppet(&code),
            changed: true,
            slots: BTreeMap::new(),
        }
    }

    /// Its code ran to its end.
    fn ran(&mut self, kind: usize) {
        self.runs[kind] += 1;
        self.code = None;
        self.changed = true;
    }

    /// The calls among a run's outputs wait for answers, each with the same share of the gas that
    /// was set aside. [U2 of the puppet]
    fn wait(
        &mut self,
        outputs: &Outputs<'_>,
        kept: Option<u128>,
        payer: AccountId,
    ) -> Result<(), &'static str> {
        let wants = outputs.sent.iter().filter(|sent| asks(&sent.body));
        let count = wants.clone().count() as u128;
        if count == 0 {
            return match kept {
                Some(1..) => Err("gas is gone"),
                _ => Ok(()),
            };
        }
        if kept.is_some_and(|kept| kept % count != 0 || kept / count < HANDLER) {
            return Err("what is set aside for handlers is wrong");
        }
        for sent in wants {
            let wait = Wait {
                value: sent.value.0,
                price: sent.gas.price.into(),
                payer,
                gas: kept.map(|kept| kept / count),
            };
            if self.waits.insert(sent.id(), wait).is_some() {
                return Err("it waits for an answer already");
            }
        }
        Ok(())
    }

    pub(super) fn waits(&self) -> usize {
        self.waits.len()
    }

    pub(super) const fn runs(&self) -> [u64; 4] {
        self.runs
    }
}

/// Whether whoever sends it wants an answer.
const fn asks(body: &RelayBody) -> bool {
    matches!(
        body,
        RelayBody::Call { reply: true, .. } | RelayBody::Deploy { reply: true, .. }
    )
}

/// Who gets what nobody used.
const fn payer(message: &RelayMessage) -> AccountId {
    message.from
}

impl Chain {
    /// A call, deploy or upgrade did what it asked.
    pub(super) fn executed(
        &mut self,
        made: &Made<'_>,
        receipt: &Receipt,
        message: &RelayMessage,
    ) -> Result<(), &'static str> {
        self.enter(message)?;
        let outputs = Outputs::of(made, receipt, message)?;
        let price = u128::from(message.gas.price);
        let unused = came_back(&outputs, message)?;
        let used = u128::from(receipt.gas) + outputs.ahead();
        let gone = used * price + unused + outputs.gas();
        let kept = message.gas.cost().0.checked_sub(gone);
        let kept = kept.ok_or("more gas was used and came back than there was")?;
        if price == 0 || kept % price != 0 {
            return Err("what came back is not worth whole units of gas");
        }
        let coded = self.contracts.get_mut(&message.to).ok_or("nobody ran")?;
        coded.wait(&outputs, Some(kept / price), payer(message))?;
        self.burned += used * price;
        let change = value(message) as i128 - (used * price + outputs.value()) as i128;
        self.add(message.to, change);
        Ok(())
    }

    /// Finds or makes the account with code, and notes that it ran.
    fn enter(&mut self, message: &RelayMessage) -> Result<(), &'static str> {
        let coded = self.contracts.get_mut(&message.to);
        match (&message.body, coded) {
            (RelayBody::Call { .. }, Some(coded)) => coded.ran(0),
            // Whoever repeats a deploy gets the account that there is.
            (RelayBody::Deploy { .. }, Some(_)) => {}
            (RelayBody::Deploy { deploy, .. }, None) => {
                let hash = deploy.code.hash();
                if AccountId::of_code(&message.from, &deploy.salt, &hash) != message.to {
                    return Err("its id stands for other code");
                }
                let mut coded = Coded::new(hash, deploy.owner);
                coded.ran(0);
                self.contracts.insert(message.to, coded);
            }
            (RelayBody::Upgrade { code, adopt }, Some(coded)) => {
                if coded.owner != Some(message.from) {
                    return Err("a stranger changed its code");
                }
                coded.changed = true;
                if *adopt {
                    let hash = code.hash();
                    coded.counts &= is_puppet(&hash);
                    coded.code = Some(hash);
                }
            }
            _ => return Err("no account here has code"),
        }
        Ok(())
    }

    /// A call, deploy or upgrade failed: what it did not use goes back with its value.
    pub(super) fn failed(
        &mut self,
        made: &Made<'_>,
        receipt: &Receipt,
        message: &RelayMessage,
        code: FailureCode,
    ) -> Result<(), &'static str> {
        let used = message.gas.limit.min(receipt.gas);
        let unrun = matches!(code, FailureCode::Deadline | FailureCode::NoSuchAccount);
        if receipt.gas < CALL || receipt.gas > message.gas.limit.max(CALL) {
            return Err("it failed for too little or too much gas");
        }
        if unrun && receipt.gas != CALL {
            return Err("it did not run, and paid for more");
        }
        let fee = u128::from(used) * u128::from(message.gas.price);
        self.burned += fee;
        super::returned(made, receipt, message, value(message) - fee)
    }

    /// Something came back: to a handler that waits for it, or for good.
    pub(super) fn came_back(
        &mut self,
        made: &Made<'_>,
        receipt: &Receipt,
        message: &RelayMessage,
    ) -> Result<(), &'static str> {
        let of = match &message.body {
            RelayBody::Bounce(bounce) => Some(&bounce.of),
            RelayBody::Reply { of, .. } => Some(of),
            _ => None,
        };
        let coded = self.contracts.get_mut(&message.to);
        let wait = of.and_then(|of| coded?.waits.remove(of));
        match wait {
            Some(wait) => self.handled(made, receipt, message, &wait),
            None if receipt.status != Status::Done => Err("what returns can't fail"),
            None if u128::from(receipt.gas) != RETURN || !receipt.outputs.is_empty() => {
                Err("nobody waited for it, and something ran")
            }
            None => {
                self.add(message.to, value(message) as i128);
                Ok(())
            }
        }
    }

    /// An answer met its handler, which ran, well or not.
    fn handled(
        &mut self,
        made: &Made<'_>,
        receipt: &Receipt,
        message: &RelayMessage,
        wait: &Wait,
    ) -> Result<(), &'static str> {
        let (own, kind) = match &message.body {
            RelayBody::Bounce(bounce) if bounce.code == FailureCode::Deadline => (wait.value, 3),
            RelayBody::Bounce(_) => (wait.value, 2),
            _ => (0, 1),
        };
        let spare = value(message).checked_sub(own);
        let spare = spare.ok_or("less came back than had been sent")?;
        let work = u128::from(receipt.gas).checked_sub(RETURN);
        let work = work.filter(|work| *work >= HANDLER);
        let work = work.ok_or("its handler did not run")?;
        let outputs = Outputs::of(made, receipt, message)?;
        if receipt.status != Status::Done && !outputs.sent.is_empty() {
            return Err("a handler that failed sent something");
        }
        let used = work + outputs.ahead();
        let left = wait.left(spare, used * wait.price + outputs.gas())?;
        let fee = match outputs.back {
            Some(back) if back.to == wait.payer && back.body == RelayBody::Refund => RETURN,
            None => 0,
            Some(_) => return Err("what the handler left went to a stranger"),
        } * wait.price;
        let kept = wait.kept(left, fee, &outputs, message.to)?;
        self.burned += used * wait.price + fee;
        let spent = used * wait.price + fee + outputs.value();
        self.add(message.to, value(message) as i128 - spent as i128);
        let coded = self.contracts.get_mut(&message.to).ok_or("nobody ran")?;
        if receipt.status == Status::Done {
            coded.ran(kind);
        }
        coded.wait(&outputs, kept, wait.payer)
    }

    /// Compares all accounts with code with what the state says of them.
    pub(super) fn compare_code(&mut self, seen: &Seen, bad: &mut Violations) {
        for (id, found) in &seen.contracts {
            let differs = match self.contracts.get_mut(id) {
                Some(coded) => coded.compare(found).err(),
                None => Some("nobody deployed it"),
            };
            if let Some(why) = differs {
                bad.add("I2", format!("{}: account {id}: {why}", seen.place()));
            }
        }
        let gone = self
            .contracts
            .keys()
            .find(|id| !seen.contracts.contains_key(id));
        if let Some(id) = gone {
            bad.add(
                "I2",
                format!("{}: the code of account {id} is gone", seen.place()),
            );
        }
    }
}

impl Wait {
    /// What is left of the gas set aside, after so much.
    fn left(&self, spare: u128, spent: u128) -> Result<Option<u128>, &'static str> {
        let Some(gas) = self.gas else { return Ok(None) };
        let left = (gas * self.price + spare).checked_sub(spent);
        left.map(Some)
            .ok_or("the handler used more gas than it had")
    }

    /// Gas that the handler set aside in turn.
    fn kept(
        &self,
        left: Option<u128>,
        fee: u128,
        outputs: &Outputs<'_>,
        own: AccountId,
    ) -> Result<Option<u128>, &'static str> {
        let asks = outputs.sent.iter().any(|sent| asks(&sent.body));
        let Some(left) = left else { return Ok(None) };
        match outputs.back {
            Some(back) => {
                let kept = left.checked_sub(fee + value(back));
                let kept = kept.ok_or("more gas came back than was left")?;
                Ok(Some(kept / self.price))
            }
            None if asks => Ok(None),
            None if self.payer == own || left <= RETURN * self.price => Ok(Some(0)),
            None => Err("gas was left and nobody got it"),
        }
    }
}

impl Coded {
    fn compare(&mut self, found: &Contract) -> Result<(), &'static str> {
        let held = |hash: &Hash| found.slots.contains_key(&named(hash.as_bytes(), CODE_SLOT));
        if !held(&found.code) || self.code.is_some_and(|code| code != found.code) {
            return Err("it has another code, or one that it does not hold");
        }
        if self.owner != found.owner {
            return Err("it has another owner");
        }
        self.code = Some(found.code);
        self.compare_waits(found)?;
        let bytes = found.slots.values().map(|slot| SLOT + slot.len() as u64);
        if bytes.sum::<u64>() != found.bytes {
            return Err("it pays for other bytes than it stores");
        }
        if found.balance < found.reserved + DEPOSIT * u128::from(found.bytes) {
            return Err("it has less than what is locked");
        }
        let own = found
            .slots
            .iter()
            .filter(|(name, _)| name[31] != HANDLER_SLOT);
        if !self.changed && !own.clone().eq(self.slots.iter()) {
            return Err("it failed, or did nothing, and stores something else");
        }
        self.slots = own.map(|(name, slot)| (*name, slot.clone())).collect();
        self.changed = false;
        if self.counts && self.counted() != self.runs {
            return Err("its code ran more or less often than it was told to");
        }
        Ok(())
    }

    /// What a puppet counts: four numbers under the key of one zero byte.
    fn counted(&self) -> [u64; 4] {
        let slot = self.slots.get(&named(&[0; 32], 1));
        let counted = slot.and_then(|slot| <[u64; 4]>::try_from_slice(slot).ok());
        counted.unwrap_or_default()
    }

    fn compare_waits(&mut self, found: &Contract) -> Result<(), &'static str> {
        let handlers = found.slots.keys().filter(|name| name[31] == HANDLER_SLOT);
        if handlers.count() != self.waits.len() {
            return Err("another number of handlers waits");
        }
        let mut reserved = 0;
        for (id, wait) in &mut self.waits {
            let slot = found.slots.get(&named(id.as_bytes(), HANDLER_SLOT));
            let slot = slot.ok_or("a handler is gone that was not answered")?;
            let stored = Stored::try_from_slice(slot).map_err(|_| "a handler does not decode")?;
            let gas = *wait.gas.get_or_insert(stored.gas.limit.into());
            let same = (stored.value.0, u128::from(stored.gas.limit)) == (wait.value, gas);
            if !same || u128::from(stored.gas.price) != wait.price || stored.payer != wait.payer {
                return Err("a handler has another value, gas or payer");
            }
            reserved += gas * wait.price;
        }
        if reserved != found.reserved {
            return Err("what is set aside is not what handlers wait with");
        }
        Ok(())
    }
}

/// A handler that waits, as it is stored.
#[derive(BorshDeserialize)]
struct Stored {
    _name: String,
    _context: Vec<u8>,
    payer: AccountId,
    value: Amount,
    gas: Gas,
}

/// The name of a slot of a kind.
fn named(id: &[u8; 32], kind: u8) -> [u8; 32] {
    let mut name = *id;
    name[31] = kind;
    name
}

/// The gas that came back of a call that was executed, as value.
fn came_back(outputs: &Outputs<'_>, message: &RelayMessage) -> Result<u128, &'static str> {
    let (asked, id) = (asks(&message.body), message.id());
    match outputs.back {
        None if asked => Err("it was asked for an answer"),
        None => Ok(0),
        Some(back) => match &back.body {
            RelayBody::Reply { of, .. } if asked && *of == id && back.to == message.from => {
                Ok(value(back))
            }
            RelayBody::Refund if !asked && back.to == payer(message) && value(back) > 0 => {
                Ok(value(back))
            }
            _ => Err("what came back is no answer, or not to whom it should"),
        },
    }
}
