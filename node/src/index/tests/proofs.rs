//! Every proof that the index makes holds, and no byte of it can be changed.

use light::Line;
use light::proof::{Fact, ProofFile, StepName, verify, verify_bytes};
use types::{ChainId, MessageId};

use super::world::{World, caught_up, feed, feed_all, nobody};
use super::{IndexLimits, only_child, trace};
use crate::index::Index;
use crate::rpc::ProveError;
use crate::rpc::view::Level;

fn proven(world: &World, index: &Index, id: &MessageId) -> ProofFile {
    let file = index.prove(id, 0).unwrap();
    assert_eq!(file.message, *id);
    if let Err(failed) = verify(&file, &world.trusted()) {
        panic!("evidence {}: {failed}", failed.evidence);
    }
    file
}

fn facts(file: &ProofFile) -> Vec<(&'static str, ChainId)> {
    let told = file.evidence.iter().map(|evidence| {
        let fact = match evidence.fact {
            Fact::Left { .. } => "left",
            Fact::Executed { .. } => "executed",
        };
        (fact, evidence.header.chain)
    });
    told.collect()
}

#[test]
fn a_crossing_payment_is_proven_end_to_end() {
    let mut world = World::new(20);
    let id = world.pay(1, 0, world.account(2, 1).id);
    let index = world.index();
    let file = proven(&world, &index, &id);
    let (one, two) = (ChainId(1), ChainId(2));
    assert_eq!(
        facts(&file),
        [("executed", one), ("left", one), ("executed", two)]
    );
    let credit = only_child(&trace(&index, &id).root).id;
    let file = proven(&world, &index, &credit);
    assert_eq!(facts(&file), [("left", one), ("executed", two)]);
    let held = verify(&file, &world.trusted()).unwrap();
    let names: Vec<_> = held.iter().map(|step| step.name()).collect();
    let steps = [
        StepName::Checkpoint,
        StepName::Certificate,
        StepName::Message,
        StepName::Bundle,
        StepName::Outbox,
        StepName::Header,
        StepName::History,
        StepName::Anchor,
        StepName::RootBlock,
    ];
    assert_eq!(names[..steps.len()], steps);
}

/// A world in which anchors cover several blocks, and an index of it that has the certificates
/// of few root blocks; with the payments made.
fn gaps(seed: u8) -> (World, Index, Vec<MessageId>) {
    let mut world = World::new(seed);
    let (near, far) = (world.account(1, 1).id, world.account(2, 1).id);
    world.lose_anchors = true;
    let mut ids = vec![world.pay(1, 0, far), world.pay(1, 1, near)];
    ids.push(world.pay(1, 2, far));
    world.lose_anchors = false;
    world.pass(3_000);
    ids.extend((3..7).map(|nonce| world.pay(1, nonce, far)));
    let mut index = world.empty(super::memory(), IndexLimits::default());
    feed_all(&mut index, &caught_up(&world.reports));
    (world, index, ids)
}

#[test]
fn blocks_below_a_tip_and_root_blocks_without_certificates_are_proven() {
    let (world, index, ids) = gaps(25);
    let mut below_tip = 0;
    let mut below_certified = 0;
    for id in &ids[..5] {
        for evidence in proven(&world, &index, id).evidence {
            let anchored = evidence.anchored.unwrap();
            below_tip += usize::from(anchored.history.is_some());
            below_certified += usize::from(evidence.place.is_some());
        }
    }
    assert!(
        below_tip > 0 && below_certified > 0,
        "{below_tip}, {below_certified}"
    );
}

#[test]
fn no_byte_of_a_proof_can_be_changed() {
    let (world, index, ids) = gaps(21);
    let bytes = index.prove(&ids[0], 0).unwrap().encode();
    assert!(verify_bytes(&bytes, &world.trusted()).is_ok());
    for at in (0..bytes.len()).step_by(41) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        let verdict = verify_bytes(&changed, &world.trusted());
        assert!(
            verdict.is_err(),
            "byte {at} of {} changes nothing",
            bytes.len()
        );
    }
}

