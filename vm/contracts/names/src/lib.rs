//! Names for accounts, for other contracts and for people.
//!
//! ```text
//!  anybody ── register("alice", terms) + price ─▶ Names ◀── resolve("alice") ── any contract
//!  owner ──── point, hand over, renew ──────────▶   └────── reply: account or nothing ──▶
//! ```
//!
//! # Rules
//!
//! * **\[N1\] First come.** A name of 3 to 32 letters a–z, digits and dashes belongs to whoever
//!   registers it first, as long as it is paid for; then it is anybody's again.
//! * **\[N2\] Paid by time.** A term costs the fee that the registry began with. What is paid above
//!   the price goes back. Renewing adds terms to the end, whoever pays.
//! * **\[N3\] Old answers.** An answer is true when it is given: who pays to a name asks for it
//!   anew each time, since another account may have it now.
//! * **\[N4\] A record is paid for.** Who registers a name pays, besides the fee, what the
//!   registry's deposit grows by. That belongs to the name's owner, also after its time, and goes
//!   along when the name is handed over. It is paid out when the record goes: to the owner who
//!   releases it, or to the last one when somebody else takes the name and pays anew. All records
//!   have one length, so each gives back what it cost, and nobody can use up what the registry can
//!   store.
#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(test)]
mod tests;

use thinkey_sdk::prelude::*;

/// The most terms that can be paid ahead.
const TERMS: u32 = 100;
/// Bytes of a record.
const RECORD: usize = 72;

/// The account.
#[account]
pub struct Names {
    treasury: AccountId,
    /// What a term costs.
    fee: Amount,
    /// Root heights of a term.
    term: u64,
    records: Map<String, Record>,
}

/// Whose a name is.
#[derive(Clone, PartialEq, Eq, Codec)]
#[cfg_attr(test, derive(Debug))]
pub struct Record {
    /// Who may change it.
    pub owner: AccountId,
    /// Whom it names.
    pub target: AccountId,
    /// The root height from which on it is free.
    pub ends: u64,
}

impl Record {
    fn is_over(&self) -> bool {
        root_height() >= self.ends
    }
}

/// A registry of names.
#[contract]
impl Names {
    /// Begins with who gets fees, what a term costs, and how many root heights it has.
    #[init]
    fn begin(&mut self, treasury: AccountId, fee: Amount, term: u64) {
        ensure!(term > 0, "a term has a length");
        self.treasury = treasury;
        self.fee = fee;
        self.term = term;
    }

    /// Takes a free name for the sender, who is also named by it.
    #[message(payable)]
    fn register(&mut self, name: String, terms: u32) {
        ensure!(is_name(&name), "not a name");
        if let Some(last) = self.records.get(&name) {
            ensure!(last.is_over(), "taken");
            self.remove(&name, &last);
        }
        let fee = self.fee_of(terms);
        ensure_paid(fee + slot_deposit(RECORD));
        let record = Record {
            owner: sender(),
            target: sender(),
            ends: root_height() + self.length_of(terms),
        };
        let before = deposit();
        self.records.insert(&name, &record);
        self.take(fee, deposit() - before);
        log!("registered", name, record);
    }

    /// Adds terms to a name; anybody may.
    #[message(payable)]
    fn renew(&mut self, name: String, terms: u32) {
        let mut record = self.existing(&name);
        let fee = self.fee_of(terms);
        ensure_paid(fee);
        self.take(fee, 0);
        record.ends += self.length_of(terms);
        let most = root_height() + self.term * u64::from(TERMS);
        ensure!(record.ends <= most, "too far ahead");
        self.records.insert(&name, &record);
    }

    /// The owner says whom the name names.
    #[message]
    fn point(&mut self, name: String, target: AccountId) {
        let mut record = self.owned(&name);
        record.target = target;
        self.records.insert(&name, &record);
        log!("points", name, target);
    }

    /// The owner gives the name to somebody.
    #[message]
    fn hand_over(&mut self, name: String, owner: AccountId) {
        let mut record = self.owned(&name);
        record.owner = owner;
        self.records.insert(&name, &record);
        log!("handed over", name, owner);
    }

    /// The owner gives the name up, or the last owner what nobody has taken over since, and gets
    /// the record's deposit. [N4]
    #[message]
    fn release(&mut self, name: String) {
        let last = self.records.get(&name);
        let last = last.unwrap_or_else(|| abort("no such name"));
        ensure!(last.owner == sender(), "not your name");
        self.remove(&name, &last);
        log!("released", name);
    }

    /// Whom a name names: the answer for contracts.
    #[message]
    fn resolve(&mut self, name: String) -> Option<AccountId> {
        self.record(&name).map(|record| record.target)
    }

    /// Whose a name is: the answer for people.
    #[view]
    fn lookup(&self, name: String) -> Option<Record> {
        self.record(&name)
    }

    /// What a term costs.
    #[view]
    fn fee(&self) -> Amount {
        self.fee
    }

    /// What a name costs for so many terms, the record's deposit included.
    #[view]
    fn price(&self, terms: u32) -> Amount {
        self.fee_of(terms) + slot_deposit(RECORD)
    }

    fn record(&self, name: &String) -> Option<Record> {
        self.records.get(name).filter(|record| !record.is_over())
    }

    fn existing(&self, name: &String) -> Record {
        self.record(name).unwrap_or_else(|| abort("no such name"))
    }

    fn owned(&self, name: &String) -> Record {
        let record = self.existing(name);
        ensure!(record.owner == sender(), "not your name");
        record
    }

    fn fee_of(&self, terms: u32) -> Amount {
        ensure!((1..=TERMS).contains(&terms), "1 to 100 terms");
        self.fee * Amount::from(terms)
    }

    /// Root heights of so many terms.
    fn length_of(&self, terms: u32) -> u64 {
        self.term * u64::from(terms)
    }

    /// [N2] [N4] Takes the fee, keeps a deposit and gives back the rest.
    fn take(&self, fee: Amount, deposit: Amount) {
        self.treasury.pay(fee);
        sender().pay(value() - fee - deposit);
    }

    /// [N4] Removes a record; its deposit goes to its owner.
    fn remove(&mut self, name: &String, record: &Record) {
        let before = deposit();
        self.records.remove(name);
        record.owner.pay(before - deposit());
    }
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=32).contains(&name.len()) && name.bytes().all(letter)
}
