//! `thinkey validator`.

use node::keystore::{Password, SecretFile, SecretKind};
use root_chain::staking::Registration;
use serde_json::Value;
use types::{Address, Input};

use super::{Place, network};
use crate::fake::{self, Fake, Mood};

/// Enough for gas, less than a ticket.
const RICH: u128 = 10_000_000;
const KEYGEN: &str = "validator keygen --offline --out val --password-file pw --json";

fn keygen(place: &Place) -> Value {
    let made = place.run(KEYGEN);
    made.done();
    made.json()
}

/// The account of a staker of the fake's genesis.
fn staker() -> String {
    let owner = fake::ROOT.1.validators[0].owner_id();
    Address::new(fake::NAME, owner).to_string()
}

#[test]
fn keys_are_made_encrypted_and_never_written_over() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place
        .run("validator keygen --out val --password-file pw")
        .failed(2, "--offline");
    let made = keygen(&place);
    assert_eq!(made["node"].as_str().unwrap().len(), 64);
    for name in ["stake.json", "ratchet.json", "node.seed"] {
        let file = place.path("val").join(name);
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
    let right = Password::new("swordfish".to_owned());
    let wrong = Password::new("shark".to_owned());
    let read = |name: &str| SecretFile::read(&place.path("val").join(name)).unwrap();
    let (stake, ratchet) = (read("stake.json"), read("ratchet.json"));
    assert_eq!(stake.purpose(), SecretKind::Stake);
    assert_eq!(ratchet.purpose(), SecretKind::Ratchet);
    let seed = stake.open(&right).unwrap();
    assert!(stake.open(&wrong).is_err());
    assert!(*seed != *ratchet.open(&right).unwrap());
    let public = crypto::bls::SecretKey::from_seed(&seed).public();
    assert_eq!(made["stake_key"], hex::encode(public.to_bytes()));
    // What a file says it is for is authenticated: a ratchet does not pass as a stake key.
    let path = place.path("val").join("ratchet.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"ratchet\"", "\"stake\"")).unwrap();
    assert!(SecretFile::read(&path).unwrap().open(&right).is_err());
    place.run(KEYGEN).failed(1, "exists already");
    std::fs::remove_file(place.path("val").join("validator.json")).unwrap();
    place.run(KEYGEN).failed(1, "exists already");
}

#[test]
fn every_command_has_help_with_an_example() {
    let place = Place::new();
    let commands = "keygen register add status list exit withdraw claim";
    for command in commands.split(' ') {
        let ran = place.run(&format!("validator {command} --help"));
        ran.done();
        assert!(ran.out.contains("Example"), "{command}: {}", ran.out);
    }
    for words in [
        "validator",
        "validator register --stake 5",
        "validator status",
    ] {
        place.run(words).failed(2, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_carries_the_stake_and_the_files_of_keygen() {
    let (server, fake, place) = network(Fake {
        balance: RICH,
        ..Fake::new()
    })
    .await;
    let ticket = fake::ROOT.0.spec().staking.ticket.0;
    keygen(&place);
    let register = |stake: u128| {
        format!(
            "validator register --stake {stake} --key rich.json --validator val \
             --password-file pw --json"
        )
    };
    // The root's own rules, asked before anything is signed.
    let refused = place.ask(&server, &register(ticket - 1)).await;
    refused.failed(1, "below_ticket");
    assert!(fake.submitted.lock().unwrap().is_empty());
    // The account has less than a ticket.
    place
        .ask(&server, &register(ticket))
        .await
        .failed(1, "\"balance\"");
    let unchecked = format!("{} --unchecked", register(5));
    let sent = place.ask(&server, &unchecked).await;
    sent.done();
    assert_eq!(sent.json()["status"], "settled");
    let submitted = fake.submitted.lock().unwrap().clone();
    let call = &submitted[0].call;
    assert_eq!(call.to, root_chain::staking::account_id());
    assert_eq!(call.value.0, 5);
    let Input::Call { method, data } = &call.input else {
        panic!("no call");
    };
    assert_eq!(method, "register");
    let registration: Registration = borsh::from_slice(data).unwrap();
    let key = crypto::bls::PublicKey::from_bytes(&registration.key).unwrap();
    key.verify_possession(&registration.possession).unwrap();
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roots_word_of_refusal_is_the_reason() {
    let (server, _fake, place) = network(Fake {
        mood: Mood::Refunding,
        balance: RICH,
        ..Fake::new()
    })
    .await;
    let words = "validator withdraw --key rich.json --password-file pw --json";
    let checked = place.ask(&server, words).await;
    checked.failed(1, "\"not_registered\"");
    let unchecked = place.ask(&server, &format!("{words} --unchecked")).await;
    unchecked.failed(1, "\"too_early\"");
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_staker_of_genesis_is_shown_and_listed() {
    let (server, _fake, place) = network(Fake::new()).await;
    let spec = fake::ROOT.0.spec();
    let shown = place
        .ask(&server, &format!("validator status {} --json", staker()))
        .await;
    shown.done();
    let shown = shown.json();
    let stake = spec.staking.stakers[0].stake;
    assert_eq!(shown["staker"]["stake"], stake.to_string());
    assert_eq!(shown["staker"]["stage"], "eligible");
    assert_eq!(
        shown["staker"]["tickets"],
        (stake.0 / spec.staking.ticket.0).to_string()
    );
    let duties = shown["duties"].as_array().unwrap();
    assert_eq!(duties.len(), 1, "{shown}");
    assert_eq!(
        (&duties[0]["seats"], &duties[0]["of"]),
        (&1.into(), &4.into())
    );
    assert_eq!(duties[0]["when"], "now");
    let text = place
        .ask(&server, &format!("validator status {}", staker()))
        .await;
    assert!(text.out.contains("1 of 4 seats, serves"), "{}", text.out);
    let listed = place.ask(&server, "validator list --json").await.json();
    assert_eq!(listed["total"], 12);
    assert_eq!(listed["validators"].as_array().unwrap().len(), 12);
    let beyond = place.ask(&server, "validator list --page 1 --json").await;
    assert_eq!(beyond.json()["validators"].as_array().unwrap().len(), 0);
    let nobody = place.ask(&server, "validator status --key rich.json").await;
    assert!(nobody.out.contains("not registered"), "{}", nobody.out);
    drop(server);
}
