//! What a run of code does to the books: each unit of gas that a message brings is burned, given
//! on, set aside for a handler or comes back, and each answer that is waited for finds its handler.

use types::{AccountId, FailureCode, Receipt, RelayBody, RelayMessage, Status};

use super::code::{Coded, Wait, asks};
use super::outputs::{Made, Outputs};
use super::{CALL, Chain, HANDLER, RETURN};
use crate::invariants::seen::value;
use crate::modules::is_puppet;

impl Chain {
    /// A call, deploy or upgrade did what it asked.
    pub(super) fn executed(
        &mut self,
        made: &Made<'_>,
        receipt: &Receipt,
        message: &RelayMessage,
    ) -> Result<(), &'static str> {
        self.enter(message)?;
        let outputs = Outputs::of(made, receipt, message)?;
        let price = u128::from(message.gas.price);
        let unused = came_back(&outputs, message)?;
        let used = u128::from(receipt.gas) + outputs.ahead();
        let gone = used * price + unused + outputs.gas();
        let kept = message.gas.cost().0.checked_sub(gone);
        let kept = kept.ok_or("more gas was used and came back than there was")?;
        if price == 0 || kept % price != 0 {
            return Err("what came back is not worth whole units of gas");
        }
        let coded = self.contracts.get_mut(&message.to).ok_or("nobody ran")?;
        coded.wait(&outputs, Some(kept / price))?;
        self.burned += used * price;
        let change = value(message) as i128 - (used * price + outputs.value()) as i128;
        self.add(message.to, change);
        Ok(())
    }

    /// Finds or makes the account with code, and notes that it ran.
    fn enter(&mut self, message: &RelayMessage) -> Result<(), &'static str> {
        let coded = self.contracts.get_mut(&message.to);
        match (&message.body, coded) {
            (RelayBody::Call { .. }, Some(coded)) => coded.ran(0),
            // Whoever repeats a deploy gets the account that there is.
            (RelayBody::Deploy { .. }, Some(_)) => {}
            (RelayBody::Deploy { deploy, .. }, None) => {
                let hash = deploy.code.hash();
                if AccountId::of_code(&message.from, &deploy.salt, &hash) != message.to {
                    return Err("its id stands for other code");
                }
                let mut coded = Coded::new(hash, deploy.owner);
                coded.ran(0);
                self.contracts.insert(message.to, coded);
            }
            (RelayBody::Upgrade { code, adopt }, Some(coded)) => {
                if coded.owner != Some(message.from) {
                    return Err("a stranger changed its code");
                }
                coded.changed = true;
                if *adopt {
                    let hash = code.hash();
                    coded.counts &= is_puppet(&hash);
                    coded.code = Some(hash);
                }
            }
            _ => return Err("no account here has code"),
        }
        Ok(())
    }

    /// A call, deploy or upgrade failed: what it did not use goes back with its value.
    pub(super) fn failed(
        &mut self,
        made: &Made<'_>,
        receipt: &Receipt,
        message: &RelayMessage,
        code: FailureCode,
    ) -> Result<(), &'static str> {
        let used = message.gas.limit.min(receipt.gas);
        let unrun = matches!(code, FailureCode::Deadline | FailureCode::NoSuchAccount);
        if receipt.gas < CALL || receipt.gas > message.gas.limit.max(CALL) {
            return Err("it failed for too little or too much gas");
        }
        if unrun && receipt.gas != CALL {
            return Err("it did not run, and paid for more");
        }
        let price = u128::from(message.gas.price);
        let unused = u128::from(message.gas.limit - used);
        let apart = refund_apart(message, unused);
        let fee = if apart > 0 { RETURN } else { 0 };
        self.burned += (u128::from(used) + fee) * price;
        let bounce = message.value.0 + (unused - fee - apart) * price;
        super::returned(made, receipt, message, (bounce, apart * price))
    }

    /// Something came back: to a handler that waits for it, or for good.
    pub(super) fn came_back(
        &mut self,
        made: &Made<'_>,
        receipt: &Receipt,
        message: &RelayMessage,
    ) -> Result<(), &'static str> {
        let of = match &message.body {
            RelayBody::Bounce(bounce) => Some(&bounce.of),
            RelayBody::Reply { of, .. } => Some(of),
            _ => None,
        };
        let coded = self.contracts.get_mut(&message.to);
        let wait = of.and_then(|of| coded?.waits.remove(of));
        match wait {
            Some(wait) => self.handled(made, receipt, message, &wait),
            None if receipt.status != Status::Done => Err("what returns can't fail"),
            None if u128::from(receipt.gas) != RETURN || !receipt.outputs.is_empty() => {
                Err("nobody waited for it, and something ran")
            }
            None => {
                self.add(message.to, value(message) as i128);
                Ok(())
            }
        }
    }

    /// An answer met its handler, which ran, well or not.
    fn handled(
        &mut self,
        made: &Made<'_>,
        receipt: &Receipt,
        message: &RelayMessage,
        wait: &Wait,
    ) -> Result<(), &'static str> {
        let (own, kind) = match &message.body {
            RelayBody::Bounce(bounce) if bounce.code == FailureCode::Deadline => (wait.value, 3),
            RelayBody::Bounce(_) => (wait.value, 2),
            _ => (0, 1),
        };
        let spare = value(message).checked_sub(own);
        let spare = spare.ok_or("less came back than had been sent")?;
        let work = u128::from(receipt.gas).checked_sub(RETURN);
        let work = work.filter(|work| *work >= HANDLER);
        let work = work.ok_or("its handler did not run")?;
        let outputs = Outputs::of(made, receipt, message)?;
        if receipt.status != Status::Done && !outputs.sent.is_empty() {
            return Err("a handler that failed sent something");
        }
        let used = work + outputs.ahead();
        let left = wait.left(spare, used * wait.price + outputs.gas())?;
        let fee = match outputs.back {
            Some(back) if back.to == message.payer && back.body == RelayBody::Refund => RETURN,
            None => 0,
            Some(_) => return Err("what the handler left went to a stranger"),
        } * wait.price;
        let kept = wait.kept(left, fee, &outputs)?;
        self.burned += used * wait.price + fee;
        let spent = used * wait.price + fee + outputs.value();
        self.add(message.to, value(message) as i128 - spent as i128);
        let coded = self.contracts.get_mut(&message.to).ok_or("nobody ran")?;
        if receipt.status == Status::Done {
            coded.ran(kind);
        }
        coded.wait(&outputs, kept)
    }
}

