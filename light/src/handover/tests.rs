//! Each way to forge a step is refused at the check that is there for it.

use actors::SlotProofError;
use crypto::Hash;
use types::{CertificateError, ChainId, Header, NetworkId, Phase, limits};

use super::{Handover, Head, LineError};
use crate::CertifiedError;
use crate::testing::{QUORUM, TOP, WORLD, World, committee};

fn refused(change: impl FnOnce(&mut Handover)) -> LineError {
    let mut step = WORLD.handover(0, 2);
    change(&mut step);
    let mut line = WORLD.line(2);
    let before = line.checkpoint();
    let error = line.hand_over(&step).unwrap_err();
    assert_eq!(line.checkpoint(), before, "a refused step changes nothing");
    error
}

/// Signs what a change made of the closing block, as a committee that lies would.
fn resigned(change: impl FnOnce(&mut Header)) -> LineError {
    refused(|step| {
        change(&mut step.closing);
        step.finality = WORLD.finality(&step.closing, &QUORUM);
    })
}

const fn certificate(error: LineError) -> CertificateError {
    match error {
        LineError::Certified(CertifiedError::Certificate(error)) => error,
        _ => panic!("not a certificate's error"),
    }
}

#[test]
fn a_line_goes_from_genesis_over_every_term() {
    let mut line = WORLD.line(0);
    for (epoch, from) in [(0, 0), (1, 5), (2, 10)] {
        assert_eq!(*line.committee(), committee(epoch));
        let signed = line.hand_over(&WORLD.handover(epoch, from)).unwrap();
        assert_eq!((signed.epoch, signed.seats, signed.of), (epoch, 3, 4));
    }
    line.reach(&WORLD.head(TOP, 15)).unwrap();
    assert_eq!(line.checkpoint(), WORLD.checkpoint(TOP));
}

#[test]
fn a_line_goes_on_from_any_block() {
    for height in [0, 1, 4] {
        let mut line = WORLD.line(height);
        line.hand_over(&WORLD.handover(0, height)).unwrap();
    }
    // From a closing block the next committee follows.
    let mut line = WORLD.line(5);
    line.hand_over(&WORLD.handover(1, 5)).unwrap();
    assert_eq!(line.checkpoint(), WORLD.checkpoint(10));
}

#[test]
fn terms_come_one_by_one() {
    let mut line = WORLD.line(0);
    let epoch = |error| match error {
        LineError::Certified(CertifiedError::Epoch { found, expected }) => (found, expected),
        other => panic!("{other}"),
    };
    let skipped = line.hand_over(&WORLD.handover(1, 0)).unwrap_err();
    assert_eq!(epoch(skipped), (1, 0));
    line.hand_over(&WORLD.handover(0, 0)).unwrap();
    let again = line.hand_over(&WORLD.handover(0, 0)).unwrap_err();
    assert_eq!(epoch(again), (0, 1));
    // A head of a term that is over, or not begun.
    assert_eq!(epoch(line.reach(&WORLD.head(4, 0)).unwrap_err()), (0, 1));
    assert_eq!(epoch(line.reach(&WORLD.head(12, 5)).unwrap_err()), (2, 1));
}

#[test]
fn too_few_or_other_signatures() {
    let few = refused(|step| step.finality = WORLD.finality(&step.closing, &[0, 1]));
    let needed = CertificateError::TooFewSeats {
        seats: 2,
        needed: 3,
    };
    assert_eq!(certificate(few), needed);
    let confirmed_alone = refused(|step| {
        step.finality.prepare = WORLD.finality(&step.closing, &[0]).prepare;
    });
    assert!(matches!(
        certificate(confirmed_alone),
        CertificateError::TooFewSeats { .. }
    ));
    // Two signed and a third is claimed.
    let claimed = refused(|step| {
        let mut finality = WORLD.finality(&step.closing, &[0, 1]);
        finality.confirm.groups[0].signers.insert(2);
        step.finality = finality;
    });
    assert_eq!(certificate(claimed), CertificateError::Signature);
    // The keys of the next committee can't end this term.
    let foreign = refused(|step| {
        let other = Header {
            epoch: 1,
            ..step.closing.clone()
        };
        step.finality = WORLD.finality(&other, &QUORUM);
    });
    assert_eq!(foreign, LineError::Certified(CertifiedError::OtherBlock));
}

#[test]
fn signatures_of_another_network_or_block() {
    let network = NetworkId(Hash::new([2; 32]));
    let other = World::new(network, |_| {});
    let foreign = refused(|step| step.finality = other.finality(&step.closing, &QUORUM));
    assert_eq!(certificate(foreign), CertificateError::Signature);
    let swapped = refused(|step| {
        let finality = &mut step.finality;
        std::mem::swap(&mut finality.confirm, &mut finality.prepare);
    });
    assert_eq!(swapped, LineError::Certified(CertifiedError::OtherBlock));
    let below = refused(|step| step.finality = WORLD.finality(WORLD.at(4), &QUORUM));
    assert_eq!(below, LineError::Certified(CertifiedError::OtherBlock));
    let round = refused(|step| step.finality.confirm.round += 1);
    assert_eq!(round, LineError::Certified(CertifiedError::OtherBlock));
    // A changed header is another block.
    let changed = refused(|step| step.closing.gas = 1);
    assert_eq!(changed, LineError::Certified(CertifiedError::OtherBlock));
}

