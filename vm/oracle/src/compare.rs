//! One module in three instances.

use std::time::Instant;

use eyre::{Result, ensure};
use vm::{GasSchedule, Trap, instrument, validate};

use crate::first::First;
use crate::generate::bytes;
use crate::second::Second;
use crate::tally::Tally;

/// Gas for each call.
const GAS: i64 = 1 << 16;

/// A type of values.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Type {
    /// 32 bits.
    I32,
    /// 64 bits.
    I64,
    /// 32 bits.
    F32,
    /// 64 bits.
    F64,
}

/// How a call ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// The bits of its results, or the trap's code.
    pub(crate) result: Result<Vec<u64>, u8>,
    /// Gas that it used.
    pub(crate) gas: i64,
}

/// What a call left behind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// By name, as bits.
    pub(crate) globals: Vec<(String, u64)>,
    /// Bytes and hash.
    pub(crate) memory: (usize, u64),
}

/// Compares a module.
///
/// # Errors
/// Where the engines differ.
pub(crate) fn module(seed: u64, code: &[u8], second: &Second, tally: &mut Tally) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "it measures time")]
    let start = Instant::now();
    let Ok(checked) = validate::check(code) else {
        tally.refused += 1;
        return Ok(());
    };
    tally.modules += 1;
    let metered = instrument(code, &checked, &GasSchedule::V1)?;
    let mut ours = First::new(&metered)?;
    tally.slowest = tally.slowest.max(start.elapsed());
    let mut theirs = second.metered(&metered)?;
    let mut plain = second.plain(code)?;
    for (name, params) in ours.functions() {
        let words = bytes(seed ^ 0x5eed, 8 * params.len());
        let (words, _) = words.as_chunks::<8>();
        let words = words.iter().map(|word| u64::from_le_bytes(*word));
        let arguments: Vec<_> = params.into_iter().zip(words).collect();
        let found = ours.call(&name, &arguments, GAS)?;
        let expected = theirs.call(&name, &arguments, GAS)?;
        ensure!(
            found == expected,
            "{name}: {found:?}, wasmtime {expected:?}"
        );
        let state = ours.state()?;
        let stopped = [Trap::OutOfGas, Trap::StackOverflow].map(|trap| Err(trap.code()));
        if stopped.contains(&found.result) {
            // Where it stops, engines may differ, and the state is void.
            ours.restart()?;
            theirs.restart()?;
            plain.restart()?;
        } else {
            let other = theirs.state()?;
            ensure!(state == other, "{name}: left {state:?}, wasmtime {other:?}");
            let expected = plain.call(&name, &arguments, GAS)?.result;
            let same = found.result == expected;
            ensure!(same, "{name}: {found:?}, without metering {expected:?}");
            let other = plain.state()?;
            ensure!(
                state == other,
                "{name}: left {state:?}, without metering {other:?}"
            );
            tally.plain += 1;
        }
        let code = found.result.err().unwrap_or_default();
        *tally.calls.entry(code).or_default() += 1;
        tally.gas += found.gas.min(GAS).cast_unsigned();
    }
    Ok(())
}
