use super::*;
use crate::workspace::{Dependency, Workspace};

fn package(folder: &str, uses: &[(&str, DependencyKind)]) -> Package {
    let dependencies = uses.iter().map(|&(package, kind)| Dependency {
        package: package.to_owned(),
        kind,
    });
    Package {
        name: format!("thinkey-{folder}"),
        folder: folder.to_owned(),
        dependencies: dependencies.collect(),
        features: Vec::new(),
    }
}

/// Every crate of the house, `folder` alone with dependencies.
fn house(folder: &str, uses: &[(&str, DependencyKind)]) -> Vec<Package> {
    let uses_of = |floor: &Floor| if floor.folder == folder { uses } else { &[] };
    let crates = FLOORS.iter().map(|f| package(f.folder, uses_of(f)));
    crates.collect()
}

fn wrong(folder: &str, uses: &[(&str, DependencyKind)]) -> Vec<String> {
    let edges = wrong_edges(&house(folder, uses));
    edges.iter().map(ToString::to_string).collect()
}

use DependencyKind::{Build, Dev, Normal};

#[test]
fn downward_edges_are_fine() {
    assert!(wrong("types", &[("thinkey-crypto", Normal), ("serde", Normal)]).is_empty());
    assert!(wrong("tx-chain", &[("thinkey-consensus", Normal)]).is_empty());
    assert!(wrong("node", &[("thinkey-p2p", Normal), ("actix", Normal)]).is_empty());
    assert!(wrong("tests", &[("thinkey-node", Normal)]).is_empty());
}

#[test]
fn upward_edges_are_named_with_the_reason() {
    assert_eq!(
        wrong("crypto", &[("thinkey-types", Normal)]),
        ["crypto → types (dependencies): types is not below crypto; \
          crypto may use nothing of ours"]
    );
}

#[test]
fn siblings_are_strangers() {
    for (from, to) in [
        ("consensus", "thinkey-actors"),
        ("actors", "thinkey-consensus"),
        ("genesis", "thinkey-tx-chain"),
        ("root-chain", "thinkey-tx-chain"),
        ("tx-chain", "thinkey-genesis"),
        ("genesis", "thinkey-consensus"),
    ] {
        assert_eq!(wrong(from, &[(to, Normal)]).len(), 1, "{from} → {to}");
    }
}

#[test]
fn the_network_knows_words_only() {
    assert!(wrong("p2p", &[("thinkey-types", Normal), ("libp2p", Normal)]).is_empty());
    let found = wrong("p2p", &[("thinkey-store", Normal)]);
    assert_eq!(
        found,
        ["p2p → store (dependencies): store is a stranger to p2p; p2p may use crypto, types"]
    );
}

#[test]
fn tests_and_build_scripts_obey_too() {
    let found = wrong("types", &[("thinkey-actors", Dev), ("thinkey-node", Build)]);
    assert_eq!(found.len(), 2);
    assert!(found[0].starts_with("types → actors (dev-dependencies)"));
    assert!(found[1].starts_with("types → node (build-dependencies)"));
}

#[test]
fn libraries_stay_behind_their_fences() {
    assert_eq!(wrong("tx-chain", &[("actix", Normal)]).len(), 1);
    assert_eq!(wrong("tests", &[("actix-rt", Dev)]).len(), 1);
    assert_eq!(wrong("node", &[("libp2p", Normal)]).len(), 1);
    assert_eq!(wrong("node", &[("libp2p-swarm", Normal)]).len(), 1);
    assert!(wrong("tests", &[("actixlike", Normal)]).is_empty());
}

#[test]
fn an_unknown_crate_is_refused() {
    let found = wrong_edges(&[package("attic", &[])]);
    assert_eq!(found.len(), 1);
    assert!(found[0].to_string().contains("has no floor"));
}

#[test]
fn the_table_itself_points_downwards() {
    for (at, floor) in FLOORS.iter().enumerate() {
        for used in floor.uses {
            let below = position(used).expect("the table names its own crates");
            assert!(below < at, "{} uses {used}", floor.folder);
        }
    }
}

#[test]
fn cargo_metadata_is_read() {
    let metadata = serde_json::json!({
        "workspace_root": "/w",
        "packages": [{
            "name": "thinkey-types",
            "manifest_path": "/w/types/Cargo.toml",
            "features": {"plant-a": []},
            "dependencies": [
                {"name": "thinkey-crypto", "kind": null},
                {"name": "proptest", "kind": "dev"},
            ],
        }],
    });
    let workspace = Workspace::parse(&metadata).expect("well formed");
    let mut expected = package("types", &[("thinkey-crypto", Normal), ("proptest", Dev)]);
    expected.features.push("plant-a".to_owned());
    assert_eq!(workspace.packages, [expected]);
    assert!(Workspace::parse(&serde_json::json!({})).is_err());
}
