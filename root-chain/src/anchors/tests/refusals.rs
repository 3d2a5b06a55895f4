//! Every refusal that is not about value.

use crypto::Hash;
use types::{Anchor, Blame, BlockHash, CertificateError, ChainId, Header, limits};

use super::{AnchorError, grown};
use crate::history::ROOT_WINDOW;
use crate::testing::{Chain, ONE, ROOT_HEIGHTS, Root};

type Tamper = fn(&mut Anchor, &Chain);

const TAMPERED: [(Tamper, &str, Blame); 22] = [
    (|a, _| a.tip.version = 2, "version 2", Blame::Sender),
    (
        |a, _| a.tip.chain = ChainId::ROOT,
        "chain 0 does not anchor here",
        Blame::Sender,
    ),
    (
        |a, _| a.tip.chain = ChainId(3),
        "chain 3 does not anchor here",
        Blame::Sender,
    ),
    (
        |a, _| a.tip.epoch = 1,
        "epoch 1, the chain is in epoch 0",
        Blame::Nobody,
    ),
    (
        |a, _| a.first = 0,
        "begins at 0, recorded up to 0",
        Blame::Nobody,
    ),
    (
        |a, _| a.first = 2,
        "begins at 2, recorded only up to 0",
        Blame::Nobody,
    ),
    (
        |a, _| a.tip.gas = 1,
        "not a confirm and a prepare",
        Blame::Sender,
    ),
    (
        |a, _| a.finality.confirm = a.finality.prepare.clone(),
        "not a confirm",
        Blame::Sender,
    ),
    (
        |a, _| a.finality.prepare = a.finality.confirm.clone(),
        "not a confirm",
        Blame::Sender,
    ),
    (
        |a, _| a.finality.prepare.round += 1,
        "not a confirm",
        Blame::Sender,
    ),
    (
        |a, _| a.finality.confirm.epoch = 1,
        "not of this committee",
        Blame::Sender,
    ),
    (
        |a, one| a.finality = one.certify(&a.tip, &[1, 2]),
        "2 seats, 3 needed",
        Blame::Sender,
    ),
    (
        |a, one| a.finality.prepare = one.certify(&a.tip, &[1, 2]).prepare,
        "2 seats, 3 needed",
        Blame::Sender,
    ),
    (
        |a, one| {
            let mut other = one.clone();
            other.keys.reverse();
            a.finality = other.certify(&a.tip, &[0, 1, 2]);
        },
        "signature is wrong",
        Blame::Sender,
    ),
    (
        |a, _| a.finality.confirm.signature = a.finality.prepare.signature,
        "signature is wrong",
        Blame::Sender,
    ),
    (
        |a, _| a.finality.prepare.signature = a.finality.confirm.signature,
        "signature is wrong",
        Blame::Sender,
    ),
    (
        |a, _| a.consistency.path.push(Hash::ZERO),
        "does not extend",
        Blame::Sender,
    ),
    (
        |a, _| a.previous.index = 1,
        "for height 1, recorded is 0",
        Blame::Sender,
    ),
    (
        |a, _| a.previous.path[0] = Hash::ZERO,
        "not in the history",
        Blame::Sender,
    ),
    (
        |a, _| a.previous.size = 2,
        "not in the history",
        Blame::Sender,
    ),
    (
        |a, _| a.lanes.ledger.held.0 += 1,
        "not those of the tip",
        Blame::Sender,
    ),
    (
        |a, _| a.lanes.lane_mut(ChainId(2)).acked = 0,
        "not those of the tip",
        Blame::Sender,
    ),
];

/// What whoever forwards an anchor can do to it.
#[test]
fn tampered_anchors_are_refused() {
    let (one, root) = grown();
    for (tamper, expected, blame) in TAMPERED {
        let mut anchor = one.anchor(0);
        tamper(&mut anchor, &one);
        let error = root.check(&anchor).unwrap_err();
        assert!(
            error.to_string().contains(expected),
            "{expected:?} not in: {error}"
        );
        assert_eq!(error.blame(), blame, "{error}");
        // Without pairings all is found but wrong signatures.
        let cheap = root.anchors.precheck(&anchor, &root.state, root.place());
        let signature = AnchorError::Certificate(CertificateError::Signature);
        assert_eq!(cheap.err(), Some(error).filter(|error| *error != signature));
    }
    root.check(&one.anchor(0)).unwrap();
}

