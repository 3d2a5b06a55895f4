use std::collections::BTreeSet;

use proptest::prelude::*;
use types::AccountId;

use super::AccountSet;
use crate::Context;
use crate::testing::{account, context};

fn ids(numbers: &BTreeSet<u32>) -> Vec<AccountId> {
    let mut ids: Vec<_> = numbers.iter().map(|number| account(1, *number)).collect();
    ids.sort_unstable();
    ids
}

proptest! {
    /// Whatever is put in and taken out, what is left comes in the order of turns, and equals a
    /// set that was made at once.
    #[test]
    fn accounts_come_in_the_order_of_their_turns(
        first in prop::collection::btree_set(0_u32..40, 0..20),
        then in prop::collection::btree_set(0_u32..40, 0..20),
        rotation in 0_u32..40,
    ) {
        let all = AccountSet::default().with(ids(&first).into_iter().map(|id| (id, true)));
        let swapped = ids(&then).into_iter().map(|id| (id, !all.contains(&id)));
        let set = all.with(swapped);
        let left: BTreeSet<_> = first.symmetric_difference(&then).copied().collect();
        let ctx = Context { rotation: account(1, rotation), ..context() };
        let mut turns = ids(&left);
        prop_assert!(set.iter().eq(turns.iter().copied()));
        turns.sort_unstable_by_key(|id| ctx.turn(id));
        prop_assert!(set.in_turn(&ctx.rotation).eq(turns));
        prop_assert_eq!(set.len(), left.len() as u64);
        let at_once = AccountSet::default().with(ids(&left).into_iter().map(|id| (id, true)));
        prop_assert_eq!(set.is_empty(), left.is_empty());
        prop_assert_eq!(set, at_once);
    }
}
