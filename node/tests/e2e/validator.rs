//! A stake's life on a devnet, as far as short delays let it come.

use serde_json::Value;

use crate::devnet::{Account, Devnet, number};
use crate::run::{Ran, run};

const STAKE: u128 = 3_000_000_000;

/// An account on chain 1, and the folder of a validator's files.
struct Staker {
    net: Devnet,
    owner: Account,
    dir: String,
    made: Value,
}

impl Staker {
    fn new(folder: &std::path::Path) -> Self {
        let net = Devnet::start(folder, &[]);
        let owner = net.account(1, 0);
        let dir = folder.join("val").display().to_string();
        let keygen = ["--json", "validator", "keygen", "--offline", "--out", &dir];
        let password = ["--password-file", &owner.password_file];
        let made = run(&[&keygen[..], &password].concat()).done().json();
        Self {
            net,
            owner,
            dir,
            made,
        }
    }

    fn call(&self, words: &[&str]) -> Ran {
        let of_key = ["--key", &self.owner.key_file];
        let password = ["--password-file", &self.owner.password_file];
        self.net
            .run(&[&["validator"], words, &of_key, &password].concat())
    }

    fn register(&self, more: &[&str]) -> Ran {
        let stake = STAKE.to_string();
        let words = ["register", "--stake", &stake, "--validator", &self.dir];
        self.call(&[&words[..], more].concat())
    }

    fn status(&self) -> Value {
        let words = ["validator", "status", &self.owner.address];
        self.net.run(&words).done().json()
    }

    fn balance(&self) -> u128 {
        self.net.balance(&self.owner)
    }
}

#[test]
fn a_staker_registers_from_another_chain_quits_and_can_not_withdraw_too_early() {
    let folder = tempfile::tempdir().unwrap();
    let staker = Staker::new(folder.path());
    assert!(staker.status()["staker"].is_null());
    let before = staker.balance();
    assert_eq!(staker.register(&[]).done().json()["status"], "settled");
    let shown = staker.status();
    assert_eq!(number(&shown["staker"]["stake"]), STAKE, "{shown}");
    assert_eq!(shown["staker"]["key"], staker.made["stake_key"], "{shown}");
    assert_eq!(shown["staker"]["node"], staker.made["node"], "{shown}");
    let held = staker.balance();
    assert!(held <= before - STAKE);
    // Twice: refused before it is sent, and by the root, from which the value comes back.
    staker.register(&[]).failed(1, "account_taken");
    assert_eq!(staker.balance(), held);
    staker.register(&["--unchecked"]).failed(1, "account_taken");
    assert!(staker.balance() > held - STAKE && staker.balance() < held);

    staker.call(&["withdraw"]).failed(1, "has_not_quit");
    staker.call(&["claim"]).failed(1, "no_rewards");
    staker.call(&["exit"]).done();
    let shown = staker.status();
    let stage = shown["staker"]["stage"].as_str().unwrap();
    assert!(stage.starts_with("unbonding until root height"), "{shown}");
    let free = number(&shown["staker"]["free_at"]);
    assert_eq!(free, number(&shown["staker"]["quit_at"]) + 1_000, "{shown}");
    let refused = staker.call(&["withdraw"]).failed(1, "too_early");
    assert!(refused.err.contains(&free.to_string()), "{refused:?}");
    let refused = staker.call(&["withdraw", "--unchecked"]);
    refused.failed(1, "too_early");
    assert_eq!(number(&staker.status()["staker"]["stake"]), STAKE);
    let listed = staker.net.run(&["validator", "list"]).done().json();
    let rows = listed["validators"].as_array().unwrap();
    let address = &staker.owner.address;
    assert!(
        rows.iter().any(|row| row["address"] == **address),
        "{listed}"
    );
    staker.net.stop();
}