/// What a captured committee can certify: everything here has valid signatures.
#[test]
fn certified_blocks_against_the_rules_are_refused() {
    type Forge = fn(&mut Header);
    let too_old = 4_000 - ROOT_WINDOW - 1;
    let cases: [(Forge, u64, &str, Blame); 9] = [
        (
            |_| (),
            9,
            "cites root height 9, the recorded one 10",
            Blame::Sender,
        ),
        (
            |_| (),
            4_001,
            "cites root height 4001, the recording block only 4000",
            Blame::Nobody,
        ),
        (|_| (), too_old, "too far below 4000", Blame::Nobody),
        (
            |h| h.root_ref.hash = BlockHash(Hash::ZERO),
            3_000,
            "another root block",
            Blame::Sender,
        ),
        (
            |h| h.history_root = Hash::ZERO,
            3_000,
            "does not extend",
            Blame::Sender,
        ),
        (|h| h.height += 1, 3_000, "does not extend", Blame::Sender),
        (|h| h.height = 2, 3_000, "covers 4 to 2", Blame::Sender),
        (|h| h.version = 0, 3_000, "version 0", Blame::Sender),
        (
            |h| h.round = 4 * limits::ROUND_STEP + 1,
            3_000,
            "of round 67108865, at its height 67108864 is the highest",
            Blame::Sender,
        ),
    ];
    let (one, mut root) = grown();
    root.height = 2_000;
    root.record(&[one.anchor(0)]).unwrap();
    root.height = 4_001;
    for (forge, cited, expected, blame) in cases {
        let mut captured = one.clone();
        let mut header = captured.next(cited);
        forge(&mut header);
        captured.push(header);
        let error = root.check(&captured.anchor(3)).unwrap_err();
        assert!(
            error.to_string().contains(expected),
            "{expected:?} not in: {error}"
        );
        assert_eq!(error.blame(), blame, "{error}");
    }
    let mut honest = one;
    honest.grow(1, too_old + 1);
    root.check(&honest.anchor(3)).unwrap();
}

/// [R13] Blocks that each take all the rounds that they may are recorded.
#[test]
fn a_tip_of_the_highest_round_of_its_height_is_recorded() {
    let (mut one, root) = grown();
    let mut header = one.next(10);
    header.round = 4 * limits::ROUND_STEP;
    one.push(header);
    root.check(&one.anchor(0)).unwrap();
}

/// [R3] A history that drops the recorded tip, though everything is certified.
#[test]
fn a_rewritten_history_is_refused() {
    let (one, mut root) = grown();
    root.record(&[one.anchor(0)]).unwrap();
    let mut fork = Chain::new(ONE);
    fork.grow(2, 11);
    fork.grow(4, 12);
    let error = root.check(&fork.anchor(3)).unwrap_err();
    assert!(error.to_string().contains("does not extend"), "{error}");

    // Same history below the recorded tip, another block in its place.
    let mut fork = Chain::new(ONE);
    fork.grow(2, 10);
    fork.grow(4, 12);
    let error = root.check(&fork.anchor(3)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("recorded tip is not in the history"),
        "{error}"
    );
}

/// [R4] A node that lacks a root block does not blame who sent the anchor.
#[test]
fn an_unknown_root_block_is_our_own_gap() {
    let (mut one, mut root) = grown();
    root.height = ROOT_HEIGHTS + 2;
    one.grow(1, ROOT_HEIGHTS);
    let error = root.check(&one.anchor(0)).unwrap_err();
    assert_eq!(error.blame(), Blame::Ourselves);
}

/// A chain with a record and without a committee, and the other way round.
#[test]
fn a_chain_needs_both_a_record_and_a_committee() {
    let (one, root) = grown();
    let bare = Root::new(&[]);
    let mut half = Root::new(&[]);
    let mut edit = actors::Edit::new(&root.state);
    crate::committees::prune(&mut edit, one.tip.chain, 1, 1);
    half.state = edit.finish();
    for root in [bare, half] {
        let error = root.check(&one.anchor(0)).unwrap_err();
        assert!(
            error.to_string().contains("chain 1 does not anchor here"),
            "{error}"
        );
    }
}
