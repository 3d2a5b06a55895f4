//! Bad input to the commands and to the port: a reason, an exit code, advice, nothing lost.

use crate::devnet::Devnet;
use crate::run::run;

#[test]
fn bad_payments_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    let (from, to) = (net.account(1, 0), net.account(1, 1));
    net.settle(&from, &to);
    let before = (net.balance(&from), net.balance(&to));
    let wrong = folder.path().join("wrong-password");
    std::fs::write(&wrong, "not it\n").unwrap();
    let wrong = wrong.display().to_string();
    let send = |amount: u64, more: &[&str]| net.send(&from, &to.address, amount, more);
    send(1, &["--password-file", &wrong]).failed(1, "wrong_password");
    send(u64::MAX, &[]).failed(1, "balance");
    send(1, &["--nonce", "0"]).failed(1, "nonce_used");
    send(1, &["--nonce", "1000"]).failed(1, "nonce_gap");
    let waiting = send(1, &["--nonce", "9", "--timeout", "1"]);
    assert_eq!(
        (waiting.code, &waiting.json()["status"]),
        (Some(3), &"pending".into())
    );
    send(1, &["--expiry", "0"]).failed(1, "expired");
    send(1, &["--expiry", "99999999"]).failed(1, "expiry_too_far");
    let stranger = "other1qr7r9qxy88s0fd0029f0w2sy4gyrcu6m3qrvhxxr5lu6ru28asyqzd2349";
    assert_eq!(net.send(&from, stranger, 1, &[]).code, Some(2));
    assert_eq!(net.send(&from, "nonsense", 1, &[]).code, Some(2));
    let key = folder.path().join("new.json").display().to_string();
    let password = &from.password_file;
    let new = ["wallet", "new", "--out", &key, "--password-file", password];
    net.run(&new).done();
    let words = [
        "wallet",
        "send",
        "--key",
        &key,
        "--password-file",
        password,
        "--to",
        &to.address,
    ];
    let ran = net.run(&[&words[..], &["--amount", "1"]].concat());
    ran.failed(1, "unknown_account");
    let unknown = "00".repeat(32);
    net.run(&["trace", &unknown]).failed(1, "unknown_message");
    assert_eq!((net.balance(&from), net.balance(&to)), before);
    net.settle(&from, &to);
    net.stop();
}

#[test]
fn keys_and_proofs_of_another_network_are_told_apart() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let net = Devnet::start(here.path(), &[]);
    let other = Devnet::start(there.path(), &["--chains", "1"]);
    let (from, to) = (net.account(1, 0), net.account(1, 1));
    net.send(&other.account(1, 0), &to.address, 1, &[])
        .failed(1, "wrong_network");
    let foreign = there.path().join("net/genesis.toml").display().to_string();
    net.send(&from, &to.address, 1, &["--genesis", &foreign])
        .failed(1, "wrong_network");
    let id = net.settle(&from, &to);
    let proof = here.path().join("proof").display().to_string();
    net.run(&["prove", &id, "--out", &proof]).done();
    let verify = |genesis: &str| run(&["--json", "verify", &proof, "--genesis", genesis]);
    verify(&foreign).failed(1, "proof_failed");
    verify(&proof).failed(1, "genesis");
    verify(&here.path().join("net/genesis.toml").display().to_string()).done();
    other.stop();
    net.stop();
}

#[test]
fn garbage_on_the_port_hurts_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    let noise: Vec<u8> = (0..100_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let deep = "[".repeat(50_000);
    let deep = format!(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
        Content-Length: {}\r\nConnection: close\r\n\r\n{deep}",
        deep.len()
    );
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "a".repeat(200_000)
    );
    let huge = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n{";
    for bytes in [
        &noise,
        b"\r\n\r\n".as_slice(),
        deep.as_bytes(),
        long.as_bytes(),
        huge.as_bytes(),
    ] {
        net.raw(bytes);
    }
    net.settle(&net.account(1, 0), &net.account(2, 0));
    assert!(!net.err().contains("panicked"), "{}", net.err());
    net.stop();
}
