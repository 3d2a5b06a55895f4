//! Remembering changes what checks cost and nothing else.

use super::*;

#[test]
fn what_was_refused_before_is_refused_while_remembering() {
    let keys = keys(4);
    let publics = publics(&keys);
    let good = certificate(&keys, b"block");
    let lone: Vec<_> = keys.iter().map(|key| key.sign(b"block")).collect();
    let _remember = Remember::begin();
    for _ in 0..2 {
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
