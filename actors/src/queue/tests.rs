use std::collections::VecDeque;
use std::sync::Arc;

use borsh::to_vec;
use proptest::prelude::*;
use types::Amount;

use super::{CHUNK, Queue, Row};
use crate::Letter;
use crate::testing::letter;

/// Places that differ in what they mean: the ends of a chunk and one within.
const PLACES: [u8; 4] = [0, 1, 100, 255];

fn numbered(numbers: impl IntoIterator<Item = u32>) -> Vec<Arc<Letter>> {
    numbers.into_iter().map(letter).collect()
}

/// A queue whose oldest letter stands at a place, made without taking anything.
fn made(first: u8, letters: &[Arc<Letter>]) -> Queue {
    let mut row = Row {
        first,
        ..Row::default()
    };
    letters.iter().cloned().for_each(|letter| row.push(letter));
    let row = (row.len > 0).then(|| Arc::new(row));
    Queue { row }
}

/// What a test does with a queue: so many letters come, then so many go.
fn turns() -> impl Strategy<Value = Vec<(usize, usize)>> {
    let count = || prop_oneof![3 => 0_usize..4, 2 => 0_usize..300, 1 => Just(CHUNK)];
    prop::collection::vec((count(), count()), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes and goes, a queue is what a list of the same letters is; its root, its bytes
    /// and what it is equal to follow from these letters and the oldest one's place alone.
    #[test]
    fn a_queue_is_a_list(turns in turns()) {
        let letters = numbered(0..400);
        let mut pushed = letters.iter().cycle();
        let (mut queue, mut list) = (Queue::default(), VecDeque::new());
        let mut place = 0_usize;
        for (come, go) in turns {
            for letter in pushed.by_ref().take(come) {
                queue.push(Arc::clone(letter));
                list.push_back(Arc::clone(letter));
            }
            let before = queue.clone();
            let length = list.len();
            for _ in 0..go {
                let expected = list.pop_front();
                place += usize::from(expected.is_some());
                prop_assert_eq!(queue.pop(), expected);
            }
            if list.is_empty() {
                place = 0;
            }
            prop_assert_eq!(before.len(), length, "a copy stays as it was");
            prop_assert_eq!(before.iter().count(), length);
            prop_assert_eq!(queue.len(), list.len());
            prop_assert_eq!(queue.front(), list.front());
            prop_assert!(queue.iter().eq(&list));
            let carried = list.iter().map(|letter| letter.carried());
            prop_assert_eq!(Some(queue.carried()), Amount::sum(carried));
            let same = made((place % CHUNK) as u8, list.make_contiguous());
            prop_assert_eq!(queue.root(), same.root());
            prop_assert_eq!(&queue, &same);
            let bytes = to_vec(&queue).unwrap();
            let copy: Queue = borsh::from_slice(&bytes).unwrap();
            prop_assert_eq!(copy.root(), queue.root());
            prop_assert_eq!(copy, queue.clone());
        }
    }
}

#[test]
fn a_root_tells_letters_their_order_and_place_apart() {
    let mut roots = Vec::new();
    for count in [1, 2, 255, 256, 257, 600] {
        let letters = numbered(0..count);
        for place in PLACES {
            roots.push(made(place, &letters).root());
        }
        let mut changed = letters.clone();
        changed[count as usize / 2] = letter(9_999);
        roots.push(made(0, &changed).root());
        if count > 1 {
            changed.clone_from(&letters);
            changed.swap(0, count as usize - 1);
            roots.push(made(0, &changed).root());
        }
    }
    let all = roots.len();
    roots.sort_unstable();
    roots.dedup();
    assert_eq!(roots.len(), all);
    assert!(!roots.contains(&None));
}

#[test]
fn an_empty_queue_is_like_one_that_never_held_anything() {
    let mut queue = made(100, &numbered(0..3));
    while queue.pop().is_some() {}
    assert_eq!(queue, Queue::default());
    assert_eq!(queue.root(), None);
    assert_eq!(to_vec(&queue).unwrap(), [0; 8]);
}

/// Bytes with another place are another queue: a state root does not take the one for the other.
#[test]
fn the_place_is_a_part_of_the_bytes() {
    let queue = made(7, &numbered(0..3));
    let mut bytes = to_vec(&queue).unwrap();
    bytes[8] += 1;
    let other: Queue = borsh::from_slice(&bytes).unwrap();
    assert_ne!(other.root(), queue.root());
    assert!(other.iter().eq(queue.iter()));
}

/// What a queue costs: copies share all chunks but those at its ends, and no hash is made twice.
#[test]
fn whole_chunks_are_shared_and_keep_their_hash() {
    let mut queue = made(0, &numbered(0..10 * CHUNK as u32 + 5));
    let before = queue.clone();
    queue.pop();
    queue.push(letter(1));
    let rows = [&before, &queue].map(|queue| queue.row.as_ref().unwrap());
    let [old, new] = rows.map(|row| row.chunks.iter().skip(1));
    assert_eq!(old.len(), 9);
    for (old, new) in old.zip(new) {
        assert!(Arc::ptr_eq(&old.letters, &new.letters));
        assert!(new.hash.is_some());
    }
}
