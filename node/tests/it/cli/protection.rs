//! `thinkey protection`.

use crypto::{Hash, bls};
use store::{DataDir, FsDir, KeyUse, Vote, VoteLog, VoteLogConfig, VoteLogError};
use types::{BlockHash, ChainId, NetworkId, Statement, VoteKind};

use super::Place;
use crate::fixture::GENESIS;

const KEY: Hash = Hash::new([9; 32]);

fn network() -> NetworkId {
    GENESIS.0.network_id()
}

fn config() -> VoteLogConfig {
    VoteLogConfig {
        network: network().0,
        key: KEY,
    }
}

fn vote(round: u64, value: u8) -> Vote {
    let key = bls::SecretKey::from_seed(&[3; 32]);
    let statement = Statement {
        network: network(),
        chain: ChainId(1),
        epoch: 0,
        round,
        kind: VoteKind::Prepare,
        value: Some(BlockHash(Hash::new([value; 32]))),
    };
    let vote = types::Vote::sign(&statement, 0, &key);
    Vote {
        chain: 1,
        epoch: 0,
        round,
        kind: 0,
        payload: borsh::to_vec(&vote).unwrap(),
    }
}

/// A node's directory and its key's log, as the node opens it.
fn open(place: &Place, dir: &str) -> Result<(VoteLog, KeyUse), VoteLogError> {
    drop(DataDir::open(&place.path(dir), &network().0).unwrap());
    let name = &KEY.to_string()[..16];
    let chain = place.path(dir).join("chain-1");
    let folder = |kind: &str| Box::new(FsDir::open(&chain.join(kind).join(name)).unwrap());
    let mut mark = KeyUse::open(folder("key-use"), config())?;
    let log = VoteLog::open(folder("votes"), config(), mark.last())?;
    mark.note(log.durable_sequence())?;
    Ok((log, mark))
}

/// Signs in these rounds, for blocks named by `value`.
fn sign(place: &Place, dir: &str, rounds: std::ops::Range<u64>, value: u8) {
    let (mut log, mut mark) = open(place, dir).unwrap();
    for round in rounds {
        log.append(vote(round, value)).unwrap();
    }
    mark.note(log.sync().unwrap()).unwrap();
}

fn place() -> Place {
    let place = Place::new();
    GENESIS.0.save(&place.path("genesis.toml")).unwrap();
    place
}

fn export(dir: &str, out: &str) -> String {
    format!("protection export --data-dir {dir} --genesis genesis.toml --out {out} --json")
}

fn import(file: &str, dir: &str) -> String {
    format!("protection import {file} --data-dir {dir} --genesis genesis.toml --json")
}

#[test]
fn a_key_that_moved_knows_what_it_signed_and_goes_on_from_there() {
    let place = place();
    sign(&place, "old", 1..8, 1);
    let exported = place.run(&export("old", "p.json"));
    exported.done();
    let key = &exported.json()["keys"][0];
    assert_eq!(
        (&key["sequence"], &key["highest"][0]["round"]),
        (&"7".into(), &"7".into())
    );
    place.run(&export("old", "p.json")).failed(1, "exists");
    let imported = place.run(&import("p.json", "new"));
    imported.done();
    assert_eq!(imported.json()["keys"][0]["imported"], true);
    let (mut log, mark) = open(&place, "new").unwrap();
    assert_eq!((log.last_sequence(), mark.last()), (7, Some(7)));
    let rounds: Vec<_> = log
        .records()
        .iter()
        .map(|record| record.vote.round)
        .collect();
    assert_eq!(rounds, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(log.append(vote(8, 1)).unwrap(), 8);
}

#[test]
fn knowledge_only_grows_and_two_machines_are_found_out() {
    let place = place();
    sign(&place, "old", 1..4, 1);
    place.run(&export("old", "early.json")).done();
    sign(&place, "old", 4..6, 1);
    place.run(&export("old", "late.json")).done();
    place.run(&import("late.json", "new")).done();
    // An older file takes nothing away.
    let again = place.run(&import("early.json", "new"));
    again.done();
    assert_eq!(again.json()["keys"][0]["imported"], false);
    assert_eq!(open(&place, "new").unwrap().0.last_sequence(), 5);
    // The same key ran elsewhere meanwhile.
    sign(&place, "twin", 1..4, 2);
    place
        .run(&import("late.json", "twin"))
        .failed(1, "two_machines");
    assert_eq!(open(&place, "twin").unwrap().0.last_sequence(), 3);
}

#[test]
fn an_import_without_its_log_or_older_than_the_key_keeps_the_node_from_signing() {
    let place = place();
    sign(&place, "old", 1..4, 1);
    place.run(&export("old", "early.json")).done();
    sign(&place, "old", 4..6, 1);
    place.run(&export("old", "late.json")).done();
    place.run(&import("late.json", "new")).done();
    let votes = place.path("new").join("chain-1").join("votes");
    std::fs::remove_dir_all(votes).unwrap();
    let refused = open(&place, "new").err().unwrap();
    assert!(
        matches!(refused, VoteLogError::OlderThanKey { key: 5, .. }),
        "{refused}"
    );
    place
        .run(&import("early.json", "new"))
        .failed(1, "signed up to vote 5");
    place.run(&import("late.json", "new")).done();
    assert_eq!(open(&place, "new").unwrap().0.last_sequence(), 5);
}

#[test]
fn another_network_a_damaged_file_and_a_running_node_are_refused() {
    let place = place();
    sign(&place, "old", 1..3, 1);
    place.run(&export("old", "p.json")).done();
    let (other, _) = genesis::devnet(4, 1, [8; 32]);
    other.save(&place.path("other.toml")).unwrap();
    let words = "protection import p.json --data-dir new --genesis other.toml --json";
    place.run(words).failed(1, "wrong_network");
    assert!(!place.path("new").exists());
    let words = "protection export --data-dir old --genesis other.toml --out q.json --json";
    place.run(words).failed(1, "wrong_network");
    let text = std::fs::read_to_string(place.path("p.json")).unwrap();
    std::fs::write(
        place.path("bad.json"),
        text.replace("\"round\":\"2\"", "\"round\":\"1\""),
    )
    .unwrap();
    place.run(&import("bad.json", "new")).failed(1, "damaged");
    std::fs::write(place.path("no.json"), "{}").unwrap();
    place
        .run(&import("no.json", "new"))
        .failed(1, "not_a_protection_file");
    let _running = DataDir::open(&place.path("old"), &network().0).unwrap();
    place
        .run(&export("old", "r.json"))
        .failed(1, "data_dir_in_use");
    place
        .run(&import("p.json", "old"))
        .failed(1, "data_dir_in_use");
}
