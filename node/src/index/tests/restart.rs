//! Blocks reported again, an index opened again, an index that missed blocks.

use std::sync::Arc;

use light::proof::verify;
use store::MemoryDb;
use types::{ChainId, MessageId};

use super::answers::answers;
use super::world::{Told, World, caught_up, feed, feed_all, nobody};
use crate::index::{IndexError, IndexLimits};
use crate::rpc::ProveError;
use crate::rpc::view::Word;

fn busy(seed: u8) -> (World, Vec<MessageId>) {
    let mut world = World::new(seed);
    let (near, far) = (world.account(1, 1).id, world.account(2, 1).id);
    let ids = vec![
        world.pay(1, 0, near),
        world.pay(1, 1, far),
        world.pay(1, 2, nobody()),
        world.pay(2, 0, near),
    ];
    (world, ids)
}

#[test]
fn what_is_reported_twice_counts_once() {
    let (world, ids) = busy(40);
    let mut index = world.index();
    let once = answers(&index, &ids);
    feed_all(&mut index, &world.reports);
    assert_eq!(answers(&index, &ids), once);
}

#[test]
fn an_index_opened_again_answers_the_same() {
    let (world, ids) = busy(41);
    let whole = answers(&world.index(), &ids);
    // Stopped after any report; then chains report from genesis again, as from a checkpoint.
    for stop in (0..=world.reports.len()).step_by(5) {
        let db = Arc::new(MemoryDb::default());
        let mut index = world.empty(db.clone(), IndexLimits::default());
        feed_all(&mut index, &world.reports[..stop]);
        drop(index);
        let mut index = world.empty(db.clone(), IndexLimits::default());
        feed_all(&mut index, &world.reports);
        let again = answers(&index, &ids);
        assert_eq!(again, whole, "stopped after report {stop}");
        drop(index);
        let index = world.empty(db, IndexLimits::default());
        assert_eq!(answers(&index, &ids), whole, "only opened again");
    }
}

#[test]
fn a_missing_block_is_noticed_and_a_checkpoint_stands_in() {
    let (world, ids) = busy(42);
    let mut index = world.empty(super::memory(), IndexLimits::default());
    for chain in 0..3 {
        let finals = world.finals(chain);
        let half = finals.len() / 2;
        let refused = index.finalized(&finals[half..], world.now);
        assert!(
            matches!(refused, Err(IndexError::Gap { expected: 1, .. })),
            "{refused:?}"
        );
        let last = finals[half - 1].executed.header();
        let history = world.history(chain, half as u64);
        index.resume(last, &history).unwrap();
        assert_eq!(index.next(ChainId(chain)), Some(half as u64 + 1));
    }
    for report in &world.reports {
        if matches!(report.1, Told::Final(_)) {
            feed(&mut index, report).unwrap();
        }
    }
    let last = ids.last().unwrap();
    let found = index.trace(last, None).unwrap();
    assert_eq!(found.map(|found| found.word), Some(Word::Settled));
    let file = index.prove(last, 0).unwrap();
    assert!(verify(&file, &world.trusted()).is_ok());
    assert_eq!(index.prove(&ids[0], 0), Err(ProveError::Unknown));
}

#[test]
fn an_index_with_a_hole_proves_once_it_is_told_the_history() {
    let (world, ids) = busy(43);
    // The first lies in a block that the index misses.
    let ids = &ids[1..];
    let reports = caught_up(&world.reports);
    let db = super::memory();
    let mut index = world.empty(db.clone(), IndexLimits::default());
    for chain in 0..3 {
        let last = world.finals(chain)[1].executed.header().clone();
        index.resume(&last, &world.history(chain, 2)).unwrap();
    }
    feed_all(&mut index, &reports);
    let files: Vec<_> = ids.iter().map(|id| index.prove(id, 0)).collect();
    assert!(files.iter().any(Result::is_ok), "{files:?}");
    let mut index = world.empty(db, IndexLimits::default());
    let again: Vec<_> = ids.iter().map(|id| index.prove(id, 0)).collect();
    assert!(again.contains(&Err(ProveError::Pruned)), "{again:?}");
    for chain in 0..3 {
        let header = world.finals(chain)[2].executed.header().clone();
        index.resume(&header, &world.history(chain, 3)).unwrap();
    }
    let again: Vec<_> = ids.iter().map(|id| index.prove(id, 0)).collect();
    // What was proved is proved again; a message in a block that was missed stays unknown.
    let proved = files
        .iter()
        .zip(&again)
        .filter(|(before, _)| before.is_ok());
    assert!(
        proved.into_iter().all(|(before, now)| before == now),
        "the same proofs"
    );
}

#[test]
fn another_network_and_another_block_are_refused() {
    let (world, _) = busy(44);
    let other = World::new(45);
    let db = Arc::new(MemoryDb::default());
    let mut index = world.empty(db.clone(), IndexLimits::default());
    feed_all(&mut index, &world.reports);
    drop(index);
    let network = crate::index::Network::of(&other.network);
    let opened = crate::index::Index::open(db.clone(), network, IndexLimits::default());
    assert!(matches!(
        opened.map(|_| ()),
        Err(IndexError::Fork { height: 0, .. })
    ));
    let (stranger, _) = busy(45);
    let mut index = world.empty(db, IndexLimits::default());
    let refused = index.finalized(&stranger.finals(1)[..1], world.now);
    assert!(
        matches!(refused, Err(IndexError::Fork { height: 1, .. })),
        "{refused:?}"
    );
}
