//! The floors of the house: imports point only downwards, siblings are strangers.
//!
//! ```text
//! tests        simulator, conformance, end to end         may use everything of ours
//! node         the binary                                 the only one that names actix
//! p2p          crypto, types                              the only one that names libp2p
//! light        crypto, types, actors, root-chain          what needs no node
//! genesis      tx-chain      root-chain                   strangers to each other
//! consensus    vm     actors                              strangers to each other
//! store        crypto, types
//! types        crypto
//! crypto       –
//! ```
//!
//! Dev-dependencies obey the same table: a test that needs a higher floor belongs into `tests`.

#[cfg(test)]
mod tests;

use std::fmt;

use crate::workspace::{DependencyKind, Package, Workspace};

/// A crate's place.
pub(crate) struct Floor {
    /// Its folder.
    pub(crate) folder: &'static str,
    /// No clock, thread, socket, randomness, float or unordered map in it.
    pub(crate) pure: bool,
    uses: &'static [&'static str],
}

const fn pure(folder: &'static str, uses: &'static [&'static str]) -> Floor {
    let pure = true;
    Floor { folder, pure, uses }
}

const fn shell(folder: &'static str, uses: &'static [&'static str]) -> Floor {
    let pure = false;
    Floor { folder, pure, uses }
}

/// The house from the ground up; a crate that is not here is refused.
pub(crate) const FLOORS: &[Floor] = &[
    pure("crypto", &[]),
    pure("types", &["crypto"]),
    pure("store", &["crypto", "types"]),
    pure("consensus", &["crypto", "types", "store"]),
    pure("vm", &["crypto", "types"]),
    pure("actors", &["crypto", "types", "store"]),
    pure("genesis", &["crypto", "types", "store", "actors"]),
    pure(
        "tx-chain",
        &["crypto", "types", "store", "consensus", "actors"],
    ),
    pure(
        "root-chain",
        &["crypto", "types", "store", "consensus", "actors"],
    ),
    pure("light", &["crypto", "types", "actors", "root-chain"]),
    pure("assembly", BELOW_ASSEMBLY),
    pure("tests/sim", BELOW_SIM),
    pure("testkit", BELOW_SIM),
    shell("p2p", &["crypto", "types"]),
    shell("node", BELOW_NODE),
    shell("tests", BELOW_TESTS),
    shell("xtask", &[]),
];

const BELOW_ASSEMBLY: &[&str] = &[
    "crypto",
    "types",
    "store",
    "consensus",
    "vm",
    "actors",
    "genesis",
    "tx-chain",
    "root-chain",
];

const BELOW_SIM: &[&str] = &[
    "crypto",
    "types",
    "store",
    "consensus",
    "vm",
    "actors",
    "genesis",
    "tx-chain",
    "root-chain",
    "assembly",
];

const BELOW_NODE: &[&str] = &[
    "crypto",
    "types",
    "store",
    "consensus",
    "vm",
    "actors",
    "genesis",
    "tx-chain",
    "root-chain",
    "light",
    "assembly",
    "tests/sim",
    "p2p",
];

const BELOW_TESTS: &[&str] = &[
    "crypto",
    "types",
    "store",
    "consensus",
    "vm",
    "actors",
    "genesis",
    "tx-chain",
    "root-chain",
    "light",
    "assembly",
    "tests/sim",
    "p2p",
    "node",
];

/// A library from outside that one crate alone may name.
struct Fence {
    library: &'static str,
    folder: &'static str,
    why: &'static str,
}

const FENCES: &[Fence] = &[
    Fence {
        library: "actix",
        folder: "node",
        why: "its mailboxes, timers and addresses must not leak into logic (docs/adr)",
    },
    Fence {
        library: "libp2p",
        folder: "p2p",
        why: "the rest of the house knows the network only through ports with an in-memory twin",
    },
];

/// A dependency that the table does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrongEdge {
    from: String,
    to: String,
    kind: DependencyKind,
    why: String,
}

impl fmt::Display for WrongEdge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = match self.kind {
            DependencyKind::Normal => "dependencies",
            DependencyKind::Dev => "dev-dependencies",
            DependencyKind::Build => "build-dependencies",
        };
        write!(f, "{} → {} ({table}): {}", self.from, self.to, self.why)
    }
}

/// Prints the wrong edges; true if there are none.
pub(crate) fn run(workspace: &Workspace) -> bool {
    let wrong = wrong_edges(&workspace.packages);
    for edge in &wrong {
        eprintln!("layers: {edge}");
    }
    println!(
        "layers: {} crates, {} wrong edges",
        workspace.packages.len(),
        wrong.len()
    );
    wrong.is_empty()
}

/// All dependencies of `packages` that the table does not allow.
pub(crate) fn wrong_edges(packages: &[Package]) -> Vec<WrongEdge> {
    let mut wrong = Vec::new();
    for package in packages {
        for dependency in &package.dependencies {
            let target = packages.iter().find(|p| p.name == dependency.package);
            let why = match target {
                Some(target) => objection(&package.folder, &target.folder),
                None => fence_objection(&package.folder, &dependency.package),
            };
            wrong.extend(why.map(|why| WrongEdge {
                from: package.folder.clone(),
                to: target.map_or(&dependency.package, |t| &t.folder).clone(),
                kind: dependency.kind,
                why,
            }));
        }
        if position(&package.folder).is_none() {
            wrong.push(homeless(package));
        }
    }
    wrong
}

fn homeless(package: &Package) -> WrongEdge {
    WrongEdge {
        from: package.folder.clone(),
        to: "?".to_owned(),
        kind: DependencyKind::Normal,
        why: "the crate has no floor: add it to FLOORS in xtask/src/layers.rs".to_owned(),
    }
}

fn position(folder: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.folder == folder)
}

/// Why `from` may not use `to`, both ours.
fn objection(from: &str, to: &str) -> Option<String> {
    let floor = &FLOORS[position(from)?];
    if floor.uses.contains(&to) {
        return None;
    }
    let above = position(to).is_some_and(|to| Some(to) > position(from));
    let direction = match above {
        true => format!("{to} is not below {from}"),
        false => format!("{to} is a stranger to {from}"),
    };
    let may = match floor.uses {
        [] => "nothing of ours".to_owned(),
        uses => uses.join(", "),
    };
    Some(format!("{direction}; {from} may use {may}"))
}

/// Why `from` may not use the library `to` from outside.
fn fence_objection(from: &str, to: &str) -> Option<String> {
    let fence = FENCES.iter().find(|fence| {
        let rest = to.strip_prefix(fence.library);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    })?;
    if from == fence.folder {
        return None;
    }
    Some(format!("only {} may name it: {}", fence.folder, fence.why))
}
