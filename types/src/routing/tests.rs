use proptest::prelude::*;

use super::*;

/// Accounts of one chain, by the half of its ids in which hashes point.
#[test]
fn hashes_point_everywhere_in_a_chain_alike() {
    for chains in [1, 3, 8] {
        let table = RoutingTable::even(chains);
        for chain in table.chains() {
            let ids = (0..4_000_u32).map(|number| {
                let hash = crypto::hash(domain::ROUTING, &[&number.to_le_bytes()]);
                table.point(chain, hash)
            });
            let mut ids: Vec<_> = ids.collect();
            assert!(ids.iter().all(|id| table.home(id) == chain));
            ids.sort_unstable();
            let (low, high) = (ids[0], ids[ids.len() - 1]);
            let number = |id: AccountId| {
                let [a, b, c, d, ..] = *id.as_bytes();
                u32::from_be_bytes([a, b, c, d])
            };
            let middle = number(low) / 2 + number(high) / 2;
            let below = ids.iter().filter(|id| number(**id) < middle).count();
            assert!((1_800..2_200).contains(&below), "{chain}: {below}");
        }
    }
}

proptest! {
    #[test]
    fn a_point_lies_in_any_of_a_chains_parts(
        starts in prop::collection::btree_set(1..u16::MAX, 0..12),
        hash in any::<[u8; 32]>(),
    ) {
        let starts = [0].into_iter().chain(starts);
        let routes = starts.enumerate().map(|(at, start)| Route {
            start,
            chain: ChainId(at as u32 % 3),
        });
        let table = RoutingTable::new(routes.collect()).expect("in order");
        for chain in table.chains() {
            let id = table.point(chain, hash.into());
            prop_assume!(id.system_chain().is_none());
            prop_assert_eq!(table.home(&id), chain);
        }
        prop_assert_eq!(table.point(ChainId(99), hash.into()), AccountId(hash.into()));
    }
}
