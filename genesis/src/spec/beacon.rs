//! Where the first seeds come from.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::threshold::{EncryptionKey, KeyProof};
use crypto::{Domain, Hash, bls, hash};
use serde::{Deserialize, Serialize};

const CONTEXT: Domain = Domain::new("thinkey/genesis/share-key");

/// The random beacon. Its seed before the first is the spec's `seed`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beacon {
    /// It runs at root heights that are multiples of this.
    pub every: u64,
    /// A dealer makes the first key from this. Whoever knows it knows every seed of the root's
    /// first term beforehand, so it is for devnets only. Without one the first root committee
    /// generates its key on the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insecure_dealer_seed: Option<Hash>,
    /// To which shares of the first key are encrypted, one for each member of the first root
    /// committee; of no use with a dealer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub share_keys: Vec<ShareKey>,
}

/// A key that opens shares.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareKey {
    /// The key.
    pub key: EncryptionKey,
    /// That the member knows its secret, bound to the member's consensus key.
    pub possession: KeyProof,
}

impl ShareKey {
    /// What the proof is bound to.
    pub fn context(member: &bls::PublicKey) -> Hash {
        hash(CONTEXT, &[&member.to_bytes()])
    }
}

impl Default for Beacon {
    /// A seed for every root height.
    fn default() -> Self {
        Self {
            every: 1,
            insecure_dealer_seed: None,
            share_keys: Vec::new(),
        }
    }
}
