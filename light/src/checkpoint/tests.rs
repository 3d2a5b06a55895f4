use types::{ChainId, Phase, Time};

use super::{Checkpoint, CheckpointError, TooOld};
use crate::testing::{WORLD, World, committee};
use crate::{CertifiedError, Line, LineError};

fn refused(height: u64, change: impl FnOnce(&mut Checkpoint)) -> CheckpointError {
    let mut checkpoint = WORLD.checkpoint(height);
    assert_eq!(checkpoint.check(), Ok(()));
    change(&mut checkpoint);
    assert!(Line::start(&checkpoint).is_err());
    checkpoint.check().unwrap_err()
}

#[test]
fn block_and_committee_go_together() {
    let epoch = |error| matches!(error, CheckpointError::Epoch { .. });
    assert!(epoch(refused(3, |c| c.committee = committee(1))));
    assert!(epoch(refused(7, |c| c.committee = committee(0))));
    // Above a closing block the next committee answers.
    assert!(epoch(refused(5, |c| c.committee = committee(0))));
    assert!(epoch(refused(3, |c| c.committee.chain = ChainId(1))));
    assert!(epoch(refused(3, |c| c.root.phase = Phase::Tail)));
    let chain = refused(3, |c| c.root.chain = ChainId(1));
    assert!(matches!(
        chain,
        CheckpointError::Block(CertifiedError::Chain { .. })
    ));
    let empty = refused(3, |c| c.committee.members.clear());
    assert!(matches!(empty, CheckpointError::Committee(_)));
}

#[test]
fn a_checkpoint_survives_its_file_and_the_digest_tells_it_from_others() {
    let checkpoint = WORLD.checkpoint(7);
    let text = serde_json::to_string_pretty(&checkpoint).unwrap();
    let read: Checkpoint = serde_json::from_str(&text).unwrap();
    assert_eq!(read, checkpoint);
    assert_eq!(read.digest(), checkpoint.digest());
    let mut other = checkpoint.clone();
    other.committee.members[0].seats = 2;
    assert_ne!(other.digest(), checkpoint.digest());
    let unknown = text.replacen("\"network\"", "\"more\": 1, \"network\"", 1);
    assert!(serde_json::from_str::<Checkpoint>(&unknown).is_err());
}

#[test]
fn age_is_counted_in_root_heights_from_the_newest_word() {
    let mut trust = WORLD.trust(7);
    trust.unbonding = Some(10);
    assert_eq!(trust.check_age(7), Ok(()));
    assert_eq!(trust.check_age(16), Ok(()));
    let old = TooOld {
        height: 7,
        age: 10,
        unbonding: 10,
    };
    assert_eq!(trust.check_age(17), Err(old));
    trust.now = 17;
    assert_eq!(trust.check_age(7), Err(old));
    // A lower word about the present takes nothing back.
    trust.now = 3;
    assert_eq!(trust.check_age(17), Err(old));
    trust.unbonding = None;
    assert_eq!(trust.check_age(u64::MAX), Ok(()));
}

#[test]
fn a_clock_gives_the_highest_height_that_may_be() {
    let checkpoint = WORLD.checkpoint(7);
    assert_eq!(checkpoint.root.time, Time(7_000));
    assert_eq!(checkpoint.highest_at(Time(7_999), 1_000), 7);
    assert_eq!(checkpoint.highest_at(Time(10_000), 1_000), 10);
    assert_eq!(
        checkpoint.highest_at(Time(5), 1_000),
        7,
        "a clock that is behind"
    );
    assert_eq!(checkpoint.highest_at(Time(8_000), 0), u64::MAX);
}

/// T12: keys of committees whose stake is gone sign another history from genesis on.
#[test]
fn a_chain_rewritten_with_withdrawn_keys_is_refused() {
    let rewritten = World::new(WORLD.network, |header| {
        header.gas = u64::from(header.height > 0);
    });
    let mut forged = rewritten.file();
    assert_ne!(forged, WORLD.file());
    // Signatures and paths hold: for a reader who believes genesis it is as good as the real one.
    let mut trust = WORLD.trust(0);
    assert!(crate::proof::verify(&forged, &trust).is_ok());
    // Once the stake of the first committee may be gone, genesis is not believed any more.
    (trust.now, trust.unbonding) = (20, Some(20));
    let failed = crate::proof::verify(&forged, &trust).unwrap_err();
    assert!(
        failed
            .to_string()
            .starts_with("checkpoint: the checkpoint at root height 0 is 20")
    );
    // And from a younger checkpoint the other history is not reached.
    let trust = WORLD.trust(7);
    let mut line = Line::start(&trust.checkpoint).unwrap();
    let step = rewritten.handover(1, 7);
    assert!(matches!(
        line.hand_over(&step),
        Err(LineError::History { .. })
    ));
    (forged.from, forged.handovers) = (7, vec![step]);
    assert!(crate::proof::verify(&forged, &trust).is_err());
}
