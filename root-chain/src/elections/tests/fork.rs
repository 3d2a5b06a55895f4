//! E.2, relay I5: a second certified chain of blocks. The first that is recorded stays.

use crypto::merkle::{InclusionProof, MerkleTree, leaf_hash};
use types::{Apart, News, Rival, Tip};

use super::{RULES, World};
use crate::anchors;
use crate::declaration::RootDeclaration;
use crate::elections::{self, Stage};
use crate::testing::{Chain, ONE};

/// Chain 1 at height 3, recorded, and a second history of it from height 2 on, up to 5.
fn forked() -> (World, Chain) {
    let mut world = World::new(&[10; 6]);
    world.run_to(9);
    world.one.grow(1, 5);
    let mut other = world.one.clone();
    world.one.grow(2, 5);
    other.grow(4, 6);
    let anchor = world.one.anchor(0);
    world.root.block(&[anchor], &[]).unwrap();
    (world, other)
}

/// A chain as it was at a height.
fn at(chain: &Chain, mut headers: Vec<types::Header>, height: usize) -> Chain {
    let mut chain = chain.clone();
    chain.blocks.truncate(height + 1);
    chain.tip = headers.swap_remove(height);
    chain
}

/// The leaf of a chain's history at a height, and that it lies below its tip.
fn leaf(chain: &Chain, height: u64) -> (crypto::Hash, InclusionProof) {
    let below = &chain.blocks[..chain.blocks.len() - 1];
    let leaves = below.iter().map(|hash| leaf_hash(hash.as_bytes()));
    let leaves: Vec<_> = leaves.collect();
    let leaf = leaves[height as usize];
    let tree = MerkleTree::from_leaf_hashes(leaves);
    (leaf, tree.prove(height).unwrap())
}

fn rival(chain: &Chain, apart: Apart) -> Rival {
    Rival {
        tip: chain.tip.clone(),
        tails: Vec::new(),
        finality: chain.certify(&chain.tip, &[1, 2, 3]),
        apart,
    }
}

fn above(chain: &Chain, recorded: u64) -> Rival {
    let (leaf, proof) = leaf(chain, recorded);
    rival(chain, Apart::Above { leaf, proof })
}

fn said(rival: Rival) -> RootDeclaration {
    RootDeclaration::Rival(Box::new(rival))
}

fn freezes(world: &mut World, rival: Rival) {
    let frozen = world.block(&[said(rival)]).news;
    let expected = News::Frozen {
        chain: ONE,
        until: 1,
    };
    assert_eq!(frozen, [expected]);
    let record = anchors::record(&world.root.state, ONE).unwrap();
    assert_eq!(record.tip, Tip::of(&world.one.tip), "the first stays");
    let stage = world.term(ONE).stage;
    let elects = matches!(stage, Stage::Electing(_));
    assert!(elects, "without waiting for the end: {stage:?}");
}

fn refused(world: &mut World, rival: Rival, why: &str) {
    let before = world.root.state.root();
    let error = world.root.block(&[], &[said(rival)]).unwrap_err();
    assert!(error.to_string().contains(why), "{error}");
    assert_eq!(world.root.state.root(), before);
}

#[test]
fn a_higher_block_of_another_history_freezes_the_chain() {
    let (mut world, other) = forked();
    let rival = above(&other, 3);
    freezes(&mut world, rival.clone());
    refused(&mut world, rival, "is frozen");
    let state = &world.root.state;
    let both = (
        elections::certified(state, ONE).unwrap(),
        elections::rival(state, ONE).unwrap(),
    );
    assert_eq!(both.0.confirm.block(), Some(world.one.tip.hash()));
    assert_eq!(both.1.confirm.block(), Some(other.tip.hash()));
}

#[test]
fn a_block_beside_the_recorded_one_freezes_the_chain() {
    let (mut world, _) = forked();
    let mut beside = world.one.clone();
    beside.tip.time = beside.tip.time.after(1);
    let rival = rival(&beside, Apart::Beside);
    freezes(&mut world, rival);
}

#[test]
fn a_lower_block_beside_the_recorded_history_freezes_the_chain() {
    let (mut world, other) = forked();
    let mut low = at(&other, vec![other.tip.clone(); 6], 2);
    low.tip.height = 2;
    let (leaf, proof) = leaf(&world.one, 2);
    let rival = rival(&low, Apart::Below { leaf, proof });
    freezes(&mut world, rival);
}

