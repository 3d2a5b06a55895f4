//! A relay message with what is computed of it once.

use borsh::{BorshDeserialize, BorshSerialize, io};
use crypto::{Hash, merkle::leaf_hash};
use types::{Amount, MessageId, RelayMessage};

/// A relay message, its id, its hash and its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    message: RelayMessage,
    id: MessageId,
    leaf: Hash,
    bytes: u64,
    carried: Amount,
}

impl Letter {
    /// Encodes and hashes the message; `None` when what it carries overflows.
    pub fn new(message: RelayMessage) -> Option<Self> {
        let carried = message.carried()?;
        let mut encoded = Vec::with_capacity(192);
        message.serialize(&mut encoded).ok()?;
        Some(Self {
            id: message.id(),
            leaf: leaf_hash(&encoded),
            bytes: encoded.len() as u64,
            carried,
            message,
        })
    }

    /// The message.
    pub const fn message(&self) -> &RelayMessage {
        &self.message
    }

    /// Its id.
    pub const fn id(&self) -> MessageId {
        self.id
    }

    /// Its leaf in Merkle trees over messages: bundles and the message root.
    pub const fn leaf(&self) -> Hash {
        self.leaf
    }

    /// Bytes of its encoding.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its value and prepaid gas.
    pub const fn carried(&self) -> Amount {
        self.carried
    }
}

impl BorshSerialize for Letter {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        self.message.serialize(writer)
    }
}

impl BorshDeserialize for Letter {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let message = RelayMessage::deserialize_reader(reader)?;
        Self::new(message).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "relay message carries too much")
        })
    }
}
