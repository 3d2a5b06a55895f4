//! Ctrl-C and start again: nothing is lost, everything goes on.

use crate::devnet::Devnet;
use crate::run::run;

#[test]
fn a_network_goes_on_where_it_was_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    let (from, to) = (net.account(1, 0), net.account(2, 0));
    let mut ids = vec![net.settle(&from, &to)];
    let genesis = folder.path().join("net/genesis.toml").display().to_string();
    let network = net.id();
    let (mut balances, mut heights) = ((net.balance(&from), net.balance(&to)), net.heights());
    net.stop();
    for _ in 0..3 {
        let net = Devnet::start(folder.path(), &[]);
        assert_eq!(net.id(), network);
        assert_eq!((net.balance(&from), net.balance(&to)), balances);
        let now = net.heights();
        assert!(
            now.iter().zip(&heights).all(|(now, then)| now >= then),
            "{now:?} {heights:?}"
        );
        for id in &ids {
            assert_eq!(net.run(&["trace", id]).done().json()["word"], "settled");
            let proof = folder.path().join(id).display().to_string();
            net.run(&["prove", id, "--out", &proof]).done();
            run(&["verify", &proof, "--genesis", &genesis]).done();
        }
        ids.push(net.settle(&from, &to));
        ids.push(net.settle(&to, &from));
        balances = (net.balance(&from), net.balance(&to));
        let grown = net.heights();
        assert!(
            grown.iter().zip(&now).all(|(new, old)| new > old),
            "{grown:?} {now:?}"
        );
        heights = grown;
        net.stop();
    }
}

#[test]
fn an_ephemeral_network_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["devnet", "--ephemeral", "--json", "--rpc-port", "0"];
    let mut child = crate::run::spawn(folder.path(), "devnet", &words);
    let ready = crate::run::until("it is ready", || {
        let out = crate::run::text(folder.path(), "devnet", "out");
        serde_json::from_str::<serde_json::Value>(out.lines().next()?).ok()
    });
    let genesis = std::path::PathBuf::from(ready["genesis"].as_str().unwrap());
    assert!(genesis.exists());
    crate::devnet::signal("TERM", child.id());
    crate::run::until("it has ended", || child.try_wait().unwrap());
    assert!(!genesis.parent().unwrap().exists());
}
