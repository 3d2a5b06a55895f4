use crypto::ed25519::SecretKey;
use crypto::hash;
use types::domain::HEADER;
use types::{ExternalCall, Gas, Input, NetworkId};

use super::*;

mod stranded;
mod walk;

const RICH: Sender = Sender {
    balance: Amount(1_000_000),
    nonce: 0,
};
const ANY: Budget = Budget {
    messages: 100,
    bytes: 1 << 20,
    gas: u64::MAX,
};

fn key(sender: u8) -> SecretKey {
    SecretKey::from_seed([sender; 32])
}

fn account(sender: u8) -> AccountId {
    AccountId::of_key(&key(sender).public())
}

fn call(sender: u8, nonce: u64, price: u64) -> ExternalCall {
    ExternalCall {
        from: account(sender),
        to: account(sender),
        nonce,
        value: Amount(10),
        gas: Gas { limit: 100, price },
        expiry: 50,
        input: Input::Transfer,
    }
}

fn signed(sender: u8, call: ExternalCall) -> SignedMessage {
    let network = NetworkId::default();
    let signed = call.sign(network, &key(sender));
    SignedMessage::check(network, vec![signed], [7; 32])
        .remove(0)
        .unwrap()
}

fn message(sender: u8, nonce: u64, price: u64) -> SignedMessage {
    signed(sender, call(sender, nonce, price))
}

/// A message of far more bytes than others.
fn long(sender: u8, nonce: u64, price: u64) -> SignedMessage {
    let input = Input::Call {
        method: String::new(),
        data: vec![0; 500],
    };
    let call = call(sender, nonce, price);
    signed(sender, ExternalCall { input, ..call })
}

fn pool() -> Mempool {
    let limits = MempoolLimits {
        messages: 24,
        per_sender: 4,
        nonce_gap: 3,
        ..Default::default()
    };
    Mempool::new(limits)
}

fn block(number: u8) -> BlockHash {
    BlockHash(hash(HEADER, &[&[number]]))
}

fn nonces(messages: &[SignedMessage]) -> Vec<u64> {
    messages
        .iter()
        .map(|message| message.message().call.nonce)
        .collect()
}

fn include(pool: &mut Mempool, number: u8, messages: &[SignedMessage]) {
    let held = messages
        .iter()
        .map(|m| (&m.message().call.from, m.message().call.nonce));
    pool.include(block(number), held);
}

#[test]
fn a_wrong_signature_never_becomes_a_signed_message() {
    let mut bad = message(1, 0, 1).message().clone();
    bad.call.value = Amount(11);
    let checked = SignedMessage::check(NetworkId::default(), vec![bad], [7; 32]);
    assert!(checked[0].is_none());
}

#[test]
fn a_signature_for_another_network_is_wrong() {
    let good = message(1, 0, 1).message().clone();
    let other = NetworkId(hash(HEADER, &[b"other"]));
    assert!(SignedMessage::check(other, vec![good], [7; 32])[0].is_none());
}

#[test]
fn messages_of_one_sender_leave_in_nonce_order_whatever_order_they_came_in() {
    let mut pool = pool();
    for nonce in [2, 0, 1] {
        pool.admit(message(1, nonce, 1), RICH, 0).unwrap();
    }
    assert_eq!(nonces(&pool.take(ANY)), [0, 1, 2]);
    assert!(!pool.is_ready());
}

#[test]
fn a_gap_holds_back_what_is_behind_it() {
    let mut pool = pool();
    pool.admit(message(1, 1, 1), RICH, 0).unwrap();
    assert!(!pool.is_ready());
    pool.admit(message(1, 0, 1), RICH, 0).unwrap();
    assert_eq!(nonces(&pool.take(ANY)), [0, 1]);
}

#[test]
fn the_best_price_goes_first_then_the_first_come() {
    let mut pool = pool();
    for (sender, price) in [(1, 1), (2, 5), (3, 5)] {
        pool.admit(message(sender, 0, price), RICH, 0).unwrap();
    }
    let senders: Vec<_> = pool
        .take(ANY)
        .iter()
        .map(|m| m.message().call.from)
        .collect();
    let expected: Vec<_> = [2, 3, 1]
        .map(|s| message(s, 0, 1).message().call.from)
        .into();
    assert_eq!(senders, expected);
}

#[test]
fn what_a_final_block_held_is_gone_and_what_an_abandoned_one_held_waits_again() {
    let mut pool = pool();
    for nonce in 0..3 {
        pool.admit(message(1, nonce, 1), RICH, 0).unwrap();
    }
    let taken = pool.take(ANY);
    include(&mut pool, 1, &taken[..1]);
    include(&mut pool, 2, &taken[1..]);
    pool.finalize(&block(1));
    assert_eq!(pool.len(), 2);
    pool.abandon(&block(2));
    assert_eq!(nonces(&pool.take(ANY)), [1, 2]);
}

#[test]
fn a_final_block_of_unknown_messages_moves_the_turn() {
    let mut pool = pool();
    pool.admit(message(1, 1, 1), RICH, 0).unwrap();
    include(&mut pool, 1, &[message(1, 0, 1)]);
    pool.finalize(&block(1));
    assert_eq!(nonces(&pool.take(ANY)), [1]);
}

#[test]
fn a_message_whose_nonce_another_one_used_leaves_with_it() {
    let mut pool = pool();
    let (ours, theirs) = (message(1, 0, 7), message(1, 0, 1));
    pool.admit(ours.clone(), RICH, 0).unwrap();
    include(&mut pool, 1, std::slice::from_ref(&theirs));
    assert_eq!(pool.finalize(&block(1)), [ours.id()]);
    assert!(pool.is_empty());
}

