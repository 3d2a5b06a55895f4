//! Lanes as a block fills them: which outer messages leave and which wait. [G8]

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::merkle::MerkleTree;
use types::{Amount, Bundle, ChainId, Lanes, RelayMessage, limits};

use crate::Letter;
use crate::queue::sum;

/// The bundles of a block while they are being filled.
pub(crate) struct Outgoing<'a> {
    lanes: &'a mut Lanes,
    bundles: BTreeMap<ChainId, Filling>,
}

#[derive(Default)]
struct Filling {
    first_index: u64,
    letters: Vec<Arc<Letter>>,
    bytes: u64,
    value: Amount,
    /// A message found no room: all later ones wait behind it.
    closed: bool,
}

impl<'a> Outgoing<'a> {
    pub(crate) const fn new(lanes: &'a mut Lanes) -> Self {
        Self {
            lanes,
            bundles: BTreeMap::new(),
        }
    }

    /// Gives the message the next index of the lane to `peer`; says whether there was room.
    pub(crate) fn place(&mut self, peer: ChainId, letter: &Arc<Letter>) -> bool {
        let lane = self.lanes.lane_mut(peer);
        let bundle = self.bundles.entry(peer).or_default();
        let unacked = lane.next_index - lane.acked;
        let unacked_bytes = lane.bytes_out - lane.acked_bytes;
        let room = unacked < limits::LANE_MESSAGES
            && unacked_bytes + letter.bytes() <= limits::LANE_BYTES
            && bundle.letters.len() < limits::BUNDLE_MESSAGES
            && bundle.bytes + letter.bytes() <= limits::BUNDLE_BYTES as u64;
        if bundle.closed || !room {
            bundle.closed = true;
            return false;
        }
        if bundle.letters.is_empty() {
            bundle.first_index = lane.next_index;
        }
        lane.next_index += 1;
        lane.bytes_out += letter.bytes();
        lane.value_out = sum(lane.value_out, letter.carried());
        bundle.bytes += letter.bytes();
        bundle.value = sum(bundle.value, letter.carried());
        bundle.letters.push(Arc::clone(letter));
        true
    }

    /// The bundles, destinations ascending.
    pub(crate) fn finish(self) -> Vec<(Bundle, Vec<RelayMessage>)> {
        let filled = self.bundles.into_iter();
        filled
            .filter(|(_, bundle)| !bundle.letters.is_empty())
            .map(|(destination, bundle)| bundle.finish(destination))
            .collect()
    }
}

impl Filling {
    fn finish(self, destination: ChainId) -> (Bundle, Vec<RelayMessage>) {
        let leaves = self.letters.iter().map(|letter| letter.leaf()).collect();
        let bundle = Bundle {
            destination,
            first_index: self.first_index,
            count: self.letters.len() as u32,
            bytes: self.bytes,
            value: self.value,
            root: MerkleTree::from_leaf_hashes(leaves).root(),
        };
        let messages = self.letters.iter().map(|letter| letter.message().clone());
        (bundle, messages.collect())
    }
}
