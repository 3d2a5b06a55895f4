//! Value that nobody takes comes back.

use types::{AccountId, Address, ChainId};

use crate::devnet::{Devnet, number};

#[test]
fn a_transfer_that_nobody_takes_on_another_chain_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    let from = net.account(1, 0);
    let before = net.balance(&from);
    // A system account that the protocol reserves and that nothing answers for.
    let nobody = Address::new("devnet", AccountId::system(ChainId(2), 77)).to_string();
    let ran = net.send(&from, &nobody, 5_000, &["--wait", "settled"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let sent = ran.json();
    assert_eq!(sent["status"], "refunded", "{sent}");
    let fee = net.burned();
    assert!(fee > 0 && fee < 100_000, "{fee}");
    assert_eq!(net.balance(&from), before - fee);
    assert_eq!(number(&net.read(&nobody)["balance"]), 0);
    let traced = net
        .run(&["trace", sent["id"].as_str().unwrap(), "--follow"])
        .done();
    assert_eq!(traced.json()["word"], "refunded");
    net.stop();
}
