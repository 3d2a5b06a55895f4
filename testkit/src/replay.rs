//! Seeds of tests, and the line that replays a failed one. [W2]

use std::ops::Range;

/// The environment variable that overrides the seed of a test.
pub const VARIABLE: &str = "TESTKIT_SEED";

/// Runs a test under many seeds, or under the one of [`VARIABLE`] alone.
pub fn seeds(range: Range<u64>, mut test: impl FnMut(u64)) {
    match given() {
        Some(seed) => test(seed),
        None => range.for_each(test),
    }
}

/// The seed that the environment names.
pub(crate) fn given() -> Option<u64> {
    std::env::var(VARIABLE).ok()?.parse().ok()
}

/// The line that replays the running test under a seed.
pub fn line(seed: u64) -> String {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("main");
    match test {
        "main" => format!("{VARIABLE}={seed} cargo test"),
        test => format!("{VARIABLE}={seed} cargo test {test}"),
    }
}
