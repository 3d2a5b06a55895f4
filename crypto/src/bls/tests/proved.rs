//! Remembering changes what checks cost and nothing else.

use super::*;

#[test]
fn what_was_refused_before_is_refused_while_remembering() {
    let keys = keys(4);
    let publics = publics(&keys);
    let good = certificate(&keys, b"block");
    let lone: Vec<_> = keys.iter().map(|key| key.sign(b"block")).collect();
    let _remember = Remember::begin();
    for time in 0..3 {
        // The first time nobody was seen signing, the last time everybody was.
        let seen = keys.iter().skip(4 - 2 * time);
        seen.for_each(|key| assert_eq!(key.sign(b"other").as_bytes().len(), 48));
        let seen = keys.iter().skip(4 - 2 * time);
        let made: Vec<_> = seen.map(|key| key.sign(b"block")).collect();
        assert_eq!(made, lone[4 - 2 * time..]);
        let all: Vec<&PublicKey> = publics.iter().collect();
        assert!(verify_aggregate(&[(all.clone(), &b"block"[..])], &good).is_ok());
        assert!(verify_aggregate(&[(all.clone(), &b"other"[..])], &good).is_err());
        assert!(verify_aggregate(&[(all[1..].to_vec(), &b"block"[..])], &good).is_err());
        assert!(verify_aggregate(&[(all, &b"block"[..])], &lone[0]).is_err());
        assert!(publics[0].verify(b"block", &lone[0]).is_ok());
        assert!(publics[0].verify(b"other", &lone[0]).is_err());
        assert!(publics[1].verify(b"block", &lone[0]).is_err());
        let mixed: Vec<(&PublicKey, &[u8], &Signature)> = vec![
            (&publics[0], b"block", &lone[0]),
            (&publics[1], b"block", &lone[0]),
            (&publics[2], b"block", &lone[2]),
            (&publics[3], b"other", &lone[3]),
        ];
        assert!(!verify_batch(&mixed, SECRET));
        assert_eq!(verify_each(&mixed, SECRET), [true, false, true, false]);
        assert!(verify_batch(&mixed[..1], SECRET));
    }
}

#[test]
fn a_vote_is_no_possession() {
    let key = &keys(1)[0];
    let vote = key.sign(&key.public().to_bytes());
    let _remember = Remember::begin();
    assert!(key.public().verify(&key.public().to_bytes(), &vote).is_ok());
    let proof = ProofOfPossession(*vote.as_bytes());
    assert!(key.public().verify_possession(&proof).is_err());
}

#[test]
fn a_sum_of_what_was_signed_is_that_and_nothing_else() {
    let _remember = Remember::begin();
    let keys = keys(3);
    let publics = publics(&keys);
    let all: Vec<&PublicKey> = publics.iter().collect();
    let good = certificate(&keys, b"block");
    let twice = Signature::aggregate(&[good, keys[0].sign(b"block")]).unwrap();
    assert!(verify_aggregate(&[(all.clone(), &b"block"[..])], &good).is_ok());
    assert!(verify_aggregate(&[(all.clone(), &b"block"[..])], &twice).is_err());
    let repeated = vec![all[0], all[0], all[1], all[2]];
    assert!(verify_aggregate(&[(repeated, &b"block"[..])], &twice).is_ok());
    let again = [(all.clone(), &b"block"[..]), (all.clone(), &b"block"[..])];
    let doubled = Signature::aggregate(&[good, good]).unwrap();
    assert_eq!(
        verify_aggregate(&again, &doubled),
        Err(AggregateError::DuplicateMessage)
    );
    let empty: [(Vec<&PublicKey>, &[u8]); 1] = [(Vec::new(), b"block")];
    assert_eq!(verify_aggregate(&empty, &good), Err(AggregateError::Empty));
}
