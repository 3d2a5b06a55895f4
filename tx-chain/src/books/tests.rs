use types::Lane;

use super::*;
use crate::testing::{HERE, SOURCE, import, view};

#[test]
fn what_was_booked_is_taken_and_nothing_beyond_it() {
    let lanes = Lanes::default();
    let cases = [
        (view(2, 20, 200), true),
        (view(1, 20, 200), false),
        (view(2, 19, 200), false),
        (view(2, 20, 199), false),
    ];
    for (at, (view, taken)) in cases.iter().enumerate() {
        let mut books = Books::new(HERE, view, 0, &lanes);
        assert_eq!(books.take(&import(0, 2, 20, 200)), *taken, "case {at}");
    }
}

#[test]
fn imports_of_one_block_add_up() {
    let (lanes, view) = (Lanes::default(), view(4, 40, 400));
    let mut books = Books::new(HERE, &view, 0, &lanes);
    assert!(books.take(&import(0, 2, 20, 300)));
    assert!(!books.take(&import(2, 2, 20, 101)));
    assert!(
        books.take(&import(2, 2, 20, 100)),
        "a refused import changed nothing"
    );
}

#[test]
fn what_was_taken_before_counts() {
    let before = Lane {
        peer: SOURCE,
        next_import: 2,
        bytes_in: 20,
        value_in: Amount(300),
        ..Lane::default()
    };
    let (lanes, view) = (
        Lanes {
            lanes: vec![before],
            ..Lanes::default()
        },
        view(4, 40, 400),
    );
    assert!(!Books::new(HERE, &view, 0, &lanes).take(&import(2, 2, 20, 101)));
    assert!(Books::new(HERE, &view, 0, &lanes).take(&import(2, 2, 20, 100)));
}

#[test]
fn a_sum_that_overflows_is_not_taken() {
    let (lanes, view) = (Lanes::default(), view(u64::MAX, u64::MAX, u128::MAX));
    let mut books = Books::new(HERE, &view, 0, &lanes);
    assert!(books.take(&import(0, 1, 1, u128::MAX)));
    assert!(!books.take(&import(1, 1, 1, 1)));
}
