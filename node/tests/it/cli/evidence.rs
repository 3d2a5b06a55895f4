//! `thinkey evidence`.

use node::evidence::EvidenceFile;
use types::NetworkId;

use super::{Place, network};
use crate::evidence::lie;
use crate::fake::{self, Fake};

/// A file in the place, of whatever network.
fn file(place: &Place, name: &str, network: NetworkId) -> EvidenceFile {
    let file = EvidenceFile {
        network,
        evidence: lie(1, 0, [1, 2]),
    };
    std::fs::write(place.path(name), file.text()).unwrap();
    file
}

#[test]
fn a_file_is_shown_without_a_node_and_what_is_none_is_refused() {
    let place = Place::new();
    let text = file(&place, "e.json", fake::NETWORK).text();
    let shown = place.run("evidence show e.json --json");
    shown.done();
    let shown = shown.json();
    assert_eq!(shown["network"], fake::NETWORK.to_string());
    assert_eq!((&shown["chain"], &shown["epoch"]), (&1.into(), &"0".into()));
    assert_eq!(shown["accused"], serde_json::json!([1]));
    let told = place.run("evidence show e.json");
    let words = "round 7: member 1 cast two votes that contradict each other";
    assert!(told.out.contains(words), "{}", told.out);
    std::fs::write(place.path("half"), &text[..text.len() / 2]).unwrap();
    std::fs::write(place.path("other"), text.replace("\"7\"", "\"8\"")).unwrap();
    for (name, reason) in [
        ("half", "not_an_evidence_file"),
        ("pw", "not_an_evidence_file"),
        ("other", "damaged"),
        ("none", "file"),
    ] {
        let refused = place.run(&format!("evidence show {name} --json"));
        refused.failed(1, &format!("\"reason\":\"{reason}\""));
        refused.failed(1, &format!("{name}: "));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_whom_it_convicts_and_waits_until_the_root_has_recorded_it() {
    let (server, fake, place) = network(Fake::new()).await;
    let good = file(&place, "e.json", fake::NETWORK);
    file(&place, "foreign.json", NetworkId(crypto::Hash::ZERO));
    let ran = place
        .ask(&server, "evidence report foreign.json --json")
        .await;
    ran.failed(1, "\"wrong_network\"");
    assert!(fake.reported.lock().unwrap().is_empty());

    let ran = place.ask(&server, "evidence report e.json --json").await;
    ran.done();
    let owner = fake::address(fake::ROOT.1.validators[5].owner_id()).to_string();
    assert_eq!(ran.json()["convicts"][0]["staker"], *owner);
    assert_eq!(ran.json()["recorded"], false);
    assert_eq!(*fake.reported.lock().unwrap(), [good.evidence]);
    let waited = "evidence report e.json --wait --timeout 1 --json";
    let ran = place.ask(&server, waited).await;
    ran.failed(3, "\"not_recorded\"");

    let convicting = Fake {
        convicts: true,
        ..Fake::new()
    };
    let (server, _fake, _) = network(convicting).await;
    let ran = place
        .ask(&server, "evidence report e.json --wait --json")
        .await;
    ran.done();
    assert_eq!(ran.json()["recorded"], true);
    assert_eq!(ran.json()["stakers"][0]["address"], *owner);
    let ran = place.ask(&server, "evidence report e.json --json").await;
    ran.failed(1, "\"evidence_known\"");
}
