//! Batches say of each signature what it would be told alone.

use super::*;

struct Vote {
    key: PublicKey,
    message: Vec<u8>,
    signature: Signature,
}

/// Votes of `n` members over `messages` different messages.
fn votes(n: u8, messages: u8) -> Vec<Vote> {
    let sign = |(i, key): (usize, SecretKey)| {
        let message = vec![i as u8 % messages; 40];
        Vote {
            key: key.public(),
            signature: key.sign(&message),
            message,
        }
    };
    keys(n).into_iter().enumerate().map(sign).collect()
}

fn items(votes: &[Vote]) -> Vec<(&PublicKey, &[u8], &Signature)> {
    votes
        .iter()
        .map(|vote| (&vote.key, &vote.message[..], &vote.signature))
        .collect()
}

fn singles(votes: &[Vote]) -> Vec<bool> {
    votes
        .iter()
        .map(|vote| vote.key.verify(&vote.message, &vote.signature).is_ok())
        .collect()
}

#[test]
fn good_votes_hold_on_any_number_of_messages() {
    for (n, messages) in [(1, 1), (2, 1), (40, 1), (40, 3), (12, 12)] {
        let votes = votes(n, messages);
        assert!(
            verify_batch(&items(&votes), SECRET),
            "{n} votes, {messages} messages"
        );
        assert_eq!(verify_each(&items(&votes), SECRET), vec![true; n as usize]);
    }
    assert!(verify_batch(&[], SECRET));
    assert!(verify_each(&[], SECRET).is_empty());
}

#[test]
fn the_same_vote_twice_holds_twice() {
    let votes = votes(3, 2);
    let doubled: Vec<_> = items(&votes).into_iter().cycle().take(9).collect();
    assert!(verify_batch(&doubled, SECRET));
    assert_eq!(verify_each(&doubled, SECRET), [true; 9]);
}

#[test]
fn every_bad_vote_is_found_wherever_it_stands() {
    for messages in [1, 4] {
        for bad in 0..11 {
            let mut votes = votes(11, messages);
            votes[bad].signature = votes[(bad + 1) % 11].signature;
            let expected: Vec<bool> = (0..11).map(|i| i != bad).collect();
            assert!(!verify_batch(&items(&votes), SECRET));
            assert_eq!(
                verify_each(&items(&votes), SECRET),
                expected,
                "bad at {bad}"
            );
            assert_eq!(singles(&votes), expected);
        }
    }
}

#[test]
fn malformed_votes_do_not_spoil_the_others() {
    let mut votes = votes(8, 2);
    votes[0].signature = [0; 48].into();
    votes[3].signature = [0xff; 48].into();
    votes[4].signature = negated(&votes[4].signature);
    votes[7].message.push(0);
    assert!(!verify_batch(&items(&votes), SECRET));
    let expected = [false, true, true, false, false, true, true, false];
    assert_eq!(verify_each(&items(&votes), SECRET), expected);
    assert_eq!(singles(&votes), expected);
    votes
        .iter_mut()
        .for_each(|vote| vote.signature = [1; 48].into());
    assert_eq!(verify_each(&items(&votes), SECRET), [false; 8]);
}
