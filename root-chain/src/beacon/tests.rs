use actors::{Edit, State};
use crypto::bls::{PublicKey, Signature};
use crypto::threshold::{GroupCommitment, Share, combine, deal_trusted};
use crypto::{Hash, hash_borsh};
use types::Height;

use super::{
    Head, ThresholdBeacon, after, at_or_above, at_or_below, first_account, head, message, seed,
    seed_of, verify_seed,
};
use crate::elections::{Beacon, SeedError};
use crate::testing::network;

const FIRST: Hash = Hash::new([5; 32]);

fn group() -> (GroupCommitment, Vec<Share>) {
    deal_trusted(&[9; 32], 2, 4).unwrap()
}

fn state(dealt: bool) -> State {
    let (group, _) = group();
    let account = first_account(FIRST, dealt.then_some(&group));
    State::genesis([(super::account_id(), account)]).unwrap()
}

fn sign(shares: &[Share], height: Height, previous: &Hash) -> Signature {
    let message = message(network(), 0, height, previous);
    let signed = shares.iter().map(|share| share.sign(message.as_bytes()));
    combine(2, &signed.collect::<Vec<_>>()).unwrap()
}

fn beacon(every: u64) -> ThresholdBeacon {
    ThresholdBeacon::new(network(), every)
}

#[test]
fn whichever_seats_sign_the_seed_is_the_same() {
    let (group, shares) = group();
    let one = sign(&shares[..2], 1, &FIRST);
    let other = sign(&shares[2..], 1, &FIRST);
    assert_eq!(one, other);
    let key: PublicKey = group.public_key();
    assert_eq!(
        verify_seed(&key, network(), 0, 1, &FIRST, &one),
        Ok(seed_of(&one))
    );
    let others = [
        verify_seed(&key, network(), 0, 2, &FIRST, &one),
        verify_seed(&key, network(), 1, 1, &FIRST, &one),
        verify_seed(&key, network(), 0, 1, &Hash::ZERO, &one),
        verify_seed(&key, types::NetworkId(Hash::ZERO), 0, 1, &FIRST, &one),
    ];
    assert!(others.iter().all(Result::is_err));
}

/// [B3] A step table of what is declared, and what becomes of it.
#[test]
fn seeds_come_in_order() {
    let (_, shares) = group();
    let state = state(true);
    let mut edit = Edit::new(&state);
    let beacon = beacon(1);
    let first = sign(&shares, 1, &FIRST);
    let second = sign(&shares, 2, &seed_of(&first));
    let due = |found, due| Err(SeedError::Height { found, due });
    let steps = [
        (2, second, due(2, 1)),
        (0, first, due(0, 1)),
        (1, second, Err(SeedError::Signature)),
        (1, first, Ok(seed_of(&first))),
        (1, first, due(1, 2)),
        (3, second, due(3, 2)),
        (2, first, Err(SeedError::Signature)),
        (2, second, Ok(seed_of(&second))),
    ];
    for (at, (height, signature, expected)) in steps.into_iter().enumerate() {
        let found = beacon.seed(&mut edit, height, &signature, 9, false);
        assert_eq!(found, expected, "step {at}");
    }
    let newest = head(&edit).unwrap();
    assert_eq!((newest.height, newest.seed), (2, seed_of(&second)));
    assert_eq!(seed(&edit, 1, 1), Some((seed_of(&first), first)));
    assert_eq!(seed(&edit, 3, 1), None);
}

#[test]
fn blocks_that_are_final_are_trusted() {
    let state = state(true);
    let mut edit = Edit::new(&state);
    let nonsense = Signature::from([7; 48]);
    let seeded = beacon(1).seed(&mut edit, 1, &nonsense, 9, true);
    assert_eq!(seeded, Ok(seed_of(&nonsense)));
}

#[test]
fn without_a_key_there_is_no_seed() {
    let (_, shares) = group();
    let state = state(false);
    let mut edit = Edit::new(&state);
    let first = sign(&shares, 1, &FIRST);
    let refused = beacon(1).seed(&mut edit, 1, &first, 9, false);
    assert_eq!(refused, Err(SeedError::NoBeacon));
    assert!(!beacon(1).keys_ready(&edit, 0));
    let empty = State::default();
    let mut edit = Edit::new(&empty);
    let refused = beacon(1).seed(&mut edit, 1, &first, 9, false);
    assert_eq!(refused, Err(SeedError::NoBeacon));
}

/// The first key that the root generates begins the chain where it was shown to work.
#[test]
fn the_first_generated_key_begins_the_chain() {
    let (group, shares) = group();
    let state = state(false);
    let mut edit = Edit::new(&state);
    super::put_key(&mut edit, 0, &group);
    assert!(!beacon(1).keys_ready(&edit, 0), "nobody has tried it");
    super::put_ready(&mut edit, 0, 40);
    let begun = Head {
        height: 40,
        seed: FIRST,
        epoch: 0,
    };
    assert_eq!(head(&edit), Some(begun));
    let next = sign(&shares, 41, &FIRST);
    assert!(beacon(1).seed(&mut edit, 41, &next, 50, false).is_ok());
}

#[test]
fn seeds_are_kept_for_a_while() {
    let state = state(true);
    let mut edit = Edit::new(&state);
    let beacon = beacon(1);
    for height in 1..=super::KEPT + 1 {
        let signature = Signature::from([height as u8; 48]);
        beacon
            .seed(&mut edit, height, &signature, height, true)
            .unwrap();
    }
    assert!(seed(&edit, 1, 1).is_none(), "its slot is taken again");
    assert!(seed(&edit, 2, 1).is_some());
}

#[test]
fn heights_of_a_slower_beacon() {
    let table = [
        (0, 1, [0, 1, 0]),
        (7, 1, [7, 8, 7]),
        (0, 4, [0, 4, 0]),
        (4, 4, [4, 8, 4]),
        (5, 4, [8, 8, 4]),
        (7, 4, [8, 8, 4]),
    ];
    for (height, every, expected) in table {
        let found = [
            at_or_above(height, every),
            after(height, every),
            at_or_below(height, every),
        ];
        assert_eq!(found, expected, "{height} every {every}");
    }
}

/// Written down by hand: what is signed never changes by accident.
#[test]
fn the_message_is_the_hash_of_four_things_in_order() {
    let domain = crypto::Domain::new("thinkey/beacon");
    let expected = hash_borsh(domain, &(network(), 3_u64, 8_u64, FIRST));
    assert_eq!(message(network(), 3, 8, &FIRST), expected);
}
