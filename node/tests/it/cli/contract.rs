//! `thinkey contract`.

use std::sync::Arc;

use serde_json::json;
use types::{AccountId, ChainId, Input, RoutingTable};

use super::{Place, Ran, network, other};
use crate::fake::{Fake, Mood};

const MODULE: &[u8] = include_bytes!("../../../../vm/contracts/built/hello.wasm");
const DEPLOY: &str = "contract deploy hello.wasm --chain 2 --key rich.json --password-file pw \
                      --value 9 --gas 1000 --arg text:Hi --json";

fn with_module(place: &Arc<Place>) {
    std::fs::write(place.path("hello.wasm"), MODULE).unwrap();
}

#[tokio::test]
async fn a_module_is_deployed_to_its_chain_once() {
    let (server, fake, place) = network(Fake::new()).await;
    with_module(&place);
    let ran = place.ask(&server, DEPLOY).await;
    ran.done();
    let told = ran.json();
    let message = fake.submitted.lock().unwrap()[0].clone();
    let Input::Deploy(deploy) = &message.call.input else {
        panic!("{message:?}");
    };
    assert_eq!(deploy.account(&message.call.from), message.call.to);
    let home = RoutingTable::even(2).home(&message.call.to);
    assert_eq!((home, message.call.value.0), (ChainId(2), 9));
    assert_eq!(deploy.init, borsh::to_vec("Hi").unwrap());
    let address = crate::fake::address(message.call.to).to_string();
    assert_eq!(
        (&told["account"], &told["chain"]),
        (&json!(address), &json!(2))
    );
    let again = place.ask(&server, DEPLOY).await;
    again.done();
    assert_eq!(again.json()["account"], told["account"]);
    assert_eq!(again.json()["sent"], json!(null));
    assert_eq!(fake.submitted.lock().unwrap().len(), 1);
    let third = place.ask(&server, &format!("{DEPLOY} --number 1")).await;
    third.done();
    assert_ne!(third.json()["account"], told["account"]);
}

#[tokio::test]
async fn what_can_t_be_deployed_is_refused_before_anything_is_sent() {
    let (server, fake, place) = network(Fake::new()).await;
    with_module(&place);
    std::fs::write(place.path("bad.wasm"), &MODULE[..MODULE.len() - 1]).unwrap();
    std::fs::write(place.path("big.wasm"), vec![0; 200_000]).unwrap();
    let table = [
        (DEPLOY.replace("hello", "bad"), "invalid_module"),
        (DEPLOY.replace("hello", "big"), "too_large"),
        (DEPLOY.replace("hello", "none"), "file"),
        (DEPLOY.replace("--chain 2", "--chain 9"), "unknown_chain"),
        (DEPLOY.replace("--value 9", "--value 1_000_000"), "balance"),
    ];
    for (words, reason) in table {
        place.ask(&server, &words).await.failed(1, reason);
    }
    assert!(fake.submitted.lock().unwrap().is_empty());
}

async fn call(fake: Fake, more: &str) -> (Ran, Arc<Fake>) {
    let (server, fake, place) = network(fake).await;
    let words = format!(
        "contract call {} bid --key rich.json --password-file pw --gas 1000 {more} --json",
        other()
    );
    (place.ask(&server, &words).await, fake)
}

#[tokio::test]
async fn a_call_carries_method_arguments_and_value() {
    let (ran, fake) = call(Fake::new(), "--arg u16:7 --arg bool:true --value 5").await;
    ran.done();
    assert_eq!(ran.json()["status"], "settled");
    let message = fake.submitted.lock().unwrap()[0].clone();
    let method = "bid".to_owned();
    let data = vec![7, 0, 1];
    assert_eq!(message.call.input, Input::Call { method, data });
    assert_eq!((message.call.value.0, message.call.gas.limit), (5, 1_000));
}

#[tokio::test]
async fn a_call_that_comes_back_ends_with_1_and_a_slow_one_with_3() {
    let refunding = Fake {
        mood: Mood::Refunding,
        ..Fake::new()
    };
    let (ran, _) = call(refunding, "--data 00").await;
    assert_eq!((ran.code, &ran.json()["status"]), (1, &json!("refunded")));
    let stuck = Fake {
        mood: Mood::Stuck,
        ..Fake::new()
    };
    let (ran, _) = call(stuck, "--timeout 1").await;
    assert_eq!(ran.code, 3, "{}", ran.err);
}

#[tokio::test]
async fn a_view_is_shown() {
    let (server, _fake, place) = network(Fake::new()).await;
    let ask = format!("contract view {} count --arg u8:1", other());
    let ran = place.ask(&server, &ask).await;
    ran.done();
    assert!(ran.out.starts_with("636f756e7401"), "{}", ran.out);
    let ran = place.ask(&server, &format!("{ask} --json")).await;
    assert_eq!(ran.json()["answer"], "636f756e7401");
    let ran = place.ask(&server, &ask.replace("count", "fail")).await;
    ran.failed(1, "Rejected");
    let nobody = crate::fake::address(AccountId::system(ChainId(2), 5));
    let ask = format!("contract view {nobody} count");
    place.ask(&server, &ask).await.failed(1, "NoCode");
}

#[test]
fn a_project_is_made_once() {
    let place = Place::new();
    place.run("contract new my-auction").done();
    let text = |file: &str| std::fs::read_to_string(place.path("my-auction").join(file)).unwrap();
    assert!(text("src/lib.rs").contains("pub struct MyAuction"));
    assert!(text("Cargo.toml").contains("name = \"my_auction\""));
    let files = [
        "Cargo.toml",
        "src/lib.rs",
        "src/tests.rs",
        "tests/chains.rs",
        ".gitignore",
    ];
    assert!(files.iter().all(|file| !text(file).contains("{{")));
    place
        .run("contract new my-auction")
        .failed(1, "exists already");
    place.run("contract new My").failed(2, "small letters");
    place
        .run("contract new other --sources .")
        .failed(1, "no vm/sdk");
}

#[test]
fn every_command_has_an_example() {
    let place = Place::new();
    for command in ["", "new", "build", "test", "deploy", "call", "view"] {
        let ran = place.run(&format!("contract {command} --help"));
        ran.done();
        assert!(ran.out.contains("Example"), "{command}: {}", ran.out);
    }
}
