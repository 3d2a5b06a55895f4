//! The outbox: bundles that left this chain and wait for their destination to take them.
//!
//! Kept until the root shows that the destination's cursor has passed them. [C7]

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::merkle::{InclusionProof, MerkleTree};
use types::{Bundle, BundleProof, ChainId, Header, Height, Import, RelayMessage, limits};

use crate::history::History;

/// A destination's question: bundles of a lane, provable under an anchored tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Pull {
    /// The chain that the bundles left.
    pub source: ChainId,
    /// The chain that asks.
    pub destination: ChainId,
    /// The first index wanted: the destination's cursor.
    pub from: u64,
    /// Height of the source's anchored block, under which proofs are wanted.
    pub tip: Height,
}

/// A finalized block's bundle with its place in that block.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
struct Sent {
    header: Header,
    bundle: Bundle,
    messages: Vec<RelayMessage>,
    path: InclusionProof,
}

/// Bundles that wait for their destination.
#[derive(Clone, Debug, Default, BorshSerialize, BorshDeserialize)]
pub struct Outbox {
    sent: BTreeMap<(ChainId, u64), Sent>,
}

impl Outbox {
    /// Keeps a finalized block's bundles, destinations ascending.
    pub fn push(&mut self, header: &Header, bundles: &[(Bundle, Vec<RelayMessage>)]) {
        let leaves = bundles.iter().map(|(bundle, _)| bundle.leaf()).collect();
        let tree = MerkleTree::from_leaf_hashes(leaves);
        for (at, (bundle, messages)) in bundles.iter().enumerate() {
            let Some(path) = tree.prove(at as u64) else {
                continue;
            };
            let sent = Sent {
                header: header.clone(),
                bundle: *bundle,
                messages: messages.clone(),
                path,
            };
            self.sent
                .insert((bundle.destination, bundle.first_index), sent);
        }
    }

    /// Drops what `destination` has taken: all messages below `cursor`.
    pub fn acknowledge(&mut self, destination: ChainId, cursor: u64) {
        let taken: Vec<_> = self
            .sent
            .range((destination, 0)..(destination, cursor))
            .filter(|(key, sent)| key.1 + u64::from(sent.bundle.count) <= cursor)
            .map(|(key, _)| *key)
            .collect();
        for key in taken {
            self.sent.remove(&key);
        }
    }

    /// Bundles from the asked index on, in order, up to a few megabytes, each with its proof.
    pub fn answer(&self, pull: &Pull, history: &History) -> Vec<Import> {
        let mut bytes = 0;
        let lane = self
            .sent
            .range((pull.destination, pull.from)..=(pull.destination, u64::MAX));
        lane.map_while(|(_, sent)| {
            bytes += sent.bundle.bytes;
            let fits = bytes <= limits::LANE_BYTES;
            fits.then(|| import(pull, sent, history)).flatten()
        })
        .collect()
    }

    /// How many bundles wait.
    pub fn len(&self) -> usize {
        self.sent.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }
}

fn import(pull: &Pull, sent: &Sent, history: &History) -> Option<Import> {
    let height = sent.header.height;
    let path = match height.cmp(&pull.tip) {
        std::cmp::Ordering::Less => Some(history.prove(height, pull.tip)?),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => return None,
    };
    let proof = BundleProof {
        header: sent.header.clone(),
        outbox: sent.path.clone(),
        history: path,
    };
    Some(Import {
        source: pull.source,
        bundle: sent.bundle,
        messages: sent.messages.clone(),
        proof,
    })
}
