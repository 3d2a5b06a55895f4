//! Everything that a change must pass before its tests matter.

use std::process::Command;
use std::time::Instant;

use eyre::{Context, Result};

use crate::workspace::Workspace;
use crate::{layers, tidy};

/// A step: its name, its cargo arguments and a variable to set.
type Step = (
    &'static str,
    &'static [&'static str],
    Option<(&'static str, &'static str)>,
);

const FORMAT: Step = ("fmt", &["fmt", "--all", "--check"], None);
const CLIPPY: Step = (
    "clippy",
    &[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ],
    None,
);
const DOC: Step = (
    "doc",
    &["doc", "--workspace", "--no-deps", "--locked"],
    Some(("RUSTDOCFLAGS", "-D warnings")),
);

/// Runs all steps, the cheap ones first, and sums up; true if all passed.
pub(crate) fn run() -> Result<bool> {
    let workspace = Workspace::load()?;
    let passed = [
        timed("fmt", || cargo(&FORMAT))?,
        timed("layers", || Ok(layers::run(&workspace)))?,
        timed("tidy", || tidy::run(&workspace))?,
        timed("clippy", || cargo(&CLIPPY))?,
        timed("doc", || cargo(&DOC))?,
    ];
    println!();
    for (name, passed, seconds) in &passed {
        let word = if *passed { "ok" } else { "FAILED" };
        println!("{name:8} {word:8} {seconds:>4} s");
    }
    Ok(passed.iter().all(|(_, passed, _)| *passed))
}

fn timed(
    name: &'static str,
    step: impl FnOnce() -> Result<bool>,
) -> Result<(&'static str, bool, u64)> {
    let start = Instant::now();
    let passed = step()?;
    Ok((name, passed, start.elapsed().as_secs()))
}

fn cargo((name, arguments, variable): &Step) -> Result<bool> {
    let mut command = Command::new("cargo");
    command.args(*arguments).envs(*variable);
    let status = command.status();
    Ok(status
        .wrap_err_with(|| format!("{name} did not start"))?
        .success())
}
