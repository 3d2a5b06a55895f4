//! Where a message is: in final blocks, in proposals, or in neither.

use std::sync::Arc;

use types::{ExternalCall, MessageId, Receipt, RelayMessage};

use super::growth::Growth;
use super::record::{Content, Marks, Spot, Submission};
use super::{Index, IndexError};
use crate::rpc::view::Level;

/// A block that did something with a message.
#[derive(Clone)]
pub(super) struct Standing {
    pub(super) content: Arc<Content>,
    /// Proposed at least; how many seats make it early is for whoever asks to say.
    pub(super) level: Level,
    /// How early consensus grew; empty for a final block, whose row tells it.
    pub(super) growth: Growth,
}

/// What the message is.
#[derive(Clone)]
pub(super) enum Message {
    External(ExternalCall),
    Relay(RelayMessage),
}

/// All that is known of a message.
pub(super) struct Found {
    pub(super) message: Message,
    /// The external message at the top of its tree.
    pub(super) trace: MessageId,
    /// The block that produced it.
    pub(super) produced: Option<Standing>,
    /// The block in which it left its chain; its bundle and place there.
    pub(super) left: Option<(Standing, u32, u32)>,
    /// The block that took it in at its destination.
    pub(super) imported: Option<Standing>,
    /// The block that executed it, and the receipt's place there.
    pub(super) executed: Option<(Standing, u32)>,
}

impl Found {
    pub(super) fn receipt(&self) -> Option<&Receipt> {
        let (standing, at) = self.executed.as_ref()?;
        standing.content.receipts.get(*at as usize)
    }
}

impl Index {
    /// What blocks say of a message; `None` when no block does.
    pub(super) fn find(&self, id: &MessageId) -> Result<Option<Found>, IndexError> {
        let mut seen = Vec::new();
        for (spot, marks) in self.tables.places(id)? {
            if let Some(content) = self.content(spot)? {
                let level = self.level(spot);
                let growth = Growth::default();
                let standing = Standing {
                    content,
                    level,
                    growth,
                };
                seen.push((standing, marks));
            }
        }
        for (candidate, marks) in self.candidates.of(id) {
            let standing = Standing {
                content: candidate.content.clone(),
                level: Level::Proposed,
                growth: candidate.growth.clone(),
            };
            seen.push((standing, marks));
        }
        let message = seen.iter().find_map(|(standing, marks)| {
            let content = &standing.content;
            message_of(content, marks)
        });
        let Some(message) = message else {
            return Ok(None);
        };
        let trace = match &message {
            Message::External(_) => *id,
            Message::Relay(relay) => relay.trace,
        };
        let standing = |part: fn(&Marks) -> bool| {
            let block = seen.iter().find(|(_, marks)| part(marks));
            block.map(|(standing, _)| standing.clone())
        };
        let at = |part: fn(&Marks) -> Option<u32>| {
            let mut blocks = seen.iter();
            blocks.find_map(|(standing, marks)| Some((standing.clone(), part(marks)?)))
        };
        let left = seen.iter().find_map(|(standing, marks)| {
            let (bundle, place) = marks.left?;
            Some((standing.clone(), bundle, place))
        });
        Ok(Some(Found {
            trace,
            produced: standing(|marks| marks.produced.is_some()),
            left,
            imported: standing(|marks| marks.imported.is_some()),
            executed: at(|marks| marks.executed),
            message,
        }))
    }

    /// What is known of an external message's way into this node.
    pub(super) fn submission(&self, id: &MessageId) -> Result<Option<Submission>, IndexError> {
        match self.tables.submission(id)? {
            Some(submission) => Ok(Some(submission)),
            None => Ok(self.pending.get(id).cloned()),
        }
    }

    /// The level of a final block. [X3]
    pub(super) fn level(&self, spot: Spot) -> Level {
        match self.chains.get(&spot.chain) {
            Some(chain) if spot.height <= chain.root_final => Level::RootFinal,
            Some(chain) if spot.height <= chain.anchored => Level::Anchored,
            _ => Level::Committed,
        }
    }
}

fn message_of(content: &Content, marks: &Marks) -> Option<Message> {
    if let Some(at) = marks.external {
        let (_, call) = content.externals.get(at as usize)?;
        return Some(Message::External(call.clone()));
    }
    let relay = if let Some(at) = marks.produced {
        content.produced.get(at as usize)
    } else if let Some(at) = marks.imported {
        content.imported.get(at as usize)
    } else {
        let (bundle, at) = marks.left?;
        let (_, messages) = content.outbox.get(bundle as usize)?;
        messages.get(at as usize)
    };
    relay.cloned().map(Message::Relay)
}
