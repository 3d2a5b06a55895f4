//! Anchors across terms.

use actors::SystemError;
use consensus::Evidence;
use crypto::Hash;
use types::{AccountId, BlockHash, Header, News, Phase, Statement, Vote, VoteKind, limits};

use super::World;
use crate::declaration::RootDeclaration;
use crate::evidence::Report;
use crate::testing::{Chain, ONE, network};

/// Chain 1's next committee is ready: told at 60, the next root block is 62.
fn told() -> World {
    let mut world = World::new(&[10; 6]);
    let committee = world.elect();
    let ready = world.ready(&committee);
    world.block(&ready);
    let news = world.run_to(61);
    assert!(matches!(news[..], [News::Ready { .. }]));
    world
}

/// The next header of a chain in a phase.
fn header(one: &Chain, cited: u64, phase: Phase) -> Header {
    Header {
        phase,
        ..one.next(cited)
    }
}

fn refused(world: &mut World, anchor: types::Anchor) -> String {
    let before = world.root.state.root();
    let error = world.root.block(&[anchor], &[]).unwrap_err();
    assert_eq!(world.root.state.root(), before);
    assert!(matches!(error, SystemError::Anchor { at: 0, .. }));
    error.to_string()
}

#[test]
fn a_closing_block_ends_the_term_and_the_next_committee_goes_on() {
    let mut world = told();
    let committee = crate::committees::committee(&world.root.state, ONE, 1).unwrap();
    let closing = header(&world.one, 60, Phase::Closing);
    world.one.push(closing);
    let anchor = world.one.anchor(0);
    let recorded = world.root.block(&[anchor], &[]).unwrap();
    assert!(recorded.records[0].closing);
    let term = world.term(ONE);
    assert_eq!((term.epoch, term.since, term.end), (1, 62, 122));
    let ended = crate::committees::ended(&world.root.state, ONE, 0);
    assert_eq!(ended, Some(62));

    // The old committee has nothing more to say.
    let old = world.one.clone();
    world.one.grow(1, 61);
    let stale = world.one.anchor(1);
    let text = refused(&mut world, stale);
    assert!(text.contains("epoch 0, the chain is in epoch 1"), "{text}");

    // Nor can it speak in the next term's name.
    world.one = old.clone();
    let mut next = header(&world.one, 61, Phase::Ordinary);
    (next.epoch, next.round) = (1, 0);
    world.one.push(next.clone());
    world.one.committee = committee.clone();
    let forged = world.one.anchor(1);
    let text = refused(&mut world, forged);
    assert!(text.contains("certificate"), "{text}");

    world.one = old;
    world.take_over(&committee);
    world.one.push(next);
    let anchor = world.one.anchor(1);
    let recorded = world.root.block(&[anchor], &[]).unwrap();
    assert_eq!(
        (recorded.records[0].epoch, recorded.records[0].closing),
        (1, false)
    );
}

/// Evidence is about a term that the root recorded, and counts for a while after its end.
#[test]
fn evidence_is_judged_by_the_committee_of_its_term() {
    let mut world = told();
    let old = world.one.clone();
    let closing = header(&world.one, 60, Phase::Closing);
    world.one.push(closing);
    let anchor = world.one.anchor(0);
    world.root.block(&[anchor], &[]).unwrap();

    let mut reports = (0..3).map(|member| two_votes(&old, member));
    let first = reports.next().unwrap();
    world.block(std::slice::from_ref(&first));
    let again = world.root.block(&[], &[first]).unwrap_err();
    assert!(again.to_string().contains("declaration 0"), "{again}");
    // The term ended at 62, the window has 500 heights.
    world.root.height = 562;
    world.block(&[reports.next().unwrap()]);
    let late = world.root.block(&[], &[reports.next().unwrap()]);
    let late = late.unwrap_err().to_string();
    assert!(late.contains("62"), "{late}");

    let mut unknown = two_votes(&old, 3);
    if let RootDeclaration::Evidence(report) = &mut unknown
        && let Evidence::Votes { first, second } = &mut report.evidence
    {
        (first.epoch, second.epoch) = (7, 7);
    }
    let unknown = world.root.block(&[], &[unknown]).unwrap_err();
    assert!(unknown.to_string().contains("epoch 7"), "{unknown}");
}

