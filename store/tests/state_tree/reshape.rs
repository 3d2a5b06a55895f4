//! Split is a cut by prefix, merge is a join.

use proptest::prelude::*;
use store::Prefix;

use crate::{Content, Tree, content, key, slow, tree};

proptest! {
    #[test]
    fn a_cut_is_the_tree_of_its_keys(content in content(), key in key(), bits in 0usize..=256) {
        let prefix = Prefix::new(&key, bits).unwrap();
        let mut kept = content.clone();
        kept.retain(|key, _| prefix.contains(key));
        let cut = tree(&content).under(&prefix);
        prop_assert_eq!(cut.root(), slow::root(&kept));
        prop_assert!(cut.iter().eq(kept.iter()));
    }

    #[test]
    fn split_and_join_restore_the_root(content in content(), bits in 0usize..5) {
        let whole = tree(&content);
        let parts = whole.split(bits);
        prop_assert_eq!(parts.len(), 1 << bits);
        let mut joined = Tree::new();
        for (prefix, part) in &parts {
            prop_assert!(part.iter().all(|(key, _)| prefix.contains(key)));
            joined = joined.join(part).unwrap();
        }
        prop_assert_eq!(joined.root(), whole.root());
        prop_assert_eq!(joined.len(), whole.len());
    }

    #[test]
    fn any_two_trees_without_a_common_key_join(
        content in content(), left in prop::collection::vec(any::<bool>(), 40),
    ) {
        let whole = tree(&content);
        let (mut a, mut b) = (Content::new(), Content::new());
        for ((key, value), left) in content.iter().zip(left) {
            if left { &mut a } else { &mut b }.insert(*key, value.clone());
        }
        let (a, b) = (tree(&a), tree(&b));
        prop_assert_eq!(a.join(&b).unwrap().root(), whole.root());
        prop_assert_eq!(b.join(&a).unwrap().root(), whole.root());
    }

    #[test]
    fn a_common_key_is_named(a in content(), b in content()) {
        let common = a.keys().find(|key| b.contains_key(*key)).copied();
        let error = tree(&a).join(&tree(&b)).err();
        prop_assert_eq!(error.map(|e| e.key), common);
    }
}

#[test]
fn prefixes_halve() {
    let zero = Prefix::ALL.half(false).unwrap();
    let one = Prefix::ALL.half(true).unwrap();
    assert!(zero.contains(&[0x7f; 32]) && !zero.contains(&[0x80; 32]));
    assert!(one.contains(&[0x80; 32]) && !one.contains(&[0x7f; 32]));
    assert_eq!(one.half(true), Prefix::new(&[0xff; 32], 2));
    assert_eq!(Prefix::new(&[1; 32], 256).unwrap().half(true), None);
    assert_eq!(Prefix::new(&[1; 32], 257), None);
    assert_eq!(zero.first_key(), &[0; 32]);
}
