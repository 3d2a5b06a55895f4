//! The versions below which parts of libp2p have known holes that a peer can use.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;

/// Every version of `package` in the lock file.
fn versions(lock: &str, package: &str) -> Vec<[u64; 3]> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line == name {
            let version = lines
                .next()
                .and_then(|line| line.strip_prefix("version = \""))
                .unwrap();
            let core = version
                .trim_end_matches('"')
                .split(['-', '+'])
                .next()
                .unwrap();
            let parts: Vec<u64> = core.split('.').map(|part| part.parse().unwrap()).collect();
            found.push(parts.try_into().unwrap());
        }
    }
    found
}

fn lock() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    std::fs::read_to_string(path).expect("the lock file of the workspace")
}

/// gossipsub: CVE-2026-33040, -34219, -95859. yamux: CVE-2024-32984, -2026-31814, -32314.
/// quinn-proto: RUSTSEC-2026-0037, -0185.
#[test]
fn no_version_is_below_its_floor() {
    let floors = [
        ("libp2p-gossipsub", [0, 49, 5]),
        ("yamux", [0, 13, 10]),
        ("quinn-proto", [0, 11, 15]),
    ];
    let lock = lock();
    for (package, floor) in floors {
        let versions = versions(&lock, package);
        assert!(!versions.is_empty(), "{package} is not in the lock file");
        for version in versions {
            assert!(version >= floor, "{package} {version:?} is below {floor:?}");
        }
    }
}

#[test]
fn what_has_no_place_here_is_not_built() {
    for package in ["libp2p-mplex", "libp2p-rendezvous", "libp2p-floodsub"] {
        assert_eq!(
            versions(&lock(), package),
            Vec::<[u64; 3]>::new(),
            "{package}"
        );
    }
}

#[test]
fn libp2p_is_the_pinned_one() {
    assert_eq!(versions(&lock(), "libp2p"), [[0, 57, 1]]);
}
