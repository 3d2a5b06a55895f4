//! The book of all messages: what was sent, and what became of it.

use std::collections::BTreeMap;

use actors::{Executed, Refusal};
use types::{ChainId, ExternalCall, Height, MessageId, Receipt, RelayMessage};

/// A message of either kind.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    External(ExternalCall),
    Relay(RelayMessage),
}

/// What is known of a message.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) message: Message,
    /// The block that executed it, and how that ended.
    pub(crate) ended: Option<(ChainId, Height, Receipt)>,
    /// Why no block took it.
    pub(crate) refused: Option<Refusal>,
}

/// All messages by id.
#[derive(Default)]
pub(crate) struct Book {
    records: BTreeMap<MessageId, Record>,
    receipts: u64,
}

impl Book {
    pub(crate) fn submit(&mut self, id: MessageId, call: ExternalCall) {
        self.insert(id, Message::External(call));
    }

    pub(crate) fn refuse(&mut self, id: &MessageId, refusal: Refusal) {
        if let Some(record) = self.records.get_mut(id) {
            record.refused = Some(refusal);
        }
    }

    /// Takes in a block.
    pub(crate) fn record(&mut self, chain: ChainId, height: Height, executed: &Executed) {
        for letter in &executed.messages {
            self.insert(letter.id(), Message::Relay(letter.message().clone()));
        }
        for receipt in &executed.receipts {
            let record = self.records.get_mut(&receipt.message);
            assert!(record.is_some(), "a receipt of a message that nobody sent");
            self.receipts += 1;
            if let Some(record) = record {
                assert!(record.ended.is_none(), "a message was executed twice");
                record.ended = Some((chain, height, receipt.clone()));
            }
        }
    }

    pub(crate) fn get(&self, id: &MessageId) -> Option<&Record> {
        self.records.get(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// Messages that were executed.
    pub(crate) const fn receipts(&self) -> u64 {
        self.receipts
    }

    fn insert(&mut self, id: MessageId, message: Message) {
        let record = Record {
            message,
            ended: None,
            refused: None,
        };
        let before = self.records.insert(id, record);
        assert!(before.is_none(), "two messages have the id {id}");
    }
}