#[test]
fn a_block_of_another_leader_takes_its_messages_off_the_list() {
    let mut pool = pool();
    let first = message(1, 0, 1);
    pool.admit(first.clone(), RICH, 0).unwrap();
    include(&mut pool, 1, std::slice::from_ref(&first));
    assert!(!pool.is_ready());
    assert!(pool.get(&first.id()).is_some());
}

#[test]
fn messages_given_back_are_taken_again() {
    let mut pool = pool();
    pool.admit(message(1, 0, 1), RICH, 0).unwrap();
    pool.admit(message(1, 1, 1), RICH, 0).unwrap();
    let taken = pool.take(ANY);
    pool.give_back(&taken);
    assert_eq!(nonces(&pool.take(ANY)), [0, 1]);
}

#[test]
fn each_refusal_has_its_reason_and_changes_nothing() {
    let mut pool = pool();
    pool.admit(message(1, 0, 10), RICH, 0).unwrap();
    let poor = Sender {
        balance: Amount(100),
        nonce: 0,
    };
    let used = Sender { nonce: 5, ..RICH };
    let refusals = [
        (pool.admit(message(1, 0, 10), RICH, 0), Refusal::Known),
        (
            pool.admit(message(2, 0, 1), used, 0),
            Refusal::NonceUsed { nonce: 0, next: 5 },
        ),
        (
            pool.admit(message(2, 4, 1), RICH, 0),
            Refusal::NonceGap { nonce: 4, next: 0 },
        ),
        (
            pool.admit(message(2, 0, 1), RICH, 51),
            Refusal::Expired {
                expiry: 50,
                root_height: 51,
            },
        ),
        (
            pool.admit(message(2, 0, 1), poor, 0),
            Refusal::Balance {
                balance: Amount(100),
            },
        ),
        (
            pool.admit(message(1, 0, 9), RICH, 0),
            Refusal::Underpriced { least: 11 },
        ),
    ];
    for (got, expected) in refusals {
        assert_eq!(got, Err(expected));
    }
    assert_eq!(pool.len(), 1);
}

#[test]
fn an_expiry_is_taken_at_its_root_height_and_dropped_one_later() {
    let mut pool = pool();
    pool.admit(message(1, 0, 1), RICH, 50).unwrap();
    assert_eq!(pool.expire(50), []);
    assert_eq!(pool.expire(51), [message(1, 0, 1).id()]);
    assert!(pool.is_empty() && !pool.is_ready());
}

#[test]
fn a_tenth_more_replaces_and_the_old_one_is_gone() {
    let mut pool = pool();
    let old = message(1, 0, 10);
    pool.admit(old.clone(), RICH, 0).unwrap();
    pool.admit(message(1, 0, 11), RICH, 0).unwrap();
    assert_eq!(pool.len(), 1);
    assert!(pool.get(&old.id()).is_none());
}

#[test]
fn a_message_in_flight_is_not_replaced() {
    let mut pool = pool();
    pool.admit(message(1, 0, 10), RICH, 0).unwrap();
    let taken = pool.take(ANY);
    include(&mut pool, 1, &taken);
    assert!(matches!(
        pool.admit(message(1, 0, 99), RICH, 0),
        Err(Refusal::Underpriced { .. })
    ));
}

#[test]
fn a_sender_must_cover_all_that_it_has_waiting() {
    let mut pool = pool();
    let sender = Sender {
        balance: Amount(250),
        nonce: 0,
    };
    pool.admit(message(1, 0, 1), sender, 0).unwrap();
    pool.admit(message(1, 1, 1), sender, 0).unwrap();
    let third = pool.admit(message(1, 2, 1), sender, 0);
    assert_eq!(
        third,
        Err(Refusal::Balance {
            balance: Amount(250)
        })
    );
}

#[test]
fn a_flood_of_one_sender_or_of_many_pushes_nobody_out() {
    let mut pool = Mempool::new(MempoolLimits {
        messages: 6,
        per_sender: 4,
        ..Default::default()
    });
    pool.admit(message(9, 0, 1), RICH, 0).unwrap();
    for nonce in 0..4 {
        pool.admit(message(1, nonce, 50), RICH, 0).unwrap();
    }
    let more = pool.admit(message(1, 4, 99), RICH, 0);
    assert_eq!(more, Err(Refusal::SenderFull { most: 4 }));
    pool.admit(message(2, 0, 99), RICH, 0).unwrap();
    assert_eq!(pool.admit(message(3, 0, 99), RICH, 0), Err(Refusal::Full));
    assert!(pool.get(&message(9, 0, 1).id()).is_some());
}

#[test]
fn what_replaces_another_message_keeps_to_the_bytes_too() {
    let mut pool = Mempool::new(MempoolLimits {
        bytes: 2 * message(1, 0, 1).bytes(),
        ..Default::default()
    });
    pool.admit(message(1, 0, 1), RICH, 0).unwrap();
    pool.admit(message(2, 0, 1), RICH, 0).unwrap();
    assert_eq!(pool.admit(long(1, 0, 5), RICH, 0), Err(Refusal::Full));
    pool.admit(message(1, 0, 5), RICH, 0).unwrap();
}

#[test]
fn a_budget_is_kept() {
    let mut pool = pool();
    for sender in 1..=4 {
        pool.admit(message(sender, 0, 1), RICH, 0).unwrap();
    }
    let size = message(1, 0, 1).bytes();
    assert_eq!(pool.take(Budget { gas: 250, ..ANY }).len(), 2);
    assert_eq!(pool.take(Budget { bytes: size, ..ANY }).len(), 1);
    assert_eq!(pool.take(Budget { messages: 0, ..ANY }).len(), 0);
}
