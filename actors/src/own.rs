//! What code sees and does: its own account, and nothing else. [G2]

mod outputs;
mod storage;

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::Hash;
use store::Key;
use types::{AccountId, Amount, FailureCode, Log, MessageId, Notes, RelayMessage, limits};

use crate::send::Sending;
use crate::slots::code_slot;
use crate::{Account, Code, Contract, Slot, gas};

/// What is known of the message that is handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its id; zero in views.
    pub id: MessageId,
    /// The external message at the top of the tree; zero in views.
    pub trace: MessageId,
    /// Who sent it: for replies and bounces, who was called; zero in views.
    pub from: AccountId,
    /// The value that it brought. For bounces: the value of the call that failed.
    pub value: Amount,
    /// The price of gas in its tree.
    pub price: u64,
}

/// What code may do with its account while it handles a message.
pub struct Own<'a> {
    pub(crate) id: AccountId,
    pub(crate) account: &'a Account,
    /// Writes of earlier steps of the block.
    pub(crate) written: &'a BTreeMap<Key, Option<Slot>>,
    pub(crate) facts: Facts,
    /// Messages may be sent: they would not be too deep.
    pub(crate) may_send: bool,
    /// Nothing may be changed.
    pub(crate) is_view: bool,
    pub(crate) meter: Meter,
    pub(crate) left: Left,
}

/// What code leaves behind.
#[derive(Default)]
pub(crate) struct Left {
    pub(crate) balance: Amount,
    pub(crate) writes: BTreeMap<Key, Option<Slot>>,
    pub(crate) outputs: Vec<Sending>,
    pub(crate) contract: Option<Box<Contract>>,
    pub(crate) notes: Notes,
}

/// Where the gas of a run goes. [G7]
#[derive(Clone, Copy, Default)]
pub(crate) struct Meter {
    pub(crate) budget: u64,
    /// Work done.
    pub(crate) work: u64,
    /// Paid ahead for the steps of outputs.
    pub(crate) ahead: u64,
    /// Given to outputs.
    pub(crate) given: u64,
    /// Set aside for handlers of answers.
    pub(crate) kept: u64,
}

impl Meter {
    /// What may still be used or given away.
    pub(crate) const fn left(&self) -> u64 {
        self.budget - self.work - self.ahead - self.given - self.kept
    }

    /// What is burned when the run ends well.
    pub(crate) const fn used(&self) -> u64 {
        self.work + self.ahead
    }
}

impl<'a> Own<'a> {
    pub(crate) fn new(
        id: AccountId,
        account: &'a Account,
        written: &'a BTreeMap<Key, Option<Slot>>,
        facts: Facts,
        balance: Amount,
        budget: u64,
    ) -> Self {
        Self {
            id,
            account,
            written,
            facts,
            may_send: true,
            is_view: false,
            meter: Meter {
                budget,
                ..Meter::default()
            },
            left: Left {
                balance,
                contract: account.contract.clone(),
                ..Left::default()
            },
        }
    }

    /// The account's id.
    pub const fn id(&self) -> AccountId {
        self.id
    }

    /// What is known of the message.
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Its balance, the handled message's value included, less what was sent.
    pub const fn balance(&self) -> Amount {
        self.left.balance
    }

    /// The part of the balance that can't be sent: the storage deposit, and what is set aside for
    /// handlers. [G12] [G13]
    pub fn locked(&self) -> Amount {
        let contract = self.left.contract.as_ref();
        contract.map_or(Amount::ZERO, |contract| contract.locked())
    }

    /// The part of the balance that the storage locks, writes of this run included. [G13]
    pub fn deposit(&self) -> Amount {
        let contract = self.left.contract.as_ref();
        contract.map_or(Amount::ZERO, |contract| contract.deposit())
    }

    /// Gas that may still be used or given away.
    pub const fn gas_left(&self) -> u64 {
        self.meter.left()
    }