impl Wait {
    /// What is left of the gas set aside, after so much.
    fn left(&self, spare: u128, spent: u128) -> Result<Option<u128>, &'static str> {
        let Some(gas) = self.gas else { return Ok(None) };
        let left = (gas * self.price + spare).checked_sub(spent);
        left.map(Some)
            .ok_or("the handler used more gas than it had")
    }

    /// Gas that the handler set aside in turn.
    fn kept(
        &self,
        left: Option<u128>,
        fee: u128,
        outputs: &Outputs<'_>,
    ) -> Result<Option<u128>, &'static str> {
        let asks = outputs.sent.iter().any(|sent| asks(&sent.body));
        let Some(left) = left else { return Ok(None) };
        match outputs.back {
            Some(back) => {
                let kept = left.checked_sub(fee + value(back));
                let kept = kept.ok_or("more gas came back than was left")?;
                Ok(Some(kept / self.price))
            }
            None if asks => Ok(None),
            None if left <= RETURN * self.price => Ok(Some(0)),
            None => Err("gas was left and nobody got it"),
        }
    }
}

/// The gas that came back of a call that was executed, as value.
fn came_back(outputs: &Outputs<'_>, message: &RelayMessage) -> Result<u128, &'static str> {
    let (asked, id) = (asks(&message.body), message.id());
    match outputs.back {
        None if asked => Err("it was asked for an answer"),
        None => Ok(0),
        Some(back) => match &back.body {
            RelayBody::Reply { of, .. } if asked && *of == id && back.to == message.from => {
                Ok(value(back))
            }
            RelayBody::Refund if !asked && back.to == message.payer && value(back) > 0 => {
                Ok(value(back))
            }
            _ => Err("what came back is no answer, or not to whom it should"),
        },
    }
}

/// Unused gas of a call that failed, which goes to whoever paid and not with the bounce: where the
/// sender neither paid nor waits to hand it on, and it is worth a message.
fn refund_apart(message: &RelayMessage, unused: u128) -> u128 {
    if message.from == message.payer || asks(&message.body) {
        return 0;
    }
    unused.saturating_sub(RETURN)
}