fn two_votes(chain: &Chain, member: u16) -> RootDeclaration {
    let vote = |block: u8| {
        let statement = Statement {
            network: network(),
            chain: ONE,
            epoch: 0,
            round: 7,
            kind: VoteKind::Prepare,
            value: Some(BlockHash(Hash::from([block; 32]))),
        };
        Vote::sign(&statement, member, &chain.keys[usize::from(member)])
    };
    let evidence = Evidence::Votes {
        first: vote(1),
        second: vote(2),
    };
    RootDeclaration::Evidence(Box::new(Report {
        evidence,
        reporter: AccountId::default(),
    }))
}

/// [R11] Elected is not enough, and neither is citing a root block from before all were told.
#[test]
fn no_term_ends_early() {
    let mut world = World::new(&[10; 6]);
    world.elect();
    let closing = header(&world.one, 35, Phase::Closing);
    world.one.push(closing);
    let anchor = world.one.anchor(0);
    let text = refused(&mut world, anchor);
    assert!(text.contains("was not ready"), "{text}");

    let mut world = told();
    let closing = header(&world.one, 59, Phase::Closing);
    world.one.push(closing);
    let anchor = world.one.anchor(0);
    assert!(refused(&mut world, anchor).contains("was not ready"));
}

/// [R10] A closing block that only its tails made final.
#[test]
fn tails_carry_the_certificates_of_a_closing_block() {
    let mut world = told();
    let closing = header(&world.one, 60, Phase::Closing);
    world.one.push(closing);
    let at_closing = world.one.clone();
    let mut tails = Vec::new();
    for _ in 0..2 {
        let tail = header(&world.one, 60, Phase::Tail);
        world.one.push(tail.clone());
        tails.push(tail);
    }
    let mut anchor = at_closing.anchor(0);
    anchor.finality = at_closing.certify(&tails[1], &[0, 1, 2]);
    let text = refused(&mut world, anchor.clone());
    assert!(text.contains("not a confirm and a prepare"), "{text}");

    anchor.tails = tails.clone();
    type Tamper = fn(&mut types::Anchor);
    let tampered: [(Tamper, &str); 9] = [
        (|a| a.tails.swap(0, 1), "tail 0 does not follow"),
        (|a| a.tails[1].height += 1, "tail 1 does not follow"),
        (|a| a.tails[1].epoch = 1, "tail 1 does not follow"),
        (
            |a| a.tails[1].round = a.tails[0].round,
            "tail 1 does not follow",
        ),
        (
            |a| a.tails[1].round = a.tails[0].round + limits::ROUND_STEP + 1,
            "tail 1 does not follow",
        ),
        (
            |a| a.tails[0].phase = Phase::Ordinary,
            "tail 0 does not follow",
        ),
        (|a| a.tip.phase = Phase::Ordinary, "2 tails"),
        (
            |a| a.tails = vec![a.tails[0].clone(); 65],
            "65 tails; at most 64",
        ),
        (
            |a| {
                a.tails.pop();
            },
            "not a confirm and a prepare",
        ),
    ];
    for (tamper, expected) in tampered {
        let mut bad = anchor.clone();
        tamper(&mut bad);
        let text = refused(&mut world, bad);
        assert!(text.contains(expected), "{expected:?} not in: {text}");
    }
    let tail_tip = world.one.anchor(0);
    let text = refused(&mut world, tail_tip);
    assert!(text.contains("the tip is a tail"), "{text}");

    let recorded = world.root.block(&[anchor], &[]).unwrap();
    assert_eq!(recorded.records[0].tip.hash, at_closing.tip.hash());
    assert_eq!(world.term(ONE).epoch, 1);
}

/// The root closes its own term with a block of its own.
#[test]
fn the_root_ends_its_term_only_when_its_successors_are_ready() {
    let mut world = World::new(&[10; 6]);
    world.root.phase = Phase::Closing;
    let refused = world.root.block(&[], &[]).unwrap_err();
    assert!(matches!(refused, SystemError::Term { epoch: 0 }));
    world.root.phase = Phase::Ordinary;
    world.root.epoch = 1;
    let refused = world.root.block(&[], &[]).unwrap_err();
    assert!(matches!(refused, SystemError::Term { epoch: 1 }));
}

/// Tails of the root are dropped, so they leave its state alone.
#[test]
fn tails_of_the_root_change_nothing() {
    let mut world = World::new(&[10; 6]);
    world.run_to(29);
    let before = world.root.state.root();
    world.root.phase = Phase::Tail;
    let recorded = world.root.block(&[], &[]).unwrap();
    assert_eq!(recorded, actors::Recorded::default());
    assert_eq!(
        world.root.state.root(),
        before,
        "height 30 opens an election"
    );
    let seed = world.seed(29);
    let refused = world.root.block(&[], &[seed]).unwrap_err();
    assert!(matches!(refused, SystemError::NoFilings));
}
