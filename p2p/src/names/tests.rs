use super::*;

const OURS: [u8; 32] = [0xAB; 32];
const THEIRS: [u8; 32] = [0xAC; 32];

#[test]
fn topics_round_trip() {
    let names = Names::new(&OURS);
    for kind in TopicKind::ALL {
        for chain in [0, 1, 1023, u32::MAX] {
            let topic = Topic { chain, kind };
            assert_eq!(names.parse_topic(&names.topic(topic)), Some(topic));
        }
    }
    let root = Topic {
        chain: 0,
        kind: TopicKind::Consensus,
    };
    assert_eq!(names.topic(root), "/thinkey/abababababababab/0/consensus");
}

#[test]
fn n1_other_networks_and_other_spellings_are_strangers() {
    let (ours, theirs) = (Names::new(&OURS), Names::new(&THEIRS));
    let root = Topic {
        chain: 0,
        kind: TopicKind::Consensus,
    };
    assert_eq!(ours.parse_topic(&theirs.topic(root)), None);
    assert_ne!(ours.protocol("ask"), theirs.protocol("ask"));
    assert_ne!(ours.handshake(), theirs.handshake());
    for name in [
        "",
        "/thinkey/abababababababab/00/consensus",
        "/thinkey/abababababababab/+1/consensus",
        "/thinkey/abababababababab/4294967296/consensus",
        "/thinkey/abababababababab/0/Consensus",
        "/thinkey/abababababababab/0/consensus/",
        "/thinkey/ABABABABABABABAB/0/consensus",
        "/thinkey/abababababababab0/consensus",
    ] {
        assert_eq!(ours.parse_topic(name), None, "{name}");
    }
}

#[test]
fn provider_keys_are_those_of_chains_that_can_exist() {
    let (ours, theirs) = (Names::new(&OURS), Names::new(&THEIRS));
    assert!(ours.is_provider_key(&ours.provider_key(3), 4));
    assert!(!ours.is_provider_key(&ours.provider_key(4), 4));
    assert!(!ours.is_provider_key(&theirs.provider_key(3), 4));
    assert!(!ours.is_provider_key(&RecordKey::new(&[0xFF, 0xFE]), 4));
}
