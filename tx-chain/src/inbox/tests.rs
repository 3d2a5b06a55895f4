use types::{
    AccountId, Amount, Bundle, Gas, Header, MessageId, RelayBody, RelayMessage, RootBlock,
};

use super::*;
use crate::history::History;
use crate::outbox::Outbox;
use crate::root_view::KEPT;
use crate::terms::Viewer;
use crate::testing::{HERE, SOURCE, header, import, view};

/// The root height at which block 9 of the source is recorded, block 5 long before.
const NEWER: Height = 10;
/// The first root height at which proofs under block 5 are to be renewed.
const OLD: Height = KEPT / 2 + NEWER;
/// The first root height at which they count no more.
const LOST: Height = KEPT + NEWER;

fn message() -> RelayMessage {
    RelayMessage {
        trace: MessageId::default(),
        parent: MessageId::default(),
        output: 0,
        depth: 1,
        from: AccountId::system(SOURCE, 1),
        to: AccountId::system(HERE, 1),
        payer: AccountId::system(SOURCE, 1),
        value: Amount(1),
        gas: Gas { limit: 0, price: 0 },
        deadline: 0,
        body: RelayBody::Credit,
    }
}

/// Block 5 of the source, in which the first bundle of the lane leaves.
fn sent() -> (Header, Bundle) {
    let bundle = Bundle::of(HERE, 0, &[message()]).unwrap();
    let outbox_root = Bundle::outbox_root(&[bundle]);
    let header = Header {
        outbox_root,
        ..header(SOURCE, 5)
    };
    (header, bundle)
}

fn history() -> History {
    let mut blocks: Vec<_> = (0..9).map(|at| header(SOURCE, at).hash()).collect();
    blocks[5] = sent().0.hash();
    History::of(blocks)
}

/// The tip of that height, 5 or 9.
fn tip(height: Height) -> Tip {
    match height {
        5 => Tip::of(&sent().0),
        _ => Tip {
            history_root: history().root_at(height).unwrap(),
            ..Tip::of(&header(SOURCE, height))
        },
    }
}

/// The bundle under the tip of that height.
fn under(tip: Height) -> Import {
    let (header, bundle) = sent();
    let mut outbox = Outbox::default();
    outbox.push(&header, &[(bundle, vec![message()])]);
    let pull = Pull {
        source: SOURCE,
        destination: HERE,
        from: 0,
        tip,
    };
    outbox.answer(&pull, &history()).remove(0)
}

/// Shows root blocks up to `height`, and in them block 5 of the source and, with `newer`, block 9.
fn follow(view: &mut RootView, height: Height, newer: bool) {
    let viewer = Viewer {
        chain: HERE,
        epoch: 0,
        cited: 0,
    };
    for at in view.latest().height + 1..=height {
        let shown = match at {
            1 => Some(5),
            NEWER if newer => Some(9),
            _ => None,
        };
        let record = |of| types::AnchorRecord {
            tip: tip(of),
            ..view.record_at(SOURCE, at).cloned().unwrap()
        };
        let block = RootBlock {
            header: header(ChainId::ROOT, at),
            lanes: Lanes::default(),
            records: shown.map(record).into_iter().collect(),
            news: vec![],
        };
        assert!(view.push(&block, viewer));
    }
}

fn offer(inbox: &mut Inbox, import: Import, view: &RootView) -> Result<(), ImportError> {
    let place = (HERE, &RoutingTable::even(2));
    inbox.offer(import, place, view, &Lanes::default())
}

/// An inbox with the bundle under block 5, as seen at a root height.
fn waiting(height: Height, newer: bool) -> (Inbox, RootView) {
    let (mut inbox, mut view) = (Inbox::default(), view(1, 1_000, 1_000));
    follow(&mut view, 1, newer);
    offer(&mut inbox, under(5), &view).unwrap();
    follow(&mut view, height, newer);
    (inbox, view)
}

