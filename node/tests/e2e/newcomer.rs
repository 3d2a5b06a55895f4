//! What a newcomer does: start, send, trace, prove, verify.

use serde_json::Value;

use crate::devnet::{Devnet, number};
use crate::run::run;

const FUNDS: u128 = 1_000_000_000_000_000;

#[test]
fn the_ready_line_names_everything_a_script_needs() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    assert_eq!(net.ready["ready"], true);
    let ws = net.ready["ws"].as_str().unwrap();
    assert_eq!(ws.replace("ws://", "http://"), net.rpc);
    assert!(std::path::Path::new(net.ready["genesis"].as_str().unwrap()).exists());
    let chains: Vec<_> = net.accounts.iter().map(|account| account.chain).collect();
    assert_eq!(chains, [0, 0, 0, 1, 1, 1, 2, 2, 2]);
    for (account, told) in net
        .accounts
        .iter()
        .zip(net.ready["accounts"].as_array().unwrap())
    {
        let read = net.read(&account.address);
        assert_eq!(read["balance"], told["balance"]);
        assert_eq!(number(&read["balance"]), FUNDS);
        assert_eq!(read["chain"], account.chain);
    }
    net.stop();
}

#[test]
fn value_arrives_on_the_same_chain_and_on_another_at_every_level() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    let from = net.account(1, 0);
    let (near, far) = (net.account(1, 1), net.account(2, 0));
    let levels = ["early", "committed", "anchored", "root-final", "settled"];
    for (to, level) in [&near, &far]
        .into_iter()
        .flat_map(|to| levels.map(|level| (to, level)))
    {
        let sent = net
            .send(&from, &to.address, 10, &["--wait", level])
            .done()
            .json();
        assert_eq!(sent["id"].as_str().map(str::len), Some(64), "{sent}");
        let latencies = sent["latency_ms"].as_object().unwrap();
        assert!(latencies.contains_key(level), "{level}: {sent}");
        assert!(latencies.values().all(Value::is_number), "{sent}");
        let status = sent["status"].as_str().unwrap();
        assert!(["pending", "settled"].contains(&status), "{sent}");
        if level == "settled" {
            assert_eq!(
                (status, &sent["level"]),
                ("settled", &Value::from("settled"))
            );
        }
    }
    // The last of each five is settled, and lanes keep order: all others are, too.
    assert_eq!(net.balance(&near), FUNDS + 50);
    assert_eq!(net.balance(&far), FUNDS + 50);
    assert_eq!(net.balance(&from) + 100 + net.burned(), FUNDS);
    net.stop();
}

#[test]
fn a_trace_is_drawn_to_its_end_and_a_proof_needs_the_genesis_file_only() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    let id = net.settle(&net.account(1, 0), &net.account(2, 0));
    let traced = run(&["--rpc", &net.rpc, "trace", &id, "--follow"]).done();
    assert_eq!(traced.out.lines().last(), Some("settled"), "{traced:?}");
    assert!(traced.out.contains("on chain 1") && traced.out.contains("on chain 2"));
    let proof = folder.path().join("payment.proof");
    let proof_text = proof.display().to_string();
    net.run(&["prove", &id, "--out", &proof_text]).done();
    let genesis = folder.path().join("genesis.toml");
    std::fs::copy(folder.path().join("net/genesis.toml"), &genesis).unwrap();
    let genesis = genesis.display().to_string();
    net.stop();
    // From here on there is no node.
    let verified = run(&["--json", "verify", &proof_text, "--genesis", &genesis])
        .done()
        .json();
    assert_eq!(
        (&verified["valid"], &verified["id"]),
        (&Value::from(true), &Value::from(id))
    );
    let good = std::fs::read(&proof).unwrap();
    for at in (0..good.len()).step_by(good.len() / 40) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        std::fs::write(&proof, &bytes).unwrap();
        let ran = run(&["--json", "verify", &proof_text, "--genesis", &genesis]);
        let failed = ran.failed(1, "proof_failed");
        assert!(
            failed.err.contains("fails at step"),
            "byte {at}: {failed:?}"
        );
    }
}

#[test]
fn events_follow_the_ready_line() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    let id = net.settle(&net.account(1, 0), &net.account(1, 1));
    let out = net.out();
    let events: Vec<Value> = out
        .lines()
        .skip(1)
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let heads = events.iter().filter(|event| event["event"] == "head");
    assert!(heads.count() >= 2, "{out}");
    assert!(
        events.iter().any(|event| event["event"] == "anchor"),
        "{out}"
    );
    assert!(
        events.iter().any(|event| event["id"] == id.as_str()),
        "{out}"
    );
    net.stop();
}
