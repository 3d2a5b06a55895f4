//! Ports and directories that can't be used: the advice that is given helps.

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::devnet::Devnet;

fn refused(folder: &Path, flags: &[&str]) -> crate::run::Ran {
    Devnet::try_start(folder, flags).err().expect("it starts")
}

#[test]
fn a_port_or_a_directory_in_use_is_named_and_left_alone() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let net = Devnet::start(here.path(), &[]);
    let port = net.rpc.rsplit(':').next().unwrap().to_owned();
    let ran = refused(there.path(), &["--rpc-port", &port]).failed(1, "port_in_use");
    assert!(ran.err.contains(&port), "{ran:?}");
    let ran = refused(here.path(), &[]).failed(1, "node");
    assert!(
        ran.err.contains("in use") && ran.err.contains("stop it"),
        "{ran:?}"
    );
    net.settle(&net.account(1, 0), &net.account(2, 0));
    net.stop();
}

#[test]
fn a_directory_of_another_network_is_told_apart_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    let (from, to) = (net.account(1, 0), net.account(2, 0));
    net.settle(&from, &to);
    let balance = net.balance(&to);
    net.stop();
    let ran = refused(folder.path(), &["--chains", "3"]).failed(1, "other_network");
    assert!(ran.err.contains("--chains 2 --validators 4"), "{ran:?}");
    // A node directory that was put into the wrong network.
    let other = tempfile::tempdir().unwrap();
    Devnet::start(other.path(), &["--chains", "3"]).stop();
    let (node, spare) = (
        folder.path().join("net/nodes/1"),
        folder.path().join("spare"),
    );
    std::fs::rename(&node, &spare).unwrap();
    std::fs::rename(other.path().join("net/nodes/1"), &node).unwrap();
    let ran = refused(folder.path(), &[]).failed(1, "node");
    assert!(ran.err.contains("holds data of network"), "{ran:?}");
    std::fs::remove_dir_all(&node).unwrap();
    std::fs::rename(&spare, &node).unwrap();
    let net = Devnet::start(folder.path(), &["--chains", "2", "--validators", "4"]);
    assert_eq!(net.balance(&to), balance);
    net.settle(&from, &to);
    net.stop();
}

#[test]
fn a_damaged_database_is_made_again_from_the_block_log() {
    for node in ["1", "5", "gateway"] {
        let folder = tempfile::tempdir().unwrap();
        let net = Devnet::start(folder.path(), &[]);
        let (from, to) = (net.account(1, 0), net.account(2, 0));
        let id = net.settle(&from, &to);
        let balances = (net.balance(&from), net.balance(&to));
        net.stop();
        let db = folder.path().join("net/nodes").join(node).join("db");
        assert!(damage(&db) > 0);
        let started = Devnet::try_start(folder.path(), &[]);
        let net = started.unwrap_or_else(|ran| {
            assert_eq!(ran.code, Some(1), "{ran:?}");
            let advice = format!("delete the folder {}", db.display());
            assert!(ran.err.contains(&advice), "{ran:?}");
            std::fs::remove_dir_all(&db).unwrap();
            Devnet::start(folder.path(), &[])
        });
        assert_eq!((net.balance(&from), net.balance(&to)), balances);
        assert_eq!(net.run(&["trace", &id]).done().json()["word"], "settled");
        net.settle(&from, &to);
        net.stop();
    }
}

/// Overwrites the middle of every file; returns how many there were.
fn damage(folder: &Path) -> usize {
    let files = files(folder);
    for path in &files {
        let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        let length = file.metadata().unwrap().len();
        file.write_all_at(&[0xa5; 4_096], length / 2).unwrap();
    }
    files.len()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let paths = entries.map(|entry| entry.path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn a_key_whose_votes_are_lost_does_not_sign() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &[]);
    let (from, to) = (net.account(1, 0), net.account(2, 0));
    net.settle(&from, &to);
    net.stop();
    let votes = folder.path().join("net/nodes/5/chain-1/votes");
    let kept = folder.path().join("votes");
    std::fs::rename(&votes, &kept).unwrap();
    let ran = refused(folder.path(), &[]).failed(1, "node");
    assert!(ran.err.contains("vote"), "{ran:?}");
    let _ = std::fs::remove_dir_all(&votes);
    std::fs::rename(&kept, &votes).unwrap();
    let net = Devnet::start(folder.path(), &[]);
    net.settle(&from, &to);
    net.stop();
}
