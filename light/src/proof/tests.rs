//! Files with handovers; the steps of evidence have their table in the tests of `node`.

use proptest::prelude::*;
use types::NetworkId;

use super::{FailedStep, ProofFile, StepError, StepName, StepReport, verify, verify_bytes};
use crate::LineError;
use crate::testing::{WORLD, World};

fn failed(change: impl FnOnce(&mut ProofFile)) -> FailedStep {
    let mut file = WORLD.file();
    change(&mut file);
    verify(&file, &WORLD.trust(0)).unwrap_err()
}

#[test]
fn two_terms_are_followed_and_evidence_may_lie_in_each() {
    let bytes = WORLD.file().encode();
    let (file, steps) = verify_bytes(&bytes, &WORLD.trust(0)).unwrap();
    assert_eq!(file, WORLD.file());
    use StepName as S;
    let names: Vec<_> = steps.iter().map(StepReport::name).collect();
    let line = [S::Checkpoint, S::Handover, S::Handover, S::Certificate];
    assert_eq!(names[..4], line);
    let evidence = [S::Message, S::Receipt, S::Header, S::RootBlock];
    assert_eq!(names[4..8], evidence);
    let told: Vec<_> = steps.iter().map(ToString::to_string).collect();
    assert_eq!(
        told[2],
        "epoch 1 ends at root height 10: 3 of 4 seats signed"
    );
    assert_eq!(told[3], "root height 13, epoch 2: 3 of 4 seats signed");
    assert_eq!(told[7], "root height 3, in the history of 5");
    assert_eq!(told[11], "root height 10");
}

#[test]
fn a_checkpoint_above_the_evidence_needs_no_signature() {
    let file = ProofFile {
        from: 12,
        handovers: Vec::new(),
        head: None,
        evidence: vec![WORLD.evidence(3, 12), WORLD.evidence(12, 12)],
        ..WORLD.file()
    };
    assert!(verify(&file, &WORLD.trust(12)).is_ok());
    let other = verify(&file, &WORLD.trust(11)).unwrap_err();
    assert_eq!(other.step, StepName::Checkpoint);
    let start = StepError::OtherStart {
        found: 12,
        expected: 11,
    };
    assert_eq!(*other.error, start);
}

#[test]
fn each_change_of_the_line_fails_at_its_step() {
    let step = |change: fn(&mut ProofFile)| failed(change).step;
    use StepName as S;
    assert_eq!(step(|file| file.network = NetworkId::default()), S::Genesis);
    assert_eq!(step(|file| file.from = 1), S::Checkpoint);
    assert_eq!(step(|file| _ = file.handovers.remove(0)), S::Handover);
    assert_eq!(step(|file| file.handovers.swap(0, 1)), S::Handover);
    assert_eq!(step(|file| _ = file.handovers.pop()), S::Certificate);
    assert_eq!(step(|file| file.head = None), S::RootBlock);
    assert_eq!(step(|file| file.evidence[0].place = None), S::RootBlock);
    assert_eq!(step(|file| file.evidence[1].header.gas = 1), S::RootBlock);
    assert_eq!(step(|file| file.evidence.clear()), S::File);
}

#[test]
fn a_broken_handover_is_told_by_its_term() {
    let failed = failed(|file| file.handovers[1].next.members.swap(0, 1));
    let StepError::Handover { epoch: 1, source } = *failed.error else {
        panic!("{failed}");
    };
    assert!(matches!(source, LineError::State(_)));
    assert!(
        failed
            .to_string()
            .starts_with("handover: from epoch 1 to the next: ")
    );
    assert_eq!(
        failed.held.len(),
        2,
        "the checkpoint and the first handover held"
    );
}

#[test]
fn what_the_line_shows_of_the_present_makes_a_checkpoint_old() {
    let mut trust = WORLD.trust(0);
    trust.unbonding = Some(14);
    assert!(verify(&WORLD.file(), &trust).is_ok());
    trust.unbonding = Some(13);
    let failed = verify(&WORLD.file(), &trust).unwrap_err();
    assert_eq!(failed.step, StepName::Checkpoint);
    assert!(matches!(*failed.error, StepError::TooOld(_)));
    // Known from the start, it is refused before any signature is looked at.
    trust.now = 13;
    assert_eq!(verify(&WORLD.file(), &trust).unwrap_err().held, []);
}

#[test]
fn a_file_of_another_network_does_not_pass_with_its_name_changed() {
    let other = World::new(NetworkId::default(), |_| {});
    let mut file = other.file();
    assert!(verify(&file, &other.trust(0)).is_ok());
    file.network = WORLD.network;
    let failed = verify(&file, &WORLD.trust(0)).unwrap_err();
    assert_eq!(failed.step, StepName::Handover);
}

#[test]
fn a_change_of_a_byte_is_caught() {
    let (bytes, trust) = (WORLD.file().encode(), WORLD.trust(0));
    for at in (0..bytes.len()).step_by(23) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(verify_bytes(&changed, &trust).is_err(), "byte {at}");
    }
}

#[test]
fn a_file_cut_short_is_refused() {
    let (bytes, trust) = (WORLD.file().encode(), WORLD.trust(0));
    for length in (0..bytes.len()).step_by(53) {
        let failed = verify_bytes(&bytes[..length], &trust).unwrap_err();
        assert_eq!(failed.step, StepName::File, "{length} bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn changes_anywhere_are_caught(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4),
    ) {
        let mut bytes = WORLD.file().encode();
        for (at, bits) in changes {
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
        }
        prop_assume!(bytes != WORLD.file().encode());
        prop_assert!(verify_bytes(&bytes, &WORLD.trust(0)).is_err());
    }
}
