//! What an author of contracts does, from an empty folder to a trace over chains.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::devnet::{Account, Devnet};
use crate::run::{Ran, spawn_with, wait_within};

/// Compiling the test kit for the first time takes a while, and all of it when others compile too.
const PATIENCE: Duration = Duration::from_secs(1_200);

/// A function with instructions that chains refuse.
const VECTOR: &str = "mod vector {
    use core::arch::wasm32::{i8x16_popcnt, u64x2_extract_lane, u64x2_splat};
    #[inline(never)]
    #[target_feature(enable = \"simd128\")]
    pub fn sum(number: u64) -> u64 {
        u64x2_extract_lane::<0>(i8x16_popcnt(u64x2_splat(number)))
    }
}
use thinkey_sdk";

/// Whether modules can be compiled here.
fn has_target() -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", "wasm32v1-none"]);
    let folder = rustc.output().ok().filter(|ran| ran.status.success());
    let folder = folder.and_then(|ran| String::from_utf8(ran.stdout).ok());
    folder.is_some_and(|folder| Path::new(folder.trim()).exists())
}

/// An author with an empty folder.
struct Author {
    folder: PathBuf,
}

impl Author {
    /// Runs the program in the folder, with a cargo that keeps what it compiled for the next run.
    fn run(&self, words: &[&str]) -> Ran {
        let home = |name: &str, folder: &str| {
            let given = std::env::var(name).map(PathBuf::from);
            let usual = std::env::home_dir().unwrap_or_default().join(folder);
            given.unwrap_or(usual).display().to_string()
        };
        let (cargo, rustup) = (home("CARGO_HOME", ".cargo"), home("RUSTUP_HOME", ".rustup"));
        let target = concat!(env!("CARGO_TARGET_TMPDIR"), "/contracts");
        let variables = [
            ("CARGO_HOME", &*cargo),
            ("RUSTUP_HOME", &*rustup),
            ("CARGO_TARGET_DIR", target),
        ];
        let child = spawn_with(&self.folder, "contract", words, &variables);
        wait_within(PATIENCE, child, &self.folder, "contract").calm()
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.folder.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    fn module(&self) -> String {
        let module = self.folder.join("auction/build/auction.wasm");
        module.display().to_string()
    }
}

/// Words of a command with somebody's key.
fn signed<'a>(words: &[&'a str], by: &'a Account) -> Vec<&'a str> {
    let key = ["--key", &by.key_file, "--password-file", &by.password_file];
    [&["contract"], words, &key].concat()
}

fn call(net: &Devnet, by: &Account, words: &[&str]) -> Ran {
    net.run(&signed(&[&["call"], words].concat(), by))
}

fn deploy(net: &Devnet, by: &Account, module: &str, chain: &str) -> Value {
    let words = ["deploy", module, "--chain", chain];
    let ran = net.run(&signed(&words, by)).done();
    ran.json()
}

/// An author with a fresh project; `None` where no modules can be compiled.
fn author(folder: &Path) -> Option<Author> {
    if !has_target() {
        eprintln!("skipped: rustup target add wasm32v1-none");
        return None;
    }
    let author = Author {
        folder: folder.to_owned(),
    };
    author.run(&["contract", "new", "auction"]).done();
    Some(author)
}

#[test]
#[ignore = "#4: builds the engine from nothing, minutes of two cores"]
fn a_new_project_passes_its_tests_alone_and_on_chains() {
    let folder = tempfile::tempdir().unwrap();
    let Some(author) = author(folder.path()) else {
        return;
    };
    let ran = author.run(&["contract", "test", "auction"]).done();
    for shown in [
        "it_counts ... ok",
        "a_count_passes_from_chain_to_chain ... ok",
        "a_late_proof_delays_and_loses_nothing ... ok",
        // What methods cost, and what changed.
        "median",
        "there:",
        "all tests pass",
    ] {
        assert!(ran.out.contains(shown), "{shown}: {}", ran.out);
    }
}

#[test]
fn from_an_empty_folder_to_a_trace_over_chains() {
    let folder = tempfile::tempdir().unwrap();
    let Some(author) = author(folder.path()) else {
        return;
    };
    builds_and_says_what_is_refused(&author);
    let net = Devnet::start(folder.path(), &[]);
    let (alice, eve) = (net.account(1, 0), net.account(2, 0));
    let [here, there] = deploys_once(&net, &alice, &author.module());
    calls_and_sees_every_hop(&net, &alice, &here, &there);
    hears_of_a_refusal(&net, &alice, &here, &there);
    mistakes_cost_nothing(&net, &alice, &eve, &here, &author.module());
    net.stop();
}

fn builds_and_says_what_is_refused(author: &Author) {
    let built = author
        .run(&["--json", "contract", "build", "auction"])
        .done()
        .json();
    let bytes = built["modules"][0]["bytes"].as_u64().unwrap();
    assert!(bytes > 1_000 && bytes < 12 * 1_024, "{built}");
    let (whole, vector) = (
        "self.count += number;",
        "self.count += vector::sum(number);",
    );
    author.edit("auction/src/lib.rs", whole, vector);
    author.edit("auction/src/lib.rs", "use thinkey_sdk", VECTOR);
    let refused = author.run(&["--json", "contract", "build", "auction"]);
    let refused = refused.failed(1, "invalid_module");
    // The linker gives vectors to any function then, so which is named is not ours to say.
    for word in [
        "refuse the module: function ",
        " (",
        "vector types are not allowed",
    ] {
        assert!(refused.err.contains(word), "{word}: {}", refused.err);
    }
    author.edit("auction/src/lib.rs", vector, whole);
    author.edit("auction/src/lib.rs", VECTOR, "use thinkey_sdk");
    author.run(&["contract", "build", "auction"]).done();
}

