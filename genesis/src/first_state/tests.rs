use actors::Account;
use types::{AccountId, Amount, ChainId};

use super::{FirstBlockError, first_block};
use crate::devnet;
use crate::preset::{ACCOUNTS, BALANCE};

const ONE: ChainId = ChainId(1);

/// [S6] Every chain mints what its accounts hold, and all chains together the whole supply.
#[test]
fn balances_are_where_routing_says_and_minted_there() {
    let (spec, secrets) = devnet(1, 2, [1; 32]);
    let mut minted = Amount::ZERO;
    for chain in spec.chain_ids() {
        let first = first_block(&spec, chain, []).unwrap();
        let ledger = first.state.lanes().ledger;
        assert_eq!(ledger.minted, BALANCE.times(ACCOUNTS.into()).unwrap());
        assert!(first.state.conserves());
        for account in &secrets.accounts {
            let here = account.chain == chain;
            assert_eq!(first.state.account(&account.id).is_some(), here);
        }
        minted = minted.plus(ledger.minted).unwrap();
    }
    let supply = Amount::sum(spec.accounts.iter().map(|account| account.balance));
    assert_eq!(Some(minted), supply);
}

#[test]
fn the_header_commits_to_the_state_and_to_nothing_before() {
    let (mut spec, _) = devnet(1, 1, [1; 32]);
    spec.start.0 = 1_234;
    let first = first_block(&spec, ONE, []).unwrap();
    let header = &first.header;
    assert_eq!((header.height, header.round, header.epoch), (0, 0, 0));
    assert_eq!(header.time.0, 1_234);
    assert_eq!(header.state_root, first.state.root());
    assert_eq!(header.lanes_root, first.state.lanes().root());
    assert_eq!(header.history_root, crypto::merkle::Frontier::new().root());
    assert_eq!(
        header.history_root,
        crypto::merkle::MerkleTree::from_leaf_hashes(vec![]).root()
    );
}

/// [S7] Two networks with equal states have different first blocks; so have two chains.
#[test]
fn first_blocks_of_different_networks_differ() {
    let (spec, _) = devnet(1, 1, [1; 32]);
    let mut other = spec.clone();
    other.timing.delta_ms += 1;
    let [a, b] = [&spec, &other].map(|spec| first_block(spec, ONE, []).unwrap());
    assert_eq!(a.state.root(), b.state.root());
    assert_ne!(a.header.hash(), b.header.hash());
    let root = first_block(&spec, ChainId::ROOT, []).unwrap();
    assert_ne!(root.header.hash(), a.header.hash());
}

#[test]
fn system_accounts_are_part_of_the_state() {
    let (spec, _) = devnet(1, 1, [1; 32]);
    let id = AccountId::system(ONE, 9);
    let account = Account {
        nonce: 7,
        ..Account::default()
    };
    let first = first_block(&spec, ONE, [(id, account)]).unwrap();
    assert_eq!(first.state.nonce(&id), 7);
    let bare = first_block(&spec, ONE, []).unwrap();
    assert_ne!(first.header.hash(), bare.header.hash());
}

#[test]
fn misplaced_accounts_are_refused() {
    let (spec, secrets) = devnet(1, 1, [1; 32]);
    let there = AccountId::system(ChainId::ROOT, 9);
    let own = secrets.accounts.iter().find(|a| a.chain == ONE).unwrap().id;
    let rich = Account::with_balance(Amount(u128::MAX));
    let here = AccountId::system(ONE, 9);
    let refusal = |id, account| first_block(&spec, ONE, [(id, account)]).unwrap_err();
    let foreign = FirstBlockError::Foreign {
        id: there,
        home: ChainId::ROOT,
        chain: ONE,
    };
    assert_eq!(refusal(there, Account::default()), foreign);
    let repeated = FirstBlockError::Repeated { id: own };
    assert_eq!(refusal(own, Account::default()), repeated);
    assert_eq!(refusal(here, rich), FirstBlockError::Supply { chain: ONE });
    let unknown = first_block(&spec, ChainId(2), []).unwrap_err();
    assert_eq!(unknown, FirstBlockError::UnknownChain { chain: ChainId(2) });
}
