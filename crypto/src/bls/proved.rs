//! What was proved before on this thread, for simulations.
//!
//! In a simulated network every node checks the same certificates in one process, and checking
//! them is nearly all of its work. Whether a signature holds depends on nothing but keys, message
//! and signature, so to remember that it held changes the cost of a check and never its outcome.
//! Off unless a [`Remember`] is alive on the thread; a node makes none.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::hash::{Domain, Hash};

/// A signature by one key.
const SINGLE: Domain = Domain::new("thinkey.proved.single");
/// A signature by groups of keys.
const AGGREGATE: Domain = Domain::new("thinkey.proved.aggregate");

thread_local! {
    static PROVED: RefCell<Option<BTreeSet<Hash>>> = const { RefCell::new(None) };
}

/// While it lives, signatures that held once on this thread are not computed again.
#[derive(Debug)]
#[must_use = "remembering ends when this is dropped"]
pub struct Remember(());

impl Remember {
    /// Starts remembering, from nothing.
    pub fn begin() -> Self {
        PROVED.with_borrow_mut(|proved| *proved = Some(BTreeSet::new()));
        Self(())
    }
}

impl Drop for Remember {
    fn drop(&mut self) {
        PROVED.with_borrow_mut(|proved| *proved = None);
    }
}

/// Whether anything is remembered on this thread.
pub(super) fn is_on() -> bool {
    PROVED.with_borrow(Option::is_some)
}

/// The key of a statement, `None` while nothing is remembered.
fn statement(domain: Domain, parts: &[&[u8]]) -> Option<Hash> {
    // Each part with its length: no two lists of parts look alike.
    is_on().then(|| crate::hash::hash_borsh(domain, &parts))
}

/// A signature by one key on a message, under a tag.
pub(super) fn single(key: &[u8; 96], message: &[u8], signature: &[u8], tag: &[u8]) -> Option<Hash> {
    statement(SINGLE, &[key, message, signature, tag])
}

/// A signature by groups of keys, each with its message.
pub(super) fn aggregate(parts: &[&[u8]]) -> Option<Hash> {
    statement(AGGREGATE, parts)
}

/// Whether it was proved before.
pub(super) fn holds(statement: Option<&Hash>) -> bool {
    let known = |statement| {
        PROVED.with_borrow(|proved| proved.as_ref().is_some_and(|set| set.contains(statement)))
    };
    statement.is_some_and(known)
}

/// It was proved just now.
pub(super) fn note(statement: Option<Hash>) {
    PROVED.with_borrow_mut(|proved| {
        if let Some(proved) = proved {
            proved.extend(statement);
        }
    });
}
