//! The shape of a path: which hashes a proof must have, given positions and sizes only.

use borsh::BorshDeserialize;
use borsh::io::{Error, ErrorKind, Read, Result as IoResult};
use serde::{Deserialize, Deserializer};

use super::TreeHash;
use crate::hash::Hash;

/// Most hashes in a decoded path; a tree of 2^64 leaves needs no more.
pub const MAX_PATH: usize = 64;

/// Levels at which the leaf or node at `index` has a subtree of full height beside it, before
/// its path joins the right border of a tree of `size`.
pub(super) fn inner_len(index: u64, size: u64) -> usize {
    (u64::BITS - (index ^ (size - 1)).leading_zeros()) as usize
}

/// Hashes in the inclusion path of `index` in a tree of `size`; `index < size`.
pub(super) fn inclusion_len(index: u64, size: u64) -> usize {
    let inner = inner_len(index, size);
    inner + border_bits(index, inner).count_ones() as usize
}

/// The bits of `index` above the inner levels: one left neighbour for each set bit.
fn border_bits(index: u64, inner: usize) -> u64 {
    index.checked_shr(inner as u32).unwrap_or(0)
}

/// Climbs the inner levels: the bit of `index` says on which side each neighbour stands.
pub(super) fn climb_inner<H: TreeHash>(seed: Hash, path: &[Hash], index: u64) -> Hash {
    path.iter()
        .enumerate()
        .fold(seed, |hash, (level, neighbour)| {
            if (index >> level) & 1 == 0 {
                H::node(&hash, neighbour)
            } else {
                H::node(neighbour, &hash)
            }
        })
}

/// Climbs the inner levels, joining left neighbours only: the tree as it was before what stands
/// to the right.
pub(super) fn climb_inner_left<H: TreeHash>(seed: Hash, path: &[Hash], index: u64) -> Hash {
    let left = path
        .iter()
        .enumerate()
        .filter(|(level, _)| (index >> level) & 1 == 1);
    left.fold(seed, |hash, (_, neighbour)| H::node(neighbour, &hash))
}

/// Climbs the right border, where all neighbours stand to the left.
pub(super) fn climb_border<H: TreeHash>(seed: Hash, path: &[Hash]) -> Hash {
    path.iter()
        .fold(seed, |hash, neighbour| H::node(neighbour, &hash))
}

/// Decodes a path, refusing a longer one than [`MAX_PATH`] before reading it.
pub(super) fn read_path<R: Read>(reader: &mut R) -> IoResult<Vec<Hash>> {
    // [L1]
    let len = u32::deserialize_reader(reader)? as usize;
    if len > MAX_PATH {
        return Err(Error::new(ErrorKind::InvalidData, "path too long"));
    }
    (0..len).map(|_| Hash::deserialize_reader(reader)).collect()
}

/// The serde form of [`read_path`].
pub(super) fn path_from_serde<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Hash>, D::Error> {
    let path = <Vec<Hash> as Deserialize>::deserialize(from)?;
    if path.len() > MAX_PATH {
        return Err(serde::de::Error::invalid_length(
            path.len(),
            &"at most 64 hashes",
        ));
    }
    Ok(path)
}
