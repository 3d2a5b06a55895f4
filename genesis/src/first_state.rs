//! The first state and the first header of a chain. [S6] [S7]

use actors::{Account, State};
use crypto::merkle::EMPTY_ROOT;
use types::{
    AccountId, BlockHash, Body, ChainId, Header, Justification, NetworkId, Order, RootRef, Time,
};

use crate::spec::ChainSpec;

#[cfg(test)]
mod tests;

/// A chain at height 0.
#[derive(Clone, Debug)]
pub struct FirstBlock {
    /// The header, which nobody signed: it follows from the spec.
    pub header: Header,
    /// The state that it commits to.
    pub state: State,
}

/// Why a chain has no first block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FirstBlockError {
    /// The spec does not have the chain.
    #[error("chain {chain} is not in the chain spec")]
    UnknownChain {
        /// The chain.
        chain: ChainId,
    },
    /// An account of the protocol is not on this chain.
    #[error("account {id} lives on chain {home}, not on chain {chain}")]
    Foreign {
        /// The account.
        id: AccountId,
        /// Where it lives.
        home: ChainId,
        /// Where it was to be put.
        chain: ChainId,
    },
    /// An account is there twice.
    #[error("account {id} is there twice")]
    Repeated {
        /// The account.
        id: AccountId,
    },
    /// The balances add up to 2^128 or more.
    #[error("the balances of chain {chain} add up to 2^128 or more")]
    Supply {
        /// The chain.
        chain: ChainId,
    },
}

/// The first block of `chain`: the spec's accounts that live there, and `system`, the accounts
/// that the protocol itself needs on it, with what they remember from the start.
pub fn first_block(
    spec: &ChainSpec,
    chain: ChainId,
    system: impl IntoIterator<Item = (AccountId, Account)>,
) -> Result<FirstBlock, FirstBlockError> {
    if !spec.chain_ids().contains(&chain) {
        return Err(FirstBlockError::UnknownChain { chain });
    }
    let funded = spec
        .accounts
        .iter()
        .filter(|entry| spec.home(&entry.id) == chain)
        .map(|entry| (entry.id, Account::with_balance(entry.balance)));
    let mut accounts: Vec<_> = funded.collect();
    for (id, account) in system {
        let home = spec.home(&id);
        if home != chain {
            return Err(FirstBlockError::Foreign { id, home, chain });
        }
        accounts.push((id, account));
    }
    accounts.sort_by_key(|(id, _)| *id);
    let pairs = accounts.iter().zip(accounts.iter().skip(1));
    if let Some(((id, _), _)) = pairs.into_iter().find(|(a, b)| a.0 == b.0) {
        return Err(FirstBlockError::Repeated { id: *id });
    }
    let state = State::genesis(accounts).ok_or(FirstBlockError::Supply { chain })?;
    let header = header(spec.network_id(), chain, spec.start, &state);
    Ok(FirstBlock { header, state })
}

/// The header over a first state: nothing came in, nothing went out, nothing was before.
fn header(network: NetworkId, chain: ChainId, time: Time, state: &State) -> Header {
    let body = Body::default().encode();
    Header {
        version: 1,
        chain,
        epoch: 0,
        height: 0,
        round: 0,
        parent: BlockHash(network.0),
        parent_round: 0,
        justification: Justification::default().hash(),
        root_ref: RootRef::default(),
        time,
        proposer: 0,
        phase: types::Phase::Ordinary,
        state_root: state.root(),
        input_root: EMPTY_ROOT,
        order_root: Order::default().root(),
        message_root: EMPTY_ROOT,
        outbox_root: EMPTY_ROOT,
        receipt_root: EMPTY_ROOT,
        history_root: EMPTY_ROOT,
        lanes_root: state.lanes().root(),
        body: Body::hash_of(&body),
        body_bytes: body.len() as u32,
        gas: 0,
    }
}
