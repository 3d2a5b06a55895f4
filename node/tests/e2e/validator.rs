//! A stake's life on a devnet, as far as short delays let it come.

use crate::devnet::{Devnet, number};
use crate::run::run;

#[test]
fn a_staker_registers_from_another_chain_quits_and_can_not_withdraw_too_early() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    let owner = net.account(1, 0);
    let dir = folder.path().join("val").display().to_string();
    let password = &owner.password_file;
    let made = run(&[
        "--json",
        "validator",
        "keygen",
        "--offline",
        "--out",
        &dir,
        "--password-file",
        password,
    ])
    .done()
    .json();
    let of_key = ["--key", &owner.key_file, "--password-file", password];
    let call = |words: &[&str]| {
        let mut all = vec!["validator"];
        all.extend(words);
        all.extend(of_key);
        net.run(&all)
    };
    let status = || {
        net.run(&["validator", "status", &owner.address])
            .done()
            .json()
    };
    assert!(status()["staker"].is_null());
    let before = net.balance(&owner);
    let stake = 3_000_000_000_u128;
    let text = stake.to_string();
    let register = ["register", "--stake", &text, "--validator", &dir];
    assert_eq!(call(&register).done().json()["status"], "settled");
    let shown = status();
    assert_eq!(number(&shown["staker"]["stake"]), stake, "{shown}");
    assert_eq!(shown["staker"]["key"], made["stake_key"], "{shown}");
    assert_eq!(shown["staker"]["node"], made["node"], "{shown}");
    assert!(net.balance(&owner) <= before - stake);
    // Twice, once before it is sent and once by the root: the value comes back.
    call(&register).failed(1, "account_taken");
    let held = net.balance(&owner);
    let unchecked = [&register[..], &["--unchecked"]].concat();
    call(&unchecked).failed(1, "account_taken");
    assert!(net.balance(&owner) > held - stake);

    call(&["withdraw"]).failed(1, "has_not_quit");
    call(&["claim"]).failed(1, "no_rewards");
    call(&["exit"]).done();
    let shown = status();
    let stage = shown["staker"]["stage"].as_str().unwrap();
    assert!(stage.starts_with("unbonding until root height"), "{shown}");
    let quit = number(&shown["staker"]["quit_at"]);
    assert_eq!(number(&shown["staker"]["free_at"]), quit + 1_000, "{shown}");
    let refused = call(&["withdraw"]).failed(1, "too_early");
    assert!(
        refused.err.contains(&(quit + 1_000).to_string()),
        "{refused:?}"
    );
    call(&["withdraw", "--unchecked"]).failed(1, "too_early");
    assert_eq!(number(&status()["staker"]["stake"]), stake);
    let listed = net.run(&["validator", "list"]).done().json();
    let rows = listed["validators"].as_array().unwrap();
    assert!(
        rows.iter().any(|row| row["address"] == *owner.address),
        "{listed}"
    );
    net.stop();
}
