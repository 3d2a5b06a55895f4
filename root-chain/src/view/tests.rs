use types::ChainId;

use super::{ViewError, root_block};
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