    /// Pays for work.
    ///
    /// # Errors
    /// `OutOfGas` when too little is left; then all of it is used up.
    pub fn charge(&mut self, gas: u64) -> Result<(), FailureCode> {
        let left = self.gas_left();
        self.meter.work += gas.min(left);
        if gas > left {
            return Err(FailureCode::OutOfGas);
        }
        Ok(())
    }

    /// What the sender gets as an answer, and the receipt shows; the last one counts.
    ///
    /// # Errors
    /// `OutOfGas`, or `Rejected` above [`limits::REPLY`] bytes; a view may answer
    /// [`limits::MESSAGE_DATA`] bytes.
    pub fn answer(&mut self, data: &[u8]) -> Result<(), FailureCode> {
        let most = if self.is_view {
            limits::MESSAGE_DATA
        } else {
            limits::REPLY
        };
        if data.len() > most {
            return Err(FailureCode::Rejected);
        }
        self.charge(gas::bytes(data.len()))?;
        self.left.notes.answer = data.to_vec();
        Ok(())
    }

    /// Logs something; the receipt shows it when the run ends well.
    ///
    /// # Errors
    /// `OutOfGas`, or `Rejected` above [`limits::LOGS`], [`limits::LOG_TOPIC`] or
    /// [`limits::LOG_BYTES`].
    pub fn log(&mut self, topic: &[u8], data: &[u8]) -> Result<(), FailureCode> {
        let logs = &self.left.notes.logs;
        let entry = |log: &Log| log.topic.len() + log.data.len();
        let bytes = logs.iter().map(entry).sum::<usize>();
        let size = topic.len().saturating_add(data.len());
        if logs.len() >= limits::LOGS
            || topic.len() > limits::LOG_TOPIC
            || bytes.saturating_add(size) > limits::LOG_BYTES
        {
            return Err(FailureCode::Rejected);
        }
        self.charge(gas::bytes(size))?;
        self.left.notes.logs.push(Log {
            topic: topic.to_vec(),
            data: data.to_vec(),
        });
        Ok(())
    }

    /// Code that the account holds.
    pub fn code(&self, hash: &Hash) -> Option<Code> {
        let slot = self.slot(&code_slot(hash))?;
        Some(Code {
            hash: *hash,
            bytes: Arc::clone(&slot.0),
        })
    }

    /// From the next message on the account runs this code, which it must hold: the paper's
    /// `become`. Handlers that wait are called in the new code.
    ///
    /// # Errors
    /// `BadCode` when the account does not hold it; `Rejected` in views.
    pub fn become_code(&mut self, hash: Hash) -> Result<(), FailureCode> {
        self.may_change()?;
        let held = self.slot(&code_slot(&hash)).is_some();
        match &mut self.left.contract {
            Some(contract) if held => contract.code = hash,
            _ => return Err(FailureCode::BadCode),
        }
        Ok(())
    }

    /// Holds the code no longer, unless it is what the account runs next.
    ///
    /// # Errors
    /// `BadCode` when it runs next or is not held; `Rejected` in views.
    pub fn drop_code(&mut self, hash: &Hash) -> Result<(), FailureCode> {
        let next = self.left.contract.as_ref().map(|contract| contract.code);
        if next == Some(*hash) || !self.set(code_slot(hash), None)? {
            return Err(FailureCode::BadCode);
        }
        Ok(())
    }

    pub(crate) const fn may_change(&self) -> Result<(), FailureCode> {
        if self.is_view {
            return Err(FailureCode::Rejected);
        }
        Ok(())
    }

    pub(crate) fn slot(&self, key: &Key) -> Option<&Slot> {
        let written = self.left.writes.get(key).or_else(|| self.written.get(key));
        match written {
            Some(slot) => slot.as_ref(),
            None => self.account.storage.get(key),
        }
    }
}

impl Facts {
    pub(crate) const fn of(id: MessageId, message: &RelayMessage) -> Self {
        Self {
            id,
            trace: message.trace,
            from: message.from,
            value: message.value,
            price: message.gas.price,
        }
    }
}
