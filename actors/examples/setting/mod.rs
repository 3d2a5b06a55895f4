//! The chain that the measurements run on.

use std::sync::Arc;

use actors::{Context, NoSystem, Registry};
use types::{AccountId, ChainId, NetworkId, Phase, RoutingTable, Time};

/// Chain 1, without limits that would end a block early.
pub(crate) fn context(routing: RoutingTable) -> Context {
    Context {
        network: NetworkId::default(),
        chain: ChainId(1),
        height: 1,
        time: Time(0),
        epoch: 0,
        phase: Phase::Ordinary,
        root_height: 1,
        seed: None,
        routing: Arc::new(routing),
        behaviours: Arc::new(Registry::default()),
        system: Arc::new(NoSystem),
        gas_limit: u64::MAX,
        min_gas_price: 0,
        quota: 256,
        rotation: AccountId::default(),
    }
}
