//! What a run's log tells.

use serde_json::Value;

use crate::devnet::Devnet;
use crate::run::until;

/// Lines of the log about messages of one trace: chain, words.
fn stages(log: &str, trace: &str) -> Vec<(u64, String)> {
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let fields = lines.map(|line| line["fields"].clone());
    let ours = fields.filter(|fields| fields["trace"] == trace);
    let told = ours.filter_map(|fields| {
        let words = fields["message"].as_str()?.to_owned();
        Some((fields["chain"].as_u64()?, words))
    });
    told.collect()
}

#[test]
fn the_path_of_a_message_is_told_by_its_trace_id() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("RUST_LOG", "node=debug"), ("THINKEY_LOG", "json")];
    let net = Devnet::start_with(folder.path(), &[], &variables);
    let id = net.settle(&net.account(1, 0), &net.account(2, 0));
    // Of many nodes that tell the same: each stage, when it was first told.
    let expected = [
        (1, "message taken in"),
        (1, "message proposed"),
        (1, "message early"),
        (1, "message final"),
        (1, "message executed"),
        (1, "message sent"),
        (2, "message proposed"),
        (2, "message early"),
        (2, "message imported"),
        (2, "message executed"),
    ];
    let path = until("all stages are told", || {
        let told = stages(&net.err(), &id);
        let place = |stage: &(u64, &str)| {
            let mut told = told.iter();
            told.position(|(chain, words)| (*chain, words.as_str()) == *stage)
        };
        expected.iter().map(place).collect::<Option<Vec<_>>>()
    });
    // Each chain goes its way in order. Of taking it in, and of its being early, only the node
    // tells that was asked, which may be behind others.
    let in_order = [[1, 2].as_slice(), &[1, 3, 4, 5, 6], &[6, 7], &[6, 8, 9]];
    for stages in in_order {
        let places: Vec<_> = stages.iter().map(|stage| path[*stage]).collect();
        assert!(places.is_sorted(), "{path:?}");
    }
    // A message that is refused is told as well.
    let from = net.account(1, 0);
    let words = ["--nonce", "0"];
    let used = net.send(&from, &net.account(2, 0).address, 5, &words);
    used.failed(1, "nonce_used");
    until("the refusal is told", || {
        net.err().contains("message refused").then_some(())
    });
    net.stop();
}
