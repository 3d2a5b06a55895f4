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

/// What the root's checkpoint knows is what a chain of the node begins with.
#[test]
fn the_root_keeps_some_more_terms_of_each_chain() {
    let mut view = RootView::genesis(&block(0));
    let viewer = Viewer {
        chain: ChainId::ROOT,
        epoch: 0,
        cited: 0,
    };
    for height in 1..=18 {
        view.push(&block(height), viewer);
    }
    assert_eq!(known(&view, HERE), (2..=19).collect::<Vec<_>>());
}

/// A chain that lags executes blocks that cite old root heights.
#[test]
fn seeds_are_kept_from_the_height_on_that_a_chain_cites() {
    let last = KEPT + 100;
    for (cited, known) in [(last, 100), (50, 50)] {
        let mut view = RootView::genesis(&block(0));
        for height in 1..=last {
            let seed = crypto::Hash::from([height as u8; 32]);
            let told = RootBlock {
                records: vec![],
                news: vec![News::Seed { height, seed }],
                ..block(height)
            };
            let viewer = Viewer {
                chain: HERE,
                epoch: 0,
                cited,
            };
            view.push(&told, viewer);
        }
        let oldest = (0..last).find(|at| view.terms().seed_at(*at).is_some());
        assert_eq!(oldest, Some(known), "cited {cited}");
    }
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
