//! One key on two machines: a clone, a restored backup. None of them signs twice.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::devnet::{Devnet, number, signal};
use crate::processes::process;
use crate::run::{Ran, run, spawn, text, until, wait};

/// A member of chain 1's committee.
const NODE: &str = "6";

/// The folders of one validator of a network of processes.
struct Validator<'a> {
    folder: &'a Path,
}

impl Validator<'_> {
    fn data(&self, name: &str) -> PathBuf {
        self.folder.join("net/nodes").join(name)
    }

    /// Copies its data directory, whatever is done to it meanwhile.
    fn copy(&self, from: &str, to: &str) {
        let (from, to) = (self.data(from), self.data(to));
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .args([from, to])
            .status();
        assert!(copied.unwrap().success());
    }

    /// A configuration of its keys with another data directory and, for a clone that runs beside
    /// it, with a transport key of its own.
    fn config(&self, data: &str, other_node: bool) -> String {
        let processes = self.folder.join("net/processes");
        let own = processes.join(format!("{NODE}.toml"));
        let text = std::fs::read_to_string(own).unwrap();
        let mut table: toml::Table = text.parse().unwrap();
        table["data_dir"] = self.data(data).display().to_string().into();
        table["listen"] = toml::Value::Array(Vec::new());
        table.insert("quiet_seconds".to_owned(), 30.into());
        if other_node {
            let seed = processes.join("twin.node-seed");
            let _older = std::fs::remove_file(&seed);
            std::fs::copy(processes.join("5.node-seed"), &seed).unwrap();
            std::fs::write(&seed, "77".repeat(32)).unwrap();
            table["node_seed"] = seed.display().to_string().into();
        }
        let path = processes.join(format!("twin-{data}.toml"));
        std::fs::write(&path, table.to_string()).unwrap();
        path.display().to_string()
    }

    fn start(&self, config: &str, name: &str) -> Child {
        spawn(self.folder, name, &["node", "--config", config])
    }

    fn protection(&self, verb: &[&str], data: &str) -> Ran {
        let data = self.data(data).display().to_string();
        let genesis = self.folder.join("net/genesis.toml").display().to_string();
        let place = ["--data-dir", &data, "--genesis", &genesis];
        run(&[&["--json", "protection"], verb, &place].concat())
    }

    /// What the key of chain 1 has signed, as a data directory knows it; kept in a file.
    fn signed(&self, data: &str, file: &str) -> (u128, String) {
        let file = self.folder.join(file).display().to_string();
        let exported = self.protection(&["export", "--out", &file], data);
        let exported = exported.done().json();
        let keys: Vec<&Value> = exported["keys"].as_array().unwrap().iter().collect();
        assert_eq!(keys.len(), 1, "{exported}");
        (number(&keys[0]["sequence"]), file)
    }
}

/// Says that something has ended, also when it ends by a panic.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Pays until a process ends, so that its chain goes on.
fn pay_until_it_ends(net: &Devnet, child: Child, folder: &Path, name: &str) -> Ran {
    let (from, to) = (net.account(1, 0), net.account(1, 1));
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                net.send(&from, &to.address, 1, &["--wait", "committed"]);
            }
        });
        let _ended = Ended(&ended);
        wait(child, folder, name)
    })
}

#[test]
fn a_clone_and_a_restored_backup_sign_nothing_and_moved_votes_let_the_key_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let validator = Validator {
        folder: folder.path(),
    };
    let net = Devnet::start(folder.path(), &["--processes", "--chains", "1"]);
    let (from, to) = (net.account(1, 0), net.account(1, 1));
    net.settle(&from, &to);
    // Two nodes on one data directory: the second one is refused.
    let second = validator.start(&validator.config(NODE, true), "second");
    let second = wait(second, folder.path(), "second");
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(
        second.err.contains("in use by another process"),
        "{second:?}"
    );

    // A clone beside the running node.
    validator.copy(NODE, "clone");
    let before = validator.signed("clone", "clone-before.json").0;
    let clone = validator.start(&validator.config("clone", true), "clone");
    let ran = pay_until_it_ends(&net, clone, folder.path(), "clone");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("not in its vote log"), "{ran:?}");
    assert_eq!(validator.signed("clone", "clone-after.json").0, before);

    // The clone is an old backup now; the node itself is gone, and blocks hold votes of its key.
    for _ in 0..5 {
        net.settle(&from, &to);
    }
    signal("TERM", process(folder.path(), NODE).unwrap());
    until("the loss is told", || {
        net.out().contains(r#""event":"ended""#).then_some(())
    });
    let (newest, file) = validator.signed(NODE, "newest.json");
    assert!(newest > before, "{newest} {before}");
    let backup = validator.start(&validator.config("clone", false), "backup");
    let ran = pay_until_it_ends(&net, backup, folder.path(), "backup");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("not in its vote log"), "{ran:?}");
    assert_eq!(validator.signed("clone", "backup-after.json").0, before);

    // With the newest votes the same directory may go on.
    let imported = validator
        .protection(&["import", &file], "clone")
        .done()
        .json();
    assert_eq!(imported["keys"][0]["imported"], true, "{imported}");
    assert_eq!(validator.signed("clone", "imported.json").0, newest);
    let mut moved = validator.start(&validator.config("clone", false), "moved");
    until("the moved node is ready", || {
        let out = text(folder.path(), "moved", "out");
        out.contains("ready").then_some(())
    });
    net.settle(&from, &to);
    assert!(moved.try_wait().unwrap().is_none(), "it runs");
    signal("TERM", moved.id());
    wait(moved, folder.path(), "moved").done();
    let said = net.err();
    assert!(!said.contains("misbehaviour"), "{said}");
    net.stop();
}
