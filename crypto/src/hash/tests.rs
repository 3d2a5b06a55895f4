//! Tests of hashes and their text form.

use serde::Deserialize;

use super::*;
use crate::ParseError;

const A: Domain = Domain::new("thinkey.test.a");
const B: Domain = Domain::new("thinkey.test.b");

#[derive(Deserialize)]
struct Vector {
    message: String,
    digest: Hash,
}

#[test]
fn sha3_256_is_that_of_fips_202() {
    let json = include_str!("../../tests/vectors/sha3_256.json");
    let vectors: Vec<Vector> = serde_json::from_str(json).unwrap();
    for Vector { message, digest } in &vectors {
        let message = hex::decode(message).unwrap();
        assert_eq!(sha3_256(&[&message]), *digest);
        let (head, tail) = message.split_at(message.len() / 3);
        assert_eq!(sha3_256(&[head, tail]), *digest);
    }
    assert_eq!(vectors.len(), 19);
}

#[test]
fn a_domain_is_its_length_and_tag_in_front() {
    let plain = sha3_256(&[&[14], b"thinkey.test.a", b"data"]);
    assert_eq!(hash(A, &[b"da", b"", b"ta"]), plain);
    assert_ne!(hash(B, &[b"data"]), plain);
    // Moving characters between tag and data changes the hash.
    assert_ne!(hash(Domain::new("thinkey.test."), &[b"adata"]), plain);
}

#[test]
fn a_hashed_value_is_hashed_as_it_is_encoded() {
    let value = (
        7u64,
        vec![1u16, 2, 3],
        String::from("text"),
        Some(Hash::ZERO),
    );
    let encoded = borsh::to_vec(&value).unwrap();
    assert_eq!(hash_borsh(A, &value), hash(A, &[&encoded]));
}

#[test]
fn text_has_one_form() {
    let value = hash(A, &[]);
    let text = value.to_string();
    assert_eq!((text.len(), text.parse()), (64, Ok(value)));
    assert_eq!(text.to_uppercase().parse(), Ok(value));
    assert_eq!(format!("{value:?}"), text);
    assert_eq!(
        serde_json::to_string(&value).unwrap(),
        format!("\"{text}\"")
    );
    let length = Err(ParseError::Length { expected: 64 });
    assert_eq!(text[1..].parse::<Hash>(), length);
    assert_eq!(format!("0x{text}").parse::<Hash>(), length);
    assert_eq!(
        format!("{}zz", &text[2..]).parse::<Hash>(),
        Err(ParseError::Digit)
    );
    assert_eq!("é".repeat(32).parse::<Hash>(), Err(ParseError::Digit));
    assert!(serde_json::from_str::<Hash>("[1,2,3]").is_err());
}

#[test]
fn bytes_survive_borsh_without_a_prefix() {
    let value = hash(A, &[]);
    let bytes = borsh::to_vec(&value).unwrap();
    assert_eq!(bytes, value.as_bytes());
    assert_eq!(borsh::from_slice::<Hash>(&bytes).unwrap(), value);
}

#[test]
#[should_panic(expected = "a tag has 2 to 255 bytes")]
fn a_tag_of_one_byte_is_refused() {
    Domain::new("x");
}
