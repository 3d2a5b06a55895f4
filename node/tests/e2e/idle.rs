//! A network with nothing to do does nothing.

use std::time::Duration;

use crate::devnet::Devnet;

/// Clock ticks of processor time that a process has used; a tick is 10 ms.
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let (_, rest) = stat.rsplit_once(')').unwrap_or_default();
    let fields: Vec<_> = rest.split_whitespace().collect();
    let read = |at: usize| {
        fields
            .get(at)
            .and_then(|field| field.parse().ok())
            .unwrap_or(0)
    };
    read(11) + read(12)
}

#[test]
fn no_blocks_are_made_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    net.settle(&net.account(1, 0), &net.account(2, 0));
    // What the payment left to do: acknowledgements and their anchors.
    std::thread::sleep(Duration::from_secs(4));
    let (before, used) = (net.heights(), ticks(net.pid()));
    std::thread::sleep(Duration::from_secs(10));
    let (after, used) = (net.heights(), ticks(net.pid()) - used);
    println!("idle: {:.1} % of a core", used as f64 / 10.0);
    // At most the slow heartbeat falls into ten seconds: one block of a chain, and its anchor.
    let grown: u128 = after
        .iter()
        .zip(&before)
        .map(|(after, before)| after - before)
        .sum();
    assert!(grown <= 6, "{before:?} {after:?}");
    net.stop();
}
