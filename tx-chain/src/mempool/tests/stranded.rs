//! Messages behind a missing nonce: what room they have, and when they run.

use super::*;

/// A mempool with room for two stranded messages.
fn small() -> Mempool {
    Mempool::new(MempoolLimits {
        messages: 16,
        ..Default::default()
    })
}

fn admit(pool: &mut Mempool, sender: u8, nonces: impl IntoIterator<Item = u64>) {
    for nonce in nonces {
        pool.admit(message(sender, nonce, 1), RICH, 0).unwrap();
    }
}

/// The nonces of a sender's messages that are here.
fn here(pool: &Mempool, sender: u8) -> Vec<u64> {
    let queue = pool.queues.get(&account(sender));
    queue
        .into_iter()
        .flat_map(Queue::entries)
        .map(Entry::nonce)
        .collect()
}

fn expiring(sender: u8, nonce: u64, expiry: Height) -> SignedMessage {
    let call = call(sender, nonce, 1);
    signed(sender, ExternalCall { expiry, ..call })
}

const STRANDED: Result<(), Refusal> = Err(Refusal::Stranded { nonce: 1, next: 0 });

#[test]
fn a_stranded_flood_of_many_senders_leaves_the_room_to_what_can_run() {
    let mut pool = small();
    let flood: Vec<_> = (100..120)
        .map(|sender| pool.admit(message(sender, 1, 99), RICH, 0))
        .collect();
    assert_eq!(flood[..2], [Ok(()), Ok(())]);
    assert!(flood[2..].iter().all(|answer| *answer == STRANDED));
    for sender in 0..14 {
        admit(&mut pool, sender, [0]);
    }
    assert_eq!(pool.take(ANY).len(), 14);
}

#[test]
fn long_stranded_messages_get_an_eighth_of_the_bytes() {
    let mut pool = Mempool::new(MempoolLimits {
        bytes: 16 * long(1, 1, 1).bytes(),
        ..Default::default()
    });
    pool.admit(message(1, 1, 1), RICH, 0).unwrap();
    pool.admit(long(2, 1, 1), RICH, 0).unwrap();
    assert_eq!(pool.admit(long(3, 1, 1), RICH, 0), STRANDED);
    // To replace a stranded message takes the same room.
    pool.admit(long(2, 1, 5), RICH, 0).unwrap();
    assert_eq!(pool.admit(long(1, 1, 5), RICH, 0), Ok(()));
    assert_eq!(pool.admit(message(3, 1, 1), RICH, 0), STRANDED);
    pool.admit(long(3, 0, 1), RICH, 0).unwrap();
}

#[test]
fn a_sender_gets_no_farther_than_the_gap_past_what_is_missing() {
    let mut pool = Mempool::new(MempoolLimits::default());
    admit(&mut pool, 1, 1..=16);
    let gap = |nonce, next| Err(Refusal::NonceGap { nonce, next });
    assert_eq!(pool.admit(message(1, 17, 1), RICH, 0), gap(17, 0));
    admit(&mut pool, 1, [0, 33]);
    assert_eq!(pool.admit(message(1, 34, 1), RICH, 0), gap(34, 17));
}

#[test]
fn a_sender_may_have_a_full_queue_of_consecutive_messages() {
    let limits = MempoolLimits::default();
    let mut pool = Mempool::new(limits);
    admit(&mut pool, 1, 0..limits.per_sender as u64);
    assert_eq!(pool.stranded, Size::default());
    let more = pool.admit(message(1, 256, 1), RICH, 0);
    assert_eq!(more, Err(Refusal::SenderFull { most: 256 }));
}

#[test]
fn who_fills_the_gap_frees_the_room_and_its_messages_run_in_order() {
    let mut pool = small();
    admit(&mut pool, 1, [2, 1]);
    assert_eq!(pool.admit(message(2, 1, 1), RICH, 0), STRANDED);
    admit(&mut pool, 1, [0]);
    admit(&mut pool, 2, [1]);
    assert_eq!(nonces(&pool.take(ANY)), [0, 1, 2]);
}

#[test]
fn what_strands_behind_an_expired_message_keeps_to_the_room_and_the_farthest_leave() {
    let mut pool = small();
    admit(&mut pool, 2, [0]);
    let first = expiring(1, 0, 10);
    pool.admit(first.clone(), RICH, 0).unwrap();
    admit(&mut pool, 1, 1..6);
    assert_eq!(pool.expire(11), [first.id()]);
    assert_eq!((here(&pool, 1), here(&pool, 2)), (vec![1, 2], vec![0]));
    assert_eq!(pool.admit(message(3, 1, 1), RICH, 11), STRANDED);
    admit(&mut pool, 1, [0]);
    assert_eq!(nonces(&pool.take(ANY)), [0, 0, 1, 2]);
}

#[test]
fn who_strands_late_pushes_out_nobody_who_was_stranded_before() {
    let mut pool = small();
    for sender in 2..4 {
        admit(&mut pool, sender, [1]);
    }
    pool.admit(expiring(1, 1, 10), RICH, 0).unwrap_err();
    pool.admit(expiring(1, 0, 50), RICH, 0).unwrap();
    pool.admit(expiring(1, 1, 10), RICH, 0).unwrap();
    admit(&mut pool, 1, 2..5);
    pool.expire(11);
    let all = [1, 2, 3].map(|sender| here(&pool, sender));
    assert_eq!(all, [[0], [1], [1]]);
}

