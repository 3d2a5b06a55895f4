//! The machine's own limit: signature checks in batches, on all cores, and nothing else.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::time::{Duration, Instant};

use tx_chain::SignedMessage;
use types::{ExternalMessage, NetworkId};

/// Messages of one batch, as a busy node makes them.
const BATCH: usize = 512;
/// How long to measure.
const TIME: Duration = Duration::from_secs(2);

/// Checks per second on all cores together.
pub(super) fn checks_per_s(network: NetworkId, messages: &[ExternalMessage]) -> u64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let start = Instant::now();
    let checked: u64 = std::thread::scope(|scope| {
        let work = |core: usize| {
            scope.spawn(move || {
                let mut done = 0;
                for lot in messages.chunks(BATCH).cycle().skip(core) {
                    let good = SignedMessage::check(network, lot.to_vec(), [core as u8; 32]);
                    done += good.iter().flatten().count() as u64;
                    if start.elapsed() >= TIME {
                        break;
                    }
                }
                done
            })
        };
        let threads: Vec<_> = (0..cores).map(work).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or(0))
            .sum()
    });
    checked * 1_000 / (start.elapsed().as_millis() as u64).max(1)
}
