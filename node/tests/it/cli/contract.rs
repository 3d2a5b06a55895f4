//! `thinkey contract`.

use std::sync::Arc;

use node::rpc::RunningServer;
use serde_json::json;
use types::{AccountId, ChainId, Input, RoutingTable};

use super::{Place, Ran, network, other};
use crate::fake::{Fake, Mood};

const MODULE: &[u8] = include_bytes!("../../../../vm/contracts/built/hello.wasm");
const DEPLOY: &str = "contract deploy hello.wasm --chain 2 --key rich.json --password-file pw \
                      --value 20_000_000 --gas 1000 --arg text:Hi --json";

/// A node with an account that can pay deposits.
fn rich() -> Fake {
    Fake {
        balance: 1_000_000_000,
        ..Fake::new()
    }
}

fn with_module(place: &Arc<Place>) {
    std::fs::write(place.path("hello.wasm"), MODULE).unwrap();
}

#[tokio::test]
async fn a_module_is_deployed_to_its_chain_once() {
    let (server, fake, place) = network(rich()).await;
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
    assert_eq!((home, message.call.value.0), (ChainId(2), 20_000_000));
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
    let (server, fake, place) = network(rich()).await;
    with_module(&place);
    std::fs::write(place.path("bad.wasm"), &MODULE[..MODULE.len() - 1]).unwrap();
    std::fs::write(place.path("big.wasm"), vec![0; 200_000]).unwrap();
    let less = |value: &str| DEPLOY.replace("20_000_000", value);
    let table = [
        (DEPLOY.replace("hello", "bad"), "invalid_module"),
        (DEPLOY.replace("hello", "big"), "too_large"),
        (DEPLOY.replace("hello", "none"), "file"),
        (DEPLOY.replace("--chain 2", "--chain 9"), "unknown_chain"),
        (less("2_000_000_000"), "balance"),
        (less("9_000"), "deposit"),
    ];
    for (words, reason) in table {
        place.ask(&server, &words).await.failed(1, reason);
    }
    assert!(fake.submitted.lock().unwrap().is_empty());
}

/// A module around one function, written as text.
fn module_of(text: &str) -> Vec<u8> {
    let parts = "(memory (export \"memory\") 1) (func (export \"thinkey_call\") (call $offender))";
    wat::parse_str(format!("(module {text} {parts})")).unwrap()
}

/// The offending function and the reason are named before anybody pays for anything.
#[tokio::test]
async fn what_is_wrong_with_a_module_is_told_with_its_place() {
    let (server, fake, place) = network(rich()).await;
    let table = [
        (
            "(func $offender (drop (i8x16.popcnt (i32x4.splat (i32.const 1)))))",
            "function 0 (offender), offset",
            "vector types are not allowed",
        ),
        (
            "(import \"env\" \"print\" (func $offender))",
            "offset",
            "the host has no function env.print",
        ),
        (
            "(func $offender (drop (memory.grow (i32.const 1))) (drop (ref.null func)))",
            "function 0 (offender), offset",
            "",
        ),
        ("(memory $second 4_000) (func $offender)", "offset", "memor"),
    ];
    for (text, at, why) in table {
        std::fs::write(place.path("hello.wasm"), module_of(text)).unwrap();
        let words = DEPLOY.replace(" --json", "").replace("--arg text:Hi", "");
        let ran = place.ask(&server, &words).await;
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("chains refuse the module"), "{}", ran.err);
        assert!(
            ran.err.contains(at) && ran.err.contains(why),
            "{why}: {}",
            ran.err
        );
    }
    assert!(fake.submitted.lock().unwrap().is_empty());
}

