//! The program as people and scripts use it: what it prints and how it ends.

mod config;
mod contract;
mod early;
mod evidence;
mod pipe;
mod protection;
mod validator;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use node::keystore::{Cost, KeyFile, Password};
use node::rpc::SubmitError;
use node::rpc::{RunningServer, serve};
use serde_json::Value;
use types::AccountId;

use crate::fake::{self, Fake, Mood};
use crate::{fixture, rpc};

/// A place with a key, its password and a genesis file.
struct Place {
    folder: tempfile::TempDir,
}

/// What a run of the program came to.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        let line = self.out.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {}{}", self.out, self.err))
    }

    fn failed(&self, code: i32, words: &str) {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert!(self.err.contains(words), "{words}: {}", self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
    }

    fn done(&self) {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self { folder };
        std::fs::write(place.path("pw"), "swordfish\n").unwrap();
        let password = Password::new("swordfish".to_owned());
        let id = Some(fake::NETWORK);
        KeyFile::seal(&fake::rich(), fake::NAME, id, &password, Cost::DEVNET)
            .unwrap()
            .write_new(&place.path("rich.json"))
            .unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program here, its words separated by spaces.
    fn run(&self, words: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thinkey"));
        command
            .args(words.split_whitespace())
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path());
        Ran::from(command.stdin(std::process::Stdio::null()).output().unwrap())
    }

    /// Runs the program against a node.
    async fn ask(self: &Arc<Self>, server: &RunningServer, words: &str) -> Ran {
        let words = format!("{words} --rpc http://{}", server.addr);
        let place = Arc::clone(self);
        let running = tokio::task::spawn_blocking(move || place.run(&words));
        running.await.unwrap()
    }
}

async fn network(fake: Fake) -> (RunningServer, Arc<Fake>, Arc<Place>) {
    let fake = fake.shared();
    let server = serve(rpc::config(), Arc::clone(&fake) as _).await.unwrap();
    (server, fake, Arc::new(Place::new()))
}

fn other() -> String {
    fake::address(AccountId(crypto::Hash::new([0xee; 32]))).to_string()
}

fn send(amount: &str, more: &str) -> String {
    let to = other();
    format!(
        "wallet send --key rich.json --password-file pw --to {to} --amount {amount} --json {more}"
    )
}

#[test]
fn usage_errors_end_with_2_and_help_with_0() {
    let place = Place::new();
    for words in [
        "",
        "fly",
        "trace",
        "trace xyz",
        "wallet send",
        "--rpc https://a chain list",
    ] {
        place.run(words).failed(2, "");
    }
    place
        .run("--rpc https://a chain list")
        .failed(2, "only http:// and ws://");
    for words in [
        "--help",
        "wallet --help",
        "wallet send --help",
        "verify --help",
        "--version",
    ] {
        let ran = place.run(words);
        ran.done();
        assert!(
            words == "--version" || ran.out.contains("Usage:"),
            "{}",
            ran.out
        );
    }
    let levels = place.run("wallet send --help").out;
    for level in ["early", "committed", "anchored", "root-final", "settled"] {
        assert!(levels.contains(level), "{level}: {levels}");
    }
}

#[test]
fn a_node_that_is_not_there_is_named_with_what_to_do() {
    let place = Place::new();
    let ran = place.run("chain list --rpc http://127.0.0.1:9");
    ran.failed(1, "no node answers at http://127.0.0.1:9");
    assert!(ran.err.contains("thinkey devnet"), "{}", ran.err);
    let ran = place.run("chain list --json --rpc http://127.0.0.1:9");
    assert!(ran.out.is_empty());
    let error: Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!(error["error"]["reason"], "unreachable");
    assert_eq!(error["error"]["exit"], 1);
}

