//! Value: what a captured committee can't do, and that supply is conserved.

use actors::State;
use proptest::prelude::*;
use types::{AnchorRecord, ChainId, Lane, Lanes};

use super::{grown, records};
use crate::testing::{Chain, MINTED, ONE, Root, TWO};

/// A lane on which value went both ways, in the sender's and the taker's books.
fn busy() -> (Chain, Chain, Root) {
    let (mut one, mut two) = (Chain::new(ONE), Chain::new(TWO));
    let mut root = Root::new(&[&one, &two]);
    send(&mut one.lanes, TWO, 100);
    burn(&mut one.lanes, 5);
    one.grow(1, 10);
    root.record(&[one.anchor(0)]).unwrap();
    take(&mut two.lanes, ONE, 60);
    send(&mut two.lanes, ONE, 7);
    two.grow(1, 20);
    root.record(&[two.anchor(0)]).unwrap();
    take(&mut one.lanes, TWO, 7);
    one.lanes.lane_mut(TWO).acked = 1;
    one.lanes.lane_mut(TWO).acked_bytes = 60;
    one.grow(1, 30);
    root.record(&[one.anchor(1)]).unwrap();
    (one, two, root)
}

/// One message of so many bytes and so much value.
fn send(lanes: &mut Lanes, peer: ChainId, value: u64) {
    lanes.ledger.held.0 -= u128::from(value);
    let lane = lanes.lane_mut(peer);
    lane.next_index += 1;
    lane.bytes_out += value;
    lane.value_out.0 += u128::from(value);
}

fn take(lanes: &mut Lanes, peer: ChainId, value: u64) {
    lanes.ledger.held.0 += u128::from(value);
    let lane = lanes.lane_mut(peer);
    lane.next_import += 1;
    lane.bytes_in += value;
    lane.value_in.0 += u128::from(value);
}

fn burn(lanes: &mut Lanes, value: u64) {
    lanes.ledger.held.0 -= u128::from(value);
    lanes.ledger.burned.0 += u128::from(value);
}

type Forge = fn(&mut Lanes);

const MINTING: [(Forge, &str); 20] = [
    (
        |l| l.ledger.held.0 += 1,
        "held + exported + burned is not minted + imported",
    ),
    (
        |l| l.ledger.held.0 -= 1,
        "held + exported + burned is not minted + imported",
    ),
    (
        |l| l.ledger.held.0 = u128::MAX,
        "held + exported + burned is not",
    ),
    (
        |l| {
            l.ledger.minted.0 += 1;
            l.ledger.held.0 += 1;
        },
        "minted is 1001, since genesis it is 1000",
    ),
    (
        |l| {
            l.ledger.minted.0 -= 1;
            l.ledger.held.0 -= 1;
        },
        "minted is 999",
    ),
    (
        |l| {
            l.ledger.burned.0 -= 1;
            l.ledger.held.0 += 1;
        },
        "burned is 4, recorded is 5",
    ),
    (
        |l| {
            l.lane_mut(TWO).value_out.0 -= 1;
            l.ledger.held.0 += 1;
        },
        "value_out of the lane with chain 2 is 99, recorded is 100",
    ),
    (
        |l| {
            l.lanes.clear();
            l.ledger.held.0 += 93;
        },
        "next_index of the lane with chain 2 is 0, recorded is 1",
    ),
    (
        |l| {
            l.lane_mut(TWO).value_in.0 += 1;
            l.ledger.held.0 += 1;
        },
        "value_in of the lane with chain 2 is 8, its books show 7",
    ),
    (
        |l| take(l, TWO, 1),
        "next_import of the lane with chain 2 is 2, its books show 1",
    ),
    (
        |l| take(l, ChainId::ROOT, 1),
        "lane with chain 0 is 1, its books show 0",
    ),
    (
        |l| take(l, ChainId(3), 1),
        "a lane to chain 3, which the root does not know",
    ),
    (
        |l| send(l, ChainId(3), 1),
        "a lane to chain 3, which the root does not know",
    ),
    (|l| take(l, ONE, 1), "to the chain itself"),
    (
        |l| {
            let twice = l.lane(TWO);
            l.lanes.push(twice);
            l.ledger.held.0 -= 93;
        },
        "lane to chain 2 is out of order",
    ),
    (
        |l| {
            send(l, ChainId::ROOT, 1);
            l.lanes.reverse();
        },
        "lane to chain 0 is out of order",
    ),
    (
        |l| l.lane_mut(TWO).bytes_in += 1,
        "bytes_in of the lane with chain 2 is 8",
    ),
    (
        |l| l.lane_mut(TWO).bytes_out -= 1,
        "bytes_out of the lane with chain 2 is 99",
    ),
    (
        |l| l.lane_mut(TWO).acked += 1,
        "acked of the lane with chain 2 is 2",
    ),
    (
        |l| l.lane_mut(TWO).acked_bytes += 1,
        "acked_bytes of the lane with chain 2 is 61",
    ),
];

