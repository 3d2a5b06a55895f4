use actors::{Edit, State};
use types::{ChainId, Committee, CommitteeError};

use super::{
    CommitteeCache, Committees, CommitteesError, Seated, account_id, committee, holders, kept,
    prune, put,
};
use crate::testing::{Chain, ONE, TWO};

fn known() -> (Seated, State) {
    let [one, two] = [ONE, TWO].map(|chain| Seated::unstaked(Chain::new(chain).committee));
    let known = Committees::genesis([one.clone(), two]).unwrap();
    assert_eq!(known.first(ONE), Some(&one.committee));
    let state = State::genesis([(account_id(), known.first_account())]).unwrap();
    (one, state)
}

#[test]
fn first_committees_are_those_of_epoch_0() {
    let (one, state) = known();
    assert_eq!(committee(&state, ONE, 0), Some(one.committee));
    assert_eq!(holders(&state, ONE, 0), Some(vec![None; 4]));
    assert_eq!(committee(&state, ONE, 1), None);
    assert_eq!(committee(&state, ChainId(3), 0), None);
}

#[test]
fn old_committees_are_kept_until_they_are_old_enough() {
    let (mut one, mut state) = known();
    for epoch in 1..=4 {
        one.committee.epoch = epoch;
        let mut edit = Edit::new(&state);
        put(&mut edit, &one, 100 * epoch);
        state = edit.finish();
    }
    let pruned = |serving, below| {
        let mut edit = Edit::new(&state);
        prune(&mut edit, ONE, serving, below);
        let state = edit.finish();
        let epochs: Vec<_> = (0..=4)
            .filter(|epoch| committee(&state, ONE, *epoch).is_some())
            .collect();
        let listed: Vec<_> = kept(&state, ONE).iter().map(|(epoch, _)| *epoch).collect();
        assert_eq!(epochs, listed);
        epochs
    };
    assert_eq!(pruned(4, 0), [0, 1, 2, 3, 4]);
    assert_eq!(pruned(4, 201), [3, 4]);
    assert_eq!(
        pruned(2, 1_000),
        [2, 3, 4],
        "those in office and after stay"
    );
}

/// Competing blocks may hold different committees of one epoch.
#[test]
fn the_cache_gives_what_the_state_holds() {
    let (mut one, state) = known();
    let cache = CommitteeCache::default();
    let first = cache.get(&state, ONE, 0).unwrap();
    assert_eq!(*first, one.committee);
    let mut edit = Edit::new(&state);
    one.committee.members.pop();
    one.holders.pop();
    put(&mut edit, &one, 0);
    let other = edit.finish();
    assert_eq!(*cache.get(&other, ONE, 0).unwrap(), one.committee);
    assert_eq!(cache.get(&state, ONE, 0).unwrap(), first);
    assert_eq!(cache.get(&state, ONE, 1), None);
}

#[test]
fn committees_that_cannot_work_are_refused() {
    let one = Seated::unstaked(Chain::new(ONE).committee);
    let repeated = Committees::genesis([one.clone(), one.clone()]).unwrap_err();
    assert_eq!(repeated, CommitteesError::Repeated { chain: ONE });
    let mut short = one.clone();
    short.holders.pop();
    let holders = CommitteesError::Holders {
        chain: ONE,
        members: 4,
        holders: 3,
    };
    assert_eq!(Committees::genesis([short]).unwrap_err(), holders);
    let empty = Committee {
        members: Vec::new(),
        ..one.committee
    };
    let invalid = CommitteesError::Invalid {
        chain: ONE,
        source: CommitteeError::Size { members: 0 },
    };
    let empty = Seated::unstaked(empty);
    assert_eq!(Committees::genesis([empty]).unwrap_err(), invalid);
}
