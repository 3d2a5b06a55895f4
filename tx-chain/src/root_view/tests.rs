use types::{Committee, Epoch, Lanes, News};

use super::*;
use crate::testing::{HERE, SOURCE, header};

fn committee(chain: ChainId, epoch: Epoch) -> Committee {
    Committee {
        chain,
        epoch,
        members: Vec::new(),
    }
}

/// Root block `height` records an anchor of each chain in that term, and tells of the next one.
fn block(height: Height) -> RootBlock {
    let record = |chain| AnchorRecord {
        tip: Tip::of(&header(chain, height)),
        epoch: height,
        closing: false,
        root_ref: 0,
        outbox_root: crypto::merkle::EMPTY_ROOT,
        state_root: crypto::merkle::EMPTY_ROOT,
        lanes: Lanes::default(),
        recorded: height,
    };
    let told = |chain| News::Elected(committee(chain, height + 1));
    RootBlock {
        header: header(ChainId::ROOT, height),
        lanes: Lanes::default(),
        records: [HERE, SOURCE].map(record).into(),
        news: [HERE, SOURCE].map(told).into(),
    }
}

/// A view of the root up to a height by a chain in that term.
fn seen(epoch: Epoch, upto: Height) -> RootView {
    let mut view = RootView::genesis(&block(0));
    let (chain, cited) = (HERE, 0);
    let viewer = Viewer {
        chain,
        epoch,
        cited,
    };
    for height in 1..=upto {
        assert!(view.push(&block(height), viewer));
    }
    view
}

fn known(view: &RootView, chain: ChainId) -> Vec<Epoch> {
    let epochs = (0..20).filter(|epoch| view.terms().get(chain, *epoch).is_some());
    epochs.collect()
}

#[test]
fn a_chain_keeps_the_terms_that_lie_before_it_and_no_others() {
    let view = seen(3, 6);
    assert_eq!(known(&view, HERE), [3, 4, 5, 6, 7]);
    assert_eq!(known(&view, SOURCE), [6, 7]);
}

/// The root's checkpoint is newer than the chain's: what only that knows of terms stays.
#[test]
fn a_newer_view_takes_over_the_terms_of_the_chain_alone() {
    let newer = seen(9, 9);
    assert_eq!(known(&newer, HERE), [9, 10]);
    let both = newer.with_terms_of(HERE, &seen(3, 6));
    assert_eq!(known(&both, HERE), [3, 4, 5, 6, 7, 9, 10]);
    assert_eq!(known(&both, SOURCE), [9, 10]);
    assert_eq!(both.latest().height, 9);
}
