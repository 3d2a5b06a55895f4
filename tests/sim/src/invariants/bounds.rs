//! I10: queues stay within their bounds, and machines don't spin.

use tx_chain::Chain;

use crate::node::Running;
use crate::report::Violations;
use crate::setup::MEMPOOL;

/// Wake-ups of one machine in one virtual second at most.
const TICKS: u64 = 400;

/// Bundles that wait to be taken, or to leave, at most: far fewer messages than that are sent.
const BUNDLES: usize = 600;
/// Executed blocks above the last final one at most: some rounds, two blocks in each.
const BLOCKS: usize = 200;

/// Checks a machine after an input.
pub(crate) fn check(node: usize, chain: &Chain, bad: &mut Violations) {
    let load = chain.load();
    let fits = load.messages <= MEMPOOL
        && load.imports <= BUNDLES
        && load.exports <= BUNDLES
        && load.blocks <= BLOCKS
        && load.later <= BLOCKS;
    if !fits {
        bad.add("I10", format!("node {node} chain {}: {load:?}", chain.id()));
    }
}

/// Counts a wake-up.
pub(crate) fn tick(node: usize, running: &mut Running, now: u64, bad: &mut Violations) {
    let second = now / 1_000;
    if running.ticks.0 != second {
        running.ticks = (second, 0);
    }
    running.ticks.1 += 1;
    if running.ticks.1 == TICKS {
        bad.add(
            "I10",
            format!(
                "node {node}: the machine of chain {} spins",
                running.chain.id()
            ),
        );
    }
}
