use std::collections::BTreeSet;

use actors::Subject;
use crypto::Hash;
use types::{BlockHash, Declaration, Time};

use super::{AT_ONCE, Declarations, KIND_BYTES, MOST, PER_SECOND};

fn subject(kind: u8, number: u32) -> Subject {
    let mut about = [0; 32];
    about[..4].copy_from_slice(&number.to_be_bytes());
    let about = Hash::new(about);
    Subject { kind, about }
}

fn said(kind: u8, number: u32, bytes: usize) -> Declaration {
    let mut encoded = vec![kind; bytes.max(5)];
    encoded[1..5].copy_from_slice(&number.to_be_bytes());
    Declaration::new(encoded).unwrap()
}

fn parent(byte: u8) -> BlockHash {
    BlockHash(Hash::new([byte; 32]))
}

#[test]
fn one_waits_about_each_subject() {
    let mut pool = Declarations::default();
    assert!(pool.insert(subject(5, 1), said(5, 1, 9)));
    assert!(
        !pool.insert(subject(5, 1), said(5, 2, 9)),
        "the first one waits"
    );
    assert!(pool.has(&subject(5, 1), &said(5, 1, 9)) && !pool.has(&subject(5, 1), &said(5, 2, 9)));
    assert!(pool.replace(subject(5, 1), said(5, 3, 9)));
    assert!(pool.has(&subject(5, 1), &said(5, 3, 9)) && !pool.has(&subject(5, 1), &said(5, 1, 9)));
    pool.retain(|_| false);
    assert!(pool.is_empty() && !pool.has(&subject(5, 1), &said(5, 3, 9)));
    assert!(pool.insert(subject(5, 1), said(5, 2, 9)));
}

/// Whoever floods one kind keeps out no other, and gets no more of a block than its turn.
#[test]
fn a_flood_of_one_kind_leaves_room_for_others() {
    let mut pool = Declarations::default();
    let flood = (0..4 * MOST as u32).filter(|n| pool.insert(subject(5, *n), said(5, *n, 9)));
    assert_eq!(flood.count(), MOST);
    for kind in [0, 3, 6] {
        assert!(pool.insert(subject(kind, 0), said(kind, 0, 300)));
    }
    let picked = pool.pick(&parent(1));
    let first: BTreeSet<u8> = picked[..4].iter().map(|one| one.as_bytes()[0]).collect();
    assert_eq!(first, BTreeSet::from([0, 3, 5, 6]));
    let large = KIND_BYTES / 60_000;
    let kept = (0..400).filter(|n| pool.insert(subject(9, *n), said(9, *n, 60_000)));
    assert_eq!(kept.count(), large);
    pool.retain(|one| one.as_bytes()[0] != 9);
    assert!(pool.insert(subject(9, 0), said(9, 0, 60_000)), "room again");
}

/// Nobody can make a declaration that comes first in blocks to come.
#[test]
fn the_order_changes_with_the_parent() {
    let mut pool = Declarations::default();
    for number in 0..100 {
        pool.insert(subject(5, number), said(5, number, 9));
    }
    let firsts: BTreeSet<_> = (0..20).map(|n| pool.pick(&parent(n))[0].hash()).collect();
    assert!(firsts.len() > 10);
    assert_eq!(pool.pick(&parent(3)), pool.pick(&parent(3)));
}

/// What is refused costs its sender little and a node time: only so much of it in a second.
#[test]
fn so_much_is_checked_in_a_second() {
    let mut pool = Declarations::default();
    let checked = |pool: &mut Declarations, at: u64, weight: u32| {
        (0..100_000)
            .filter(|_| pool.may_check(Time(at), 5, weight))
            .count() as u64
    };
    assert_eq!(checked(&mut pool, 5_000, 1), AT_ONCE);
    assert_eq!(checked(&mut pool, 5_000, 1), 0);
    assert!(pool.may_check(Time(5_000), 6, 1), "another kind");
    assert_eq!(checked(&mut pool, 6_000, 1), PER_SECOND);
    assert_eq!(checked(&mut pool, 7_000, 12), PER_SECOND / 12);
    assert_eq!(
        checked(&mut pool, 4_000, 12),
        0,
        "time does not run backwards"
    );
    assert_eq!(checked(&mut pool, 100_000, 1), AT_ONCE);
}
