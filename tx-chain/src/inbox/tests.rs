use types::RootBlock;

use super::*;
use crate::root_view::KEPT;
use crate::terms::Viewer;
use crate::testing::{HERE, SOURCE, header, import, view};

/// Shows root blocks up to `height`; with `newer`, block 9 of the source at root height 10.
fn follow(view: &mut RootView, height: Height, newer: bool) {
    let record = view.record_at(SOURCE, 0).cloned().map(|mut record| {
        record.tip = Tip::of(&header(SOURCE, 9));
        record
    });
    let viewer = Viewer {
        chain: HERE,
        epoch: 0,
        cited: 0,
    };
    for at in view.latest().height + 1..=height {
        let block = RootBlock {
            header: header(ChainId::ROOT, at),
            lanes: Lanes::default(),
            records: record
                .clone()
                .filter(|_| newer && at == 10)
                .into_iter()
                .collect(),
            news: vec![],
        };
        assert!(view.push(&block, viewer));
    }
}

/// An inbox with the first bundle of the lane, under block 5 of the source.
fn waiting() -> (Inbox, RootView) {
    let mut inbox = Inbox::default();
    inbox.hold(import(0, 1, 10, 100));
    (inbox, view(1, 10, 100))
}

/// The lane's pulls: where from, under which tip.
fn pulls(inbox: &mut Inbox, view: &RootView) -> Vec<(u64, Height)> {
    let wanted = inbox.wanted(HERE, view, &Lanes::default(), Time(0), 1);
    let lane = wanted.iter().filter(|pull| pull.source == SOURCE);
    lane.map(|pull| (pull.from, pull.tip)).collect()
}

#[test]
fn a_bundle_under_a_tip_that_is_about_to_be_lost_is_pulled_again() {
    let (mut inbox, mut view) = waiting();
    follow(&mut view, KEPT / 2 + 9, true);
    assert_eq!(pulls(&mut inbox, &view), []);
    follow(&mut view, KEPT / 2 + 9 + RENEWAL, true);
    assert_eq!(pulls(&mut inbox, &view), [(0, 9)]);
}

#[test]
fn a_bundle_under_the_newest_tip_waits_however_old_that_is() {
    let (mut inbox, mut view) = waiting();
    follow(&mut view, 2 * KEPT, false);
    assert_eq!(pulls(&mut inbox, &view), []);
}
