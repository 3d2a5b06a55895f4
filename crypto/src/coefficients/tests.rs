//! Tests of the stream.

use super::*;

fn stream(secret: u8, items: &[u8]) -> Vec<u8> {
    let digests: Vec<Hash> = items.iter().map(|item| Hash::new([*item; 32])).collect();
    let mut out = vec![0; 70];
    let mut stream = Coefficients::new(&[secret; 32], digests.iter());
    stream.try_fill_bytes(&mut out).unwrap();
    out
}

#[test]
fn the_stream_depends_on_the_secret_and_on_all_items() {
    let base = stream(1, &[1, 2, 3]);
    assert_eq!(stream(1, &[1, 2, 3]), base);
    let others = [
        stream(2, &[1, 2, 3]),
        stream(1, &[1, 2]),
        stream(1, &[1, 3, 2]),
        stream(1, &[1, 2, 4]),
    ];
    assert!(others.iter().all(|other| *other != base));
}

#[test]
fn the_stream_does_not_repeat() {
    let bytes = stream(1, &[1]);
    assert_ne!(bytes[..32], bytes[32..64]);
}
