//! What was proved before on this thread, for simulations.
//!
//! In a simulated network every node checks the same certificates in one process, and checking
//! them is nearly all of its work. Whether a signature holds depends on nothing but keys, message
//! and signature, so to remember that it held changes the cost of a check and never its outcome.
//!
//! A key has one signature for each message. So whoever was seen signing is believed, and the
//! signature of several is good exactly if it is the sum of theirs.
//!
//! Off unless a [`Remember`] is alive on the thread; a node makes none.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use blst::min_sig;

use super::{MESSAGE_DST, PublicKey, Signature};
use crate::hash::{Domain, Hash};

/// A signature by one key.
const SINGLE: Domain = Domain::new("thinkey.proved.single");
/// A signature by groups of keys.
const AGGREGATE: Domain = Domain::new("thinkey.proved.aggregate");
/// A key and what it signed.
const SIGNED: Domain = Domain::new("thinkey.proved.signed");

/// What is remembered.
#[derive(Default)]
struct Known {
    /// Statements that hold.
    proved: BTreeSet<Hash>,
    /// The signature of each key and message that was made here.
    made: BTreeMap<Hash, min_sig::Signature>,
    /// Points on the curve, by their encodings.
    points: BTreeMap<[u8; 48], min_sig::Signature>,
    /// Checked keys, by their encodings.
    keys: BTreeMap<[u8; 96], min_sig::PublicKey>,
}

thread_local! {
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
}

/// While it lives, signatures that held once on this thread are not computed again.
#[derive(Debug)]
#[must_use = "remembering ends when this is dropped"]
pub struct Remember(());

impl Remember {
    /// Starts remembering, from nothing.
    pub fn begin() -> Self {
        KNOWN.with_borrow_mut(|known| *known = Some(Known::default()));
        Self(())
    }
}

impl Drop for Remember {
    fn drop(&mut self) {
        KNOWN.with_borrow_mut(|known| *known = None);
    }
}

/// Whether anything is remembered on this thread.
pub(super) fn is_on() -> bool {
    KNOWN.with_borrow(Option::is_some)
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
    let held = |statement| {
        KNOWN.with_borrow(|known| {
            let known = known.as_ref();
            known.is_some_and(|known| known.proved.contains(statement))
        })
    };
    statement.is_some_and(held)
}

/// It was proved just now.
pub(super) fn note(statement: Option<Hash>) {
    KNOWN.with_borrow_mut(|known| {
        if let Some(known) = known {
            known.proved.extend(statement);
        }
    });
}

/// A key signed a message just now.
pub(super) fn signed(key: &[u8; 96], message: &[u8], point: &min_sig::Signature, dst: &[u8]) {
    if !is_on() {
        return;
    }
    note(single(key, message, &point.to_bytes(), dst));
    note_point(point.to_bytes(), point);
    if dst == MESSAGE_DST {
        KNOWN.with_borrow_mut(|known| {
            if let Some(known) = known {
                known.made.insert(by(key, message), *point);
            }
        });
    }
}

/// Whether a signature is the sum of those which all these keys made here, for each group's
/// message. False says nothing: a signature may be unknown.
pub(super) fn is_sum<'a, K: AsRef<[&'a PublicKey]>>(
    groups: &[(K, &[u8])],
    signature: &Signature,
) -> bool {
    KNOWN.with_borrow(|known| {
        let Some(known) = known else { return false };
        let parts: Option<Vec<&min_sig::Signature>> = groups
            .iter()
            .flat_map(|(keys, message)| keys.as_ref().iter().map(|key| (*key, *message)))
            .map(|(key, message)| known.made.get(&by(&key.to_bytes(), message)))
            .collect();
        let sum = parts.map(|parts| min_sig::AggregateSignature::aggregate(&parts, false));
        matches!(sum, Some(Ok(sum)) if sum.to_signature().to_bytes() == *signature.as_bytes())
    })
}

/// The point of an encoding that was seen before.
pub(super) fn point(bytes: &[u8; 48]) -> Option<min_sig::Signature> {
    KNOWN.with_borrow(|known| known.as_ref()?.points.get(bytes).copied())
}

/// An encoding is that of a point on the curve, other than the identity.
pub(super) fn note_point(bytes: [u8; 48], point: &min_sig::Signature) {
    KNOWN.with_borrow_mut(|known| {
        if let Some(known) = known {
            known.points.insert(bytes, *point);
        }
    });
}

/// The key of an encoding that was checked before.
pub(super) fn key(bytes: &[u8; 96]) -> Option<min_sig::PublicKey> {
    KNOWN.with_borrow(|known| known.as_ref()?.keys.get(bytes).copied())
}

/// An encoding is that of a key.
pub(super) fn note_key(bytes: [u8; 96], point: &min_sig::PublicKey) {
    KNOWN.with_borrow_mut(|known| {
        if let Some(known) = known {
            known.keys.insert(bytes, *point);
        }
    });
}

fn by(key: &[u8; 96], message: &[u8]) -> Hash {
    crate::hash::hash(SIGNED, &[key, message])
}
