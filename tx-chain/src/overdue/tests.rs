use types::{Lanes, RootBlock};

use super::*;
use crate::terms::Viewer;
use crate::testing::{HERE, SOURCE, header, import, view};

/// A root at `height` that has shown one message for HERE since height 0.
fn waited(height: Height) -> RootView {
    let mut view = view(1, 10, 100);
    for at in 1..=height {
        let block = RootBlock {
            header: header(ChainId::ROOT, at),
            lanes: Lanes::default(),
            records: vec![],
            news: vec![],
        };
        let viewer = Viewer {
            chain: HERE,
            epoch: 0,
            cited: 0,
        };
        assert!(view.push(&block, viewer));
    }
    view
}

fn judge(height: Height, held: bool, value: u128, imports: &[Import]) -> Option<ChainId> {
    let (view, lanes) = (waited(height), Lanes::default());
    let mut inbox = Inbox::default();
    if held {
        inbox.hold(import(0, 1, 10, value));
    }
    let books = Books::new(HERE, &view, height, &lanes);
    ignored(&view, height, books, &inbox, imports)
}

#[test]
fn a_lane_that_waited_for_eight_root_heights_must_not_be_ignored() {
    assert_eq!(judge(OVERDUE, true, 100, &[]), Some(SOURCE));
}

#[test]
fn nobody_is_held_to_what_is_young_unseen_unbooked_or_has_its_turn_next() {
    let other = import(0, 1, 10, 100);
    let cases = [
        ("young", judge(OVERDUE - 1, true, 100, &[])),
        ("unseen", judge(OVERDUE, false, 100, &[])),
        ("unbooked", judge(OVERDUE, true, 101, &[])),
        ("its turn is next", judge(OVERDUE, true, 100, &[other])),
    ];
    for (case, found) in cases {
        assert_eq!(found, None, "{case}");
    }
}
