//! A payment token whose ledgers live on as many chains as one likes.
//!
//! ```text
//!   chain 1: Ledger                        chain 2: Ledger
//!     alice 60 ── transfer_to(2, bob, 40) ──▶ credit(bob, 40) ── bob 40
//!              ◀── reply: done ── or ── bounce: alice has 100 again
//! ```
//!
//! Holders on one chain share a ledger, so that payments among them touch nothing else, and
//! ledgers on different chains work in parallel. Between ledgers a payment is one message.
//!
//! # Rules
//!
//! * **\[L1\] Supply.** The first ledger begins with all there is; nothing else makes or destroys
//!   tokens. What all ledgers hold and what is on the way between them is the supply.
//! * **\[L2\] Who credits.** `credit` is taken from ledgers that the issuer named as members, and
//!   tokens are sent to such ledgers only. Name a ledger only if its code is this.
//! * **\[L3\] Exactly once.** A payment is debited when it is sent. Its one answer settles it: a
//!   reply ends it, a bounce or time-out puts it back where it came from.
#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(test)]
mod tests;

use thinkey_sdk::prelude::*;

/// The holders of one chain.
#[account]
pub struct Ledger {
    /// Who names members.
    issuer: AccountId,
    /// What all holders have here.
    held: Amount,
    /// What left for other ledgers and was not answered yet.
    leaving: Amount,
    balances: Map<AccountId, Amount>,
    members: Map<AccountId, bool>,
}

/// A payment to another ledger, until it is answered.
#[derive(Codec)]
pub struct Payment {
    from: AccountId,
    amount: Amount,
}

/// A ledger of a token that lives on several chains.
#[contract]
impl Ledger {
    /// Begins with so much in the hands of the issuer; ledgers after the first begin with 0.
    #[init]
    fn begin(&mut self, issuer: AccountId, supply: Amount) {
        self.issuer = issuer;
        self.held = supply;
        self.balances.insert(&issuer, &supply);
    }

    /// The issuer names a ledger of the same token, or strikes it off.
    #[message]
    fn set_member(&mut self, ledger: AccountId, member: bool) {
        ensure!(sender() == self.issuer, "only the issuer names members");
        self.members
            .update(&ledger, |is_member| *is_member = member);
    }

    /// Pays another holder of this ledger.
    #[message]
    fn transfer(&mut self, to: AccountId, amount: Amount) {
        self.debit(sender(), amount);
        self.credit_here(to, amount);
        log!("transfer", sender(), to, amount);
    }

    /// Pays a holder of another ledger.
    #[message]
    fn transfer_to(&mut self, ledger: AccountId, to: AccountId, amount: Amount) {
        ensure!(self.members.contains(&ledger), "no such ledger");
        let payment = Payment {
            from: sender(),
            amount,
        };
        self.debit(payment.from, amount);
        self.held -= amount;
        self.leaving += amount;
        Self::at(ledger)
            .credit(to, amount)
            .remember(&payment)
            .send();
        log!("sent", payment.from, ledger, to, amount);
    }

    /// What another ledger pays to a holder of this one.
    #[message]
    fn credit(&mut self, to: AccountId, amount: Amount) {
        ensure!(self.members.contains(&sender()), "only ledgers credit");
        self.held += amount;
        self.credit_here(to, amount);
        log!("received", sender(), to, amount);
    }

    /// The other ledger has it.
    #[reply(credit)]
    fn credited(&mut self, _answer: (), payment: Payment) {
        self.leaving -= payment.amount;
    }

    /// The other ledger did not take it.
    #[bounce(credit)]
    fn not_credited(&mut self, payment: Payment) {
        self.leaving -= payment.amount;
        self.held += payment.amount;
        self.credit_here(payment.from, payment.amount);
        log!("returned", payment.from, payment.amount);
    }

    /// What a holder has here.
    #[view]
    fn balance_of(&self, holder: AccountId) -> Amount {
        self.balances.get_or_default(&holder)
    }

    /// What all holders have here.
    #[view]
    fn held(&self) -> Amount {
        self.held
    }

    /// What left for other ledgers and was not answered yet.
    #[view]
    fn leaving(&self) -> Amount {
        self.leaving
    }

    fn debit(&mut self, holder: AccountId, amount: Amount) {
        self.balances.update(&holder, |balance| {
            ensure!(*balance >= amount, "not enough tokens");
            *balance -= amount;
        });
    }

    fn credit_here(&mut self, holder: AccountId, amount: Amount) {
        self.balances.update(&holder, |balance| *balance += amount);
    }
}
