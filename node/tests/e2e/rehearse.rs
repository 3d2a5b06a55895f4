//! A stake's whole life, as `validator rehearse` plays it: register, serve, exit, withdraw.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{spawn_with, text};

/// It takes as long as some three hundred root heights.
const PATIENCE: Duration = Duration::from_secs(280);

/// What happens once, in this order.
const STEPS: [&str; 15] = [
    "network",
    "keygen",
    "node",
    "registered",
    "eligible",
    "elected",
    "serves",
    "signs",
    "exit",
    "refused",
    "unbonding",
    "claimed",
    "refused",
    "erased",
    "withdrawn",
];

#[test]
fn a_stake_lives_its_whole_life_and_all_of_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let words = ["--json", "validator", "rehearse"];
    let place = temporary.display().to_string();
    let mut child = spawn_with(folder.path(), "rehearse", &words, &[("TMPDIR", &place)]);
    let start = Instant::now();
    let ended = loop {
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("too slow: {}", text(folder.path(), "rehearse", "out"));
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    let (out, err) = (
        text(folder.path(), "rehearse", "out"),
        text(folder.path(), "rehearse", "err"),
    );
    assert_eq!(ended.code(), Some(0), "{out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    let lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let done = lines.last().unwrap();
    assert_eq!(
        (&done["step"], &done["passed"]),
        (&"done".into(), &true.into())
    );
    // A term that was too short to propose in is served once more.
    let mut steps: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["step"].as_str())
        .filter(|step| !["status", "done"].contains(step))
        .collect();
    steps.dedup();
    assert_eq!(steps, STEPS, "{out}");
    let left = std::fs::read_dir(&temporary).unwrap().count();
    assert_eq!(left, 0, "it removes what it wrote");
}
