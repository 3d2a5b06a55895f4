//! A wallet of several owners: it acts when enough of them agree.
//!
//! ```text
//!  owner ── propose(action) ──▶ Multisig ── with the last approval ──▶ pay, call, change owners
//!  owners ─ approve(n) ───────▶    │ ▲
//!                                  ▼ └─ reply: whom the name names, or a bounce: noted
//!                                Names
//! ```
//!
//! # Rules
//!
//! * **\[M1\] Enough owners.** A proposal is acted upon once, when as many as the threshold have
//!   approved it that are owners then. Approvals of former owners don't count.
//! * **\[M2\] What fails comes back.** A call or payment that fails brings its value back, and may
//!   be proposed again; nothing is retried by itself. Of a payment to a name that could not be made
//!   an event tells, of everything else the trace.
//! * **\[M3\] Names.** A payment to a name asks the registry when it is approved, and pays whoever
//!   the name names then; nothing is paid if it names nobody.
#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(test)]
mod tests;

use names::Names;
use thinkey_sdk::prelude::*;

/// The most owners.
const OWNERS: usize = 32;

/// The account.
#[account]
pub struct Multisig {
    owners: Vec<AccountId>,
    threshold: u32,
    proposals: u64,
    open: Map<u64, Proposal>,
}

/// What the wallet can do.
#[derive(Clone, PartialEq, Eq, Codec)]
pub enum Action {
    /// Pays an account.
    Pay {
        /// Whom.
        to: AccountId,
        /// How much.
        value: Amount,
    },
    /// Pays whoever a name names.
    PayName {
        /// The registry.
        names: AccountId,
        /// The name.
        name: String,
        /// How much.
        value: Amount,
    },
    /// Calls a contract.
    Call {
        /// Which.
        to: AccountId,
        /// Its method.
        method: String,
        /// The encoded arguments.
        data: Vec<u8>,
        /// The value that goes along.
        value: Amount,
        /// The gas that goes along.
        gas: u64,
    },
    /// Replaces owners and threshold.
    Rule {
        /// The owners from now on.
        owners: Vec<AccountId>,
        /// How many of them must agree.
        threshold: u32,
    },
    /// Has another code that the account holds from the next message on.
    Become {
        /// Its hash.
        code: [u8; 32],
    },
}

/// An action that waits for approvals.
#[derive(Clone, PartialEq, Eq, Codec)]
pub struct Proposal {
    /// What to do.
    pub action: Action,
    /// Who agreed.
    pub approved: Vec<AccountId>,
}

/// What a reply or bounce is about.
#[derive(Codec)]
struct Paying {
    proposal: u64,
    value: Amount,
}

/// A wallet of several owners.
#[contract]
impl Multisig {
    /// Begins with its owners, and how many of them must agree.
    #[init]
    fn begin(&mut self, owners: Vec<AccountId>, threshold: u32) {
        self.set_rule(owners, threshold);
    }

    /// Takes value.
    #[message(payable)]
    fn deposit(&mut self) {
        log!("deposit", sender(), value());
    }

    /// An owner proposes an action, and agrees to it; the proposal's number.
    #[message]
    fn propose(&mut self, action: Action) -> u64 {
        self.check_owner();
        self.proposals += 1;
        let proposal = Proposal {
            action,
            approved: Vec::new(),
        };
        log!("proposed", self.proposals, sender());
        self.agree(self.proposals, proposal);
        self.proposals
    }

    /// An owner agrees to a proposal.
    #[message]
    fn approve(&mut self, number: u64) {
        self.check_owner();
        let proposal = self.proposal(number);
        ensure!(!proposal.approved.contains(&sender()), "agreed already");
        self.agree(number, proposal);
    }

    /// An owner takes his approval back; a proposal without any is gone.
    #[message]
    fn revoke(&mut self, number: u64) {
        let mut proposal = self.proposal(number);
        ensure!(proposal.approved.contains(&sender()), "did not agree");
        proposal.approved.retain(|id| *id != sender());
        if proposal.approved.is_empty() {
            self.open.remove(&number);
        } else {
            self.open.insert(&number, &proposal);
        }
    }

    /// The registry knows whom a name names. [M3]
    #[reply(resolve)]
    fn resolved(&mut self, target: Option<AccountId>, paying: Paying) {
        match target {
            Some(target) if paying.value <= balance() => {
                target.pay(paying.value);
                log!("paid", paying.proposal, target, paying.value);
            }
            _ => log!("failed", paying.proposal),
        }
    }

    /// The registry did not answer.
    #[bounce(resolve)]
    fn not_resolved(&mut self, paying: Paying) {
        log!("failed", paying.proposal);
    }

    /// The owners, and how many must agree.
    #[view]
    fn rule(&self) -> Rule {
        Rule {
            owners: self.owners.clone(),
            threshold: self.threshold,
        }
    }

    /// A proposal that waits.
    #[view]
    fn waiting(&self, number: u64) -> Option<Proposal> {
        self.open.get(&number)
    }

    fn check_owner(&self) {
        ensure!(self.owners.contains(&sender()), "only owners");
    }

    fn proposal(&self, number: u64) -> Proposal {
        self.open
            .get(&number)
            .unwrap_or_else(|| abort("no such proposal"))
    }

    /// [M1] Counts the sender's approval, and acts if it was the last that was missing.
    fn agree(&mut self, number: u64, mut proposal: Proposal) {
        proposal.approved.push(sender());
        let agreed = self
            .owners
            .iter()
            .filter(|owner| proposal.approved.contains(owner));
        if agreed.count() < self.threshold as usize {
            self.open.insert(&number, &proposal);
            return;
        }
        self.open.remove(&number);
        self.act(number, proposal.action);
        log!("done", number);
    }

    fn act(&mut self, proposal: u64, action: Action) {
        match action {
            Action::Pay { to, value } => to.pay(value),
            Action::PayName { names, name, value } => {
                let paying = Paying { proposal, value };
                Names::at(names).resolve(name).remember(&paying).send();
            }
            Action::Call {
                to,
                method,
                data,
                value,
                gas,
            } => {
                ensure!(!method.is_empty(), "a call has a method");
                <Call>::new(to, method, data).value(value).gas(gas).send();
            }
            Action::Rule { owners, threshold } => self.set_rule(owners, threshold),
            Action::Become { code } => become_code(&code),
        }
    }

    fn set_rule(&mut self, owners: Vec<AccountId>, threshold: u32) {
        ensure!((1..=OWNERS).contains(&owners.len()), "1 to 32 owners");
        let twice = |at: usize| owners.iter().take(at).any(|owner| *owner == owners[at]);
        ensure!(!(0..owners.len()).any(twice), "an owner is there twice");
        let possible = threshold >= 1 && threshold as usize <= owners.len();
        ensure!(possible, "between one and all must agree");
        self.owners = owners;
        self.threshold = threshold;
    }
}

/// Who decides.
#[derive(Clone, PartialEq, Eq, Codec)]
#[cfg_attr(test, derive(Debug))]
pub struct Rule {
    /// The owners.
    pub owners: Vec<AccountId>,
    /// How many must agree.
    pub threshold: u32,
}
