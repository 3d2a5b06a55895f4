//! External messages: consumed by the account that signed them; the paper's `tran`.

use types::{ExternalMessage, FailureCode, Height, Input, MessageId, RelayBody, Status};

use crate::actor::{Actor, Parent};
use crate::calls::latest;
use crate::queue::rest;
use crate::send::Sending;
use crate::{Context, Refusal, admit, gas};

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
            _ if self.lacks(message) => {
                let work = gas::external(&message.call);
                self.pay(work, message.call.gas.price);
                let status = Status::Failed(FailureCode::Balance);
                self.receipt(id, status, work, Vec::new());
            }
            _ => self.send_external(id, message, ctx),
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
        let body = body_of(&call.input);
        let (paid, limit) = match body {
            RelayBody::Credit => (gas::TRANSFER, 0),
            _ => (work + gas::RETURN, call.gas.limit - work - gas::RETURN),
        };
        self.pay(paid, call.gas.price);
        let prepaid = types::Gas { limit, ..call.gas };
        let balance = rest(self.account.balance, call.value);
        self.account.balance = rest(balance, prepaid.cost());
        let parent = Parent {
            id,
            trace: id,
            payer: self.id,
            depth: 0,
            deadline: latest(ctx),
            price: call.gas.price,
        };
        let sending = Sending {
            to: call.to,
            value: call.value,
            gas: limit,
            deadline: Height::MAX,
            body,
        };
        let output = self.send(&parent, sending, 0, ctx);
        self.receipt(id, Status::Done, work, vec![output]);
    }
}

/// What an external message that sends has its sender's account send.
fn body_of(input: &Input) -> RelayBody {
    match input {
        Input::Transfer | Input::RotateKey { .. } => RelayBody::Credit,
        Input::Call { method, data } => RelayBody::Call {
            method: method.clone(),
            data: data.clone(),
            reply: false,
        },
        Input::Deploy(deploy) => RelayBody::Deploy {
            deploy: deploy.clone(),
            reply: false,
        },
        Input::Upgrade { code, adopt } => RelayBody::Upgrade {
            code: code.clone(),
            adopt: *adopt,
        },
    }
}
