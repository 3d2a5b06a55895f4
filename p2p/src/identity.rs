//! Who a node is: an ed25519 public key, and the libp2p name derived from it.

use std::fmt;

use libp2p::PeerId;
use libp2p::identity::{Keypair, PublicKey, ed25519};
use zeroize::Zeroizing;

/// The bytes that libp2p puts before an ed25519 key inside a peer id (protobuf: key type 1, 32
/// bytes of data). Keys this short are not hashed, so a peer id and a node id carry the same bits.
const KEY_PREFIX: [u8; 4] = [0x08, 0x01, 0x12, 0x20];

/// A node's identity on the network: its 32-byte ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub [u8; 32]);

impl NodeId {
    /// The identity that belongs to a secret `seed`.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let pair = ed25519::Keypair::from(secret(seed));
        Self(pair.public().to_bytes())
    }

    /// The libp2p name of this node; `None` if the bytes are no point on the curve.
    pub fn peer_id(&self) -> Option<PeerId> {
        let key = ed25519::PublicKey::try_from_bytes(&self.0).ok()?;
        Some(PublicKey::from(key).to_peer_id())
    }

    /// The node behind a libp2p name; `None` for keys of another kind, which we never speak to.
    pub fn from_peer_id(peer: &PeerId) -> Option<Self> {
        let multihash = peer.as_ref();
        if multihash.code() != 0 {
            return None;
        }
        let key = multihash.digest().strip_prefix(&KEY_PREFIX)?;
        Some(Self(key.try_into().ok()?))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeId({self})")
    }
}

/// The libp2p key pair of a `seed`.
pub(crate) fn keypair(seed: &[u8; 32]) -> Keypair {
    Keypair::from(ed25519::Keypair::from(secret(seed)))
}

fn secret(seed: &[u8; 32]) -> ed25519::SecretKey {
    let mut copy = Zeroizing::new(*seed);
    ed25519::SecretKey::try_from_bytes(&mut copy[..]).expect("any 32 bytes are an ed25519 seed")
}

#[cfg(test)]
mod tests;
