//! The schedule. [R1]

use crypto::Hash;

use super::Leaders;
use crate::chain::committee;

fn schedule(seed: u8, seats: &[u32], rounds: u64) -> Vec<u16> {
    let mut leaders = Leaders::new(Hash::new([seed; 32]), &committee(seats));
    (0..rounds).map(|round| leaders.of(round)).collect()
}

#[test]
fn every_seat_leads_once_in_n_rounds() {
    let order = schedule(1, &[1, 3, 2, 1], 70);
    for term in order.chunks(7) {
        let count = |member| term.iter().filter(|leader| **leader == member).count();
        assert_eq!([0, 1, 2, 3].map(count), [1, 3, 2, 1]);
    }
    assert!(
        order.chunks(7).any(|term| term != &order[..7]),
        "shuffled anew"
    );
}

#[test]
fn the_seed_decides_and_nothing_else() {
    assert_eq!(schedule(1, &[1; 10], 40), schedule(1, &[1; 10], 40));
    assert_ne!(schedule(1, &[1; 10], 40), schedule(2, &[1; 10], 40));
    // Asked in any order, going back as well.
    let mut leaders = Leaders::new(Hash::new([1; 32]), &committee(&[1; 10]));
    let order = schedule(1, &[1; 10], 40);
    for round in [39, 0, 25, 9, 10, 38] {
        assert_eq!(leaders.of(round), order[round as usize]);
    }
}
