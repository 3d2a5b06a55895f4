//! `--early-seats`.

use super::{network, send};
use crate::fake::{Fake, Mood};

#[tokio::test]
async fn early_is_as_many_seats_as_were_asked_for() {
    let preparing = Fake {
        mood: Mood::Preparing,
        ..Fake::new()
    };
    let (server, fake, place) = network(preparing).await;
    let three = send("5", "--wait early --early-seats 3");
    let early = place.ask(&server, &three).await;
    early.done();
    let sent = early.json();
    assert_eq!(sent["level"], "early");
    assert_eq!(
        sent["early"],
        serde_json::json!({ "seats": 3, "of": 4, "tolerance": 0 })
    );
    let spoken = place.ask(&server, &three.replace(" --json", "")).await;
    let said = "early: 3 of 4 seats prepared it, 0 of them may lie";
    assert!(spoken.out.contains(said), "{}", spoken.out);
    // Four seats, asked for or usual, are not there.
    for seats in ["--early-seats 4", ""] {
        let words = send("5", &format!("--wait early --timeout 1 {seats}"));
        let waited = place.ask(&server, &words).await;
        assert_eq!(waited.code, 3, "{}", waited.err);
        let sent = waited.json();
        assert_eq!(
            (&sent["level"], &sent["early"]["seats"]),
            (&"proposed".into(), &3.into())
        );
    }
    // More than all and fewer than a quorum are refused, and nothing is handed in.
    let before = fake.submitted.lock().unwrap().len();
    for seats in ["5", "2", "0"] {
        let words = send("5", &format!("--wait early --early-seats {seats}"));
        let refused = place.ask(&server, &words).await;
        refused.failed(1, "\"early_seats\"");
        refused.failed(1, "from 3 to 4 on chain 1");
    }
    assert_eq!(fake.submitted.lock().unwrap().len(), before);
    place
        .ask(&server, &send("5", "--wait early --early-seats all"))
        .await
        .failed(2, "--early-seats");
}
