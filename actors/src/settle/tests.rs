use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;
use types::{AccountId, Amount, ChainId, Lanes, limits};

use super::leave;
use crate::testing::{account, context, sent};
use crate::touched::Touched;
use crate::{Account, Context, Inputs, Letter, Outbox, Parallelism, State, check, execute};

const LANES: [u32; 2] = [2, 3];

/// Some accounts, of which some wait, and how much room each lane has.
#[derive(Clone, Debug)]
struct Round {
    /// New letters: sender, lane.
    new: Vec<(u32, usize)>,
    room: [u64; 2],
    quota: u32,
    rotation: u32,
}

fn round() -> impl Strategy<Value = Round> {
    let room = || prop_oneof![Just(0_u64), 0_u64..12, Just(100)];
    let new = prop::collection::vec((0_u32..8, 0_usize..2), 0..20);
    (new, [room(), room()], 1_u32..4, 0_u32..8).prop_map(|(new, room, quota, rotation)| Round {
        new,
        room,
        quota,
        rotation,
    })
}

fn ctx_of(round: &Round) -> Context {
    Context {
        quota: round.quota,
        rotation: account(1, round.rotation),
        ..context()
    }
}

/// Counters of lanes with so much room.
fn lanes_with(room: [u64; 2]) -> Lanes {
    let mut lanes = Lanes::default();
    for (peer, room) in LANES.iter().zip(room) {
        lanes.lane_mut(ChainId(*peer)).next_index = limits::LANE_MESSAGES - room;
    }
    lanes
}

type Waiting = BTreeMap<(u32, AccountId), VecDeque<Arc<Letter>>>;

/// [G8] as a slow reader would put it: whoever waits for a lane comes in turns with all others, a
/// quota at a time; then new letters in order; from the first that has no room on all wait.
fn slowly(waiting: &mut Waiting, new: &[Arc<Letter>], round: &Round) -> Vec<Arc<Letter>> {
    let ctx = ctx_of(round);
    let mut left = Vec::new();
    for (peer, room) in LANES.iter().zip(round.room) {
        let home = |letter: &Arc<Letter>| ctx.home(&letter.message().to) == ChainId(*peer);
        let mine = waiting.iter().filter(|((lane, _), _)| lane == peer);
        let mut turns: Vec<_> = mine.map(|((_, id), all)| (*id, all.clone())).collect();
        turns.sort_unstable_by_key(|(id, _)| ctx.turn(id));
        let mut line = Vec::new();
        while !turns.is_empty() {
            for (_, letters) in &mut turns {
                let quota = letters.len().min(round.quota as usize);
                line.extend(letters.drain(..quota));
            }
            turns.retain(|(_, letters)| !letters.is_empty());
        }
        line.extend(new.iter().filter(|letter| home(letter)).cloned());
        let kept = line.split_off(line.len().min(room as usize));
        waiting.retain(|(lane, _), _| lane != peer);
        // Whoever waits keeps the order in which letters were made.
        for letter in kept {
            let key = (*peer, letter.message().from);
            waiting.entry(key).or_default().push_back(letter);
        }
        left.extend(line);
    }
    left
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Over several blocks: the letters that leave, their order and what waits afterwards are what
    /// the slow reader says; nothing is lost, no letter overtakes one of the same sender, and who
    /// neither sent nor was placed is left alone.
    #[test]
    fn lanes_take_what_a_slow_reader_says(rounds in prop::collection::vec(round(), 1..8)) {
        let ids = (0..8).map(|number| (account(1, number), Account::with_balance(Amount(1))));
        let mut state = State::genesis(ids).unwrap();
        let mut waiting = Waiting::new();
        let mut last: BTreeMap<(AccountId, AccountId), u32> = BTreeMap::new();
        let (mut number, mut gone) = (0, 0);
        for round in &rounds {
            let new: Vec<_> = round.new.iter().map(|(from, lane)| {
                number += 1;
                sent(account(1, *from), account(LANES[*lane], 0), number, |_| ())
            }).collect();
            let expected = slowly(&mut waiting, &new, round);
            let mut lanes = lanes_with(round.room);
            let mut touched = Touched::new(&state, Vec::new());
            let left = leave(&state, &mut touched, &mut lanes, new.clone(), &ctx_of(round));
            let next = state.with(touched.finish(Parallelism::One), lanes);

            let left: Vec<_> = left.into_iter().flat_map(|(_, messages)| messages).collect();
            prop_assert!(left.iter().eq(expected.iter().map(|letter| letter.message())));
            for message in &left {
                let before = last.insert((message.from, message.to), message.output);
                prop_assert!(before < Some(message.output), "one overtook another");
            }
            gone += left.len();
            let reread = State::restored(next.accounts().clone(), next.lanes().clone());
            prop_assert_eq!(next.outboxes(), reread.outboxes());
            let mut kept = 0;
            for number in 0..8 {
                let id = account(1, number);
                let outbox = &next.account(&id).unwrap().outbox;
                kept += outbox.iter().count();
                for lane in LANES {
                    let found = outbox.lane(ChainId(lane)).into_iter().flat_map(|all| all.iter());
                    prop_assert!(found.eq(waiting.get(&(lane, id)).into_iter().flatten()));
                }
                let moved = left.iter().chain(new.iter().map(|letter| letter.message()));
                let moved = moved.into_iter().any(|message| message.from == id);
                prop_assert!(moved || is_same(&state, &next, &id), "it was stored again");
            }
            prop_assert_eq!(gone + kept, number as usize, "none is lost");
            state = next;
        }
    }
}

