//! Names for accounts, for other contracts and for people.
//!
//! ```text
//!  anybody ── register("alice", years) + fee ──▶ Names ◀── resolve("alice") ── any contract
//!  owner ──── point, hand over, renew ─────────▶   └────── reply: account or nothing ──▶
//! ```
//!
//! # Rules
//!
//! * **\[N1\] First come.** A name of 3 to 32 letters a–z, digits and dashes belongs to whoever
//!   registers it first, as long as it is paid for; then it is anybody's again.
//! * **\[N2\] Paid by time.** A term costs the fee that the registry began with. What is paid above
//!   it goes back. Renewing adds terms to the end, whoever pays.
//! * **\[N3\] Old answers.** An answer is true when it is given: who pays to a name asks for it
//!   anew each time, since another account may have it now.
#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(test)]
mod tests;

use thinkey_sdk::prelude::*;

/// The most terms that can be paid ahead.
const TERMS: u32 = 100;

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
        ensure!(self.record(&name).is_none(), "taken");
        let ends = root_height() + self.pay(terms);
        let record = Record {
            owner: sender(),
            target: sender(),
            ends,
        };
        self.records.insert(&name, &record);
        log!("registered", name, record);
    }

    /// Adds terms to a name; anybody may.
    #[message(payable)]
    fn renew(&mut self, name: String, terms: u32) {
        let mut record = self.existing(&name);
        record.ends += self.pay(terms);
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

    /// The owner gives the name up.
    #[message]
    fn release(&mut self, name: String) {
        self.owned(&name);
        self.records.remove(&name);
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

    fn record(&self, name: &String) -> Option<Record> {
        self.records
            .get(name)
            .filter(|record| root_height() < record.ends)
    }

    fn existing(&self, name: &String) -> Record {
        self.record(name).unwrap_or_else(|| abort("no such name"))
    }

    fn owned(&self, name: &String) -> Record {
        let record = self.existing(name);
        ensure!(record.owner == sender(), "not your name");
        record
    }

    /// [N2] Takes the fee and gives back the rest; the root heights that it pays for.
    fn pay(&self, terms: u32) -> u64 {
        ensure!((1..=TERMS).contains(&terms), "1 to 100 terms");
        let price = self.fee * Amount::from(terms);
        ensure!(value() >= price, "the fee is higher");
        self.treasury.pay(price);
        sender().pay(value() - price);
        self.term * u64::from(terms)
    }
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=32).contains(&name.len()) && name.bytes().all(letter)
}
