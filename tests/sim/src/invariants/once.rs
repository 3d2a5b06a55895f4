//! I4: each message is consumed once, a nonce is used once, a failure returns once, and whoever
//! wants an answer gets one.

use std::collections::{BTreeMap, BTreeSet};

use types::{AccountId, MessageId, RelayBody, Status};

use super::Seen;
use crate::report::Violations;

/// What was consumed and what came of it.
#[derive(Default)]
pub(crate) struct Once {
    consumed: BTreeSet<MessageId>,
    produced: BTreeSet<MessageId>,
    imported: BTreeSet<MessageId>,
    nonces: BTreeMap<(AccountId, u64), MessageId>,
    /// Messages that a bounce has returned.
    bounced: BTreeSet<MessageId>,
    failed: BTreeSet<MessageId>,
    /// Messages that return something: their handlers may fail, and nothing returns of them.
    returns: BTreeSet<MessageId>,
    /// Calls whose senders want an answer.
    asked: BTreeSet<MessageId>,
    /// Messages that were answered, by a reply or by a bounce.
    answered: BTreeSet<MessageId>,
}

impl Once {
    pub(crate) fn see(&mut self, seen: &Seen, bad: &mut Violations) {
        let place = seen.place();
        for message in &seen.imported {
            if !self.imported.insert(message.id()) {
                bad.add("I4", format!("{place}: {} imported again", message.id()));
            }
        }
        for message in &seen.produced {
            let id = message.id();
            if !self.produced.insert(id) {
                bad.add("I4", format!("{place}: {id} produced again"));
            }
            if let RelayBody::Bounce(bounce) = &message.body
                && !self.bounced.insert(bounce.of)
            {
                bad.add("I4", format!("{place}: {} bounced again", bounce.of));
            }
            let of = match &message.body {
                RelayBody::Bounce(bounce) => Some(bounce.of),
                RelayBody::Reply { of, .. } => Some(*of),
                _ => None,
            };
            if let Some(of) = of.filter(|of| !self.answered.insert(*of)) {
                bad.add("I4", format!("{place}: {of} answered again"));
            }
        }
        for message in seen.imported.iter().chain(&seen.produced) {
            let id = message.id();
            match &message.body {
                RelayBody::Call { reply: true, .. } | RelayBody::Deploy { reply: true, .. } => {
                    self.asked.insert(id);
                }
                body if body.returns() => {
                    self.returns.insert(id);
                }
                _ => {}
            }
        }
        for (id, call) in &seen.externals {
            if let Some(other) = self.nonces.insert((call.from, call.nonce), *id) {
                let what = format!(
                    "{place}: nonce {} of {} used by {other} and {id}",
                    call.nonce, call.from
                );
                bad.add("I4", what);
            }
        }
        for receipt in &seen.receipts {
            if !self.consumed.insert(receipt.message) {
                bad.add("I4", format!("{place}: {} consumed again", receipt.message));
            }
            let external = seen.externals.contains_key(&receipt.message);
            let returns = self.returns.contains(&receipt.message);
            if matches!(receipt.status, Status::Failed(_)) && !external && !returns {
                self.failed.insert(receipt.message);
            }
        }
        self.check_returns(seen, bad);
    }

    // What failed came back in the same block; what did not fail did not.
    fn check_returns(&self, seen: &Seen, bad: &mut Violations) {
        for receipt in &seen.receipts {
            let id = receipt.message;
            if self.failed.contains(&id) != self.bounced.contains(&id) {
                let what = format!("{}: {id} failed or came back, but not both", seen.place());
                bad.add("I4", what);
            }
            let wants = self.asked.contains(&id) || self.failed.contains(&id);
            if wants != self.answered.contains(&id) {
                let what = format!(
                    "{}: {id} wants an answer or has one, but not both",
                    seen.place()
                );
                bad.add("I4", what);
            }
        }
    }

    pub(crate) fn is_consumed(&self, id: &MessageId) -> bool {
        self.consumed.contains(id)
    }

    /// Relay messages that still wait.
    pub(crate) fn open(&self) -> usize {
        let open = self
            .produced
            .iter()
            .filter(|id| !self.consumed.contains(id));
        open.count()
    }

    pub(crate) fn bounced(&self) -> u64 {
        self.bounced.len() as u64
    }

    pub(crate) fn imported(&self) -> u64 {
        self.imported.len() as u64
    }
}
