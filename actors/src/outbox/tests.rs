use borsh::to_vec;
use types::{Amount, ChainId};

use super::Outbox;
use crate::Queue;
use crate::testing::{account, letter, sent};

const LANES: [ChainId; 2] = [ChainId(2), ChainId(300)];

fn outbox(letters: &[(ChainId, u32)]) -> Outbox {
    let mut outbox = Outbox::default();
    for (to, number) in letters {
        outbox.push(*to, letter(*number));
    }
    outbox
}

#[test]
fn each_lane_is_a_queue_of_its_own() {
    let [two, more] = LANES;
    let mut outbox = outbox(&[(more, 1), (two, 2), (more, 3)]);
    assert_eq!(outbox.carried(), Amount(3));
    assert!(outbox.lanes().map(|(to, _)| to).eq(LANES));
    assert!(outbox.iter().eq(&[2, 1, 3].map(letter)));
    assert_eq!(outbox.pop(more), Some(letter(1)));
    assert_eq!(outbox.pop(two), Some(letter(2)));
    assert_eq!(outbox.pop(two), None);
    assert!(
        outbox.lane(two).is_none(),
        "a lane without messages is none"
    );
    assert_eq!(outbox.pop(more), Some(letter(3)));
    assert_eq!(outbox, Outbox::default());
    assert_eq!(outbox.root(), None);
}

#[test]
fn a_root_tells_lanes_and_letters_apart() {
    let [two, more] = LANES;
    let all = [
        outbox(&[(two, 1)]),
        outbox(&[(more, 1)]),
        outbox(&[(two, 2)]),
        outbox(&[(two, 1), (more, 2)]),
        outbox(&[(two, 2), (more, 1)]),
        outbox(&[(two, 1), (two, 2)]),
    ];
    let mut roots = all.each_ref().map(Outbox::root);
    roots.sort_unstable();
    assert!(roots.is_sorted_by(|a, b| a < b));
    for outbox in all {
        let copy: Outbox = borsh::from_slice(&to_vec(&outbox).unwrap()).unwrap();
        assert_eq!(copy, outbox);
        assert_eq!(copy.root(), outbox.root());
    }
}

/// For each outbox exactly one string of bytes is accepted.
#[test]
fn bytes_in_another_order_or_with_empty_lanes_are_refused() {
    let lane = |number| {
        let mut queue = Queue::default();
        queue.push(letter(number));
        queue
    };
    let decode = |lanes: &[(ChainId, Queue)]| {
        let bytes = to_vec(&lanes.to_vec()).unwrap();
        borsh::from_slice::<Outbox>(&bytes)
    };
    let [two, more] = LANES;
    assert!(decode(&[(two, lane(1)), (more, lane(2))]).is_ok());
    assert!(decode(&[(more, lane(1)), (two, lane(2))]).is_err());
    assert!(decode(&[(two, lane(1)), (two, lane(2))]).is_err());
    assert!(decode(&[(two, lane(1)), (more, Queue::default())]).is_err());
    let mut dear = Queue::default();
    let all = Amount(u128::MAX);
    dear.push(sent(account(1, 1), account(2, 0), 0, |message| {
        message.value = all
    }));
    assert!(decode(&[(two, dear.clone())]).is_ok());
    assert!(decode(&[(two, dear), (more, lane(1))]).is_err());
}
