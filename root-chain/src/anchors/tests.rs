use actors::{Filings, Recorded, System, SystemError};
use types::{Blame, ChainId};

use super::{AnchorError, record, recorded_height, records};
use crate::testing::{Chain, ONE, Root, TWO, root_hash};

mod books;
mod refusals;

/// Chain 1 with three blocks that cite root height 10, and a root that knows both chains.
fn grown() -> (Chain, Root) {
    let (mut one, two) = (Chain::new(ONE), Chain::new(TWO));
    let root = Root::new(&[&one, &two]);
    one.grow(3, 10);
    (one, root)
}

#[test]
fn first_blocks_count_as_recorded() {
    let (_, root) = grown();
    assert_eq!(recorded_height(&root.state, ONE), Some(0));
    assert_eq!(recorded_height(&root.state, ChainId(3)), None);
    assert_eq!(records(&root.state).len(), 2);
    assert_eq!(
        record(&root.state, TWO).unwrap().tip.hash,
        Chain::new(TWO).tip.hash()
    );
}

#[test]
fn anchors_follow_one_another() {
    let (mut one, mut root) = grown();
    for last in [0, 3, 4, 11] {
        let records = root.record(&[one.anchor(last)]).unwrap();
        assert_eq!(records, [record(&root.state, ONE).unwrap()]);
        let recorded = &records[0];
        assert_eq!(recorded.tip, types::Tip::of(&one.tip));
        assert_eq!(recorded.recorded, root.height - 1);
        assert_eq!(recorded.lanes, one.lanes);
        let blocks = if last == 3 { 7 } else { 1 };
        one.grow(blocks, 10 + last);
    }
}

#[test]
fn an_anchor_covers_at_most_1024_heights() {
    let (mut one, root) = grown();
    one.grow(1_021, 10);
    assert_eq!(root.check(&one.anchor(0)).unwrap().tip.height, 1_024);
    one.grow(1, 10);
    let error = root.check(&one.anchor(0)).unwrap_err();
    assert_eq!(
        error,
        AnchorError::Run {
            first: 1,
            last: 1_025
        }
    );
}

/// [R9]
#[test]
fn all_anchors_of_a_block_are_recorded_or_none() {
    let (one, mut root) = grown();
    let mut two = Chain::new(TWO);
    two.grow(1, 10);
    let mut bad = two.anchor(0);
    bad.first = 2;
    let before = root.state.root();
    let refused = root.record(&[one.anchor(0), bad]);
    assert!(matches!(refused, Err(SystemError::Anchor { at: 1, .. })));
    assert_eq!(root.state.root(), before);

    let good = [one.anchor(0), two.anchor(0)];
    let swapped = [two.anchor(0), one.anchor(0)];
    let twice = [one.anchor(0), one.anchor(0)];
    for anchors in [swapped, twice] {
        assert!(matches!(
            root.record(&anchors),
            Err(SystemError::Anchor { at: 1, .. })
        ));
    }
    root.anchors.per_block = 1;
    assert!(matches!(
        root.record(&good),
        Err(SystemError::Anchor { at: 1, .. })
    ));
    root.anchors.per_block = 2;
    assert_eq!(root.record(&good).unwrap().len(), 2);
}

#[test]
fn other_chains_record_nothing() {
    let (one, root) = grown();
    let ctx = root.context(TWO);
    let mut edit = actors::Edit::new(&root.state);
    let anchors = [one.anchor(0)];
    let filings = Filings {
        anchors: &anchors,
        declarations: &[],
        parent: None,
    };
    let refused = root.system().record(&mut edit, filings, &ctx);
    assert!(matches!(refused, Err(SystemError::NoFilings)));
    let nothing = root.system().record(&mut edit, Filings::default(), &ctx);
    assert_eq!(nothing.unwrap(), Recorded::default());
}

/// [R8] Whatever its certificates, it is no anchor; see `elections::tests::fork` for what it is.
#[test]
fn a_second_block_at_the_recorded_height_is_refused() {
    let (one, mut root) = grown();
    root.record(&[one.anchor(0)]).unwrap();
    let mut fork = one;
    fork.tip.time = fork.tip.time.after(1);
    fork.blocks[3] = fork.tip.hash();
    let refused = root.check(&fork.anchor(0)).unwrap_err();
    assert_eq!(refused, AnchorError::Rival { height: 3 });
    assert_eq!(refused.blame(), Blame::Nobody);
}

#[test]
fn the_recorded_anchor_again_is_stale_and_no_conflict() {
    let (one, mut root) = grown();
    root.record(&[one.anchor(0)]).unwrap();
    let again = root.check(&one.anchor(0)).unwrap_err();
    assert_eq!(
        again,
        AnchorError::Stale {
            first: 1,
            recorded: 3
        }
    );
    assert_eq!(again.blame(), Blame::Nobody);
}

#[test]
fn trusting_skips_signatures_and_cited_hashes_but_nothing_else() {
    let (mut one, mut root) = grown();
    let mut header = one.next(20);
    header.root_ref.hash = root_hash(21);
    one.push(header);
    let mut anchor = one.anchor(0);
    anchor.finality.confirm.signature = anchor.finality.prepare.signature;
    assert!(root.check(&anchor).is_err());
    root.anchors = root.anchors.trusting();
    root.check(&anchor).unwrap();

    one.lanes.ledger.held.0 += 1;
    one.grow(1, 20);
    assert_eq!(
        root.check(&one.anchor(0)).unwrap_err(),
        AnchorError::Unbalanced
    );
    let mut few = one.anchor(0);
    few.finality = one.certify(&few.tip, &[0, 1]);
    assert!(matches!(root.check(&few), Err(AnchorError::Certificate(_))));
}
