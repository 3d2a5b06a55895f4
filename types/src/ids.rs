//! The names of things: chains, accounts, messages, blocks, nodes, the network.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Hash, ed25519, hash};
use serde::{Deserialize, Serialize};

use crate::domain;

/// A chain. The root chain is chain 0.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct ChainId(pub u32);

impl ChainId {
    /// The root chain.
    pub const ROOT: Self = Self(0);

    /// Whether this is the root chain.
    pub const fn is_root(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! hash_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash,
            BorshSerialize, BorshDeserialize, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub Hash);

        impl $name {
            /// The 32 bytes of the id.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = <Hash as std::str::FromStr>::Err;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

hash_id!(
    /// A message, external or relay. Never covers a signature. [Y3]
    MessageId
);
hash_id!(
    /// A block: the hash of its header.
    BlockHash
);
hash_id!(
    /// A network: the hash of its chain spec.
    NetworkId
);
hash_id!(
    /// An account. 256 bits; which chain it lives on is the routing table's word alone.
    AccountId
);

impl AccountId {
    /// The account that an ed25519 key controls: hash(key type 0, public key).
    pub fn of_key(key: &ed25519::PublicKey) -> Self {
        Self(hash(domain::KEY_ACCOUNT, &[&[0], key.as_bytes()]))
    }

    /// The account that begins with code: hash(creator, salt, code hash).
    pub fn of_code(creator: &Self, salt: &[u8; 32], code: &Hash) -> Self {
        let parts: [&[u8]; 3] = [creator.as_bytes(), salt, code.as_bytes()];
        Self(hash(domain::CODE_ACCOUNT, &parts))
    }

    /// The system account `index` of `chain`: 24 zero bytes, the chain, the index.
    ///
    /// A key's account has such an id with a chance of 2⁻¹⁹², so the two never meet.
    pub fn system(chain: ChainId, index: u32) -> Self {
        let mut bytes = [0; 32];
        bytes[24..28].copy_from_slice(&chain.0.to_be_bytes());
        bytes[28..].copy_from_slice(&index.to_be_bytes());
        Self(Hash::from(bytes))
    }

    /// The chain of a system account, `None` for any other account.
    pub fn system_chain(&self) -> Option<ChainId> {
        let bytes = self.as_bytes();
        let [.., a, b, c, d, _, _, _, _] = *bytes;
        bytes[..24]
            .iter()
            .all(|byte| *byte == 0)
            .then(|| ChainId(u32::from_be_bytes([a, b, c, d])))
    }
}

/// A node of the network: the ed25519 key of its transport.
#[derive(
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct NodeId(pub Hash);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
