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
//! * **\[L4\] Places are paid for.** Who has tokens here has a place, for which somebody paid what
//!   the ledger's deposit grew by; a payment to nobody's place is refused. A place stays when it is
//!   empty, until its holder closes it and gets the deposit. So strangers can't use up what the
//!   ledger can store, and a payment on a ledger stores nothing anew.
//! * **\[L5\] A bounce finds its place.** A place knows what is on its way from it, and can't be
//!   closed before that is answered. So what comes back needs no deposit.
//! * **\[L6\] On the way.** A payment to another ledger is remembered on this ledger's own deposit
//!   until it is answered, at most until its deadline. Who sends many may keep others from sending
//!   to other ledgers for so long: it costs him the gas of each, he gains nothing, and neither
//!   payments here nor what arrives need any of it.
#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(test)]
mod tests;

use thinkey_sdk::prelude::*;

/// Bytes of a place.
const PLACE: usize = 32;

/// The holders of one chain.
#[account]
pub struct Ledger {
    /// Who names members.
    issuer: AccountId,
    /// What all holders have here.
    held: Amount,
    /// What left for other ledgers and was not answered yet.
    leaving: Amount,
    places: Map<AccountId, Place>,
    members: Map<AccountId, bool>,
}

/// What a holder has here.
#[derive(Default, Codec)]
struct Place {
    balance: Amount,
    /// What left for other ledgers and was not answered yet.
    leaving: Amount,
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
        let place = Place {
            balance: supply,
            leaving: 0,
        };
        self.places.insert(&issuer, &place);
    }

    /// The issuer names a ledger of the same token, or strikes it off.
    #[message]
    fn set_member(&mut self, ledger: AccountId, member: bool) {
        ensure!(sender() == self.issuer, "only the issuer names members");
        self.members
            .update(&ledger, |is_member| *is_member = member);
    }

    /// Pays for a place for somebody; value above its price goes back to the sender. [L4]
    #[message(payable)]
    fn open(&mut self, holder: AccountId) {
        ensure!(!self.places.contains(&holder), "there is a place already");
        ensure_paid(slot_deposit(PLACE));
        let before = deposit();
        self.places.insert(&holder, &Place::default());
        sender().pay(value() - (deposit() - before));
        log!("opened", holder);
    }

    /// Gives up the sender's empty place; its deposit goes to the sender. [L4] [L5]
    #[message]
    fn close(&mut self) {
        let place = self.places.get(&sender());
        let place = place.unwrap_or_else(|| abort("no place here: open one"));
        ensure!(place.balance == 0, "there are tokens left");
        ensure!(place.leaving == 0, "a payment is on its way");
        let before = deposit();
        self.places.remove(&sender());
        sender().pay(before - deposit());
        log!("closed", sender());
    }

    /// Pays another holder of this ledger.
    #[message]
    fn transfer(&mut self, to: AccountId, amount: Amount) {
        self.debit(sender(), amount, 0);
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
        self.debit(payment.from, amount, amount);
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
        self.answered(&payment, 0);
    }

    /// The other ledger did not take it.
    #[bounce(credit)]
    fn not_credited(&mut self, payment: Payment) {
        self.held += payment.amount;
        self.answered(&payment, payment.amount);
        log!("returned", payment.from, payment.amount);
    }

    /// What a holder has here.
    #[view]
    fn balance_of(&self, holder: AccountId) -> Amount {
        self.places.get_or_default(&holder).balance
    }

    /// Whether a holder has a place here, and so can be paid.
    #[view]
    fn has_place(&self, holder: AccountId) -> bool {
        self.places.contains(&holder)
    }

    /// What a place costs.
    #[view]
    fn price(&self) -> Amount {
        slot_deposit(PLACE)
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

    fn debit(&mut self, holder: AccountId, amount: Amount, leaves: Amount) {
        ensure!(amount > 0, "nothing to pay");
        let paid = self.places.change(&holder, |place| {
            ensure!(place.balance >= amount, "not enough tokens");
            place.balance -= amount;
            place.leaving += leaves;
        });
        ensure!(paid.is_some(), "no place here: open one");
    }

    fn credit_here(&mut self, holder: AccountId, amount: Amount) {
        let paid = self.places.change(&holder, |place| place.balance += amount);
        ensure!(paid.is_some(), "the recipient has no place here: open one");
    }

    /// [L3] A payment is on its way no more, and so much of it is back. The place is there. [L5]
    fn answered(&mut self, payment: &Payment, back: Amount) {
        self.leaving -= payment.amount;
        self.places.change(&payment.from, |place| {
            place.leaving -= payment.amount;
            place.balance += back;
        });
    }
}