#[test]
fn bounces_and_the_root_are_proven_too() {
    let mut world = World::new(22);
    let bounced = world.pay(1, 0, nobody());
    let to_root = world.pay(2, 0, world.account(0, 1).id);
    let from_root = world.pay(0, 0, world.account(2, 1).id);
    let index = world.index();
    let (root, one, two) = (ChainId::ROOT, ChainId(1), ChainId(2));
    let file = proven(&world, &index, &bounced);
    let expected = [
        ("executed", one),
        ("left", one),
        ("executed", two),
        ("left", two),
        ("executed", one),
    ];
    assert_eq!(facts(&file), expected);
    let file = proven(&world, &index, &to_root);
    assert_eq!(
        facts(&file),
        [("executed", two), ("left", two), ("executed", root)]
    );
    let file = proven(&world, &index, &from_root);
    assert_eq!(
        facts(&file),
        [("executed", root), ("left", root), ("executed", two)]
    );
}

#[test]
fn old_and_new_messages_stay_provable() {
    let mut world = World::new(23);
    let to = world.account(2, 1).id;
    let ids: Vec<_> = (0..6).map(|nonce| world.pay(1, nonce, to)).collect();
    let index = world.index();
    for id in &ids {
        assert_eq!(proven(&world, &index, id).evidence.len(), 3);
    }
    from_every_height(&world, &index, &ids);
}

/// Whatever root block a reader believes, the proof from there holds, and holds from there only.
fn from_every_height(world: &World, index: &Index, ids: &[MessageId]) {
    let mut signed = 0;
    for block in world.finals(0) {
        let mut trust = world.trusted();
        trust.checkpoint.root = block.executed.header().clone();
        let height = trust.checkpoint.root.height;
        for id in ids {
            let file = index.prove(id, height).unwrap();
            if let Err(failed) = verify(&file, &trust) {
                panic!("from {height}: {failed}");
            }
            signed += usize::from(file.head.is_some());
            let failed = verify(&file, &world.trusted()).unwrap_err();
            assert_eq!(failed.step, StepName::Checkpoint);
        }
    }
    assert!(
        signed > 0 && signed < world.finals(0).len() * ids.len(),
        "{signed}"
    );
}

#[test]
fn a_checkpoint_is_the_newest_certified_root_block() {
    let mut world = World::new(26);
    let to = world.account(2, 1).id;
    world.pay(1, 0, to);
    let index = world.index();
    let checkpoint = index.checkpoint().unwrap();
    assert_eq!(checkpoint.check(), Ok(()));
    let page = index.handovers(0).unwrap();
    assert_eq!(page.handovers, [], "committees are fixed");
    let mut line = Line::start(&world.trusted().checkpoint).unwrap();
    line.reach(&page.head.unwrap()).unwrap();
    assert_eq!(line.checkpoint(), checkpoint);
    let top = checkpoint.root.height;
    assert_eq!(index.handovers(top).unwrap().head, None);
    let above = index.heads(ChainId::ROOT).unwrap().header.height + 1;
    let unknown = ProveError::UnknownRoot { height: above };
    assert_eq!(index.handovers(above), Err(unknown));
    let id = world.pay(1, 1, to);
    let unknown = ProveError::UnknownRoot { height: 1 << 40 };
    assert_eq!(world.index().prove(&id, 1 << 40), Err(unknown));
}

#[test]
fn a_proof_is_to_be_had_exactly_from_root_final_on() {
    let mut world = World::new(24);
    let id = world.pay(1, 0, world.account(2, 1).id);
    let mut index = world.empty(super::memory(), IndexLimits::default());
    let mut before = 0;
    for report in &world.reports {
        feed(&mut index, report).unwrap();
        let level = index.trace(&id, None).unwrap().map(|found| found.level);
        match index.prove(&id, 0) {
            Ok(file) => {
                assert!(level >= Some(Level::RootFinal));
                assert!(verify(&file, &world.trusted()).is_ok());
                assert!(file.evidence.len() >= before, "a proof never shrinks");
                before = file.evidence.len();
            }
            Err(ProveError::Unknown) => assert_eq!(level, None),
            Err(error) => {
                assert_eq!(error, ProveError::NotFinal);
                assert!(level < Some(Level::RootFinal), "{level:?}");
            }
        }
    }
    assert_eq!(before, 3);
}
