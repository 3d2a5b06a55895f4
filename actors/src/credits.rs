//! Credits: the paper's `add`.

use types::{FailureCode, Status, limits};

use crate::actor::{Actor, Back};
use crate::{Context, Letter, gas};

impl Actor {
    /// Adds what the message carries to the balance.
    pub(crate) fn credit(&mut self, letter: &Letter, ctx: &Context) {
        if let Some(code) = self.hindrance(letter, ctx) {
            return self.fail(
                letter,
                code.into(),
                gas::CREDIT,
                Back::whole(letter.carried()),
                ctx,
            );
        }
        match self.account.balance.plus(letter.carried()) {
            Some(balance) => {
                self.account.balance = balance;
                self.receipt(letter.id(), Status::Done, gas::CREDIT, Vec::new());
            }
            None => {
                let back = letter.carried();
                self.fail(
                    letter,
                    FailureCode::Overflow.into(),
                    gas::CREDIT,
                    Back::whole(back),
                    ctx,
                );
            }
        }
    }

    /// Why nothing may run for the message, whatever it asks.
    pub(crate) fn hindrance(&self, letter: &Letter, ctx: &Context) -> Option<FailureCode> {
        let message = letter.message();
        if ctx.root_height > message.deadline {
            return Some(FailureCode::Deadline);
        }
        if message.depth > limits::DEPTH {
            return Some(FailureCode::Depth);
        }
        self.is_nobody(ctx).then_some(FailureCode::NoSuchAccount)
    }
}
