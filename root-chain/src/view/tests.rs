use types::{ChainId, News};

use super::{ViewError, root_block};
use crate::elections::ElectionRules;
use crate::testing::{Chain, ONE, Root, TWO, first_header};

#[test]
fn a_root_block_shows_the_records_that_it_made() {
    let (mut one, two) = (Chain::new(ONE), Chain::new(TWO));
    let mut root = Root::new(&[&one, &two]);
    let header = |root: &Root, height| {
        let mut header = first_header(ChainId::ROOT, root.state.lanes());
        (header.height, header.state_root) = (height, root.state.root());
        header
    };
    let first = root_block(&header(&root, 0), &root.state).unwrap();
    let chains: Vec<_> = first
        .records
        .iter()
        .map(|record| record.tip.chain)
        .collect();
    assert_eq!(chains, [ONE, TWO], "at genesis all chains");

    one.grow(2, 10);
    let height = root.height;
    let made = root.record(&[one.anchor(0)]).unwrap();
    let block = root_block(&header(&root, height), &root.state).unwrap();
    assert_eq!(block.records, made);
    assert_eq!(block.lanes, *root.state.lanes());
    let next = root_block(&header(&root, height + 1), &root.state).unwrap();
    assert_eq!(next.records, []);
}

/// What a node learns that has a state and did not execute the block.
#[test]
fn a_root_block_shows_the_news_that_it_made() {
    let own = Chain::new(ChainId::ROOT);
    let mut one = Chain::new(ONE);
    let rules = ElectionRules {
        chain_epoch: 100,
        root_epoch: 100,
        stall: 3,
        ..ElectionRules::FIXED
    };
    let mut root = Root::with_terms(&[&own, &one], rules);
    root.height = 5;
    one.grow(1, 4);
    root.record(&[one.anchor(0)]).unwrap();
    for height in 6..12 {
        let made = root.block(&[], &[]).unwrap();
        let mut header = first_header(ChainId::ROOT, root.state.lanes());
        (header.height, header.state_root) = (height, root.state.root());
        let block = root_block(&header, &root.state).unwrap();
        assert_eq!((block.news, block.records), (made.news, made.records));
        let told = News::Frozen {
            chain: ONE,
            until: 1,
        };
        let news = root_block(&header, &root.state).unwrap().news;
        assert_eq!(news.contains(&told), height == 9, "at {height}");
    }
}

#[test]
fn a_state_that_is_not_the_headers_is_refused() {
    let (one, two) = (Chain::new(ONE), Chain::new(TWO));
    let root = Root::new(&[&one, &two]);
    let mut header = first_header(ChainId::ROOT, root.state.lanes());
    assert_eq!(root_block(&header, &root.state), Err(ViewError::State));
    header.state_root = root.state.root();
    let other = root.state.clone();
    root_block(&header, &other).unwrap();
    header.lanes_root = crypto::Hash::ZERO;
    assert_eq!(root_block(&header, &root.state), Err(ViewError::Lanes));
    header.chain = ONE;
    assert_eq!(root_block(&header, &root.state), Err(ViewError::NotRoot));
}
