//! External messages: consumed by the account that signed them; the paper's `tran`.

use types::{Amount, ExternalMessage, FailureCode, Input, MessageId, Status};

use crate::actor::{Actor, Parent};
use crate::calls::latest;
use crate::queue::rest;
use crate::{Context, Refusal, Send, admit, gas};

impl Actor {
    /// Consumes an external message, or refuses it and changes nothing.
    pub(crate) fn external(
        &mut self,
        id: MessageId,
        message: &ExternalMessage,
        ctx: &Context,
    ) -> Result<(), Refusal> {
        admit(&self.account, message, ctx)?;
        // [G5] Used up before any effect.
        self.account.nonce += 1;
        self.claim();
        match &message.call.input {
            Input::RotateKey { key } => {
                self.pay(gas::EXTERNAL, message.call.gas.price);
                self.account.key = Some(*key);
                self.receipt(id, Status::Done, gas::EXTERNAL, Vec::new());
            }
            Input::Transfer | Input::Call { .. } if self.lacks(message) => {
                let work = gas::external(&message.call);
                self.pay(work, message.call.gas.price);
                let status = Status::Failed(FailureCode::Balance);
                self.receipt(id, status, work, Vec::new());
            }
            Input::Transfer | Input::Call { .. } => self.send_external(id, message, ctx),
        }
        Ok(())
    }

    /// Whether the value is not there on top of the prepaid gas. Claimable value counts.
    pub(crate) fn lacks(&self, message: &ExternalMessage) -> bool {
        let needed = message.call.value.plus(message.call.gas.cost());
        let balance = self.account.balance.plus(self.account.claimable);
        match (needed, balance) {
            (Some(needed), Some(balance)) => balance < needed,
            (Some(needed), None) => self.account.balance < needed,
            (None, _) => true,
        }
    }

    fn send_external(&mut self, id: MessageId, message: &ExternalMessage, ctx: &Context) {
        let call = &message.call;
        let work = gas::external(call);
        let send = match &call.input {
            Input::Call { method, data } => {
                let paid = work + gas::RETURN;
                self.pay(paid, call.gas.price);
                Send::Call {
                    to: call.to,
                    value: call.value,
                    gas: call.gas.limit - paid,
                    method: method.clone(),
                    data: data.clone(),
                }
            }
            Input::Transfer | Input::RotateKey { .. } => {
                self.pay(gas::TRANSFER, call.gas.price);
                Send::Credit {
                    to: call.to,
                    value: call.value,
                }
            }
        };
        self.debit(&send, call.gas.price);
        let parent = Parent {
            id,
            trace: id,
            depth: 0,
            deadline: latest(ctx),
            price: call.gas.price,
        };
        let output = self.send(&parent, send, 0, ctx);
        self.receipt(id, Status::Done, work, vec![output]);
    }

    fn debit(&mut self, send: &Send, price: u64) {
        let (value, limit) = match send {
            Send::Credit { value, .. } => (*value, 0),
            Send::Call { value, gas, .. } => (*value, *gas),
        };
        let prepaid: Amount = types::Gas { limit, price }.cost();
        let balance = rest(self.account.balance, value);
        self.account.balance = rest(balance, prepaid);
    }
}
