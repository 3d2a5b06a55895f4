//! Each validator a process of its own, over libp2p.

use std::io::Write;
use std::net::TcpStream;
use std::path::Path;

use serde_json::json;

use crate::devnet::{Devnet, signal};
use crate::run::until;

/// The process whose configuration is `processes/NAME.toml` of the network in `folder`.
pub(crate) fn process(folder: &Path, name: &str) -> Option<u32> {
    let config = folder.join(format!("net/processes/{name}.toml"));
    let config = config.display().to_string();
    std::fs::read_dir("/proc")
        .ok()?
        .flatten()
        .find_map(|entry| {
            let line = std::fs::read(entry.path().join("cmdline")).ok()?;
            let mut words = line.split(|byte| *byte == 0);
            words.find(|word| *word == config.as_bytes())?;
            entry.file_name().to_str()?.parse().ok()
        })
}

/// The port on which a process listens for TCP.
fn port(folder: &Path, name: &str) -> u16 {
    let config = folder.join(format!("net/processes/{name}.toml"));
    let text = std::fs::read_to_string(config).unwrap();
    let (_, rest) = text.split_once("/tcp/").unwrap();
    rest.split(['"', '/']).next().unwrap().parse().unwrap()
}

#[test]
fn processes_bear_garbage_and_the_loss_of_one_and_go_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let net = Devnet::start(folder.path(), &["--processes"]);
    let (from, to) = (net.account(1, 0), net.account(2, 0));
    net.settle(&from, &to);
    // Garbage on the port of a validator of chain 1.
    for seed in 0..20_u8 {
        let mut stream = TcpStream::connect(("127.0.0.1", port(folder.path(), "5"))).unwrap();
        let garbage: Vec<u8> = (0..4_000)
            .map(|at: u32| (at as u8).wrapping_mul(31) ^ seed)
            .collect();
        // It may hang up before all is written.
        let _ = stream.write_all(&garbage);
    }
    net.settle(&from, &to);
    // Validators 4 to 7 are chain 1's.
    signal("KILL", process(folder.path(), "6").unwrap());
    until("the loss is told", || {
        net.out().contains(r#""event":"ended""#).then_some(())
    });
    net.settle(&from, &to);
    net.settle(&to, &from);
    // With one silent, three seats prepare its chain's blocks, and four never do.
    for (seats, level) in [("3", true), ("4", false)] {
        let words = ["--wait", "early", "--early-seats", seats];
        let sent = net.send(&from, &to.address, 1, &words).done().json();
        let early = json!({ "seats": 3, "of": 4, "tolerance": 0 });
        assert_eq!(sent["early"], early, "{sent}");
        assert!(level || sent["level"] != "early", "{sent}");
    }
    net.settle(&from, &to);
    let balance = net.balance(&to);
    net.stop();
    assert!((0..12).all(|node| process(folder.path(), &node.to_string()).is_none()));
    let net = Devnet::start(folder.path(), &["--processes"]);
    assert_eq!(net.balance(&to), balance);
    net.settle(&from, &to);
    // The processes end with the one that started them, however that ends.
    let said = net.kill();
    assert!(!said.contains("panicked"), "{said}");
    until("all processes have ended", || {
        let mut names = (0..12)
            .map(|node| node.to_string())
            .chain(["gateway".to_owned()]);
        names
            .all(|name| process(folder.path(), &name).is_none())
            .then_some(())
    });
    // What ran as processes runs in one process, too.
    let net = Devnet::start(folder.path(), &[]);
    net.settle(&to, &from);
    net.stop();
}

#[test]
fn stakers_in_processes_of_their_own_elect_committees_and_restart() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--terms", "--processes", "--chains", "1"];
    let net = Devnet::start(folder.path(), &flags);
    let (from, to) = (net.account(1, 0), net.account(0, 0));
    net.settle(&from, &to);
    let term = || net.run(&["chain", "term", "1"]).done().json();
    until("an elected committee serves", || {
        (term()["epoch"] != "0").then_some(())
    });
    net.settle(&from, &to);
    let seeds = net.run(&["root", "seed"]).done().json();
    assert!(seeds[0]["epoch"].is_string(), "{seeds}");
    // Each node has the secret of its later keys, and nobody else has a copy.
    let left = std::fs::read_dir(folder.path().join("net/processes")).unwrap();
    let left = left.flatten().map(|file| file.file_name());
    let left: Vec<_> = left
        .filter(|name| name.to_string_lossy().contains("ratchet"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    net.stop();
    let net = Devnet::start(folder.path(), &flags);
    net.settle(&from, &to);
    net.stop();
}
