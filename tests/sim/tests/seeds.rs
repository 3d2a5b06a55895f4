//! Whole runs.
use sim::{Options, run};

#[test]
fn calm() {
    let report = run(&Options::calm(1));
    assert!(report.violations.is_empty(), "{report:#?}");
}