#[test]
fn a_committee_that_the_state_does_not_name() {
    let swapped = refused(|step| step.next.members.swap(0, 1));
    assert_eq!(swapped, LineError::State(SlotProofError::OtherBytes));
    let own = refused(|step| {
        step.next.members = committee(7).members;
    });
    assert_eq!(own, LineError::State(SlotProofError::OtherBytes));
    let next =
        |change: fn(&mut Handover)| matches!(refused(change), LineError::Next { expected: 1, .. });
    assert!(next(|step| step.next.epoch = 2));
    assert!(next(|step| step.next.epoch = 0));
    assert!(next(|step| step.next.chain = ChainId(1)));
    // The present committee does stand in the state, in another slot.
    let again = refused(|step| {
        step.next = committee(0);
        step.next.epoch = 1;
    });
    assert_eq!(again, LineError::State(SlotProofError::OtherBytes));
    let elsewhere = refused(|step| step.place = WORLD.handover(1, 5).place);
    assert!(matches!(
        elsewhere,
        LineError::State(SlotProofError::Account(_))
    ));
    let root = resigned(|closing| closing.state_root = Hash::ZERO);
    assert!(matches!(root, LineError::State(SlotProofError::Account(_))));
}

#[test]
fn a_block_that_closes_nothing() {
    let ordinary = resigned(|closing| closing.phase = Phase::Ordinary);
    let expected = Phase::Closing;
    let found = Phase::Ordinary;
    assert_eq!(ordinary, LineError::Phase { found, expected });
    let chain = resigned(|closing| closing.chain = ChainId(1));
    let found = ChainId(1);
    assert_eq!(chain, LineError::Certified(CertifiedError::Chain { found }));
    let version = resigned(|closing| closing.version = 2);
    let found = 2;
    assert_eq!(
        version,
        LineError::Certified(CertifiedError::Version { found })
    );
    let mut line = WORLD.line(0);
    let head = Head {
        block: WORLD.at(5).clone(),
        ..WORLD.head(5, 0)
    };
    assert!(matches!(line.reach(&head), Err(LineError::Phase { .. })));
}

#[test]
fn tails_speak_for_the_closing_block_below() {
    let tails = |count: usize| {
        let mut tails: Vec<Header> = Vec::new();
        for _ in 0..count {
            tails.push(WORLD.tail(tails.last().unwrap_or(WORLD.at(5))));
        }
        tails
    };
    let with = |tails: Vec<Header>| {
        let mut step = WORLD.handover(0, 2);
        step.finality = WORLD.finality(tails.last().unwrap(), &QUORUM);
        step.tails = tails;
        WORLD.line(2).hand_over(&step).map(|signed| signed.seats)
    };
    assert_eq!(with(tails(1)), Ok(3));
    assert_eq!(with(tails(3)), Ok(3));
    let most = limits::ANCHOR_TAILS;
    assert_eq!(with(tails(most + 1)), Err(LineError::Tail { at: most }));
    let broken = |change: fn(&mut Header)| {
        let mut tails = tails(2);
        change(&mut tails[1]);
        with(tails)
    };
    let second = Err(LineError::Tail { at: 1 });
    assert_eq!(broken(|tail| tail.parent = WORLD.at(4).hash()), second);
    assert_eq!(broken(|tail| tail.height += 1), second);
    assert_eq!(broken(|tail| tail.epoch = 1), second);
    assert_eq!(broken(|tail| tail.phase = Phase::Ordinary), second);
    assert_eq!(broken(|tail| tail.chain = ChainId(1)), second);
    // Without the tail its certificates are of no block of the step.
    let bare = refused(|step| step.finality = WORLD.finality(&tails(1)[0], &QUORUM));
    assert_eq!(bare, LineError::Certified(CertifiedError::OtherBlock));
}

#[test]
fn a_place_in_another_history() {
    let moved = refused(|step| step.link = WORLD.path(1, 5));
    let place = LineError::Place {
        found: 1,
        expected: 2,
    };
    assert_eq!(moved, place);
    let history = |error| matches!(error, LineError::History { below: 2, .. });
    assert!(history(refused(|step| step.link = WORLD.path(2, 6))));
    assert!(history(refused(|step| _ = step.link.path.pop())));
    assert!(history(refused(|step| step.link.path.push(Hash::ZERO))));
    assert!(history(refused(|step| step.link.path[0] = Hash::ZERO)));
    assert!(history(refused(|step| step.link.size = 4)));
    // A block at or below the line's own is in no history above it.
    let mut line = WORLD.line(4);
    let below = line.reach(&WORLD.head(3, 2)).unwrap_err();
    assert!(matches!(below, LineError::Place { .. }));
    let mut head = WORLD.head(3, 2);
    head.link.index = 4;
    assert!(matches!(line.reach(&head), Err(LineError::History { .. })));
}

/// T12 within a term: keys that are right, and a history that leaves the checkpoint out.
#[test]
fn the_same_keys_on_another_history() {
    let rewritten = World::new(WORLD.network, |header| {
        header.gas = u64::from(header.height >= 2);
    });
    let step = rewritten.handover(0, 2);
    let refused = WORLD.line(2).hand_over(&step).unwrap_err();
    assert!(matches!(
        refused,
        LineError::History {
            below: 2,
            height: 5,
            ..
        }
    ));
    let refused = WORLD.line(2).reach(&rewritten.head(4, 2)).unwrap_err();
    assert!(matches!(refused, LineError::History { .. }));
    // Below the point where the two part nobody can tell: that is what checkpoints are for.
    assert!(WORLD.line(1).hand_over(&rewritten.handover(0, 1)).is_ok());
}