fn deploys_once(net: &Devnet, by: &Account, module: &str) -> [String; 2] {
    ["1", "2"].map(|chain| {
        let made = deploy(net, by, module, chain);
        assert_eq!(made["status"], "settled", "{made}");
        let again = deploy(net, by, module, chain);
        assert_eq!(
            (&again["account"], &again["sent"]),
            (&made["account"], &Value::Null)
        );
        let address = made["account"].as_str().unwrap().to_owned();
        assert_eq!(net.read(&address)["chain"].to_string(), chain);
        address
    })
}

fn calls_and_sees_every_hop(net: &Devnet, by: &Account, here: &str, there: &str) {
    let to = format!("to={there}");
    let sent = call(net, by, &[here, "pass", "--arg", "number=7", "--arg", &to]);
    let id = sent.done().json()["id"].as_str().unwrap().to_owned();
    let seen = net.run(&["contract", "view", there, "count"]).done().json();
    assert_eq!(seen["value"], "7", "{seen}");

    let trace = net.run(&["trace", &id]).done().json();
    let pass = &trace["root"]["children"][0];
    assert_eq!(
        (&pass["run"]["method"], &pass["chain"]),
        (&json!("pass"), &json!(1)),
        "{trace}"
    );
    assert_eq!(pass["run"]["args"], json!({ "to": there, "number": "7" }));
    let add = &pass["children"][0];
    assert_eq!(
        (&add["run"]["method"], &add["run"]["returned"]),
        (&json!("add"), &json!("7"))
    );
    assert_eq!(
        add["run"]["logs"][0]["values"],
        json!([here, "7"]),
        "{trace}"
    );
    let reply = &add["children"][0];
    let run = &reply["run"];
    assert_eq!(
        (&run["entry"], &run["handler"]),
        (&json!("reply"), &json!("added")),
        "{trace}"
    );
    assert_eq!(
        run["logs"][0]["values"],
        json!([there, "7", "7"]),
        "{trace}"
    );

    let drawn = crate::run::run(&["--rpc", &net.rpc, "trace", &id])
        .done()
        .out;
    for shown in [
        "call pass(number: 7, to: ",
        "call add(number: 7)",
        " = 7 ",
        "log counted(",
        "log added(",
        "reply of add, to added(total: 7)",
        ", gas ",
        " of ",
        "settled",
    ] {
        assert!(drawn.contains(shown), "{shown}: {drawn}");
    }
}

/// What the other account refuses comes back to the handler for that.
fn hears_of_a_refusal(net: &Devnet, by: &Account, here: &str, there: &str) {
    let sent = call(net, by, &[here, "pass", there, "0"]);
    assert_eq!(
        (sent.code, &sent.json()["status"]),
        (Some(1), &json!("partly_failed"))
    );
    let id = sent.json()["id"].as_str().unwrap().to_owned();
    let drawn = crate::run::run(&["--rpc", &net.rpc, "trace", &id])
        .done()
        .out;
    for shown in [
        "failed (rejected: nothing to add)",
        "bounce of add, to not_added",
        "log not added(",
    ] {
        assert!(drawn.contains(shown), "{shown}: {drawn}");
    }
    let answered = call(net, by, &[there, "add", "5"]).done().json();
    assert_eq!(answered["returned"], "12", "{answered}");
}

fn mistakes_cost_nothing(net: &Devnet, alice: &Account, eve: &Account, here: &str, module: &str) {
    let before = [alice, eve].map(|account| net.balance(account));
    for words in [
        &[here, "add", "seven"][..],
        &[here, "add"],
        &[here, "add", "1", "2"],
        &[here, "add", "--arg", "count=1"],
        &[here, "add", "1", "--value", "5"],
        &[here, "subtract", "1"],
        &[here, "pass", "1", "2"],
        &[here, "add", "--data", "07"],
    ] {
        call(net, alice, words).failed(2, "wrong_arguments");
    }
    call(net, alice, &[&alice.address, "add", "1"]).failed(1, "no_code");
    net.run(&["contract", "view", here, "sum"])
        .failed(2, "wrong_arguments");
    let upgrade = |by: &Account| net.run(&signed(&["upgrade", here, module], by));
    upgrade(eve).failed(1, "not_owner");
    assert_eq!(upgrade(alice).done().json()["sent"], Value::Null);
    let poor = [
        "deploy", module, "--chain", "1", "--number", "1", "--value", "1",
    ];
    net.run(&signed(&poor, alice)).failed(1, "deposit");
    let rich = [&poor[..7], &["1_000_000_000_000_000_000"]].concat();
    net.run(&signed(&rich, alice)).failed(1, "balance");
    assert_eq!([alice, eve].map(|account| net.balance(account)), before);
}