#[test]
fn a_key_is_made_listed_and_never_written_over() {
    let place = Place::new();
    let made = place.run("wallet new alice --network devnet --password-file pw --json");
    made.done();
    let made = made.json();
    let address = made["address"].as_str().unwrap();
    assert!(address.starts_with("devnet1"), "{address}");
    let listed = place.run("wallet list --json").json();
    assert_eq!(listed[0]["address"], address);
    let again = place.run("wallet new alice --network devnet --password-file pw");
    again.failed(1, "exists already");
    place
        .run("wallet new bob --network devnet")
        .failed(1, "--password-file");
    place
        .run("wallet new bob --network Dev!")
        .failed(2, "lowercase");
    std::fs::write(place.path("empty"), "").unwrap();
    let empty = place.run("wallet new bob --network devnet --password-file empty");
    empty.failed(1, "password is empty");
}

#[test]
fn a_seed_is_imported_and_gives_its_account() {
    let place = Place::new();
    let seed = place.path("seed");
    std::fs::write(&seed, format!("{}\n", "01".repeat(32))).unwrap();
    let words = "wallet import --seed-file seed --out in.json --network thinkeydev \
                 --password-file pw --json";
    place.run(words).failed(1, "chmod 600");
    private(&seed);
    let imported = place.run(words).json();
    let rich = AccountId::of_key(&fake::rich().public());
    assert_eq!(imported["address"], fake::address(rich).to_string());
}

fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_genesis_file_is_made_checked_and_shown() {
    let place = Place::new();
    let made = place.run("genesis new --out g.json --seed-file net.seed --chains 2 --json");
    made.done();
    let shown = place.run("genesis show g.json --json").json();
    assert_eq!(shown["id"], made.json()["id"]);
    assert_eq!(shown["chains"].as_array().unwrap().len(), 3);
    let checked = place.run("genesis check g.json");
    checked.done();
    assert!(checked.out.contains("warning"), "{}", checked.out);
    assert!(
        checked
            .out
            .ends_with("accepted: a network may start from this file\n")
    );
    let public = std::fs::read_to_string(place.path("g.json")).unwrap();
    std::fs::write(
        place.path("p.json"),
        public.replace("\"devnet\",\n  \"start", "\"public\",\n  \"start"),
    )
    .unwrap();
    let refused = place.run("genesis check p.json");
    assert_eq!(refused.code, 1, "{}", refused.out);
    place
        .run("genesis show rich.json")
        .failed(1, "the chain spec is not valid");
    place.run("genesis show none.json").failed(1, "can't read");
    let chain = "wallet new --out c.json --genesis g.json --chain 2 --password-file pw --json";
    assert_eq!(place.run(chain).json()["chain"], 2);
    let none = "wallet new --out d.json --genesis g.json --chain 9 --password-file pw";
    place.run(none).failed(1, "has no chain 9");
}

#[test]
fn a_transfer_is_signed_with_no_network() {
    let place = Place::new();
    let words = format!(
        "wallet sign --key rich.json --password-file pw --to {} --amount 5 --nonce 7 --expiry 90 \
         --network-id {} --out t.json --json",
        other(),
        fake::NETWORK
    );
    let signed = place.run(&words);
    signed.done();
    let file: Value =
        serde_json::from_slice(&std::fs::read(place.path("t.json")).unwrap()).unwrap();
    assert_eq!(file["id"], signed.json()["id"]);
    let wrong_id = words.replace(&fake::NETWORK.to_string(), &"00".repeat(32));
    place.run(&wrong_id).failed(1, "of the same name");
    place
        .run(&words.replace("--password-file pw", ""))
        .failed(1, "no terminal");
}

