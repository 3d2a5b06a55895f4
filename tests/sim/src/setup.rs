//! The network that is simulated: chain spec, keys, first blocks.

use std::sync::Arc;

use actors::Parallelism;
use assembly::Network;
use crypto::{Domain, Hash, bls, hash};
use genesis::{
    AccountEntry, ChainSpec, Secrets, Timing, ValidatorSecret, devnet, devnet_with_terms,
};
use root_chain::duty::{Duty, Ratchet};
use tx_chain::{Config, Keys, MempoolLimits};
use types::{ChainId, NodeId};

use crate::Options;
use crate::dice::Dice;
use crate::plan::{self, Joins, Plan};

const SEED: Domain = Domain::new("thinkey/sim/network");

const NEWCOMER: Domain = Domain::new("thinkey/sim/newcomer");

/// A root term where stakers join: stake counts from the second one after it came.
const SHORT_ROOT_EPOCH: u64 = 90;

/// Messages that a mempool holds at most.
pub(crate) const MEMPOOL: usize = 400;

/// In how many of 1,000 seeds users deploy code.
const CODE_PERMILLE: u64 = 300;

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
    /// Whether committees change.
    pub(crate) terms: bool,
    /// Whether users deploy code.
    pub(crate) code: bool,
    /// Who registers and quits, if anybody does.
    pub(crate) joins: Option<Joins>,
    /// All nodes; validators by chain, then those who register later, then the observer.
    pub(crate) nodes: Vec<Identity>,
}

impl Setup {
    pub(crate) fn new(options: &Options) -> Self {
        let seed = hash(SEED, &[&options.seed.to_le_bytes()]);
        let make = if options.terms {
            devnet_with_terms
        } else {
            devnet
        };
        let (mut spec, mut secrets) = make(options.validators, options.chains, *seed.as_bytes());
        let heartbeat_ms = if options.terms { 1_000 } else { 4_000 };
        spec.timing = Timing {
            heartbeat_ms,
            ..timing(spec.timing)
        };
        // In some seeds no dealer makes the beacon's first key.
        if Dice::new(options.seed, "first key").chance(300) {
            spec.beacon.insecure_dealer_seed = None;
        }
        if plan::stalls(options) {
            spec.terms.stall = plan::SHORT_STALL;
        }
        let drawn = Dice::new(options.seed, "code").chance(CODE_PERMILLE);
        let code = options.code.unwrap_or(drawn);
        let joins = plan::joins(options);
        if let Some((count, _)) = &joins {
            newcomers(&mut secrets, &mut spec, *count);
        }
        // Small, so that blocks fill up and mailboxes are used.
        spec.limits.gas = match (code, &joins) {
            (true, _) => 8_000_000,
            // A call has half of a block's gas at most, and registering takes a pairing's worth.
            (false, Some(_)) => 2_000_000,
            _ => 600_000,
        };
        spec.limits.messages = 64;
        Self {
            chains: options.chains,
            validators: options.validators,
            nodes: identities(&secrets, options),
            terms: options.terms,
            code,
            network: Network::new(spec).expect("a preset is sound"),
            joins: joins.map(|(_, joins)| joins),
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

    /// The keys with which a node's life begins.
    pub(crate) fn first_keys(&self, node: usize) -> impl Iterator<Item = bls::SecretKey> + '_ {
        let seat = self.nodes[node].seat;
        seat.map(|_| self.secrets.validators[node].bls_key())
            .into_iter()
    }

    /// What a node does by itself as a staker, going on from a kept secret.
    pub(crate) fn duty(&self, node: usize, ratchet: Option<&Ratchet>) -> Option<Duty> {
        let secret = self.secrets.validators.get(node).filter(|_| self.terms)?;
        let mut who = self.network.identity(secret);
        if let Some(ratchet) = ratchet {
            who.ratchet = ratchet.clone();
        }
        Some(self.network.duty(who))
    }

    /// What a node's machine of a chain is told.
    pub(crate) fn config(
        &self,
        node: usize,
        chain: ChainId,
        plan: &Plan,
        keys: Arc<Keys>,
    ) -> Config {
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

/// Nodes whose owners have money and no stake yet, and terms short enough for them to be drawn.
fn newcomers(secrets: &mut Secrets, spec: &mut ChainSpec, count: usize) {
    spec.terms.root_epoch = SHORT_ROOT_EPOCH;
    let first = secrets.validators.len();
    for number in first..first + count {
        let seed = |what: &str| {
            let number = (number as u64).to_le_bytes();
            *hash(NEWCOMER, &[spec.seed.as_bytes(), what.as_bytes(), &number]).as_bytes()
        };
        secrets.validators.push(ValidatorSecret {
            node: number as u32,
            // It has no seat there: no committee of genesis names it.
            chain: ChainId(1),
            member: u16::MAX,
            node_seed: seed("node"),
            bls_seed: seed("consensus"),
            stake_seed: seed("stake"),
            owner_seed: seed("owner"),
            share_seed: seed("share"),
            duty_seed: seed("duty"),
        });
    }
    let owners = secrets.validators.iter().map(|own| AccountEntry {
        id: own.owner_id(),
        balance: genesis::preset::BALANCE,
    });
    spec.accounts.extend(owners);
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

fn identities(secrets: &Secrets, options: &Options) -> Vec<Identity> {
    let every: Vec<ChainId> = (0..=options.chains).rev().map(ChainId).collect();
    let mut nodes: Vec<_> = secrets
        .validators
        .iter()
        .map(|secret| {
            let mut follows = vec![secret.chain, ChainId::ROOT];
            follows.dedup();
            // Whoever may be drawn for any chain follows them all.
            if options.terms {
                follows.clone_from(&every);
            }
            Identity {
                node: secret.node_id(),
                seat: (secret.member != u16::MAX).then_some((secret.chain, secret.member)),
                follows,
            }
        })
        .collect();
    nodes.push(Identity {
        node: NodeId(Hash::from([0xee; 32])),
        seat: None,
        follows: every,
    });
    nodes
}
