//! Planted bugs: does the test suite find them?
//!
//! A crate may have features named `plant-…`, each a known bug compiled into it and off by
//! default. For each, the tests of the crates that have the feature run with it on, and at least
//! one must fail. Before its first plant a suite runs without any and must pass: one that is red
//! anyway finds nothing. A feature of the same name in several crates is one plant; one suite has
//! to find it, and those after that one do not run.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use eyre::{Context, Result, ensure};

use crate::workspace::{Package, Workspace};

const PREFIX: &str = "plant-";

/// What `cargo nextest run` says when it ran and a test failed; a build error has another code.
const TESTS_FAILED: i32 = 100;

/// A plant's name and the packages whose suites may find it.
type Plants = BTreeMap<String, Vec<String>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    AllPassed,
    SomeFailed,
    NotRun,
}

/// Runs the suites; true if every plant is found.
pub(crate) fn run(workspace: &Workspace, only: Option<&str>) -> Result<bool> {
    let mut plants = plants(&workspace.packages);
    plants.retain(|name, _| only.is_none_or(|only| matches_name(name, only)));
    ensure!(
        !plants.is_empty(),
        "no feature {PREFIX}… of that name in any manifest"
    );
    let mut all_found = true;
    let mut table = Vec::new();
    let mut clean = BTreeSet::new();
    for (name, packages) in &plants {
        let finder = finder(name, packages, |package, plant| {
            if clean.insert(package.to_owned()) {
                ensure!(
                    suite(package, None)? == Outcome::AllPassed,
                    "the tests of {package} fail without any plant"
                );
            }
            suite(package, Some(plant))
        })?;
        all_found &= finder.is_some();
        table.push((name, finder));
    }
    println!();
    for (name, finder) in table {
        match finder {
            Some(package) => println!("{name:40} found by {package}"),
            None => println!("{name:40} MISSED"),
        }
    }
    Ok(all_found)
}

/// The plants of `packages`.
fn plants(packages: &[Package]) -> Plants {
    let mut plants = Plants::new();
    for package in packages {
        for feature in package.features.iter().filter(|f| f.starts_with(PREFIX)) {
            let owners = plants.entry(feature.clone()).or_default();
            owners.push(package.name.clone());
        }
    }
    plants
}

fn matches_name(name: &str, only: &str) -> bool {
    name == only || name.strip_prefix(PREFIX) == Some(only)
}

/// The first of `packages` whose suite finds the plant.
fn finder<'a>(
    plant: &str,
    packages: &'a [String],
    mut suite: impl FnMut(&str, &str) -> Result<Outcome>,
) -> Result<Option<&'a str>> {
    for package in packages {
        let outcome = suite(package, plant)?;
        ensure!(
            outcome != Outcome::NotRun,
            "{package} does not build or has no tests with {plant}"
        );
        if outcome == Outcome::SomeFailed {
            return Ok(Some(package));
        }
    }
    Ok(None)
}

fn suite(package: &str, plant: Option<&str>) -> Result<Outcome> {
    println!("plants: {package} with {}", plant.unwrap_or("no plant"));
    let mut command = Command::new("cargo");
    command.args(["nextest", "run", "--profile", "plants", "--locked"]);
    command.args(["--cargo-quiet", "--package", package]);
    if let Some(plant) = plant {
        command.args(["--features", plant]);
    }
    let status = command.status().wrap_err("cargo nextest did not start")?;
    Ok(match status.code() {
        Some(0) => Outcome::AllPassed,
        Some(TESTS_FAILED) => Outcome::SomeFailed,
        _ => Outcome::NotRun,
    })
}
