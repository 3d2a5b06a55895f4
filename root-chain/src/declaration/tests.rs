use crypto::bls;
use types::Declaration;

use super::{RootDeclaration, Seed};

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
