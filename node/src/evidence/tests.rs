//! The file and the folder.

use crypto::{Hash, bls};
use types::{BlockHash, Round, Statement, Vote, VoteKind};

use super::*;

const NETWORK: NetworkId = NetworkId(Hash::new([7; 32]));

/// Two votes of a member in a round; which member cast them only a committee could say.
fn votes(member: u16, round: Round) -> Evidence {
    let key = bls::SecretKey::from_seed(&[1; 32]);
    let vote = |block: u8| {
        let statement = Statement {
            network: NETWORK,
            chain: ChainId(1),
            epoch: 3,
            round,
            kind: VoteKind::Prepare,
            value: Some(BlockHash(Hash::new([block; 32]))),
        };
        Vote::sign(&statement, member, &key)
    };
    Evidence::Votes {
        first: vote(1),
        second: vote(2),
    }
}

fn file() -> EvidenceFile {
    EvidenceFile {
        network: NETWORK,
        evidence: votes(2, 9),
    }
}

fn error(text: &str) -> String {
    EvidenceFile::parse(text.as_bytes())
        .unwrap_err()
        .to_string()
}

#[test]
fn a_file_says_what_is_in_it_and_is_read_back() {
    let text = file().text();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["kind"], "thinkey-evidence");
    assert_eq!(value["version"], 1);
    assert_eq!(value["network"], NETWORK.to_string());
    assert_eq!(value["chain"], 1);
    assert_eq!(
        (&value["epoch"], &value["round"]),
        (&"3".into(), &"9".into())
    );
    assert_eq!(value["crime"], "cast two votes that contradict each other");
    assert_eq!(value["accused"], serde_json::json!([2]));
    assert_eq!(EvidenceFile::parse(text.as_bytes()).unwrap(), file());
}

#[test]
fn what_is_no_evidence_file_is_refused_with_the_reason() {
    let text = file().text();
    let hex = encode(&file().evidence);
    let table = [
        ("junk".to_owned(), "no evidence file"),
        ("{}".to_owned(), "missing field `kind`"),
        (text[..text.len() / 2].to_owned(), "EOF"),
        (
            text.replace("thinkey-evidence", "thinkey-proof"),
            "kind \"thinkey-proof\"",
        ),
        (
            text.replace("\"version\": 1", "\"version\": 2"),
            "version 2",
        ),
        (
            text.replace("\"version\"", "\"extra\": 1, \"version\""),
            "unknown field",
        ),
        (text.replace(&hex, &hex[2..]), "cut off"),
        (text.replace(&hex, &hex[..hex.len() - 2]), "cut off"),
        (text.replace(&hex, &format!("{hex}00")), "cut off"),
        (text.replace(&hex, "zz"), "cut off"),
        (
            text.replace(&hex, &"00".repeat(EVIDENCE_BYTES + 1)),
            "cut off",
        ),
        (
            text.replace("\"chain\": 1", "\"chain\": 2"),
            "the chain otherwise",
        ),
        (text.replace("\"3\"", "\"4\""), "the epoch otherwise"),
        (text.replace("\"9\"", "\"8\""), "the round otherwise"),
        (
            text.replace("cast two", "signed two"),
            "the crime otherwise",
        ),
        (
            text.replace("    2\n", "    3\n"),
            "who is accused otherwise",
        ),
        (
            " ".repeat(FILE_BYTES as usize + 1),
            "larger than any evidence",
        ),
    ];
    for (text, words) in table {
        let said = error(&text);
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_large_file_is_not_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.json");
    let large = std::fs::File::create(&path).unwrap();
    large.set_len(1 << 40).unwrap();
    let refused = EvidenceFile::read(&path).unwrap_err();
    assert!(matches!(refused, EvidenceFileError::TooLarge), "{refused}");
    let missing = EvidenceFile::read(&folder.path().join("none")).unwrap_err();
    assert!(missing.to_string().contains("can't be read"), "{missing}");
}

#[test]
fn evidence_of_another_network_is_refused() {
    file().check_network(NETWORK).unwrap();
    let refused = file().check_network(NetworkId(Hash::ZERO)).unwrap_err();
    assert!(
        refused.to_string().contains(&NETWORK.to_string()),
        "{refused}"
    );
}

#[test]
fn a_folder_keeps_one_file_of_a_crime_and_never_too_many() {
    let data_dir = tempfile::tempdir().unwrap();
    let folder = Folder::of(data_dir.path(), NETWORK);
    let path = folder.keep(&votes(2, 9)).unwrap().unwrap();
    assert_eq!(EvidenceFile::read(&path).unwrap(), file());
    assert_eq!(folder.keep(&votes(2, 9)).unwrap(), None);
    assert_eq!(folder.keep(&votes(2, 10)).unwrap(), None, "the same crime");
    assert!(folder.keep(&votes(3, 9)).unwrap().is_some());
    // What a crash left is written anew.
    let left = path.with_extension("json.new");
    std::fs::rename(&path, &left).unwrap();
    std::fs::write(&left, "half").unwrap();
    assert_eq!(folder.keep(&votes(2, 9)).unwrap(), Some(path.clone()));
    assert_eq!(EvidenceFile::read(&path).unwrap(), file());
    let mut all = folder.all().unwrap();
    all.sort_by_key(|evidence| evidence.accused());
    assert_eq!(all, [votes(2, 9), votes(3, 9)]);
    std::fs::write(path.with_file_name("broken.json"), "{").unwrap();
    assert_eq!(folder.all().unwrap().len(), 2, "what can't be read is left");
    std::fs::remove_file(path.with_file_name("broken.json")).unwrap();
    let here = || std::fs::read_dir(data_dir.path().join(FOLDER)).unwrap();
    assert_eq!(here().count(), 2);
    for number in 0..MOST {
        std::fs::write(data_dir.path().join(FOLDER).join(number.to_string()), "").unwrap();
    }
    assert_eq!(folder.keep(&votes(4, 9)).unwrap(), None, "full");
}