/// Whether both states share the account in memory: nobody made, hashed or stored it again.
fn is_same(before: &State, after: &State, id: &AccountId) -> bool {
    match (before.account(id), after.account(id)) {
        (Some(before), Some(after)) => std::ptr::eq(before, after),
        (None, None) => true,
        _ => false,
    }
}

fn changed(before: &State, after: &State) -> usize {
    let ids = after
        .accounts()
        .iter()
        .map(|(key, _)| AccountId((*key).into()));
    ids.filter(|id| !is_same(before, after, id)).count()
}

/// `count` accounts each of which has an outbox with `each` letters for chain 2.
fn crowd(count: u32, each: u32) -> State {
    let accounts = (0..count).map(|from| {
        let id = account(1, from);
        let mut outbox = Outbox::default();
        for number in 0..each {
            outbox.push(ChainId(2), sent(id, account(2, 0), number, |_| ()));
        }
        let waits = Account {
            outbox,
            ..Account::default()
        };
        (id, waits)
    });
    let state = State::genesis(accounts).unwrap();
    let mut lanes = state.lanes().clone();
    lanes.lane_mut(ChainId(2)).next_index = limits::LANE_MESSAGES;
    State::restored(state.accounts().clone(), lanes)
}

/// An empty block but for what other chains have taken.
fn block(state: &State, taken: Option<u64>) -> State {
    let acks = taken.map(|messages| types::Ack {
        peer: ChainId(2),
        messages,
        bytes: 0,
    });
    let inputs = Inputs {
        acks: acks.into_iter().collect(),
        ..Inputs::default()
    };
    let made = execute(state, &inputs, &context(), Parallelism::One).unwrap();
    let checked = check(state, &inputs, &made.order, &context(), Parallelism::Always).unwrap();
    assert_eq!(made.state.root(), checked.state.root());
    assert_eq!(made.outbox, checked.outbox);
    assert_eq!(changed(state, &made.state), changed(state, &checked.state));
    assert!(made.state.conserves());
    made.state
}

#[test]
fn those_who_wait_for_a_full_lane_are_left_alone() {
    let before = crowd(500, 100);
    let full = block(&before, None);
    assert_eq!(changed(&before, &full), 0);
    assert_eq!(full.outboxes()[&ChainId(2)].len(), 500);
    // Room for twenty: a quota of the first, the rest of the second; nobody else is touched.
    let some = block(&full, Some(20));
    assert_eq!(changed(&full, &some), 2);
    let left = |number| {
        some.account(&account(1, number))
            .unwrap()
            .outbox
            .iter()
            .count()
    };
    let mut counts: Vec<_> = (0..500).map(left).collect();
    counts.sort_unstable();
    assert_eq!(counts[..3], [84, 96, 100]);
}
