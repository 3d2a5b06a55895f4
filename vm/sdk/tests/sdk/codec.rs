//! The encoding is borsh's.

use borsh::BorshSerialize;

use thinkey_sdk::{AccountId, Codec, Decode, Encode};

#[derive(Clone, Debug, PartialEq, Codec, BorshSerialize)]
enum Shape {
    Point,
    Circle(u64),
    Text {
        text: String,
        tags: Vec<Option<u16>>,
    },
}

#[derive(Clone, Debug, PartialEq, Codec, BorshSerialize)]
struct Drawing {
    shapes: Vec<Shape>,
    visible: bool,
    id: [u8; 32],
    raw: Vec<u8>,
    weight: (i32, u128),
}

fn drawing() -> Drawing {
    let text = Shape::Text {
        text: "häuser".into(),
        tags: vec![None, Some(7)],
    };
    Drawing {
        shapes: vec![Shape::Point, Shape::Circle(u64::MAX), text],
        visible: true,
        id: [9; 32],
        raw: vec![1, 2, 3],
        weight: (-5, 1 << 100),
    }
}

#[test]
fn bytes_are_those_of_borsh() {
    let bytes = drawing().to_bytes();
    assert_eq!(bytes, borsh::to_vec(&drawing()).expect("encodes"));
    assert_eq!(Drawing::from_bytes(&bytes), Some(drawing()));
    assert_eq!(AccountId([3; 32]).to_bytes(), [3; 32]);
}

#[test]
fn whatever_is_cut_changed_or_added_is_refused_or_another_value() {
    let bytes = drawing().to_bytes();
    for length in 0..bytes.len() {
        assert_eq!(
            Drawing::from_bytes(&bytes[..length]),
            None,
            "cut to {length}"
        );
    }
    assert_eq!(Drawing::from_bytes(&[&bytes[..], &[0]].concat()), None);
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 0x80;
        assert_ne!(Drawing::from_bytes(&other), Some(drawing()), "byte {at}");
    }
}

#[test]
fn counts_from_outside_allocate_nothing() {
    assert_eq!(Vec::<u64>::from_bytes(&[0xff; 12]), None);
    assert_eq!(Vec::<()>::from_bytes(&[0xff; 4]), None);
    assert_eq!(String::from_bytes(&[1, 0, 0, 0, 0xff]), None, "not UTF-8");
    assert_eq!(bool::from_bytes(&[2]), None);
    assert_eq!(Shape::from_bytes(&[3]), None);
}

#[test]
fn types_describe_themselves_and_those_in_them() {
    let lines: Vec<_> = Drawing::SCHEMA.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with(r#"{"type":"Drawing","fields":[["shapes","Vec<Shape>"],"#));
    assert!(lines[1].starts_with(r#"{"type":"Shape","variants":[["Point"],["Circle","u64"],"#));
}