#[test]
fn what_strands_behind_a_dropped_message_fits_its_room_again_when_a_block_is_final() {
    let mut pool = small();
    admit(&mut pool, 1, 0..6);
    pool.drop_message(&account(1), 1);
    assert_eq!(here(&pool, 1), [0, 2, 3, 4, 5]);
    include(&mut pool, 1, &[message(9, 0, 1)]);
    pool.finalize(&block(1));
    assert_eq!(here(&pool, 1), [0, 2, 3]);
}

#[test]
fn what_is_in_flight_does_not_strand() {
    let mut pool = small();
    admit(&mut pool, 1, 0..6);
    let taken = pool.take(ANY);
    include(&mut pool, 1, &taken[..3]);
    pool.drop_message(&account(1), 1);
    assert_eq!(pool.stranded, Size::default());
    pool.abandon(&block(1));
    pool.expire(0);
    assert_eq!(here(&pool, 1), [0, 2, 3]);
}

#[test]
fn what_strands_only_until_another_block_is_final_stays() {
    let mut pool = small();
    admit(&mut pool, 1, [0]);
    let unseen = [message(1, 0, 1), message(1, 1, 1)];
    include(&mut pool, 1, &unseen);
    include(&mut pool, 2, &unseen);
    admit(&mut pool, 1, 2..6);
    pool.abandon(&block(1));
    pool.finalize(&block(2));
    assert_eq!(nonces(&pool.take(ANY)), [2, 3, 4, 5]);
}

#[test]
fn an_account_that_came_farther_than_the_mempool_saw_strands_nothing() {
    let mut pool = small();
    admit(&mut pool, 1, [1, 2]);
    assert_eq!(pool.next_nonce(&account(1), 0), 0);
    assert_eq!(pool.next_nonce(&account(1), 1), 3);
    let moved = Sender { nonce: 1, ..RICH };
    pool.admit(message(1, 3, 1), moved, 0).unwrap();
    assert_eq!(nonces(&pool.take(ANY)), [1, 2, 3]);
}

#[test]
fn who_filled_its_gap_again_loses_nothing_for_others_who_did_not() {
    for (filled, other) in [(1, 2), (2, 1)] {
        let mut pool = small();
        admit(&mut pool, filled, 0..4);
        admit(&mut pool, other, 0..6);
        pool.drop_message(&account(filled), 0);
        pool.drop_message(&account(other), 0);
        admit(&mut pool, filled, [0]);
        pool.expire(0);
        assert_eq!(here(&pool, filled), [0, 1, 2, 3]);
        assert_eq!(here(&pool, other), [1, 2]);
    }
}

/// A mempool in which one sender may have two long messages stranded.
fn for_long() -> Mempool {
    Mempool::new(MempoolLimits {
        bytes: 8 * 32 * 2 * long(1, 10, 1).bytes(),
        ..Default::default()
    })
}

#[test]
fn a_sender_gets_a_32nd_of_the_bytes_for_what_is_stranded() {
    let mut pool = for_long();
    for nonce in 1..3 {
        pool.admit(long(1, nonce, 1), RICH, 0).unwrap();
    }
    let third = pool.admit(long(1, 3, 1), RICH, 0);
    assert_eq!(third, Err(Refusal::Stranded { nonce: 3, next: 0 }));
    pool.admit(long(1, 2, 5), RICH, 0).unwrap();
    pool.admit(long(2, 3, 1), RICH, 0).unwrap();
    // What fills the gap is not stranded, and then nothing is.
    admit(&mut pool, 1, [0]);
    pool.admit(long(1, 3, 1), RICH, 0).unwrap();
}

#[test]
fn one_message_may_strand_however_little_room_there_is() {
    let mut pool = Mempool::new(MempoolLimits {
        bytes: 8 * long(1, 1, 1).bytes(),
        ..Default::default()
    });
    pool.admit(long(1, 1, 1), RICH, 0).unwrap();
}

#[test]
fn what_strands_late_keeps_to_a_32nd_too() {
    let mut pool = for_long();
    pool.admit(expiring(1, 0, 10), RICH, 0).unwrap();
    for nonce in 1..6 {
        pool.admit(long(1, nonce, 1), RICH, 0).unwrap();
    }
    pool.expire(11);
    assert_eq!(here(&pool, 1), [1, 2]);
}

#[test]
fn of_those_who_strand_together_who_takes_most_makes_room() {
    for (few, many) in [(1, 2), (2, 1)] {
        let mut pool = small();
        admit(&mut pool, many, 0..6);
        admit(&mut pool, few, 0..2);
        pool.drop_message(&account(few), 0);
        pool.drop_message(&account(many), 0);
        pool.expire(0);
        assert_eq!((here(&pool, few), here(&pool, many)), (vec![1], vec![1]));
    }
}

#[test]
fn of_those_who_take_the_same_who_came_last_makes_room() {
    for senders in [[1, 2, 3], [3, 2, 1], [2, 3, 1]] {
        let mut pool = small();
        for sender in senders {
            admit(&mut pool, sender, 0..2);
        }
        for sender in 1..4 {
            pool.drop_message(&account(sender), 0);
        }
        pool.expire(0);
        let all = senders.map(|sender| here(&pool, sender));
        assert_eq!(all, [vec![1], vec![1], vec![]]);
    }
}
