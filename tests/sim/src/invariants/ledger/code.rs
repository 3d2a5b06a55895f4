//! What the books keep of accounts with code: the answers that they wait for, how often their code
//! ran, what they store and what they pay for it. What failed must have changed nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use borsh::BorshDeserialize;
use crypto::Hash;
use types::{AccountId, Amount, Gas, MessageId, RelayBody};

use super::outputs::Outputs;
use super::{Chain, HANDLER};
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
pub(super) struct Wait {
    /// What the call carried besides gas.
    pub(super) value: u128,
    pub(super) price: u128,
    /// Gas set aside; `None` when it can't be told from what came back.
    pub(super) gas: Option<u128>,
}

/// An account with code.
#[derive(Debug)]
pub(super) struct Coded {
    /// `None` when code ran in this block, which may have changed it.
    pub(super) code: Option<Hash>,
    pub(super) owner: Option<AccountId>,
    pub(super) waits: BTreeMap<MessageId, Wait>,
    /// Runs that ended well: calls, replies, bounces, time-outs. A puppet counts them too.
    runs: [u64; 4],
    /// It never was anything but a puppet.
    pub(super) counts: bool,
    /// Something happened in this block that may change what it stores.
    pub(super) changed: bool,
    /// What it stored after the last block, handlers apart.
    slots: BTreeMap<[u8; 32], Arc<[u8]>>,
}

impl Coded {
    pub(super) fn new(code: Hash, owner: Option<AccountId>) -> Self {
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
    pub(super) fn ran(&mut self, kind: usize) {
        self.runs[kind] += 1;
        self.code = None;
        self.changed = true;
    }

    /// The calls among a run's outputs wait for answers, each with the same share of the gas that
    /// was set aside. [X5]
    pub(super) fn wait(
        &mut self,
        outputs: &Outputs<'_>,
        kept: Option<u128>,
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
pub(super) const fn asks(body: &RelayBody) -> bool {
    matches!(
        body,
        RelayBody::Call { reply: true, .. } | RelayBody::Deploy { reply: true, .. }
    )
}

impl Chain {
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
            if !same || u128::from(stored.gas.price) != wait.price {
                return Err("a handler has another value or gas");
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
    value: Amount,
    gas: Gas,
}

/// The name of a slot of a kind.
fn named(id: &[u8; 32], kind: u8) -> [u8; 32] {
    let mut name = *id;
    name[31] = kind;
    name
}