/// What lies on one chain with the recorded block, or is not certified, freezes nothing.
#[test]
fn only_certified_contradictions_count() {
    let (mut world, other) = forked();
    let good = above(&other, 3);
    let one = world.one.clone();

    let same = rival(&one, Apart::Beside);
    refused(&mut world, same, "does not contradict");
    let mut next = one.clone();
    next.grow(1, 6);
    let extends = above(&next, 3);
    refused(&mut world, extends, "does not contradict");
    let beside = Rival {
        apart: Apart::Beside,
        ..good.clone()
    };
    refused(&mut world, beside, "does not contradict");

    let (found, proof) = leaf(&other, 2);
    let elsewhere = Apart::Above { leaf: found, proof };
    refused(&mut world, rival(&other, elsewhere), "recorded is 3");
    let (found, proof) = leaf(&world.one, 2);
    let foreign = Apart::Above { leaf: found, proof };
    refused(&mut world, rival(&other, foreign), "recorded is 3");
    let Apart::Above { proof, .. } = good.apart.clone() else {
        unreachable!()
    };
    let forged = Apart::Above {
        leaf: leaf_hash(b"another"),
        proof,
    };
    refused(&mut world, rival(&other, forged), "history");

    let few = Rival {
        finality: other.certify(&other.tip, &[1, 2]),
        ..good.clone()
    };
    refused(&mut world, few, "seats");
    let of_another = Rival {
        finality: one.certify(&one.tip, &[1, 2, 3]),
        ..good.clone()
    };
    refused(&mut world, of_another, "tip");
    let mut unsigned = good.clone();
    unsigned.finality.confirm.signature = unsigned.finality.prepare.signature;
    refused(&mut world, unsigned, "signature");
    freezes(&mut world, good);
}

/// Its keys may leak, or be sold: the next committee goes on with what was recorded.
#[test]
fn a_committee_of_the_past_freezes_nothing() {
    let mut world = World::new(&[10; 6]);
    let committee = world.elect();
    let ready = world.ready(&committee);
    world.block(&ready);
    world.run_to(60);
    let mut other = world.one.clone();
    other.grow(4, 6);
    let mut closing = world.one.next(60);
    closing.phase = types::Phase::Closing;
    world.one.push(closing);
    let anchor = world.one.anchor(0);
    world.root.block(&[anchor], &[]).unwrap();
    let late = above(&other, 1);
    refused(&mut world, late, "epoch");
    assert_eq!(world.term(ONE).frozen, None);
}

/// The next committee builds on the recorded block, and the rival is forgotten.
#[test]
fn a_forked_chain_is_rescued_from_the_last_anchor() {
    let (mut world, other) = forked();
    freezes(&mut world, above(&other, 3));
    let opened = world.term(ONE).election().unwrap().opened;
    world.run_to(opened);
    let seed = world.seed(opened);
    world.block(&[seed]);
    let known = world.root.height - 1;
    let declared = world.all_elected(ONE).into_iter().map(super::boxed);
    world.block(&declared.collect::<Vec<_>>());
    let news = world.run_to(known + RULES.window + RULES.rescue + 1);
    let base = news.iter().find_map(|news| match news {
        News::Rescued { base, .. } => Some(*base),
        _ => None,
    });
    assert_eq!(base, Some(Tip::of(&world.one.tip)));
    assert_eq!(elections::rival(&world.root.state, ONE), None);
    let late = above(&other, 3);
    refused(&mut world, late, "epoch");
}

/// One block records an anchor, freezes its chain for a rival and would rescue another history from
/// below the anchor: what was recorded stays.
#[test]
fn what_a_block_records_is_not_rescued_away_in_it() {
    let (mut world, other) = forked();
    let mut at = world.one.clone();
    world.one.grow(2, 7);
    let anchor = world.one.anchor(3);
    let mut rival = other;
    rival.grow(2, 8);
    let shown = above(&rival, 5);
    at.grow(6, 9);
    let rescue = RootDeclaration::Rescue(Box::new(at.anchor(3)));
    let before = world.root.state.root();
    let error = world
        .root
        .block(
            std::slice::from_ref(&anchor),
            &[said(shown.clone()), rescue.clone()],
        )
        .unwrap_err();
    assert!(error.to_string().contains("not frozen before"), "{error}");
    assert_eq!(world.root.state.root(), before);
    world.root.block(&[anchor], &[said(shown)]).unwrap();
    let late = world.root.block(&[], &[rescue]).unwrap_err();
    assert!(!late.to_string().contains("not frozen"), "{late}");
    let record = anchors::record(&world.root.state, ONE).unwrap();
    assert_eq!(record.tip, Tip::of(&world.one.tip), "the first stays");
}