#[test]
fn a_proof_is_verified_and_a_changed_one_fails_at_its_step() {
    let place = Place::new();
    place
        .run("genesis new --out g.json --seed-file net.seed")
        .done();
    let bytes = fixture::proof().encode();
    std::fs::write(place.path("p"), &bytes).unwrap();
    fixture::GENESIS.0.save(&place.path("net.toml")).unwrap();
    let valid = place.run("verify p --genesis net.toml");
    valid.done();
    for step in [
        "message", "receipt", "bundle", "outbox", "header", "history", "anchor",
    ] {
        assert!(
            valid.out.contains(&format!("ok  {step:<12} ")),
            "{step}: {}",
            valid.out
        );
    }
    assert!(
        valid
            .out
            .contains("certificate  root height 5, epoch 0: 3 of 4 seats"),
        "{}",
        valid.out
    );
    assert!(valid.out.ends_with("valid: every step holds\n"));
    let json = place.run("verify p --genesis net.toml --json").json();
    assert_eq!(
        (&json["valid"], json["steps"].as_array().unwrap().len()),
        (&true.into(), 19)
    );
    let mut changed = bytes.clone();
    changed[bytes.len() - 40] ^= 1;
    std::fs::write(place.path("q"), &changed).unwrap();
    let failed = place.run("verify q --genesis net.toml");
    failed.failed(1, "the proof fails at step \"root block\" of evidence 3");
    assert!(failed.out.contains("ok  anchor"), "{}", failed.out);

    // The fixture's network is not that of the genesis file.
    place
        .run("verify p --genesis g.json")
        .failed(1, "step \"genesis\"");
    std::fs::write(place.path("junk"), "junk").unwrap();
    place
        .run("verify junk --genesis g.json")
        .failed(1, "not a Thinkey proof file");
    place
        .run("verify none --genesis g.json")
        .failed(1, "can't open none");
    place.run("verify p --genesis p").failed(1, "chain spec");
    place.run("verify p").failed(2, "--genesis");
}

#[tokio::test]
async fn chains_blocks_and_accounts_are_shown() {
    let (server, _fake, place) = network(Fake::new()).await;
    let list = place.ask(&server, "chain list").await;
    list.done();
    assert_eq!(list.out.lines().count(), 4, "{}", list.out);
    let status = place.ask(&server, "chain status 1 --json").await.json();
    assert_eq!(status["committed"], "5");
    let block = place.ask(&server, "chain block 1 3 --json").await.json();
    assert_eq!(block["height"], "3");
    place
        .ask(&server, "chain block 1 99")
        .await
        .failed(1, "no block 99");
    place
        .ask(&server, "chain status 7")
        .await
        .failed(1, "no chain 7");

    let rich = fake::address(AccountId::of_key(&fake::rich().public()));
    let words = format!("wallet balance {rich} --json");
    assert_eq!(
        place.ask(&server, &words).await.json()["balance"],
        "1000000"
    );
    let by_key = place
        .ask(&server, "wallet balance --key rich.json --json")
        .await;
    assert_eq!(by_key.json()["balance"], "1000000");
    let unknown = place
        .ask(&server, &format!("wallet balance {}", other()))
        .await;
    unknown.done();
    assert!(unknown.out.contains("no account yet"), "{}", unknown.out);
    let foreign = types::Address::new("elsewhere", AccountId::default());
    let ran = place
        .ask(&server, &format!("wallet balance {foreign}"))
        .await;
    ran.failed(1, "is not of network \"thinkeydev\"");
    place
        .ask(&server, "wallet balance thinkeydev1zzz")
        .await
        .failed(2, "not an address");
    let all = place
        .ask(&server, "wallet balance --wallet-dir . --json")
        .await
        .json();
    assert_eq!(all["accounts"][0]["balance"], "1000000");
}

