//! Changing many keys at once: one walk down, one hash for every node that changed.

use super::node::{Inner, Link, branch, join, leaf};
use super::prefix::{Key, bit, shared_bits};
use super::{OverlapError, Value};

/// One change: a new value, or none to remove the key.
pub(super) type Change<V> = (Key, Option<V>);

/// From this many changes on, the two halves are worked on in parallel.
const PARALLEL: usize = 256;

/// The subtree `old` after `changes`, which are sorted by key without duplicates.
///
/// The values are moved out of `changes`. Threads only decide who computes a half, never what it
/// is, so the result is the same for any number of them. \[T3\]
pub(super) fn update<V: Value>(
    old: Option<&Link<V>>,
    changes: &mut [Change<V>],
) -> Option<Link<V>> {
    let Some(old) = old else {
        return build(changes);
    };
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else {
        return Some(old.clone());
    };
    let prefix = old.prefix();
    // Keys between two keys that share n bits with the prefix share these bits too.
    let shared = shared_bits(&first.0, prefix).min(shared_bits(&last.0, prefix));
    if shared < old.prefix_bits() {
        return branch_off(old, shared, changes);
    }
    match old {
        Link::Leaf(_) => build(changes),
        Link::Inner(inner) => update_halves(old, inner, changes),
    }
}

/// Some changes leave the prefix of `old` at bit `at`: `old` moves into its half of a branch there.
fn branch_off<V: Value>(old: &Link<V>, at: usize, changes: &mut [Change<V>]) -> Option<Link<V>> {
    let (old_zero, old_one) = if bit(old.prefix(), at) {
        (None, Some(old))
    } else {
        (Some(old), None)
    };
    let (zero, one) = both_halves(at, old_zero, old_one, changes);
    join(at, zero, one)
}

fn update_halves<V: Value>(
    old: &Link<V>,
    inner: &Inner<V>,
    changes: &mut [Change<V>],
) -> Option<Link<V>> {
    let at = usize::from(inner.at);
    let (zero, one) = both_halves(at, Some(&inner.zero), Some(&inner.one), changes);
    // Removing keys that were not there leaves the node, and saves its hash.
    if let (Some(zero), Some(one)) = (&zero, &one)
        && zero.same(&inner.zero)
        && one.same(&inner.one)
    {
        return Some(old.clone());
    }
    join(at, zero, one)
}

fn both_halves<V: Value>(
    at: usize,
    zero: Option<&Link<V>>,
    one: Option<&Link<V>>,
    changes: &mut [Change<V>],
) -> (Option<Link<V>>, Option<Link<V>>) {
    let parallel = changes.len() >= PARALLEL;
    let cut = changes.partition_point(|(key, _)| !bit(key, at));
    let (left, right) = changes.split_at_mut(cut);
    if parallel {
        rayon::join(|| update(zero, left), || update(one, right))
    } else {
        (update(zero, left), update(one, right))
    }
}

/// The subtree of the changes alone.
fn build<V: Value>(changes: &mut [Change<V>]) -> Option<Link<V>> {
    match changes {
        [] => None,
        [(key, value)] => value.take().map(|value| leaf(*key, value)),
        [(first, _), .., (last, _)] => {
            let at = shared_bits(first, last);
            let (zero, one) = both_halves(at, None, None, changes);
            join(at, zero, one)
        }
    }
}

/// The subtree of the keys of both, which must have none in common.
pub(super) fn union<V>(a: &Link<V>, b: &Link<V>) -> Result<Link<V>, OverlapError> {
    let at = shared_bits(a.prefix(), b.prefix());
    if at < a.prefix_bits().min(b.prefix_bits()) {
        let (zero, one) = if bit(a.prefix(), at) { (b, a) } else { (a, b) };
        return Ok(branch(at, zero.clone(), one.clone()));
    }
    // The one that branches first contains the other, or both branch here.
    let (outer, inner) = if a.prefix_bits() <= b.prefix_bits() {
        (a, b)
    } else {
        (b, a)
    };
    let Link::Inner(outer) = outer else {
        return Err(OverlapError { key: *a.prefix() });
    };
    let at = usize::from(outer.at);
    let (zero, one) = match inner {
        Link::Inner(inner) if inner.at == outer.at => (
            union(&outer.zero, &inner.zero)?,
            union(&outer.one, &inner.one)?,
        ),
        _ if bit(inner.prefix(), at) => (outer.zero.clone(), union(&outer.one, inner)?),
        _ => (union(&outer.zero, inner)?, outer.one.clone()),
    };
    Ok(branch(at, zero, one))
}
