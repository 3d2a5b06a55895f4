//! The house rules as commands: what a reviewer would otherwise have to notice.
//!
//! ```text
//! cargo xtask layers   imports point only downwards; see layers.rs for the table
//! cargo xtask tidy     lengths, names, words, crate docs
//! cargo xtask contracts [--check]   builds vm/contracts/built, or compares it with its sources
//! cargo xtask plants   planted bugs: each must be found by the tests of its crate
//! cargo xtask check    fmt, clippy, layers, tidy, docs
//! ```
//!
//! Every rule prints where it is broken and why it exists. Exit code 0: all well; 1: something
//! was found; 2: usage.

#![allow(
    clippy::disallowed_methods,
    reason = "a developer's tool measures how long its steps take"
)]

mod check;
mod contracts;
mod layers;
mod plants;
mod source;
mod tidy;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

const USAGE: &str =
    "usage: cargo xtask layers | tidy | check | contracts [--check] | plants [--only NAME]";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let all_well = match arguments[..] {
        ["layers"] => Workspace::load().map(|workspace| layers::run(&workspace)),
        ["tidy"] => Workspace::load().and_then(|workspace| tidy::run(&workspace)),
        ["check"] => check::run(),
        ["contracts"] => Workspace::load().and_then(|w| contracts::run(&w.root, true)),
        ["contracts", "--check"] => Workspace::load().and_then(|w| contracts::run(&w.root, false)),
        ["plants"] => Workspace::load().and_then(|workspace| plants::run(&workspace, None)),
        ["plants", "--only", name] => {
            Workspace::load().and_then(|workspace| plants::run(&workspace, Some(name)))
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match all_well {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
