//! A network with terms begins as its spec says.

use assembly::Network;
use types::ChainId;

#[test]
fn a_devnet_with_terms_knows_committees_stakers_and_when_to_elect() {
    let (spec, _) = genesis::devnet_with_terms(4, 2, [3; 32]);
    let terms = spec.terms;
    let network = Network::new(spec.clone()).unwrap();
    let state = &network.first(ChainId::ROOT).unwrap().state;
    for chain in network.chains() {
        let first = root_chain::committees::committee(state, chain, 0);
        assert_eq!(first.as_ref(), network.committee(chain));
        let holders = root_chain::committees::holders(state, chain, 0).unwrap();
        assert_eq!(holders, spec.holders(chain));
        assert!(holders.iter().all(Option::is_some), "each validator stakes");
        let term = root_chain::elections::term(state, chain).unwrap();
        assert_eq!((term.epoch, term.since), (0, 0));
        let (length, lead) = match chain.is_root() {
            true => (terms.root_epoch, terms.root_lead),
            false => (terms.chain_epoch, terms.lead),
        };
        assert!(term.end <= length && term.end > lead, "chain {chain}");
    }
}

/// Without terms there is nothing of elections in the state.
#[test]
fn a_plain_devnet_elects_nobody() {
    let (spec, _) = genesis::devnet(4, 1, [3; 32]);
    let network = Network::new(spec).unwrap();
    let state = &network.first(ChainId::ROOT).unwrap().state;
    assert_eq!(root_chain::elections::term(state, ChainId(1)), None);
    assert!(root_chain::committees::committee(state, ChainId(1), 0).is_some());
}
