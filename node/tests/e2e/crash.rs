//! `kill -9` in the middle of payments: what was reported is there, value is neither made nor lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::devnet::{Account, Devnet, number};
use crate::run::until;

/// One client: its account, whom it pays, and what it was told.
struct Client {
    from: Account,
    to: Account,
    /// Payments that were reported as committed.
    committed: Vec<String>,
    /// Payments of which nothing is known: the network died meanwhile.
    unknown: u128,
}

impl Client {
    /// Pays without end until the network is gone.
    fn pay(&mut self, net: &Devnet, gone: &AtomicBool) {
        while !gone.load(Ordering::Relaxed) {
            let ran = net.send(&self.from, &self.to.address, 7, &["--wait", "committed"]);
            match ran.code {
                Some(0) => self
                    .committed
                    .push(ran.json()["id"].as_str().unwrap().to_owned()),
                _ => {
                    assert!(gone.load(Ordering::Relaxed), "{ran:?}");
                    self.unknown += 1;
                }
            }
        }
    }

    /// Everything that was reported is there.
    fn check(&self, net: &Devnet) {
        for id in &self.committed {
            let trace = net.run(&["trace", id]).done().json();
            assert_eq!(trace["root"]["status"]["state"], "done", "{trace}");
        }
        let nonce = number(&net.read(&self.from.address)["nonce"]);
        let least = self.committed.len() as u128;
        assert!(
            (least..=least + self.unknown).contains(&nonce),
            "{nonce} {least}"
        );
    }
}

#[test]
fn nothing_that_was_reported_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut net = Devnet::start(folder.path(), &[]);
    let total: u128 = net
        .accounts
        .iter()
        .map(|account| net.balance(account))
        .sum();
    let pairs = [((1, 0), (1, 1)), ((1, 2), (2, 0)), ((2, 1), (0, 0))];
    let mut clients: Vec<_> = pairs
        .into_iter()
        .map(|((chain, at), (to_chain, to))| Client {
            from: net.account(chain, at),
            to: net.account(to_chain, to),
            committed: Vec::new(),
            unknown: 0,
        })
        .collect();
    for life in 1..=3 {
        let gone = AtomicBool::new(false);
        let pid = net.pid();
        std::thread::scope(|scope| {
            for client in &mut clients {
                let (net, gone) = (&net, &gone);
                scope.spawn(move || client.pay(net, gone));
            }
            std::thread::sleep(Duration::from_millis(1_000 + 370 * life));
            gone.store(true, Ordering::Relaxed);
            crate::devnet::signal("KILL", pid);
        });
        let said = net.kill();
        assert!(
            !said.contains("panicked") && !said.contains("misbehaviour"),
            "{said}"
        );
        net = Devnet::start(folder.path(), &[]);
        clients.iter().for_each(|client| client.check(&net));
        // Of an account with nothing under way, whose next nonce is known.
        net.settle(&net.account(1, 1), &net.account(2, 2));
        until("all value is somewhere", || {
            let owned: u128 = net
                .accounts
                .iter()
                .map(|account| net.balance(account))
                .sum();
            (owned + net.burned() == total).then_some(())
        });
    }
    assert!(
        clients.iter().all(|client| client.committed.len() > 5),
        "no stream of payments"
    );
    let said = net.err();
    assert!(
        !said.contains("misbehaviour") && !said.contains("vote log"),
        "{said}"
    );
    net.stop();
}
