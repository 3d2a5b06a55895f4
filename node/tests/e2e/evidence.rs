//! A file of evidence, from outside: shown, reported, and what becomes of the liar's stake.

use consensus::Evidence;
use crypto::Hash;
use node::evidence::EvidenceFile;
use serde_json::Value;
use types::{BlockHash, Statement, Vote, VoteKind};

use crate::devnet::{Devnet, number};
use crate::run::run;

/// The first member of chain 1's committee, and what proves that it lied.
fn lie(net: &Devnet, seed: &str) -> (String, EvidenceFile) {
    let mut bytes = [0; 32];
    hex::decode_to_slice(seed.trim(), &mut bytes).unwrap();
    let (spec, secrets) = genesis::devnet_with_terms(4, 1, bytes);
    let mut validators = secrets.validators.iter();
    let liar = validators.find(|validator| validator.chain.0 == 1).unwrap();
    let network = net.id().parse().unwrap();
    let vote = |block: u8| {
        let statement = Statement {
            network,
            chain: liar.chain,
            epoch: 0,
            round: 1,
            kind: VoteKind::Confirm,
            value: Some(BlockHash(Hash::new([block; 32]))),
        };
        Vote::sign(&statement, liar.member, &liar.bls_key())
    };
    let (first, second) = (vote(1), vote(2));
    let evidence = Evidence::Votes { first, second };
    let address = types::Address::new(&spec.name, liar.owner_id());
    (address.to_string(), EvidenceFile { network, evidence })
}

/// A staker's row in the list of all.
fn row(net: &Devnet, address: &str) -> Value {
    let listed = net.run(&["validator", "list"]).done().json();
    let mut rows = listed["validators"].as_array().unwrap().iter();
    rows.find(|row| row["address"] == *address).unwrap().clone()
}

#[test]
fn evidence_from_a_file_costs_the_liar_its_stake_once() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &["--terms", "--chains", "1"]);
    let seed = std::fs::read_to_string(folder.path().join("net/devnet-seed")).unwrap();
    let (address, file) = lie(&net, &seed);
    let path = folder.path().join("evidence.json").display().to_string();
    std::fs::write(&path, file.text()).unwrap();
    let shown = run(&["--json", "evidence", "show", &path]).done().json();
    assert_eq!(shown["accused"], serde_json::json!([0]), "{shown}");

    let before = number(&row(&net, &address)["stake"]);
    let report = ["evidence", "report", &path];
    let reported = net.run(&[&report[..], &["--wait"]].concat()).done().json();
    assert_eq!(reported["recorded"], true, "{reported}");
    assert_eq!(reported["stakers"][0]["address"], *address, "{reported}");
    assert_eq!(reported["stakers"][0]["tombstoned"], true, "{reported}");
    // One of four seats, of which three quarters are taken.
    let left = before / 4;
    assert_eq!(number(&reported["stakers"][0]["stake"]), left, "{reported}");
    let shown = net.run(&["validator", "status", &address]).done().json();
    assert_eq!(shown["staker"]["tombstoned"], true, "{shown}");
    assert_eq!(number(&row(&net, &address)["stake"]), left);

    net.run(&report).failed(1, "evidence_known");
    assert_eq!(number(&row(&net, &address)["stake"]), left, "once");
    net.stop();
}