/// Every way to come by value that is not there, all under valid certificates. [R5] [R6] [R7]
#[test]
fn a_captured_committee_cannot_mint() {
    let (one, _, root) = busy();
    for (forge, expected) in MINTING {
        let mut captured = one.clone();
        forge(&mut captured.lanes);
        captured.grow(1, 40);
        let error = root.check(&captured.anchor(2)).unwrap_err();
        assert!(
            error.to_string().contains(expected),
            "{expected:?} not in: {error}"
        );
        assert_eq!(error.blame(), types::Blame::Sender);
    }
    let mut honest = one;
    send(&mut honest.lanes, TWO, 3);
    honest.grow(1, 40);
    root.check(&honest.anchor(2)).unwrap();
}

/// [R6] What the root's own books show bounds what a chain may take from the root.
#[test]
fn value_from_the_root_is_bounded_by_the_roots_own_lanes() {
    let (mut one, root) = grown();
    let mut lanes = root.state.lanes().clone();
    send(&mut lanes, ONE, 50);
    let root = root.with_lanes(lanes);
    let mut greedy = one.clone();
    take(&mut one.lanes, ChainId::ROOT, 50);
    one.grow(1, 10);
    root.check(&one.anchor(0)).unwrap();
    take(&mut greedy.lanes, ChainId::ROOT, 51);
    greedy.grow(1, 10);
    let error = root.check(&greedy.anchor(0)).unwrap_err();
    assert!(
        error.to_string().contains("51, its books show 50"),
        "{error}"
    );
}

/// [R6] An export counts for the peer only in the block after the one that records it, so that
/// the order of a block's anchors has no effect.
#[test]
fn an_export_recorded_in_the_same_block_does_not_count_yet() {
    let (mut one, mut root) = grown();
    let mut two = Chain::new(TWO);
    send(&mut one.lanes, TWO, 10);
    one.grow(1, 10);
    take(&mut two.lanes, ONE, 10);
    two.grow(1, 10);
    assert!(root.record(&[one.anchor(0), two.anchor(0)]).is_err());
    root.record(&[one.anchor(0)]).unwrap();
    root.record(&[two.anchor(0)]).unwrap();
}

/// Something that a chain's committee certifies: honest when nothing is off.
#[derive(Clone, Debug)]
struct Move {
    by_two: bool,
    act: u8,
    value: u64,
    /// Added to a number of the books that the committee chose.
    off: Option<(u8, i8)>,
    back: bool,
}

fn any_move() -> impl Strategy<Value = Move> {
    let off = prop::option::weighted(0.3, (0..11_u8, -3..=3_i8));
    (
        any::<bool>(),
        0..4_u8,
        0..30_u64,
        off,
        prop::bool::weighted(0.1),
    )
        .prop_map(|(by_two, act, value, off, back)| Move {
            by_two,
            act,
            value,
            off,
            back,
        })
}

fn act(lanes: &mut Lanes, peer: ChainId, step: &Move, sent: &Lane) {
    let own = lanes.lane(peer);
    match step.act {
        0 if lanes.ledger.held.0 >= u128::from(step.value) => send(lanes, peer, step.value),
        1 => {
            lanes.ledger.held.0 += sent.value_out.0 - own.value_in.0;
            let lane = lanes.lane_mut(peer);
            lane.next_import = sent.next_index;
            lane.bytes_in = sent.bytes_out;
            lane.value_in = sent.value_out;
        }
        2 if lanes.ledger.held.0 >= u128::from(step.value) => burn(lanes, step.value),
        3 => {
            lanes.lane_mut(peer).acked = sent.next_import;
            lanes.lane_mut(peer).acked_bytes = sent.bytes_in;
        }
        _ => {}
    }
}

