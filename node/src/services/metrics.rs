//! The metrics of a node in Prometheus text format: read when asked, counted nowhere twice.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use p2p::NetworkHandle;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::watch;
use types::ChainId;

use super::chain::Head;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Chain {
    chain: u32,
}

type ByChain = Family<Chain, Gauge<u64, AtomicU64>>;

/// One sample of everything.
pub fn text(heads: &BTreeMap<ChainId, watch::Receiver<Head>>, network: &NetworkHandle) -> String {
    let mut registry = Registry::with_prefix("thinkey");
    let mut add = |name: &str, help: &str| {
        let family = ByChain::default();
        registry.register(name, help, family.clone());
        family
    };
    let height = add("final_height", "Height of the last final block");
    let round = add("final_round", "Round of the last final block");
    let time = add("final_time_ms", "Time of the last final block");
    let waiting = add("mempool_messages", "External messages that wait");
    let root = add(
        "root_height",
        "Newest root-final height that the chain knows",
    );
    let diverged = add(
        "diverged",
        "1 when the chain has ended on this node: its committee certified what does not execute",
    );
    let burned = add("burned", "Fees burned since genesis, saturating");
    for (chain, head) in heads {
        let head = head.borrow();
        let header = head.block.header();
        let label = Chain { chain: chain.0 };
        height.get_or_create(&label).set(header.height);
        round.get_or_create(&label).set(header.round);
        time.get_or_create(&label).set(header.time.0);
        waiting.get_or_create(&label).set(head.waiting as u64);
        root.get_or_create(&label).set(head.root_height);
        diverged.get_or_create(&label).set(head.diverged.into());
        let fees = head.block.state.lanes().ledger.burned.0;
        burned
            .get_or_create(&label)
            .set(u64::try_from(fees).unwrap_or(u64::MAX));
    }
    let shed = Gauge::<u64, AtomicU64>::default();
    let counters = network.counters();
    shed.set(
        counters.shed_consensus
            + counters.shed_anchors
            + counters.shed_messages
            + counters.shed_requests,
    );
    registry.register("network_shed", "Network events shed under load", shed);
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = encode(&mut out, &registry);
    out
}
