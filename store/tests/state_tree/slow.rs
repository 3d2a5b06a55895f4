//! The rules of the tree once more, as slowly and plainly as possible: recursion over all 256 bits
//! of a sorted list. Shares no code with the tree.

use crypto::{Domain, Hash, hash};
use store::{Key, Value};

use crate::Content;

pub(crate) fn root(content: &Content) -> Hash {
    let leaves: Vec<(Key, Hash)> = content.iter().map(|(k, v)| (*k, v.commitment())).collect();
    subtree(&leaves, 0)
}

fn subtree(leaves: &[(Key, Hash)], depth: usize) -> Hash {
    match leaves {
        [] => hash(Domain::new("thinkey.state.empty"), &[]),
        [(key, value)] => hash(Domain::new("thinkey.state.leaf"), &[key, value.as_bytes()]),
        _ => {
            let (zeros, ones): (Vec<_>, Vec<_>) = leaves
                .iter()
                .partition(|(key, _)| key[depth / 8] & (0x80 >> (depth % 8)) == 0);
            if zeros.is_empty() || ones.is_empty() {
                return subtree(leaves, depth + 1);
            }
            let (zero, one) = (subtree(&zeros, depth + 1), subtree(&ones, depth + 1));
            let position = [u8::try_from(depth).unwrap()];
            hash(
                Domain::new("thinkey.state.inner"),
                &[&position, zero.as_bytes(), one.as_bytes()],
            )
        }
    }
}
