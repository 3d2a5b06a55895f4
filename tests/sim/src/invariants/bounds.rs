//! I10: queues stay within their bounds, and machines don't spin.

use tx_chain::Chain;

use crate::node::Running;
use crate::report::Violations;
use crate::setup::MEMPOOL;

/// Wake-ups of one machine in one virtual second at most.
const TICKS: u64 = 400;

/// Checks a machine after an input.
pub(crate) fn check(node: usize, running: &Running, bad: &mut Violations) {
    let chain: &Chain = &running.chain;
    if chain.mempool().len() > MEMPOOL {
        let what = format!("node {node}: {} messages wait on chain {}", chain.mempool().len(), chain.id());
        bad.add("I10", what);
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
        bad.add("I10", format!("node {node}: the machine of chain {} spins", running.chain.id()));
    }
}
