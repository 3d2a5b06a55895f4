//! Accounts, letters and a context for the tests of this crate.

use std::sync::Arc;

use types::{
    AccountId, Amount, ChainId, Gas, MessageId, NetworkId, Phase, RelayBody, RelayMessage,
    RoutingTable, Time,
};

use crate::{Context, Letter, NoSystem, Registry};

/// An account on a chain.
pub(crate) fn account(chain: u32, number: u32) -> AccountId {
    AccountId::system(ChainId(chain), number)
}

/// What an account on chain 1 sends to one on chain 2; only its number tells it from others.
pub(crate) fn letter(number: u32) -> Arc<Letter> {
    sent(account(1, 1), account(2, 0), number, |_| ())
}

/// What one account sends to another.
pub(crate) fn sent(
    from: AccountId,
    to: AccountId,
    number: u32,
    change: impl Fn(&mut RelayMessage),
) -> Arc<Letter> {
    let mut message = RelayMessage {
        trace: MessageId::default(),
        parent: MessageId::default(),
        output: number,
        depth: 1,
        from,
        to,
        payer: from,
        value: Amount(1),
        gas: Gas::default(),
        deadline: u64::MAX,
        body: RelayBody::Credit,
    };
    change(&mut message);
    Arc::new(Letter::new(message).unwrap())
}

/// Chain 1 of three.
pub(crate) fn context() -> Context {
    Context {
        network: NetworkId::default(),
        chain: ChainId(1),
        height: 1,
        time: Time(0),
        epoch: 0,
        phase: Phase::Ordinary,
        root_height: 1,
        seed: None,
        routing: Arc::new(RoutingTable::even(3)),
        behaviours: Arc::new(Registry::default()),
        system: Arc::new(NoSystem),
        gas_limit: 1_000_000_000,
        min_gas_price: 0,
        quota: 16,
        rotation: AccountId::default(),
    }
}
