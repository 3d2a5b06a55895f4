//! What the execution of a message sent.

use std::collections::BTreeMap;

use types::{MessageId, Receipt, RelayBody, RelayMessage};

use super::{CREDIT, RETURN};
use crate::invariants::seen::value;

/// The messages that a block made, by id.
pub(super) type Made<'a> = BTreeMap<MessageId, &'a RelayMessage>;

/// The outputs of one execution.
pub(super) struct Outputs<'a> {
    /// What code sent.
    pub(super) sent: Vec<&'a RelayMessage>,
    /// What the system sent back, last of all.
    pub(super) back: Option<&'a RelayMessage>,
}

impl<'a> Outputs<'a> {
    /// Finds them, and checks that they hang below their parent as they should.
    pub(super) fn of(
        made: &Made<'a>,
        receipt: &Receipt,
        parent: &RelayMessage,
    ) -> Result<Self, &'static str> {
        let mut sent = Vec::with_capacity(receipt.outputs.len());
        for (at, id) in receipt.outputs.iter().enumerate() {
            let output = *made.get(id).ok_or("an output is missing")?;
            let placed = output.parent == receipt.message && output.output as usize == at;
            let same = output.trace == parent.trace
                && output.payer == parent.payer
                && output.gas.price == parent.gas.price;
            if !placed || !same || output.from != parent.to {
                return Err("an output does not hang where it should");
            }
            sent.push(output);
        }
        let back = sent.pop_if(|last| last.body.returns());
        // What code pays has no deadline that its caller could have chosen. [G7]
        let late = |sent: &&RelayMessage| {
            let outlives = sent.deadline > parent.deadline && sent.body != RelayBody::Credit;
            outlives || sent.depth != parent.depth + 1
        };
        let own = sent.iter().filter(|sent| !sent.body.returns());
        if own.clone().count() != sent.len() {
            return Err("more than one thing came back");
        }
        if own.clone().any(late) && !parent.body.returns() {
            return Err("an output outlives its parent, or is as deep");
        }
        Ok(Self { sent, back })
    }

    /// Gas paid for the steps that must follow what was sent.
    pub(super) fn ahead(&self) -> u128 {
        let ahead = self.sent.iter().map(|sent| match sent.body {
            RelayBody::Credit => CREDIT + RETURN,
            _ => RETURN,
        });
        ahead.sum()
    }

    /// Gas given to what was sent, as value.
    pub(super) fn gas(&self) -> u128 {
        self.sent.iter().map(|sent| sent.gas.cost().0).sum()
    }

    /// Everything of value that left.
    pub(super) fn value(&self) -> u128 {
        self.sent
            .iter()
            .chain(&self.back)
            .map(|sent| value(sent))
            .sum()
    }
}
