//! Early consensus of as many seats as whoever asks wants. [X8]

use types::{Header, MessageId, Time};

use super::world::{Told, World, feed};
use super::{IndexLimits, memory, trace};
use crate::index::Index;
use crate::rpc::view::{EarlySeats, Level};

/// An index that has seen a payment proposed on chain 1 and nothing after, with its block.
fn proposed(world: &mut World, id: &mut Option<MessageId>) -> (Index, Header) {
    let to = world.account(2, 1).id;
    let id = *id.insert(world.pay(1, 0, to));
    let mut index = world.empty(memory(), IndexLimits::default());
    for report in &world.reports {
        feed(&mut index, report).unwrap();
        if let Told::Proposed(block) = &report.1
            && block.externals.iter().any(|signed| signed.id() == id)
        {
            return (index, block.header().clone());
        }
    }
    panic!("the payment was proposed");
}

/// The level and the time of level early, for whoever wants so many seats.
fn asked(index: &Index, id: &MessageId, wanted: Option<u64>) -> (Level, Option<u32>) {
    let found = index.trace(id, wanted).unwrap().unwrap();
    assert_eq!(found.level, found.root.level);
    (found.level, found.latency_ms.get(&Level::Early).copied())
}

#[test]
fn a_block_is_early_for_those_who_want_no_more_seats_than_prepared_it() {
    let (mut world, mut id) = (World::new(40), None);
    let (mut index, header) = proposed(&mut world, &mut id);
    let id = id.unwrap();
    let start = world
        .reports
        .iter()
        .find_map(|(at, told)| matches!(told, Told::Submitted(_)).then_some(*at));
    let start = start.unwrap();
    let later = |ms: u64| start.after(1_000 + ms);
    let view = |index: &Index| trace(index, &id).root.early;
    assert_eq!(view(&index), None);
    // Of 7 seats 5 are a quorum, and 6 the usual number: f = 2, p = 1.
    index.early(&header, (5, 7), later(0)).unwrap();
    assert_eq!(view(&index), EarlySeats::of(5, 7));
    let early = |ms: u32| (Level::Early, Some(1_000 + ms));
    let no = (Level::Proposed, None);
    assert_eq!(asked(&index, &id, Some(5)), early(0));
    assert_eq!(asked(&index, &id, Some(0)), early(0));
    for wanted in [None, Some(6), Some(7)] {
        assert_eq!(asked(&index, &id, wanted), no, "{wanted:?}");
    }
    let told = index.early(&header, (6, 7), later(10)).unwrap();
    assert_eq!(told.len(), 1, "whoever waits is told");
    assert!(index.early(&header, (6, 7), later(11)).unwrap().is_empty());
    assert!(index.early(&header, (5, 7), later(12)).unwrap().is_empty());
    assert_eq!(asked(&index, &id, Some(5)), early(0));
    assert_eq!(asked(&index, &id, None), early(10));
    assert_eq!(asked(&index, &id, Some(6)), early(10));
    assert_eq!(asked(&index, &id, Some(7)), no);
    let tolerance = view(&index).map(|early| early.tolerance);
    assert_eq!(tolerance, Some(1));
}

#[test]
fn a_validator_that_is_silent_is_missed_by_those_who_want_all_seats_until_the_block_is_final() {
    let (mut world, mut id) = (World::new(41), None);
    let (mut index, header) = proposed(&mut world, &mut id);
    let id = id.unwrap();
    // Three of four.
    index.early(&header, (3, 4), Time(9_000)).unwrap();
    assert_eq!(asked(&index, &id, Some(3)).0, Level::Early);
    assert_eq!(asked(&index, &id, Some(4)).0, Level::Proposed);
    let is_final =
        |told: &Told| matches!(told, Told::Final(lot) if lot[0].executed.hash == header.hash());
    let report = world.reports.iter().find(|(_, told)| is_final(told));
    feed(&mut index, report.unwrap()).unwrap();
    // Final holds whatever early consensus promises, and the seats are still told.
    for wanted in [Some(3), Some(4), None] {
        assert_eq!(asked(&index, &id, wanted).0, Level::Committed);
    }
    assert_eq!(trace(&index, &id).root.early, EarlySeats::of(3, 4));
}

#[test]
fn early_consensus_on_a_block_that_is_executed_later_is_not_lost() {
    let mut world = World::new(42);
    let to = world.account(2, 1).id;
    let id = world.pay(1, 0, to);
    let mut index = world.empty(memory(), IndexLimits::default());
    for report in &world.reports {
        if let Told::Proposed(block) = &report.1
            && block.externals.iter().any(|signed| signed.id() == id)
        {
            index.early(block.header(), (4, 4), report.0).unwrap();
            feed(&mut index, report).unwrap();
            break;
        }
        feed(&mut index, report).unwrap();
    }
    assert_eq!(asked(&index, &id, Some(4)).0, Level::Early);
    assert_eq!(trace(&index, &id).root.early, EarlySeats::of(4, 4));
}
