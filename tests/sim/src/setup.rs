//! The network that is simulated: chain spec, keys, first blocks.

use std::sync::Arc;

use actors::Parallelism;
use assembly::Network;
use crypto::{Domain, Hash, hash};
use genesis::{Secrets, Timing, devnet};
use tx_chain::{Config, Keys, MempoolLimits};
use types::{ChainId, NodeId};

use crate::Options;
use crate::plan::Plan;

const SEED: Domain = Domain::new("thinkey/sim/network");

/// Messages that a mempool holds at most.
pub(crate) const MEMPOOL: usize = 400;

/// Who a simulated node is.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) node: NodeId,
    /// Its chain and number in the committee; none for the observer.
    pub(crate) seat: Option<(ChainId, u16)>,
    /// Chains that it follows, the root last: so the others exist when the root replays.
    pub(crate) follows: Vec<ChainId>,
}

/// Everything that is fixed before the first event.
pub(crate) struct Setup {
    pub(crate) chains: u32,
    pub(crate) validators: u32,
    pub(crate) network: Network,
    pub(crate) secrets: Secrets,
    /// All nodes; validators by chain, then the observer.
    pub(crate) nodes: Vec<Identity>,
}

impl Setup {
    pub(crate) fn new(options: &Options) -> Self {
        let seed = hash(SEED, &[&options.seed.to_le_bytes()]);
        let (mut spec, secrets) = devnet(options.validators, options.chains, *seed.as_bytes());
        spec.timing = timing(spec.timing);
        // Small, so that blocks fill up and mailboxes are used.
        spec.limits.gas = 600_000;
        spec.limits.messages = 64;
        Self {
            chains: options.chains,
            validators: options.validators,
            nodes: identities(&secrets, options.chains),
            network: Network::new(spec).expect("a preset is sound"),
            secrets,
        }
    }

    /// All chains, the root first.
    pub(crate) fn chain_ids(&self) -> impl Iterator<Item = ChainId> + use<> {
        (0..=self.chains).map(ChainId)
    }

    /// The number of the observer.
    pub(crate) fn observer(&self) -> usize {
        self.nodes.len() - 1
    }

    /// The nodes of a chain's committee, by member.
    pub(crate) fn members(&self, chain: ChainId) -> std::ops::Range<usize> {
        let size = self.validators as usize;
        let first = chain.0 as usize * size;
        first..first + size
    }

    pub(crate) fn node_of(&self, id: &NodeId) -> Option<usize> {
        self.nodes.iter().position(|node| node.node == *id)
    }

    /// What a node's machine of a chain is told.
    pub(crate) fn config(&self, node: usize, chain: ChainId, plan: &Plan) -> Config {
        let identity = &self.nodes[node];
        let own = identity
            .seat
            .map(|_| self.secrets.validators[node].bls_key());
        let keys = Arc::new(Keys::of(own));
        let number = (node as u64).to_le_bytes();
        let options = assembly::Options {
            secret: *hash(SEED, &[self.network.id().as_bytes(), &number]).as_bytes(),
            parallelism: Parallelism::One,
            always_work: false,
        };
        let config = self.network.config(chain, keys, options);
        let mut config = config.expect("every node follows chains that are there");
        config.consensus.early_seats = plan.early_seats;
        config.consensus.inline_body_bytes = plan.inline_body_bytes;
        config.rules.quota = 4;
        config.rules.mempool = MempoolLimits {
            messages: MEMPOOL,
            ..MempoolLimits::default()
        };
        config
    }
}

/// Wide enough for slow links, so that most rounds of a calm network end with a block.
const fn timing(preset: Timing) -> Timing {
    Timing {
        delta_ms: 200,
        delta_max_ms: 2_000,
        execution_ms: 100,
        standstill_ms: 1_500,
        heartbeat_ms: 4_000,
        ..preset
    }
}

fn identities(secrets: &Secrets, chains: u32) -> Vec<Identity> {
    let mut nodes: Vec<_> = secrets
        .validators
        .iter()
        .map(|secret| {
            let mut follows = vec![secret.chain, ChainId::ROOT];
            follows.dedup();
            Identity {
                node: secret.node_id(),
                seat: Some((secret.chain, secret.member)),
                follows,
            }
        })
        .collect();
    let follows = (0..=chains).rev().map(ChainId).collect();
    nodes.push(Identity {
        node: NodeId(Hash::from([0xee; 32])),
        seat: None,
        follows,
    });
    nodes
}
