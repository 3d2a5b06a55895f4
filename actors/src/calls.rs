//! Calls: the account's own code answers.

use types::{Amount, FailureCode, Gas, Height, MessageId, RelayBody, RelayMessage, Status, limits};

use crate::actor::{Actor, Parent};
use crate::queue::sum;
use crate::{Context, Letter, Own, Send, gas};

/// What a handler left behind.
struct Handled {
    result: Result<(), FailureCode>,
    /// Used and paid ahead.
    used: u64,
    work: u64,
    given: u64,
}

impl Actor {
    /// Runs the account's code with the value and gas that the call brings.
    pub(crate) fn call(&mut self, letter: &Letter, ctx: &Context) {
        let message = letter.message();
        let budget = message.gas.limit.min(ctx.call_limit());
        let failure = match self.hindrance(letter, ctx) {
            Some(code) => Err(code),
            None if budget < gas::CALL => Err(FailureCode::OutOfGas),
            None => {
                let balance = self.account.balance.plus(message.value);
                balance.ok_or(FailureCode::Overflow)
            }
        };
        match failure {
            Ok(balance) => self.handle(letter, balance, budget, ctx),
            Err(code) => {
                let used = message.gas.limit.min(gas::CALL);
                self.fail_call(letter, code, gas::CALL, used, ctx);
            }
        }
    }

    fn handle(&mut self, letter: &Letter, balance: Amount, budget: u64, ctx: &Context) {
        let message = letter.message();
        let Some(behaviour) = ctx.behaviours.find(&self.id, self.account.code.as_ref()) else {
            return self.fail_call(letter, FailureCode::NoCode, gas::CALL, gas::CALL, ctx);
        };
        let may_send = message.depth < limits::DEPTH;
        let left = budget - gas::CALL;
        let mut own = Own::new(
            self.id,
            &self.account,
            &self.writes,
            balance,
            may_send,
            left,
        );
        let result = behaviour.handle(&mut own, message, ctx);
        let handled = Handled {
            result,
            used: gas::CALL + own.work + own.ahead,
            work: gas::CALL + own.work,
            given: own.given,
        };
        let (balance, writes, sends) = (own.balance, own.writes, own.sends);
        match handled.result {
            // What a failing handler would have paid ahead comes back with the rest.
            Err(code) => self.fail_call(letter, code, handled.work, handled.work, ctx),
            Ok(()) => {
                self.account.balance = balance;
                self.writes.extend(writes);
                self.succeed(letter, sends, &handled, ctx);
            }
        }
    }

    fn succeed(&mut self, letter: &Letter, sends: Vec<Send>, handled: &Handled, ctx: &Context) {
        let price = letter.message().gas.price;
        self.burn(handled.used, price);
        let parent = Parent::of(letter);
        let mut outputs = Vec::with_capacity(sends.len() + 1);
        for send in sends {
            let output = outputs.len() as u32;
            outputs.push(self.send(&parent, send, output, ctx));
        }
        let unused = Gas {
            limit: letter.message().gas.limit - handled.used - handled.given,
            price,
        };
        if !unused.cost().is_zero() {
            let output = outputs.len() as u32;
            let body = RelayBody::Refund;
            let refund = parent.back(self.id, letter.message(), unused.cost(), body, output);
            outputs.push(self.emit(refund, ctx));
        }
        self.receipt(letter.id(), Status::Done, handled.work, outputs);
    }

    /// Sends on behalf of the account; value and gas are debited already.
    pub(crate) fn send(
        &mut self,
        parent: &Parent,
        send: Send,
        output: u32,
        ctx: &Context,
    ) -> MessageId {
        let (to, value, limit, body) = match send {
            Send::Credit { to, value } => (to, value, 0, RelayBody::Credit),
            Send::Call {
                to,
                value,
                gas,
                method,
                data,
            } => (to, value, gas, RelayBody::Call { method, data }),
        };
        let price = parent.price;
        let message = RelayMessage {
            trace: parent.trace,
            parent: parent.id,
            output,
            depth: parent.depth.saturating_add(1),
            from: self.id,
            to,
            value,
            gas: Gas { limit, price },
            deadline: parent.deadline.min(latest(ctx)),
            body,
        };
        self.emit(message, ctx)
    }

    fn fail_call(
        &mut self,
        letter: &Letter,
        code: FailureCode,
        work: u64,
        used: u64,
        ctx: &Context,
    ) {
        let gas = letter.message().gas;
        let unused = Gas {
            limit: gas.limit - used,
            ..gas
        };
        self.burn(used, gas.price);
        let back = sum(letter.message().value, unused.cost());
        self.fail(letter, code, work, back, ctx);
    }
}

/// The deadline of what is sent now.
pub(crate) const fn latest(ctx: &Context) -> Height {
    ctx.root_height.saturating_add(limits::DEADLINE_HEIGHTS)
}
