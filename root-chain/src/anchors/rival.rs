//! Blocks that contradict what is recorded. [R8]

use crypto::merkle::leaf_hash;
use types::{Apart, Committee, Rival, Tip};

use super::{AnchorError, Anchors, check};

impl Anchors {
    /// Whether a committee certified a block that does not lie on one chain with the recorded one.
    /// Hashing first, then pairings, which are computed even where certificates are trusted: it is
    /// an accusation.
    ///
    /// # Errors
    /// What it lacks.
    pub(crate) fn check_rival(
        &self,
        rival: &Rival,
        recorded: &Tip,
        committee: &Committee,
    ) -> Result<(), AnchorError> {
        check_apart(rival, recorded)?;
        let certified = (&rival.tip, &rival.tails[..]);
        check::check_certified(certified, &rival.finality, committee, self.network)
    }
}

/// The two blocks are not one another's ancestors.
fn check_apart(rival: &Rival, recorded: &Tip) -> Result<(), AnchorError> {
    let tip = &rival.tip;
    let (low, high) = (recorded.height, tip.height);
    // Of the lower block, what the higher one has instead of it, and where.
    let (below, above, leaf, proof) = match &rival.apart {
        Apart::Beside if low == high && recorded.hash != tip.hash() => return Ok(()),
        Apart::Above { leaf, proof } if low < high => {
            let history = (tip.history_root, high);
            ((low, recorded.hash), history, leaf, proof)
        }
        Apart::Below { leaf, proof } if low > high => {
            let history = (recorded.history_root, low);
            ((high, tip.hash()), history, leaf, proof)
        }
        _ => return Err(AnchorError::NotApart),
    };
    let (height, hash) = below;
    if *leaf == leaf_hash(hash.as_bytes()) {
        return Err(AnchorError::NotApart);
    }
    if proof.index != height {
        return Err(AnchorError::PreviousIndex {
            found: proof.index,
            recorded: height,
        });
    }
    let (root, size) = above;
    let lies_in = proof.verify_in(&root, size, leaf);
    lies_in.map_err(AnchorError::Previous)
}