/// Deploys hello, gives its address.
async fn with_hello(server: &RunningServer, place: &Arc<Place>) -> String {
    with_module(place);
    let ran = place.ask(server, DEPLOY).await;
    ran.done();
    ran.json()["account"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn arguments_are_encoded_by_the_description_of_the_code() {
    let (server, fake, place) = network(rich()).await;
    let hello = with_hello(&server, &place).await;
    let key = "--key rich.json --password-file pw --gas 1000 --json";
    for values in [
        "Bob",
        "name=Bob",
        "--arg name=Bob",
        "--arg text:Bob",
        "--data 03000000426f62",
    ] {
        let words = format!("contract call {hello} hello {values} {key}");
        place.ask(&server, &words).await.done();
        let message = fake.submitted.lock().unwrap().last().unwrap().clone();
        let (method, data) = ("hello".to_owned(), borsh::to_vec("Bob").unwrap());
        assert_eq!(message.call.input, Input::Call { method, data }, "{values}");
    }
    let sent = fake.submitted.lock().unwrap().len();
    let table = [
        (
            "hello",
            "argument `name` (String) of hello(name: String) -> String is missing",
        ),
        (
            "hello Bob Ann",
            "2 arguments for hello(name: String) -> String, which has 1",
        ),
        ("hello --arg nme=Bob", "has no argument `nme`"),
        ("hello --arg u8:7", "these are no arguments of hello"),
        ("hello --data 00", "these are no arguments of hello"),
        ("hello Bob --arg text:Bob", "some arguments have their type"),
        ("hello Bob --value 5", "`hello` takes no value"),
        ("greet Bob", "Hello has no message `greet`"),
        ("count", "Hello has no message `count`"),
        ("begin Hi", "Hello has no message `begin`"),
    ];
    for (words, why) in table {
        let ran = place
            .ask(&server, &format!("contract call {hello} {words} {key}"))
            .await;
        ran.failed(2, "wrong_arguments");
        assert!(ran.err.contains(why), "{words}: {}", ran.err);
    }
    let begins = DEPLOY.replace("--chain 2", "--chain 1");
    for init in ["", "--arg u64:1", "Hi Ho"] {
        let words = begins.replace("--arg text:Hi", init);
        place
            .ask(&server, &words)
            .await
            .failed(2, "wrong_arguments");
    }
    let nobody = crate::fake::address(crate::fake::nobody());
    let ran = place
        .ask(&server, &format!("contract call {nobody} hello Bob {key}"))
        .await;
    ran.failed(1, "no_code");
    assert_eq!(
        fake.submitted.lock().unwrap().len(),
        sent,
        "nothing was sent"
    );
    let words = format!("contract call {hello} greet --data 00 --unchecked {key}");
    place.ask(&server, &words).await.done();
}

#[tokio::test]
async fn only_the_owner_upgrades_and_only_to_other_code() {
    let (server, fake, place) = network(rich()).await;
    let hello = with_hello(&server, &place).await;
    let token = include_bytes!("../../../../vm/contracts/built/token.wasm");
    std::fs::write(place.path("token.wasm"), token).unwrap();
    std::fs::write(place.path("bad.wasm"), &MODULE[..MODULE.len() - 1]).unwrap();
    let upgrade = |to: &str, file: &str| {
        let key = "--key rich.json --password-file pw --gas 1000 --json";
        format!("contract upgrade {to} {file} {key}")
    };
    let same = place.ask(&server, &upgrade(&hello, "hello.wasm")).await;
    same.done();
    assert_eq!(same.json()["sent"], json!(null));
    place
        .ask(&server, &upgrade(&hello, "bad.wasm"))
        .await
        .failed(1, "invalid_module");
    let theirs = other().to_string();
    place
        .ask(&server, &upgrade(&theirs, "token.wasm"))
        .await
        .failed(1, "not_owner");
    assert_eq!(fake.submitted.lock().unwrap().len(), 1, "only the deploy");
    place
        .ask(&server, &upgrade(&hello, "token.wasm"))
        .await
        .done();
    let message = fake.submitted.lock().unwrap()[1].clone();
    assert!(matches!(
        message.call.input,
        Input::Upgrade { adopt: true, .. }
    ));
    let hold = format!("{} --hold", upgrade(&hello, "token.wasm"));
    place.ask(&server, &hold).await.done();
    let message = fake.submitted.lock().unwrap()[2].clone();
    let deposit = actors::contract::deposit(actors::contract::SLOT_BYTES + token.len() as u64);
    assert_eq!(message.call.value, deposit);
    assert!(matches!(
        message.call.input,
        Input::Upgrade { adopt: false, .. }
    ));
}

#[tokio::test]
async fn code_shows_what_it_says_of_itself() {
    let (server, _fake, place) = network(rich()).await;
    let hello = with_hello(&server, &place).await;
    for what in [hello.as_str(), "hello.wasm"] {
        let ran = place.ask(&server, &format!("contract show {what}")).await;
        ran.done();
        assert!(
            ran.out.contains("message hello(name: String) -> String"),
            "{}",
            ran.out
        );
        assert!(ran.out.contains("How often it greeted."), "{}", ran.out);
        let ran = place
            .ask(&server, &format!("contract show {what} --json"))
            .await;
        assert_eq!(ran.json()["methods"][0]["name"], "begin");
    }
    let ran = place
        .ask(&server, &format!("contract show {}", other()))
        .await;
    ran.failed(1, "does not describe its methods");
}

#[tokio::test]
async fn a_view_is_decoded_by_the_description() {
    let (server, _fake, place) = network(rich()).await;
    let hello = with_hello(&server, &place).await;
    // The fake answers with the question, which is no u64.
    let ran = place
        .ask(&server, &format!("contract view {hello} count --json"))
        .await;
    ran.done();
    assert_eq!(
        (&ran.json()["value"], &ran.json()["answer"]),
        (&json!(null), &json!("636f756e74"))
    );
    let ran = place
        .ask(&server, &format!("contract view {hello} hello Bob"))
        .await;
    ran.failed(2, "it is a message: thinkey contract call");
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
    for command in [
        "", "new", "build", "test", "deploy", "call", "view", "upgrade", "show",
    ] {
        let ran = place.run(&format!("contract {command} --help"));
        ran.done();
        assert!(ran.out.contains("Example"), "{command}: {}", ran.out);
    }
}
