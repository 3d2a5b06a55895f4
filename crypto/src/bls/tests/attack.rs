//! The known attacks on aggregate signatures, each shown and stopped.

use blst::min_sig;

use super::*;

/// A key chosen as the attacker's minus the victim's.
fn rogue(attacker: &SecretKey, victim: &PublicKey) -> PublicKey {
    let points = [attacker.public(), negated_key(victim)];
    let points: Vec<_> = points.iter().map(PublicKey::point).collect();
    let sum = min_sig::AggregatePublicKey::aggregate(&points, true).unwrap();
    PublicKey::from_bytes(&sum.to_public_key().to_bytes()).unwrap()
}

#[test]
fn a_rogue_key_signs_for_others_but_has_no_proof_of_possession() {
    let [victim, attacker] = [1, 2].map(|seed| SecretKey::from_seed(&[seed; 32]));
    let rogue = rogue(&attacker, &victim.public());
    // Alone, the attacker makes a "certificate" of the victim and the rogue key.
    let victim_key = victim.public();
    let groups = [([&victim_key, &rogue], &b"stolen"[..])];
    assert_eq!(verify_aggregate(&groups, &attacker.sign(b"stolen")), Ok(()));
    // What the attacker can sign is no proof for the rogue key.
    let forged = attacker.sign_with(&rogue.to_bytes(), POSSESSION_DST);
    let proofs = [
        attacker.prove_possession(),
        victim.prove_possession(),
        ProofOfPossession::from(*forged.as_bytes()),
    ];
    for proof in proofs {
        assert_eq!(
            rogue.verify_possession(&proof),
            Err(SignatureError::Mismatch)
        );
    }
    assert_eq!(
        attacker
            .public()
            .verify_possession(&attacker.prove_possession()),
        Ok(())
    );
}

#[test]
fn a_signature_of_the_key_bytes_is_no_proof_and_a_proof_no_signature() {
    let key = SecretKey::from_seed(&[1; 32]);
    let signed = key.sign(&key.public().to_bytes());
    let proof = ProofOfPossession::from(*signed.as_bytes());
    assert_eq!(
        key.public().verify_possession(&proof),
        Err(SignatureError::Mismatch)
    );
    let signature = Signature::from(*key.prove_possession().as_bytes());
    let verdict = key.public().verify(&key.public().to_bytes(), &signature);
    assert_eq!(verdict, Err(SignatureError::Mismatch));
}

#[test]
fn keys_that_add_up_to_zero_are_refused() {
    let key = SecretKey::from_seed(&[1; 32]);
    let (public, opposite) = (key.public(), negated_key(&key.public()));
    let other = SecretKey::from_seed(&[2; 32]);
    let groups = |zero| [(vec![&public, &opposite], zero)];
    for signature in [key.sign(b"m"), other.sign(b"m"), identity_signature()] {
        let verdict = verify_aggregate(&groups(&b"m"[..]), &signature);
        assert_eq!(verdict, Err(AggregateError::IdentityKey { group: 0 }));
    }
    // Beside an honest group the pair would "sign" anything for free.
    let other_public = other.public();
    let split = [
        (vec![&other_public], &b"m"[..]),
        (vec![&public, &opposite], b"anything"),
    ];
    let verdict = verify_aggregate(&split, &other.sign(b"m"));
    assert_eq!(verdict, Err(AggregateError::IdentityKey { group: 1 }));
}

#[test]
fn signatures_that_add_up_to_zero_are_refused() {
    let key = SecretKey::from_seed(&[1; 32]);
    let signature = key.sign(b"m");
    let sum = Signature::aggregate(&[signature, negated(&signature)]);
    assert_eq!(sum, Err(SignatureError::Identity.into()));
}

fn identity_signature() -> Signature {
    let mut bytes = [0; 48];
    bytes[0] = 0xc0;
    bytes.into()
}

#[test]
fn the_identity_is_refused_everywhere() {
    let key = SecretKey::from_seed(&[1; 32]);
    let (public, identity) = (key.public(), identity_signature());
    let refused = Err(SignatureError::Identity);
    assert_eq!(public.verify(b"m", &identity), refused);
    assert_eq!(
        public.verify_possession(&(*identity.as_bytes()).into()),
        refused
    );
    let groups = [([&public], &b"m"[..])];
    assert_eq!(
        verify_aggregate(&groups, &identity),
        Err(SignatureError::Identity.into())
    );
    let sum = Signature::aggregate(&[key.sign(b"m"), identity]);
    assert_eq!(sum, Err(SignatureError::Identity.into()));
    assert!(!verify_batch(&[(&public, b"m", &identity)], SECRET));
    let mut identity_key = [0; 96];
    identity_key[0] = 0xc0;
    assert_eq!(
        PublicKey::from_bytes(&identity_key),
        Err(SignatureError::Identity)
    );
    assert!(borsh::from_slice::<PublicKey>(&identity_key).is_err());
}

/// Encodings x = 0, 1, 2, … of points on the curve but, but for a chance of 2^-125, outside the
/// group.
fn small_x<const N: usize>(count: u8) -> impl Iterator<Item = [u8; N]> {
    (0..count).map(|x| {
        let mut bytes = [0; N];
        (bytes[0], bytes[N - 1]) = (0x80, x);
        bytes
    })
}

#[test]
fn points_outside_the_group_are_refused() {
    let key = SecretKey::from_seed(&[1; 32]).public();
    let mut seen = 0;
    for bytes in small_x::<48>(64) {
        let verdict = key.verify(b"m", &bytes.into());
        let groups = [([&key], &b"m"[..])];
        let aggregate =
            Signature::aggregate(&[bytes.into()]).and_then(|sum| verify_aggregate(&groups, &sum));
        assert_eq!(aggregate, verdict.map_err(AggregateError::from));
        match verdict {
            Err(SignatureError::NotInGroup) => seen += 1,
            verdict => assert_eq!(verdict, Err(SignatureError::Encoding)),
        }
    }
    assert!(seen > 16, "{seen} points of G1's curve");

    let mut seen = 0;
    for bytes in small_x::<96>(64) {
        match PublicKey::from_bytes(&bytes) {
            Err(SignatureError::NotInGroup) => seen += 1,
            verdict => assert_eq!(verdict, Err(SignatureError::Encoding)),
        }
        assert!(borsh::from_slice::<PublicKey>(&bytes).is_err());
    }
    assert!(seen > 16, "{seen} points of G2's curve");
}

#[test]
fn errors_that_cancel_pass_as_a_sum_but_not_as_votes() {
    let keys = keys(2);
    let publics = publics(&keys);
    let shift = SecretKey::from_seed(&[77; 32]).sign(b"shift");
    let bad = [
        Signature::aggregate(&[keys[0].sign(b"m"), shift]).unwrap(),
        Signature::aggregate(&[keys[1].sign(b"m"), negated(&shift)]).unwrap(),
    ];
    let sum = Signature::aggregate(&bad).unwrap();
    let groups = [(publics.iter().collect::<Vec<_>>(), &b"m"[..])];
    assert_eq!(verify_aggregate(&groups, &sum), Ok(()));
    let votes = [
        (&publics[0], &b"m"[..], &bad[0]),
        (&publics[1], b"m", &bad[1]),
    ];
    for secret in 0..20 {
        assert!(!verify_batch(&votes, [secret; 32]));
    }
    assert_eq!(verify_each(&votes, SECRET), [false, false]);
}
