//! A reader without a node, over a term of the root's committees.

use serde_json::Value;

use crate::devnet::{Devnet, number};
use crate::run::{Ran, run, until};

fn steps<'a>(verified: &'a Value, name: &str) -> Vec<&'a Value> {
    let all = verified["steps"].as_array().unwrap().iter();
    all.filter(|step| step["step"] == name).collect()
}

fn root(net: &Devnet, field: &str) -> u128 {
    let status = net.run(&["chain", "status", "0"]).done().json();
    number(&status[field])
}

#[test]
fn proofs_follow_the_roots_committees_from_genesis_and_from_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--terms", "--chains", "1"];
    let net = Devnet::start(folder.path(), &flags);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let genesis = path("net/genesis.toml");
    let (from, to) = (net.account(1, 0), net.account(0, 0));
    let old = net.settle(&from, &to);
    // Half a term each, so that a busy machine has the time.
    until("half of a term is over", || {
        (root(&net, "committed") > 80).then_some(())
    });
    until("the root's next committee serves", || {
        (root(&net, "epoch") >= 1).then_some(())
    });
    let new = net.settle(&from, &to);

    let proof = |id: &str, name: &str, more: &[&str]| {
        let words = ["prove", id, "--out", name];
        net.run(&[&words[..], more].concat()).done();
    };
    let (old_file, new_file, short) = (path("old"), path("new"), path("short"));
    proof(&old, &old_file, &[]);
    proof(&new, &new_file, &[]);
    let (checked, told) = (path("checked.json"), path("told.json"));
    let words = ["checkpoint", "--out", &checked, "--genesis", &genesis];
    let checked_line = net.run(&words).done().json();
    let told_line = net.run(&["checkpoint", "--out", &told]).done().json();
    assert!(
        checked_line["handovers"].as_u64() >= Some(1),
        "{checked_line}"
    );
    assert!(told_line["handovers"].is_null(), "{told_line}");
    assert!(number(&checked_line["epoch"]) >= 1, "{checked_line}");
    proof(&new, &short, &["--from", &checked]);
    net.stop();

    // From here on there is no node.
    let verify = |file: &str, more: &[&str]| -> Ran {
        let words = ["--json", "verify", file, "--genesis", &genesis];
        run(&[&words[..], more].concat())
    };
    let verified = verify(&new_file, &[]).done().json();
    assert!(!steps(&verified, "handover").is_empty(), "{verified}");
    let verified = verify(&old_file, &[]).done().json();
    assert_eq!(steps(&verified, "handover"), Vec::<&Value>::new());
    let from_checked = ["--checkpoint", checked.as_str()];
    let verified = verify(&short, &from_checked).done().json();
    assert_eq!(
        steps(&verified, "checkpoint")[0]["epoch"],
        checked_line["epoch"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    );
    // Each proof for its own checkpoint.
    let other = verify(&new_file, &from_checked).failed(1, "proof_failed");
    assert!(other.err.contains("starts from root height 0"), "{other:?}");
    verify(&short, &[]).failed(1, "proof_failed");

    // Once unbonding is over, genesis proves nothing; a younger checkpoint still does.
    let now = (number(&checked_line["height"]) + 999).to_string();
    let aged = verify(&new_file, &["--now", &now]).failed(1, "proof_failed");
    assert!(aged.err.contains("unbonding takes 1000"), "{aged:?}");
    assert!(aged.err.contains("thinkey checkpoint --out"), "{aged:?}");
    verify(&new_file, &["--now", &now, "--unsafe-any-age"]).done();
    verify(&short, &[&from_checked[..], &["--now", &now]].concat()).done();
}
