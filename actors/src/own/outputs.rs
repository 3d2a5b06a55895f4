//! What code sends. [G7] [G12]

use types::{
    Amount, CodeBytes, Deploy, FailureCode, Gas, Height, MessageId, RelayBody, RelayMessage, limits,
};

use crate::send::{Handler, Sending};
use crate::slots::{code_slot, handler_slot};
use crate::{Own, Send, Terms, Wish, gas};

impl Own<'_> {
    /// Sends a message when the run ends well; pays now for the steps that follow.
    ///
    /// # Errors
    /// As [`Self::send_with`].
    pub fn send(&mut self, send: Send) -> Result<(), FailureCode> {
        self.send_with(send, Terms::default()).map(|_| ())
    }

    /// Sends a message when the run ends well; pays now for the steps that follow, and sets gas
    /// aside for the handler of the answer. Its place among the outputs.
    ///
    /// # Errors
    /// `Depth`, `Balance`, `OutOfGas`, `Deposit` when the balance does not cover what the waiting
    /// handler takes of storage, `BadCode` when the account does not hold the code of a deploy, or
    /// `Rejected` for too many or too large messages, a wish where none can be, and in views.
    pub fn send_with(&mut self, send: Send, terms: Terms) -> Result<u32, FailureCode> {
        self.may_change()?;
        if !self.may_send {
            return Err(FailureCode::Depth);
        }
        let wants = terms.reply.is_some();
        if wants && (self.left.contract.is_none() || matches!(send, Send::Credit { .. })) {
            return Err(FailureCode::Rejected);
        }
        let mut sending = self.sending(send, wants)?;
        sending.deadline = terms.deadline.unwrap_or(Height::MAX);
        let index = self.left.outputs.len();
        if self.left.contract.is_some() && index >= limits::OUTPUTS {
            return Err(FailureCode::Rejected);
        }
        let before = (self.left.balance, self.meter);
        self.pay(&sending, terms.reply.as_ref())?;
        let index = index as u32;
        if let Some(wish) = terms.reply {
            let waits = self.await_answer(index, sending.value, wish);
            if let Err(code) = waits {
                (self.left.balance, self.meter) = before;
                return Err(code);
            }
        }
        self.left.outputs.push(sending);
        Ok(index)
    }

    /// Id of the message that an output will be, once it was sent.
    pub fn output_id(&self, index: u32) -> Option<MessageId> {
        let sent = (index as usize) < self.left.outputs.len();
        sent.then(|| self.id_of(index))
    }

    /// What the handler of an output's answer is to be reminded of; the last one counts.
    ///
    /// # Errors
    /// `Rejected` above [`limits::HANDLER_CONTEXT`] bytes and for an output without handler;
    /// `Deposit` when the balance does not cover what the reminder takes of storage.
    pub fn remember(&mut self, index: u32, context: &[u8]) -> Result<(), FailureCode> {
        if context.len() > limits::HANDLER_CONTEXT {
            return Err(FailureCode::Rejected);
        }
        let key = handler_slot(&self.id_of(index));
        let waits = self.left.writes.get(&key).and_then(Option::as_ref);
        let slot = waits.ok_or(FailureCode::Rejected)?;
        let handler = borsh::from_slice::<Handler>(&slot.0);
        let mut handler = handler.map_err(|_| FailureCode::Rejected)?;
        handler.context = context.to_vec();
        self.set(key, Some(handler.slot()?)).map(|_| ())
    }

    fn id_of(&self, index: u32) -> MessageId {
        let Self { facts, id, .. } = self;
        RelayMessage::id_at(&facts.trace, &facts.id, id, index)
    }

    fn sending(&self, send: Send, reply: bool) -> Result<Sending, FailureCode> {
        let (to, value, gas, body) = match send {
            Send::Credit { to, value } => (to, value, 0, RelayBody::Credit),
            Send::Call {
                to,
                value,
                gas,
                method,
                data,
            } => {
                if method.len() > limits::METHOD_NAME || data.len() > limits::MESSAGE_DATA {
                    return Err(FailureCode::Rejected);
                }
                let body = RelayBody::Call {
                    method,
                    data,
                    reply,
                };
                (to, value, gas, body)
            }
            Send::Deploy {
                code,
                salt,
                init,
                owner,
                value,
                gas,
            } => {
                if init.len() > limits::INIT {
                    return Err(FailureCode::Rejected);
                }
                let held = self.slot(&code_slot(&code)).ok_or(FailureCode::BadCode)?;
                let to = types::AccountId::of_code(&self.id, &salt, &code);
                let deploy = Box::new(Deploy {
                    salt,
                    code: CodeBytes::from(held.0.clone()),
                    init,
                    owner,
                });
                (to, value, gas, RelayBody::Deploy { deploy, reply })
            }
        };
        let deadline = Height::MAX;
        Ok(Sending {
            to,
            value,
            gas,
            deadline,
            body,
        })
    }

    fn pay(&mut self, sending: &Sending, wish: Option<&Wish>) -> Result<(), FailureCode> {
        let (size, ahead) = match &sending.body {
            RelayBody::Credit => (0, gas::CREDIT + gas::RETURN),
            body if sending.gas < gas::least_relay(body) => return Err(FailureCode::OutOfGas),
            body => (gas::data_of(body), gas::RETURN),
        };
        let kept = wish.map_or(0, |wish| wish.gas);
        if wish.is_some() && kept < gas::HANDLER {
            return Err(FailureCode::OutOfGas);
        }
        self.charge(gas::OUTPUT.saturating_add(gas::bytes(size)))?;
        let leaves = ahead.saturating_add(sending.gas).saturating_add(kept);
        if leaves > self.gas_left() {
            return Err(FailureCode::OutOfGas);
        }
        let balance = self.left.balance.minus(sending.value);
        let balance = balance.filter(|balance| self.allows(*balance, sending.value));
        self.left.balance = balance.ok_or(FailureCode::Balance)?;
        self.meter.ahead += ahead;
        self.meter.given += sending.gas;
        self.meter.kept += kept;
        Ok(())
    }

    /// [G13] Sending value must leave what is locked; sending none is always allowed.
    fn allows(&self, balance: Amount, value: Amount) -> bool {
        value.is_zero() || balance >= self.locked()
    }

    /// [G12] Remembers who handles the answer to an output.
    fn await_answer(&mut self, index: u32, value: Amount, wish: Wish) -> Result<(), FailureCode> {
        if wish.handler.len() > limits::METHOD_NAME || wish.context.len() > limits::HANDLER_CONTEXT
        {
            return Err(FailureCode::Rejected);
        }
        let handler = Handler {
            name: wish.handler,
            context: wish.context,
            value,
            gas: Gas {
                limit: wish.gas,
                price: self.facts.price,
            },
        };
        let key = handler_slot(&self.id_of(index));
        self.set(key, Some(handler.slot()?)).map(|_| ())
    }
}