/// The lane's pulls: where from, under which tip.
fn pulls(inbox: &mut Inbox, view: &RootView, now: u64) -> Vec<(u64, Height)> {
    let wanted = inbox.wanted(HERE, view, &Lanes::default(), Time(now), 10);
    let lane = wanted.iter().filter(|pull| pull.source == SOURCE);
    lane.map(|pull| (pull.from, pull.tip)).collect()
}

fn is_ready(inbox: &Inbox, view: &RootView) -> bool {
    let lanes = Lanes::default();
    let books = || Books::new(HERE, view, view.latest().height, &lanes);
    let room = Room {
        messages: 10,
        bytes: 10_000,
    };
    let ready = inbox.is_ready(books(), &lanes);
    let taken = inbox.ready(books(), &lanes, 0, room);
    assert_eq!(taken.len(), usize::from(ready));
    ready
}

#[test]
fn a_bundle_under_a_tip_that_is_about_to_be_lost_is_asked_for_again_and_stays() {
    let (mut inbox, view) = waiting(OLD - 1, true);
    assert_eq!(pulls(&mut inbox, &view, 0), []);
    assert!(!inbox.is_waiting(HERE, &view, &Lanes::default()));
    for height in [OLD, LOST - 1] {
        let (mut inbox, view) = waiting(height, true);
        assert_eq!(pulls(&mut inbox, &view, 0), [(0, 9)]);
        assert_eq!(pulls(&mut inbox, &view, 9), []);
        assert_eq!(pulls(&mut inbox, &view, 10), [(0, 9)]);
        assert!(inbox.is_waiting(HERE, &view, &Lanes::default()));
        assert!(is_ready(&inbox, &view));
    }
}

#[test]
fn a_bundle_under_a_newer_tip_takes_the_place_of_one_that_grows_old() {
    for (height, held) in [(OLD - 1, 5), (OLD, 9), (LOST, 9)] {
        let (mut inbox, view) = waiting(height, true);
        assert_eq!(offer(&mut inbox, under(9), &view), Ok(()));
        assert!(inbox.holds(&under(held)), "at {height}");
        assert_eq!(offer(&mut inbox, under(5), &view), Ok(()));
        assert!(inbox.holds(&under(held)), "at {height}");
        assert_eq!(pulls(&mut inbox, &view, 0), []);
        assert!(is_ready(&inbox, &view));
    }
}

#[test]
fn what_is_forged_takes_no_place() {
    let (mut inbox, view) = waiting(OLD, true);
    let forged = |tip| {
        let mut forged = under(tip);
        forged.messages[0].value = Amount(2);
        forged
    };
    let refused = offer(&mut inbox, forged(9), &view);
    assert_eq!(refused, Err(ImportError::Proof));
    // Not even looked at: it would renew nothing.
    assert_eq!(offer(&mut inbox, forged(5), &view), Ok(()));
    assert!(inbox.holds(&under(5)));
}

#[test]
fn another_bundle_takes_the_place_of_one_that_counts_no_more_only() {
    for (height, takes) in [(OLD, false), (LOST, true)] {
        let (mut inbox, view) = waiting(height, true);
        inbox.hold(import(0, 1, 10, 100));
        offer(&mut inbox, under(9), &view).unwrap();
        assert_eq!(inbox.holds(&under(9)), takes, "at {height}");
    }
}

#[test]
fn what_cannot_be_proved_any_more_is_not_proposed() {
    let (mut inbox, view) = waiting(LOST, true);
    assert!(!is_ready(&inbox, &view));
    assert_eq!(pulls(&mut inbox, &view, 0), [(0, 9)]);
}

#[test]
fn a_bundle_under_the_newest_tip_waits_however_old_that_is() {
    let (mut inbox, view) = waiting(2 * KEPT, false);
    assert_eq!(pulls(&mut inbox, &view, 0), []);
    assert!(is_ready(&inbox, &view));
}
