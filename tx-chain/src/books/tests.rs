use crypto::Hash;
use crypto::merkle::{EMPTY_ROOT, InclusionProof};
use types::{AnchorRecord, Bundle, BundleProof, Header, Lane, RootBlock, RootRef, Time, Tip};

use super::*;

const HERE: ChainId = ChainId(1);
const SOURCE: ChainId = ChainId(2);

fn header(chain: ChainId, height: Height) -> Header {
    Header {
        version: 1,
        chain,
        epoch: 0,
        height,
        round: height,
        parent: Default::default(),
        parent_round: 0,
        justification: Hash::ZERO,
        root_ref: RootRef::default(),
        time: Time(height),
        proposer: 0,
        state_root: EMPTY_ROOT,
        input_root: EMPTY_ROOT,
        order_root: Hash::ZERO,
        message_root: EMPTY_ROOT,
        outbox_root: EMPTY_ROOT,
        receipt_root: EMPTY_ROOT,
        history_root: EMPTY_ROOT,
        lanes_root: EMPTY_ROOT,
        body: Hash::ZERO,
        body_bytes: 0,
        gas: 0,
    }
}

/// A root that shows the source to have sent this much.
fn view(messages: u64, bytes: u64, value: u128) -> RootView {
    let sent = Lane {
        peer: HERE,
        next_index: messages,
        bytes_out: bytes,
        value_out: Amount(value),
        ..Lane::default()
    };
    let tip = header(SOURCE, 5);
    let record = AnchorRecord {
        tip: Tip::of(&tip),
        root_ref: 0,
        outbox_root: EMPTY_ROOT,
        state_root: EMPTY_ROOT,
        lanes: Lanes {
            lanes: vec![sent],
            ..Lanes::default()
        },
        recorded: 0,
    };
    let header = header(ChainId::ROOT, 0);
    RootView::genesis(&RootBlock {
        header,
        lanes: Lanes::default(),
        records: vec![record],
    })
}

fn import(first: u64, count: u32, bytes: u64, value: u128) -> Import {
    Import {
        source: SOURCE,
        bundle: Bundle {
            destination: HERE,
            first_index: first,
            count,
            bytes,
            value: Amount(value),
            root: EMPTY_ROOT,
        },
        messages: Vec::new(),
        proof: BundleProof {
            header: header(SOURCE, 5),
            outbox: InclusionProof {
                index: 0,
                size: 1,
                path: Vec::new(),
            },
            history: None,
        },
    }
}

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
