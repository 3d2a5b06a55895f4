//! The server as clients see it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crypto::Hash;
use node::client::{Client, ClientError};
use node::rpc::view::*;
use node::rpc::{Reason, RpcConfig, RpcError, RunningServer, SubmitError, serve};
use serde_json::{Value, json};
use types::{ChainId, MessageId};

use crate::fake::{self, Fake};

pub(crate) fn config() -> RpcConfig {
    RpcConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        units_per_second: 0,
        ..RpcConfig::default()
    }
}

pub(crate) async fn start(config: RpcConfig) -> (RunningServer, Client, Arc<Fake>) {
    let fake = Fake::new().shared();
    let server = serve(config, Arc::clone(&fake) as _).await.unwrap();
    let client = client(&server);
    (server, client, fake)
}

pub(crate) fn client(server: &RunningServer) -> Client {
    Client::new(format!("http://{}", server.addr).parse().unwrap())
}

fn reason<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> Reason {
    match answer {
        Err(ClientError::Refused(RpcError { reason, .. })) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

fn example_params(method: &Value) -> Value {
    let params = method["examples"][0]["params"].as_array().unwrap();
    let named = params.iter().map(|param| {
        let name = param["name"].as_str().unwrap();
        (name.to_owned(), param["value"].clone())
    });
    Value::Object(named.collect())
}

/// Every name, written down apart from the code: names may grow, not shrink.
const NAMES: [&str; 26] = [
    "account_code",
    "account_get",
    "account_view",
    "chain_block",
    "chain_list",
    "chain_status",
    "chain_subscribeHeads",
    "chain_term",
    "chain_unsubscribeHeads",
    "evidence_report",
    "proof_get",
    "root_checkpoint",
    "root_genesis",
    "root_handovers",
    "root_network",
    "root_seed",
    "root_subscribeAnchors",
    "root_unsubscribeAnchors",
    "rpc.discover",
    "trace_get",
    "trace_subscribe",
    "trace_unsubscribe",
    "tx_submit",
    "validator_check",
    "validator_list",
    "validator_status",
];

#[tokio::test]
async fn what_is_documented_is_served_and_each_example_works() {
    let (_server, client, _fake) = start(config()).await;
    let document: Value = client.call("rpc.discover", json!({})).await.unwrap();
    assert_eq!(document, node::rpc::document());
    let methods = document["methods"].as_array().unwrap();
    let names: Vec<_> = methods
        .iter()
        .map(|m| m["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, NAMES);

    let mut socket = client.connect().await.unwrap();
    for method in methods {
        let (name, params) = (method["name"].as_str().unwrap(), example_params(method));
        // Ending a subscription needs one.
        if name.contains("_unsubscribe") {
            let start = name.replace("_unsubscribe", "_subscribe");
            let of = methods
                .iter()
                .find(|other| other["name"] == *start)
                .unwrap();
            let id: String = socket.call(&start, example_params(of)).await.unwrap();
            let ended: bool = socket.call(name, json!([id])).await.unwrap();
            assert!(ended);
            continue;
        }
        let by_name: Value = socket.call(name, &params).await.unwrap();
        assert!(!by_name.is_null(), "{name}");
        if method["x-transport"] == "websocket" {
            let answer = client.call::<Value>(name, &params).await;
            assert_eq!(reason(answer), Reason::NeedsWebSocket);
        }
        // The same by position, in the documented order.
        let order = method["params"].as_array().unwrap().iter();
        let by_position: Vec<_> = order
            .map(|param| params[param["name"].as_str().unwrap()].clone())
            .collect();
        let _same: Value = socket.call(name, by_position).await.unwrap();
    }
}

#[test]
fn the_document_is_whole() {
    let document = node::rpc::document();
    assert_eq!(document["openrpc"], "1.3.2");
    for method in document["methods"].as_array().unwrap() {
        assert!(!method["summary"].as_str().unwrap().is_empty());
        assert!(!method["result"]["schema"].is_null(), "{method}");
        for param in method["params"].as_array().unwrap() {
            let described = param["schema"]["description"].as_str();
            assert!(described.is_some(), "{} {}", method["name"], param["name"]);
        }
    }
    let text = document.to_string();
    let references: BTreeSet<_> = text
        .match_indices("#/components/schemas/")
        .map(|(at, start)| text[at + start.len()..].split('"').next().unwrap())
        .collect();
    assert!(references.contains("Trace"));
    for name in references {
        assert!(
            document["components"]["schemas"][name].is_object(),
            "{name}"
        );
    }
}

#[test]
fn codes_are_stable_and_no_two_errors_share_one() {
    let all = Reason::ALL;
    let codes: BTreeSet<_> = all.iter().map(|reason| reason.code()).collect();
    let words: BTreeSet<_> = all.iter().map(|reason| reason.word()).collect();
    assert_eq!((codes.len(), words.len()), (all.len(), all.len()));
    assert!(all.iter().all(|reason| !reason.hint().is_empty()));
    let pinned = [
        (Reason::UnknownMessage, 1003, "unknown_message"),
        (Reason::EarlySeats, 1008, "early_seats"),
        (Reason::BadSignature, 1101, "bad_signature"),
        (Reason::NonceUsed, 1103, "nonce_used"),
        (Reason::Balance, 1105, "balance"),
        (Reason::Expired, 1106, "expired"),
        (Reason::EvidenceKnown, 1203, "evidence_known"),
        (Reason::RateLimited, -32001, "rate_limited"),
    ];
    for (reason, code, word) in pinned {
        assert_eq!((reason.code(), reason.word()), (code, word));
    }
}

#[tokio::test]
async fn numbers_are_strings_and_accounts_addresses() {
    let (_server, client, _fake) = start(config()).await;
    let rich = types::AccountId::of_key(&fake::rich().public());
    let params = json!({ "address": fake::address(rich) });
    let account: Value = client.call("account_get", params).await.unwrap();
    assert_eq!(account["balance"], "1000000");
    assert_eq!(account["next_nonce"], "8");
    assert!(
        account["address"]
            .as_str()
            .unwrap()
            .starts_with("thinkeydev1")
    );
}

#[tokio::test]
async fn a_view_is_asked_with_its_arguments_and_gas() {
    let (_server, client, _fake) = start(config()).await;
    let address = fake::address(types::AccountId::default());
    let params = json!({ "address": address, "method": "a", "data": "0102", "gas": "7" });
    let answer: Value = client.call("account_view", params).await.unwrap();
    assert_eq!(
        (&answer["answer"], &answer["gas"]),
        (&json!("610102"), &json!("7"))
    );
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let (_server, client, _fake) = start(config()).await;
    let id = MessageId(Hash::ZERO);
    let account = fake::address(types::AccountId::default());
    let table = [
        ("trace_get", json!({ "id": id }), Reason::UnknownMessage),
        ("proof_get", json!({ "id": id }), Reason::UnknownMessage),
        ("chain_status", json!([9]), Reason::UnknownChain),
        ("chain_block", json!([9, "1"]), Reason::UnknownChain),
        ("chain_block", json!([1, "99"]), Reason::UnknownBlock),
        ("chain_block", json!([1, "-1"]), Reason::InvalidParams),
        ("chain_block", json!([1]), Reason::InvalidParams),
        ("chain_block", json!([1, "1", 2]), Reason::InvalidParams),
        (
            "chain_block",
            json!({ "chain": 1, "block": "1", "x": 1 }),
            Reason::InvalidParams,
        ),
        ("chain_list", json!(7), Reason::InvalidParams),
        (
            "account_get",
            json!(["thinkeydev1qqq"]),
            Reason::InvalidParams,
        ),
        ("account_view", json!([account, "fail"]), Reason::ViewFailed),
        (
            "account_view",
            json!([account, "x", "no digits"]),
            Reason::InvalidParams,
        ),
        (
            "account_view",
            json!([account, "x".repeat(65)]),
            Reason::InvalidParams,
        ),
        ("chain_Status", json!([1]), Reason::MethodNotFound),
        ("admin_stop", json!([]), Reason::MethodNotFound),
    ];
    for (method, params, expected) in table {
        let answer = client.call::<Value>(method, &params).await;
        assert_eq!(reason(answer), expected, "{method} {params}");
    }
    let other = types::Address::new("thinkey", types::AccountId::default()).to_string();
    let answer = client.call::<Value>("account_get", json!([other])).await;
    assert_eq!(reason(answer), Reason::WrongNetwork);
}

#[tokio::test]
async fn every_refusal_of_a_message_has_its_code() {
    let (_server, client, fake) = start(config()).await;
    let document: Value = client.call("rpc.discover", json!({})).await.unwrap();
    let methods = document["methods"].as_array().unwrap();
    let submit = methods.iter().find(|m| m["name"] == "tx_submit").unwrap();
    let params = example_params(submit);
    let table = [
        (SubmitError::BadSignature, "bad_signature"),
        (SubmitError::NonceUsed { nonce: 1, next: 2 }, "nonce_used"),
        (SubmitError::NonceGap { nonce: 9, next: 2 }, "nonce_gap"),
        (SubmitError::MempoolFull, "mempool_full"),
        (SubmitError::NotSynced, "not_synced"),
        (
            SubmitError::Expired {
                expiry: 1,
                root_height: 2,
            },
            "expired",
        ),
    ];
    for (refusal, word) in table {
        *fake.refusal.lock().unwrap() = Some(refusal);
        let answer = client.call::<Value>("tx_submit", &params).await;
        assert_eq!(reason(answer).word(), word);
    }
    *fake.refusal.lock().unwrap() = None;
    let mut wrong = params.clone();
    wrong["network"] = json!(Hash::ZERO);
    let answer = client.call::<Value>("tx_submit", &wrong).await;
    assert_eq!(reason(answer), Reason::WrongNetwork);
    for message in ["", "zz", "00", &"00".repeat(200_000)] {
        let mut wrong = params.clone();
        wrong["message"] = json!(message);
        let answer = client.call::<Value>("tx_submit", &wrong).await;
        assert_eq!(reason(answer), Reason::InvalidParams);
    }
    assert!(fake.submitted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn seats_that_no_committee_has_are_refused_wherever_they_can_be_asked_for() {
    let (_server, client, fake) = start(config()).await;
    let document: Value = client.call("rpc.discover", json!({})).await.unwrap();
    let methods = document["methods"].as_array().unwrap();
    let submit = methods.iter().find(|m| m["name"] == "tx_submit").unwrap();
    let mut message = example_params(submit);
    let known = MessageId(Hash::new([0x11; 32]));
    let mut socket = client.connect().await.unwrap();
    for (seats, good) in [(0, false), (2, false), (3, true), (4, true), (5, false)] {
        message["early_seats"] = json!(seats);
        let calls = [
            ("tx_submit", message.clone()),
            ("trace_get", json!([known, seats])),
            ("trace_subscribe", json!([known, seats])),
            // Of a message that is not known yet.
            ("trace_subscribe", json!([MessageId(Hash::ZERO), seats])),
        ];
        for (method, params) in calls {
            let answer = socket.call::<Value>(method, &params).await;
            match good {
                true => drop(answer.unwrap()),
                false => assert_eq!(reason(answer), Reason::EarlySeats, "{method} {seats}"),
            }
        }
    }
    assert_eq!(fake.submitted.lock().unwrap().len(), 2);
}

async fn soon<T>(waiting: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(Duration::from_secs(5), waiting).await;
    waited.expect("within five seconds")
}

#[tokio::test]
async fn heads_are_told_of_the_chain_that_was_asked_for() {
    let (_server, client, fake) = start(config()).await;
    let mut socket = client.connect().await.unwrap();
    let params = json!({ "chain": 1 });
    let id: String = socket.call("chain_subscribeHeads", params).await.unwrap();
    for (chain, height) in [(2, 1), (1, 8), (0, 3), (1, 9)] {
        fake.events
            .send(Event::Head(fake::head(chain, height)))
            .unwrap();
    }
    for height in [8, 9] {
        let (subscription, head): (String, Head) = soon(socket.next()).await.unwrap();
        assert_eq!((&subscription, head), (&id, fake::head(1, height)));
    }
    let ended: bool = socket
        .call("chain_unsubscribeHeads", json!([id]))
        .await
        .unwrap();
    assert!(ended);
    soon(async {
        while fake.events.receiver_count() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn anchors_are_told() {
    let (_server, client, fake) = start(config()).await;
    let mut socket = client.connect().await.unwrap();
    let _id: String = socket
        .call("root_subscribeAnchors", json!({}))
        .await
        .unwrap();
    let anchored = Anchored {
        chain: ChainId(1),
        height: U64(4),
        hash: types::BlockHash(Hash::ZERO),
        root_height: U64(3),
    };
    fake.events.send(Event::Anchor(anchored)).unwrap();
    let (_, told): (_, Anchored) = soon(socket.next()).await.unwrap();
    assert_eq!(told, anchored);
}

#[tokio::test]
async fn a_trace_is_told_from_before_it_exists_to_its_end() {
    let (_server, client, fake) = start(config()).await;
    let id = MessageId(Hash::new([0x44; 32]));
    let mut socket = client.connect().await.unwrap();
    let _id: String = socket.call("trace_subscribe", json!([id])).await.unwrap();
    for (word, level) in [
        (Word::Pending, Level::Pending),
        (Word::Pending, Level::Anchored),
        (Word::Settled, Level::Settled),
    ] {
        let trace = fake::trace(id, word, level);
        // A change of something else, and the same again, tell nothing.
        fake.set_trace(fake::trace(MessageId(Hash::ZERO), word, level));
        fake.set_trace(trace.clone());
        fake.set_trace(trace.clone());
        let (_, told): (_, Trace) = soon(socket.next()).await.unwrap();
        assert_eq!(told, trace);
    }
}

#[tokio::test]
async fn the_deepest_tree_reaches_the_client() {
    let (_server, client, fake) = start(config()).await;
    let mut deep = fake::trace(MessageId(Hash::ZERO), Word::Settled, Level::Settled);
    for _ in 0..types::limits::DEPTH {
        let parent = TraceNode {
            children: Vec::new(),
            ..deep.root.clone()
        };
        let child = std::mem::replace(&mut deep.root, parent);
        deep.root.children.push(child);
    }
    fake.set_trace(deep.clone());
    let told: Trace = client.call("trace_get", json!([deep.id])).await.unwrap();
    assert_eq!(told, deep);
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_error() {
    let (server, _client, fake) = start(config()).await;
    let second = RpcConfig {
        listen: server.addr,
        ..config()
    };
    let error = serve(second, fake as _).await.unwrap_err().to_string();
    assert!(
        error.contains("is in use") && error.contains("another port"),
        "{error}"
    );
}

#[tokio::test]
async fn listening_for_everyone_needs_a_name() {
    let open = RpcConfig {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..config()
    };
    let error = serve(open, Fake::new().shared() as _).await.unwrap_err();
    assert!(error.to_string().contains("rpc.hosts"), "{error}");
}

#[tokio::test]
async fn a_stopped_server_is_gone_and_its_port_free() {
    let (server, client, fake) = start(config()).await;
    let mut socket = client.connect().await.unwrap();
    let addr = server.addr;
    soon(server.stop()).await;
    assert!(soon(socket.next::<Value>()).await.is_err());
    let gone = client.call::<Value>("chain_list", json!({})).await;
    assert!(
        matches!(gone, Err(ClientError::Unreachable { .. })),
        "{gone:?}"
    );
    let again = RpcConfig {
        listen: addr,
        ..config()
    };
    let _again = serve(again, fake as _).await.unwrap();
}

#[tokio::test]
async fn terms_stakers_and_checks_come_from_the_roots_state() {
    let (_server, client, _fake) = start(config()).await;
    let spec = fake::ROOT.0.spec();
    for chain in 0..=2 {
        let term: TermView = client
            .call("chain_term", json!({ "chain": chain }))
            .await
            .unwrap();
        assert_eq!((term.seats, term.members.len()), (4, 4));
        assert_eq!(term.stage, TermStage::Serving);
        let lead = if chain == 0 {
            spec.terms.root_lead
        } else {
            spec.terms.lead
        };
        let end = term.end.unwrap().0;
        assert_eq!(term.election_at, Some(U64(end - lead)));
        assert!(term.members.iter().all(|member| member.staker.is_some()));
    }
    let answer = client.call::<Value>("chain_term", json!({ "chain": 9 }));
    assert_eq!(reason(answer.await), Reason::UnknownChain);
    let foreign = types::Address::new("other", types::AccountId::default()).to_string();
    let answer = client.call::<Value>("validator_status", json!({ "account": foreign }));
    assert_eq!(reason(answer.await), Reason::WrongNetwork);
    let owner = fake::address(fake::ROOT.1.validators[0].owner_id());
    let check = async |method: &str, value: &str, data: &str| -> CheckView {
        let params = json!({
            "account": owner, "method": method, "value": value, "data": data,
        });
        client.call("validator_check", params).await.unwrap()
    };
    assert!(check("quit", "0", "").await.accepted);
    assert!(check("add_stake", "7", "").await.accepted);
    let refused = [
        ("fly", "0", "", "unknown_method"),
        ("quit", "1", "", "takes_no_value"),
        ("quit", "0", "00", "bad_arguments"),
        ("add_stake", "0", "", "needs_value"),
        ("withdraw", "0", "", "has_not_quit"),
        ("claim_rewards", "0", "", "no_rewards"),
    ];
    for (method, value, data, word) in refused {
        let said = check(method, value, data).await;
        assert_eq!(said.reason.as_deref(), Some(word));
        assert!(!said.accepted && said.message.unwrap().len() > 10);
    }
    let long = "00".repeat(600);
    for data in ["zz", &long] {
        let params = json!({ "account": owner, "method": "quit", "value": "0", "data": data });
        let answer = client.call::<Value>("validator_check", params).await;
        assert_eq!(reason(answer), Reason::InvalidParams);
    }
    let seeds: SeedsView = client.call("root_seed", json!({})).await.unwrap();
    assert!(seeds.seeds.is_empty(), "none before the first");
}