/// Changes a number and, as a clever committee would, `held` so that the books still balance.
fn falsify(lanes: &mut Lanes, peer: ChainId, (field, by): (u8, i8)) {
    let held = lanes.ledger.held.0;
    let change = |number: u128| number.saturating_add_signed(by.into());
    let small = |number: u64| number.saturating_add_signed(by.into());
    let lane = lanes.lane_mut(peer);
    match field {
        0 => lane.next_index = small(lane.next_index),
        1 => lane.bytes_out = small(lane.bytes_out),
        2 => lane.value_out.0 = change(lane.value_out.0),
        3 => lane.next_import = small(lane.next_import),
        4 => lane.bytes_in = small(lane.bytes_in),
        5 => lane.value_in.0 = change(lane.value_in.0),
        6 => lane.acked = small(lane.acked),
        7 => lane.acked_bytes = small(lane.acked_bytes),
        8 => lanes.ledger.minted.0 = change(lanes.ledger.minted.0),
        9 => lanes.ledger.burned.0 = change(lanes.ledger.burned.0),
        _ => lanes.ledger.held.0 = change(held),
    }
    if field < 10 {
        let lane = lanes.lane(peer);
        let right = lanes.ledger.minted.0 + lane.value_in.0;
        let left = lanes.ledger.burned.0 + lane.value_out.0;
        lanes.ledger.held.0 = right.saturating_sub(left);
    }
}

/// Held, burned and in flight over all recorded chains, by the definition of each.
fn supply(state: &State) -> u128 {
    let all = records(state);
    let books = |record: &AnchorRecord| record.lanes.ledger.held.0 + record.lanes.ledger.burned.0;
    let [one, two] = [&all[0], &all[1]].map(|record| record.lanes.clone());
    let flight = |from: &Lanes, to: &Lanes, a, b| {
        let (sent, taken) = (from.lane(b).value_out.0, to.lane(a).value_in.0);
        sent.checked_sub(taken)
            .expect("nothing is taken that was not sent")
    };
    all.iter().map(books).sum::<u128>()
        + flight(&one, &two, ONE, TWO)
        + flight(&two, &one, TWO, ONE)
}

fn numbers(record: &AnchorRecord) -> Vec<u128> {
    let lanes = &record.lanes;
    let mut numbers = vec![
        record.tip.height.into(),
        record.root_ref.into(),
        record.recorded.into(),
        lanes.ledger.burned.0,
    ];
    for peer in [ChainId::ROOT, ONE, TWO] {
        let lane = lanes.lane(peer);
        numbers.extend([lane.next_index, lane.bytes_out, lane.next_import].map(u128::from));
        numbers.extend([lane.bytes_in, lane.acked, lane.acked_bytes].map(u128::from));
        numbers.extend([lane.value_out.0, lane.value_in.0]);
    }
    numbers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever committees certify, recorded supply stays what genesis minted and no record
    /// moves back; honest moves are always recorded.
    #[test]
    fn supply_is_conserved_and_records_never_move_back(
        moves in prop::collection::vec(any_move(), 1..25),
    ) {
        let mut chains = [Chain::new(ONE), Chain::new(TWO)];
        let mut root = Root::new(&[&chains[0], &chains[1]]);
        root.anchors = root.anchors.trusting();
        root.height = 4_001;
        let minted = 2 * MINTED.0;
        for (step, cited) in moves.iter().zip(2_500..) {
            let (at, id, peer) = if step.by_two { (1, TWO, ONE) } else { (0, ONE, TWO) };
            let before = records(&root.state);
            let mut chain = chains[at].clone();
            let last = chain.tip.height;
            act(&mut chain.lanes, peer, step, &before[1 - at].lanes.lane(id));
            if let Some(off) = step.off {
                falsify(&mut chain.lanes, peer, off);
            }
            chain.grow(1, if step.back { cited - 500 } else { cited });
            let recorded = root.record(&[chain.anchor(last)]).is_ok();
            prop_assert!(recorded || step.off.is_some() || step.back, "honest, refused: {step:?}");
            if recorded {
                chains[at] = chain;
            }
            prop_assert_eq!(supply(&root.state), minted);
            for (old, new) in before.iter().zip(records(&root.state)) {
                let pairs = numbers(old).into_iter().zip(numbers(&new));
                prop_assert!(pairs.into_iter().all(|(old, new)| old <= new), "{step:?}");
            }
        }
    }
}
