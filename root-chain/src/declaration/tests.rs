use crypto::{Hash, bls};
use types::{ChainId, Declaration, NetworkId};

use super::{RootDeclaration, Seed, subject};
use crate::elections::Ready;
use crate::evidence::Promise;
use crate::staking::testing::user;

#[test]
fn declarations_have_one_encoding_each() {
    let key = bls::SecretKey::from_seed(&[1; 32]);
    let seed = RootDeclaration::Seed(Seed {
        height: 7,
        signature: key.sign(b"seed"),
    });
    let encoded = seed.encode().unwrap();
    assert_eq!(encoded.as_bytes()[0], 2);
    assert_eq!(RootDeclaration::decode(&encoded), Ok(seed));

    let mut long = encoded.as_bytes().to_vec();
    long.push(0);
    let long = Declaration::new(long).unwrap();
    assert!(RootDeclaration::decode(&long).is_err());
    let unknown = Declaration::new(vec![200, 0]).unwrap();
    assert!(RootDeclaration::decode(&unknown).is_err());
}

/// However much somebody says about one thing, one of it waits.
#[test]
fn words_on_one_thing_share_a_subject() {
    let key = bls::SecretKey::from_seed(&[1; 32]);
    let about = |said: RootDeclaration| subject(&said.encode().unwrap()).unwrap();
    let promise = |who: u8, report: u8, until| {
        let what = (Hash::new([report; 32]), until);
        let promise = Promise::of(user(who), what, NetworkId::default(), &key);
        about(RootDeclaration::Promise(promise))
    };
    assert_eq!(promise(1, 1, 9), promise(1, 2, 10));
    assert_ne!(promise(1, 1, 9), promise(2, 1, 9));
    let ready = |member, epoch| {
        let of = (ChainId(1), epoch);
        about(RootDeclaration::Ready(Ready::signed(
            NetworkId::default(),
            of,
            member,
            None,
            &key,
        )))
    };
    assert_eq!(ready(1, 1), ready(1, 1));
    assert_ne!(ready(1, 1), ready(2, 1));
    assert_ne!(ready(1, 1), ready(1, 2));
    assert_ne!(promise(1, 1, 9).kind, ready(1, 1).kind);
    let rubbish = Declaration::new(vec![200, 1]).unwrap();
    assert_eq!(subject(&rubbish), None);
}
