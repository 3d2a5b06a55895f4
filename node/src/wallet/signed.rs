//! A signed message as a file, on its way from a machine with the key to one with a network.

use borsh::BorshDeserialize;
use serde::{Deserialize, Serialize};
use types::{ExternalMessage, MessageId, NetworkId};

/// The file: JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedFile {
    /// The message's id.
    pub id: MessageId,
    /// The network that it is signed for.
    pub network: NetworkId,
    /// The message: borsh, hexadecimal.
    pub message: String,
}

/// Why a file holds no signed message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedFileError {
    /// Not what `wallet sign` writes.
    #[error("this is not a signed message; `thinkey wallet sign` makes one")]
    Form,
    /// The id is not the message's, or the signature does not hold.
    #[error("the signed message was changed after it was signed")]
    Changed,
}

impl SignedFile {
    /// The file of a message.
    pub fn of(message: &ExternalMessage, network: NetworkId) -> Self {
        Self {
            id: message.id(network),
            network,
            message: hex::encode(borsh::to_vec(message).unwrap_or_default()),
        }
    }

    /// Reads a file; checks id and signature, so that a damaged file goes nowhere.
    pub fn parse(text: &str) -> Result<Self, SignedFileError> {
        let file: Self = serde_json::from_str(text).map_err(|_| SignedFileError::Form)?;
        let bytes = hex::decode(&file.message).map_err(|_| SignedFileError::Form)?;
        let message = ExternalMessage::try_from_slice(&bytes).map_err(|_| SignedFileError::Form)?;
        let id = message.id(file.network);
        let signed = message.key.verify(id.as_bytes(), &message.signature);
        if id != file.id || signed.is_err() {
            return Err(SignedFileError::Changed);
        }
        Ok(file)
    }
}
