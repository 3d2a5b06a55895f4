//! An account that does what it is told: for tests that want trouble, never for use.
//!
//! A message brings a program, a list of [`Act`]s. What a call brings, what follows its answer and
//! what a new account begins with are programs again, so that one message describes a whole tree
//! of messages. Anybody may pull the strings.
//!
//! ```text
//!   act([Send { to: B, program: [Fail], then: [Delete 1], .. }])
//!     ──▶ B: fails ──▶ bounce ──▶ then: [Delete 1]
//! ```
//!
//! # Rules
//!
//! * **\[U1\] Counted.** Every run that ends well counts itself in its account, by its kind; so the
//!   count and the receipts must agree.
#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(test)]
mod tests;

use thinkey_sdk::Decode;
use thinkey_sdk::prelude::*;

/// What a rally keeps for the run itself, besides its handler's share.
const OWN_SHARE: u64 = 30_000;

/// One thing to do.
#[derive(Codec)]
pub enum Act {
    /// Calls a puppet.
    Send(Order),
    /// Calls puppets in turn, so many times in all.
    Spread(u8, Vec<AccountId>, Order),
    /// Has the other one of two puppets do the same with all the gas that is left: value, and gas
    /// for the handler. Ends when the gas does.
    Rally(AccountId, AccountId, u64, u64),
    /// Sends value alone.
    Pay(AccountId, u64),
    /// Stores so many bytes.
    Set(u8, u16),
    /// Stores no longer.
    Delete(u8),
    /// Uses up all gas.
    Spin,
    /// Gives up.
    Fail,
    /// Runs other code from the next message on.
    Become([u8; 32]),
    /// Creates an account: code, salt, value, gas, and what it begins with.
    Create([u8; 32], [u8; 32], u64, u64, Vec<u8>),
    /// Answers so many bytes.
    Answer(u16),
    /// Stores the beacon's newest seed, if there is one.
    Look(u8),
    /// Holds code no longer.
    DropCode([u8; 32]),
}

/// A call that is to be sent.
#[derive(Codec)]
pub struct Order {
    /// Whom to call; not looked at where that is said elsewhere.
    pub to: AccountId,
    /// Value that goes with it.
    pub value: u64,
    /// Gas that goes with it.
    pub gas: u64,
    /// Root heights within which it must be executed; 0 for the longest.
    pub deadline: u64,
    /// Gas for the handler of its answer; 0 for no answer.
    pub handler: u64,
    /// What it is to do.
    pub program: Vec<u8>,
    /// What is to be done about its answer.
    pub then: Vec<u8>,
}

/// The account: how often it ran, by kind.
#[account]
pub struct Puppet {
    calls: u64,
    replies: u64,
    bounces: u64,
    timeouts: u64,
    slots: Map<u8, Vec<u8>>,
}

/// Does what it is told.
#[contract]
impl Puppet {
    /// Begins with a program.
    #[init]
    fn begin(&mut self, program: Vec<u8>) {
        self.calls += 1;
        self.perform(&program);
    }

    /// Does what the program says.
    #[message(payable)]
    fn act(&mut self, program: Vec<u8>) -> Vec<u8> {
        self.calls += 1;
        self.perform(&program)
    }

    /// A call was executed.
    #[reply(act)]
    fn replied(&mut self, _answer: Vec<u8>, then: Vec<u8>) {
        self.replies += 1;
        self.perform(&then);
    }

    /// A call failed.
    #[bounce(act)]
    fn bounced(&mut self, then: Vec<u8>) {
        self.bounces += 1;
        self.perform(&then);
    }

    /// A call came too late.
    #[timeout(act)]
    fn late(&mut self, then: Vec<u8>) {
        self.timeouts += 1;
        self.perform(&then);
    }

    /// How often it ran: calls, replies, bounces, time-outs.
    #[view]
    fn runs(&self) -> (u64, u64, u64, u64) {
        (self.calls, self.replies, self.bounces, self.timeouts)
    }

    fn perform(&mut self, program: &[u8]) -> Vec<u8> {
        let (mut rest, mut answer) = (program, Vec::new());
        while !rest.is_empty() {
            let act = Act::decode(&mut rest).unwrap_or_else(|| abort("no such act"));
            self.perform_one(act, program, &mut answer);
        }
        answer
    }

    fn perform_one(&mut self, act: Act, program: &[u8], answer: &mut Vec<u8>) {
        match act {
            Act::Send(order) => send(order.to, &order),
            Act::Spread(count, to, order) => {
                ensure!(!to.is_empty(), "nobody to call");
                let turns = to.iter().cycle().take(usize::from(count));
                turns.for_each(|to| send(*to, &order));
            }
            Act::Rally(one, other, value, handler) => {
                let to = if own_id() == one { other } else { one };
                let kept = OWN_SHARE + handler;
                let order = Order {
                    to,
                    value,
                    gas: gas_left().saturating_sub(kept),
                    deadline: 0,
                    handler,
                    program: Vec::from(program),
                    then: Vec::new(),
                };
                send(to, &order);
            }
            Act::Pay(to, value) => {
                Call::<()>::new(to, "", Vec::new())
                    .gas(0)
                    .value(value.into())
                    .send();
            }
            Act::Set(key, length) => {
                let mut bytes = Vec::new();
                bytes.resize(usize::from(length), key);
                self.slots.insert(&key, &bytes);
            }
            Act::Delete(key) => drop(self.slots.remove(&key)),
            #[expect(clippy::empty_loop, reason = "gas ends it")]
            Act::Spin => loop {},
            Act::Fail => abort("told to"),
            Act::Become(code) => become_code(&code),
            Act::DropCode(code) => drop_code(&code),
            Act::Create(code, salt, value, gas, program) => {
                Create::new(code, salt)
                    .value(value.into())
                    .gas(gas)
                    .init(&(program,))
                    .send();
            }
            Act::Answer(length) => answer.resize(usize::from(length), 7),
            Act::Look(key) => {
                if let Some(seed) = seed() {
                    self.slots.insert(&key, &Vec::from(seed));
                }
            }
        }
    }
}

fn send(to: AccountId, order: &Order) {
    let call = Puppet::at(to)
        .act(order.program.clone())
        .value(order.value.into())
        .gas(order.gas)
        .deadline(order.deadline);
    if order.handler > 0 {
        // The gas last: to remember something asks for the usual.
        call.remember(&order.then)
            .reply_with_gas(order.handler)
            .send();
    } else {
        call.send();
    }
}
