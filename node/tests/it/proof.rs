use crypto::Hash;
use crypto::merkle::InclusionProof;
use light::proof::{
    Anchored, Evidence, Fact, ProofFile, StepError, StepName, StepReport, verify, verify_bytes,
};
use light::{CertifiedError, LineError};
use proptest::prelude::*;
use types::{Amount, Bundle, ChainId, MessageId, NetworkId, RelayMessage};

use crate::fixture;

fn step_of(file: &ProofFile) -> StepName {
    verify(file, &fixture::trusted()).unwrap_err().step
}

#[test]
fn every_step_is_named_in_order() {
    let steps = verify(&fixture::single(), &fixture::trusted()).unwrap();
    let names: Vec<_> = steps.iter().map(|step| step.name().to_string()).collect();
    assert_eq!(
        names,
        [
            "checkpoint",
            "certificate",
            "message",
            "bundle",
            "outbox",
            "header",
            "history",
            "anchor",
            "root block",
        ]
    );
    let lane = steps[3].to_string();
    assert_eq!(lane, "message 41 on the lane to chain 0");
}

#[test]
fn a_whole_tree_verifies_and_a_receipt_has_its_own_steps() {
    let steps = verify(&fixture::proof(), &fixture::trusted()).unwrap();
    let names: Vec<_> = steps.iter().map(StepReport::name).collect();
    use StepName::*;
    let receipt_on_a_chain = [Message, Receipt, Header, History, Anchor, RootBlock];
    let receipt_on_the_root = [Message, Receipt, Header, RootBlock];
    assert_eq!(names[..2], [Checkpoint, Certificate]);
    assert_eq!(names[2..8], receipt_on_a_chain);
    assert_eq!(names[15..], receipt_on_the_root);
}

#[test]
fn a_file_survives_encoding() {
    let file = fixture::proof();
    let bytes = file.encode();
    assert_eq!(ProofFile::decode(&bytes).unwrap(), file);
    assert!(verify_bytes(&bytes, &fixture::trusted()).is_ok());
}

#[test]
fn a_change_of_any_byte_is_caught() {
    let (bytes, trusted) = (fixture::single().encode(), fixture::trusted());
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(verify_bytes(&changed, &trusted).is_err(), "byte {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_change_anywhere_in_a_tree_is_caught(at in any::<prop::sample::Index>(), bits in 1u8..) {
        let mut bytes = fixture::proof().encode();
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
        prop_assert!(verify_bytes(&bytes, &fixture::trusted()).is_err());
    }
}

#[test]
fn a_file_cut_short_or_with_more_at_its_end_is_refused() {
    let bytes = fixture::single().encode();
    let trusted = fixture::trusted();
    for length in (0..bytes.len()).step_by(97) {
        let failed = verify_bytes(&bytes[..length], &trusted).unwrap_err();
        assert_eq!(failed.step, StepName::File, "{length} bytes");
    }
    let more = [bytes.as_slice(), &[0]].concat();
    assert!(verify_bytes(&more, &trusted).is_err());
}

#[test]
fn each_change_fails_at_its_step() {
    type Change = fn(&mut Evidence);
    fn anchored(evidence: &mut Evidence) -> &mut Anchored {
        evidence.anchored.as_mut().unwrap()
    }
    fn left(evidence: &mut Evidence) -> (&mut RelayMessage, &mut InclusionProof, &mut Bundle) {
        match &mut evidence.fact {
            Fact::Left {
                message,
                position,
                bundle,
                ..
            } => (message, position, bundle),
            Fact::Executed { .. } => panic!("the fixture's message left"),
        }
    }
    let table: [(Change, StepName); 16] = [
        (|e| left(e).0.output = 5, StepName::Message),
        // The id does not cover the value; the bundle does.
        (|e| left(e).0.value = Amount(500), StepName::Bundle),
        (|e| left(e).1.index = 0, StepName::Bundle),
        (|e| left(e).1.size = 3, StepName::Bundle),
        (|e| left(e).2.count = 3, StepName::Bundle),
        (|e| left(e).2.first_index = 0, StepName::Outbox),
        (|e| left(e).2.destination = ChainId(2), StepName::Outbox),
        (|e| e.header.outbox_root = Hash::ZERO, StepName::Outbox),
        (|e| e.header.version = 2, StepName::Header),
        (|e| e.anchored = None, StepName::Header),
        (|e| e.header.gas = 1, StepName::History),
        (|e| e.header.chain = ChainId(2), StepName::History),
        (|e| anchored(e).history = None, StepName::History),
        (|e| anchored(e).anchor.first = 2, StepName::Anchor),
        (|e| anchored(e).root.gas = 1, StepName::RootBlock),
        (|e| e.place = None, StepName::RootBlock),
    ];
    for (number, (change, step)) in table.into_iter().enumerate() {
        let mut file = fixture::single();
        change(&mut file.evidence[0]);
        assert_eq!(step_of(&file), step, "change {number}");
    }
}

#[test]
fn a_valid_proof_of_something_else_proves_nothing() {
    let mut file = fixture::proof();
    file.message = MessageId(Hash::new([90; 32]));
    assert_eq!(step_of(&file), StepName::Message);
    // Without the receipt that says so, nothing ties the credit to the message.
    let mut file = fixture::proof();
    file.evidence.remove(0);
    assert_eq!(step_of(&file), StepName::Message);
    let failed = verify(&file, &fixture::trusted()).unwrap_err();
    assert_eq!(failed.evidence, 1);
}

#[test]
fn another_network_or_committee_is_told_apart() {
    let mut trusted = fixture::trusted();
    trusted.checkpoint.network = NetworkId(Hash::ZERO);
    let failed = verify(&fixture::single(), &trusted).unwrap_err();
    assert_eq!(failed.step, StepName::Genesis);

    let mut trusted = fixture::trusted();
    trusted.checkpoint.committee.members.swap(0, 2);
    let failed = verify(&fixture::single(), &trusted).unwrap_err();
    assert_eq!(failed.step, StepName::Certificate);

    trusted.checkpoint.committee.members.clear();
    let failed = verify(&fixture::single(), &trusted).unwrap_err();
    assert_eq!(failed.step, StepName::Checkpoint);
    assert!(matches!(*failed.error, StepError::Checkpoint(_)));
}

#[test]
fn certificates_must_be_of_the_block_and_its_round() {
    let mut file = fixture::single();
    file.head.as_mut().unwrap().finality.confirm.round = 1;
    let failed = verify(&file, &fixture::trusted()).unwrap_err();
    let other = LineError::Certified(CertifiedError::OtherBlock);
    assert_eq!(*failed.error, StepError::Line(other));
}

#[test]
fn too_few_seats_prove_nothing() {
    let mut file = fixture::single();
    let confirm = &mut file.head.as_mut().unwrap().finality.confirm;
    let mut signers = types::Signers::none(4);
    signers.insert(0);
    signers.insert(1);
    confirm.groups[0].signers = signers;
    let failed = verify(&file, &fixture::trusted()).unwrap_err();
    assert_eq!(failed.step, StepName::Certificate);
    assert!(failed.to_string().contains("2 seats, 3 needed"), "{failed}");
}