#[tokio::test]
async fn a_sent_message_tells_id_level_status_and_latencies() {
    let (server, fake, place) = network(Fake::new()).await;
    let ran = place.ask(&server, &send("5", "--wait settled")).await;
    ran.done();
    let sent = ran.json();
    let message = fake.submitted.lock().unwrap()[0].clone();
    assert_eq!(sent["id"], message.id(fake::NETWORK).to_string());
    assert_eq!(
        (&sent["level"], &sent["status"]),
        (&"settled".into(), &"settled".into())
    );
    let latencies = sent["latency_ms"].as_object().unwrap();
    let levels: Vec<_> = latencies.keys().map(String::as_str).collect();
    assert_eq!(
        levels,
        ["anchored", "committed", "early", "root-final", "settled"]
    );
    assert_eq!(latencies["committed"], 80);
    // From the node: the next nonce, the gas, and the root height to count the expiry from.
    let call = &message.call;
    assert_eq!((call.nonce, call.gas.limit, call.expiry), (8, 1_000, 550));
}

#[tokio::test]
async fn sending_ends_with_the_code_of_what_became_of_it() {
    let stuck = Fake {
        mood: Mood::Stuck,
        ..Fake::new()
    };
    let (server, _fake, place) = network(stuck).await;
    let committed = place.ask(&server, &send("5", "--wait committed")).await;
    committed.done();
    assert_eq!(committed.json()["status"], "pending");
    let settled = place
        .ask(&server, &send("5", "--wait settled --timeout 1"))
        .await;
    assert_eq!(settled.code, 3, "{}", settled.err);
    assert_eq!(settled.json()["level"], "committed");

    let refunding = Fake {
        mood: Mood::Refunding,
        ..Fake::new()
    };
    let (server, _fake, place) = network(refunding).await;
    let refunded = place.ask(&server, &send("5", "")).await;
    assert_eq!(
        (refunded.code, &refunded.json()["status"]),
        (1, &"refunded".into())
    );
}

#[tokio::test]
async fn what_can_not_be_sent_is_said_before_it_is_signed() {
    let (server, fake, place) = network(Fake::new()).await;
    place
        .ask(&server, &send("999500", ""))
        .await
        .failed(1, "\"balance\"");
    std::fs::write(place.path("bad"), "guess").unwrap();
    let wrong = send("5", "").replace("--password-file pw", "--password-file bad");
    place.ask(&server, &wrong).await.failed(1, "wrong_password");
    let foreign = types::Address::new("elsewhere", AccountId::default()).to_string();
    let wrong = send("5", "").replace(&other(), &foreign);
    place.ask(&server, &wrong).await.failed(1, "wrong_network");
    place
        .run("genesis new --out g.json --seed-file net.seed")
        .done();
    let wrong = send("5", "--genesis g.json");
    place
        .ask(&server, &wrong)
        .await
        .failed(1, "the genesis file is of network");
    let made = place.run("wallet new --out poor.json --network thinkeydev --password-file pw");
    made.done();
    let poor = send("5", "").replace("rich.json", "poor.json");
    place.ask(&server, &poor).await.failed(1, "unknown_account");
    place.ask(&server, &send("-5", "")).await.failed(2, "");
    assert!(fake.submitted.lock().unwrap().is_empty());

    let table = [
        (
            SubmitError::NonceUsed { nonce: 1, next: 8 },
            "nonce 1 was used already, the next is 8",
        ),
        (
            SubmitError::Expired {
                expiry: 2,
                root_height: 50,
            },
            "expired at root height 2",
        ),
        (SubmitError::MempoolFull, "mempool_full"),
    ];
    for (refusal, words) in table {
        *fake.refusal.lock().unwrap() = Some(refusal);
        place
            .ask(&server, &send("5", "--nonce 1"))
            .await
            .failed(1, words);
    }
}

#[tokio::test]
async fn what_was_signed_offline_is_broadcast() {
    let (server, fake, place) = network(Fake::new()).await;
    let words = format!(
        "wallet sign --key rich.json --password-file pw --to {} --amount 5 --nonce 8 --expiry 90 \
         --network-id {} --out t.json",
        other(),
        fake::NETWORK
    );
    place.run(&words).done();
    let ran = place
        .ask(&server, "wallet broadcast t.json --wait settled --json")
        .await;
    ran.done();
    assert_eq!(ran.json()["status"], "settled");
    assert_eq!(fake.submitted.lock().unwrap().len(), 1);
    let text = std::fs::read_to_string(place.path("t.json")).unwrap();
    let at = text.find("\"message\":\"").unwrap() + 100;
    let mut changed = text.into_bytes();
    changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
    std::fs::write(place.path("t.json"), changed).unwrap();
    let ran = place.ask(&server, "wallet broadcast t.json").await;
    ran.failed(1, "wallet sign");
}

