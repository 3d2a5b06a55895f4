//! Walking the keys in order, and finding what two trees differ in.

use std::ops::Bound;

use super::node::Link;
use super::prefix::{KEY_BITS, Key, bit, shared_bits};

/// The keys and values of a tree or of a range of it, in key order.
pub struct Iter<'a, V> {
    /// Subtrees still to walk, the next one last.
    stack: Vec<&'a Link<V>>,
    end: Bound<Key>,
}

impl<'a, V> Iter<'a, V> {
    pub(super) fn new(root: Option<&'a Link<V>>, start: Bound<Key>, end: Bound<Key>) -> Self {
        let mut iter = Self {
            stack: root.into_iter().collect(),
            end,
        };
        match start {
            Bound::Unbounded => {}
            Bound::Included(key) => iter.seek(&key),
            Bound::Excluded(key) => {
                iter.seek(&key);
                iter.skip_key(&key);
            }
        }
        iter
    }

    /// Drops every key before `key`, in steps of whole subtrees.
    fn seek(&mut self, key: &Key) {
        while let Some(link) = self.stack.pop() {
            let shared = shared_bits(key, link.prefix());
            if shared < link.prefix_bits() {
                if !bit(key, shared) {
                    self.stack.push(link);
                }
                return;
            }
            match link {
                Link::Leaf(_) => return self.stack.push(link),
                Link::Inner(inner) if bit(key, usize::from(inner.at)) => {
                    self.stack.push(&inner.one);
                }
                Link::Inner(inner) => self.stack.extend([&inner.one, &inner.zero]),
            }
        }
    }

    fn skip_key(&mut self, key: &Key) {
        if let Some(Link::Leaf(leaf)) = self.stack.last()
            && leaf.key == *key
        {
            self.stack.pop();
        }
    }

    fn is_past_end(&self, key: &Key) -> bool {
        match &self.end {
            Bound::Unbounded => false,
            Bound::Included(end) => key > end,
            Bound::Excluded(end) => key >= end,
        }
    }
}

impl<'a, V> Iterator for Iter<'a, V> {
    type Item = (&'a Key, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.stack.pop()? {
                Link::Inner(inner) => self.stack.extend([&inner.one, &inner.zero]),
                Link::Leaf(leaf) if self.is_past_end(&leaf.key) => self.stack.clear(),
                Link::Leaf(leaf) => return Some((&leaf.key, &leaf.value)),
            }
        }
    }
}

/// Visits, in key order, every key whose commitment differs between two trees, with its value in
/// `new` or `None` if it is gone. Subtrees with equal hashes are skipped whole.
pub(super) fn diff<'a, V>(
    old: Option<&'a Link<V>>,
    new: Option<&'a Link<V>>,
    visit: &mut impl FnMut(&'a Key, Option<&'a V>),
) {
    let (old, new) = match (old, new) {
        (None, None) => return,
        (Some(old), None) => return each(old, &mut |key, _| visit(key, None)),
        (None, Some(new)) => return each(new, &mut |key, value| visit(key, Some(value))),
        (Some(old), Some(new)) => (old, new),
    };
    if old.hash() == new.hash() {
        return;
    }
    let shared = shared_bits(old.prefix(), new.prefix());
    let at = shared.min(old.prefix_bits()).min(new.prefix_bits());
    if at == KEY_BITS {
        return each(new, &mut |key, value| visit(key, Some(value)));
    }
    let (old_zero, old_one) = halves_at(old, at);
    let (new_zero, new_one) = halves_at(new, at);
    diff(old_zero, new_zero, visit);
    diff(old_one, new_one, visit);
}

/// The keys of `link` without and with bit `at`, where all keys share the bits before `at`.
fn halves_at<V>(link: &Link<V>, at: usize) -> (Option<&Link<V>>, Option<&Link<V>>) {
    match link {
        Link::Inner(inner) if usize::from(inner.at) == at => (Some(&inner.zero), Some(&inner.one)),
        _ if bit(link.prefix(), at) => (None, Some(link)),
        _ => (Some(link), None),
    }
}

fn each<'a, V>(link: &'a Link<V>, visit: &mut impl FnMut(&'a Key, &'a V)) {
    for (key, value) in Iter::new(Some(link), Bound::Unbounded, Bound::Unbounded) {
        visit(key, value);
    }
}
