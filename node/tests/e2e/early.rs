//! Early consensus of as many seats as the sender wants.

use serde_json::json;

use crate::devnet::Devnet;
use crate::run::until;

#[test]
fn all_seats_can_be_asked_for_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    let (from, to) = (net.account(1, 0), net.account(1, 1));
    let send = |seats: &str| {
        let words = ["--wait", "early", "--early-seats", seats];
        net.send(&from, &to.address, 1, &words)
    };
    // A block may be final before the last seat's vote is seen, which holds more, not less.
    until("all four seats prepare a block before it is final", || {
        let sent = send("4").done().json();
        assert!(sent["latency_ms"]["early"].is_number(), "{sent}");
        (sent["level"] == "early").then(|| {
            assert_eq!(
                sent["early"],
                json!({ "seats": 4, "of": 4, "tolerance": 1 })
            );
        })
    });
    let sent = send("3").done().json();
    assert!(sent["early"]["seats"].as_u64() >= Some(3), "{sent}");
    for seats in ["5", "2"] {
        let refused = send(seats).failed(1, "early_seats");
        assert!(
            refused.err.contains("from 3 to 4 on chain 1"),
            "{refused:?}"
        );
    }
    net.stop();
}