#[tokio::test]
async fn a_trace_is_drawn_and_ends_with_one_word() {
    let (server, _fake, place) = network(Fake::new()).await;
    let id = "11".repeat(32);
    let ran = place.ask(&server, &format!("trace {id}")).await;
    ran.done();
    let lines: Vec<_> = ran.out.lines().collect();
    assert!(
        lines[0].starts_with("transfer 5 → thinkeydev1"),
        "{}",
        ran.out
    );
    assert!(
        lines[0].ends_with("on chain 1: done at height 3, root-final, gas 100 of 1000"),
        "{}",
        ran.out
    );
    assert!(lines[1].starts_with("└─ credit 5 → "), "{}", ran.out);
    assert_eq!(lines[2..], ["settled"]);
    let json = place
        .ask(&server, &format!("trace {id} --json"))
        .await
        .json();
    assert_eq!(json["word"], "settled");
    let unknown = place
        .ask(&server, &format!("trace {} --follow", "00".repeat(32)))
        .await;
    unknown.failed(1, "knows no message");
}

#[tokio::test]
async fn a_trace_is_followed_to_its_end() {
    use node::rpc::view::{Level, Word};
    let (server, fake, place) = network(Fake::new()).await;
    let id: types::MessageId = "44".repeat(32).parse().unwrap();
    fake.set_trace(fake::trace(id, Word::Pending, Level::Committed));
    let teller = Arc::clone(&fake);
    let telling = async move {
        while teller.events.receiver_count() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        teller.set_trace(fake::trace(id, Word::Refunded, Level::Settled));
    };
    let words = format!("trace {id} --follow");
    let (ran, ()) = tokio::join!(place.ask(&server, &words), telling);
    ran.done();
    let lines: Vec<_> = ran.out.lines().collect();
    // Not a terminal: the lines that changed are added.
    assert!(lines[1].contains("travelling"), "{}", ran.out);
    assert!(
        ran.out.contains("failed (no_such_account: too_early)"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("   └─ bounce 5"), "{}", ran.out);
    assert_eq!(lines.last(), Some(&"refunded"));

    fake.set_trace(fake::trace(id, Word::Pending, Level::Anchored));
    let ran = place
        .ask(&server, &format!("trace {id} --follow --timeout 1"))
        .await;
    assert_eq!(ran.code, 3);
    assert_eq!(ran.out.lines().last(), Some("pending"));
}

#[tokio::test]
async fn a_proof_is_saved_and_a_wrong_one_is_not() {
    let fake = Fake::new();
    let id = fixture::external();
    let settled = fake::trace(
        id,
        node::rpc::view::Word::Settled,
        node::rpc::view::Level::Settled,
    );
    fake.set_trace(settled);
    let (server, _fake, place) = network(fake).await;
    let ran = place
        .ask(&server, &format!("prove {id} --out p --json"))
        .await;
    ran.done();
    let bytes = std::fs::read(place.path("p")).unwrap();
    assert_eq!(bytes, fixture::proof().encode());
    assert_eq!(ran.json()["bytes"], bytes.len());
    let unknown = place
        .ask(&server, &format!("prove {} --out q", "00".repeat(32)))
        .await;
    unknown.failed(1, "does not know the message");
    // The fake answers with the proof of another message.
    let other = place
        .ask(&server, &format!("prove {} --out q", "11".repeat(32)))
        .await;
    other.failed(1, "broken proof");
    assert!(!place.path("q").exists());
}
