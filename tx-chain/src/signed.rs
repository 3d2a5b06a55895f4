//! External messages whose signature was checked: once, and then remembered. [C2]

use std::sync::Arc;

use crypto::ed25519::Batch;
use types::{ExternalMessage, MessageId, NetworkId};

/// An external message with its id, its signature checked.
#[derive(Clone, Debug)]
pub struct SignedMessage {
    id: MessageId,
    bytes: usize,
    message: Arc<ExternalMessage>,
}

impl SignedMessage {
    /// Checks many messages in one batch; `None` where the signature is wrong.
    ///
    /// `secret` must be unknown to whoever made the messages; it blinds the batch.
    pub fn check(
        network: NetworkId,
        messages: Vec<ExternalMessage>,
        secret: [u8; 32],
    ) -> Vec<Option<Self>> {
        let mut batch = Batch::new(secret);
        let ids: Vec<_> = messages.iter().map(|message| message.id(network)).collect();
        for (message, id) in messages.iter().zip(&ids) {
            batch.push(message.key, message.signature, id.as_bytes());
        }
        let verdicts = batch.verify_each();
        let checked = messages.into_iter().zip(ids).zip(verdicts);
        checked
            .map(|((message, id), good)| good.then(|| Self::trusted(id, message)))
            .collect()
    }

    /// A message whose signature was checked by those who certified the block that holds it.
    pub(crate) fn trusted(id: MessageId, message: ExternalMessage) -> Self {
        let bytes = borsh::object_length(&message).unwrap_or(usize::MAX);
        Self {
            id,
            bytes,
            message: Arc::new(message),
        }
    }

    /// The id.
    pub const fn id(&self) -> MessageId {
        self.id
    }

    /// Bytes of its encoding.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The message.
    pub fn message(&self) -> &ExternalMessage {
        &self.message
    }
}
