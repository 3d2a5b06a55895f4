//! Modules and numbers that depend on a seed alone. Also part of the comparison in `vm/oracle`.

use arbitrary::Unstructured;
use wasm_smith::{Config, Module};

/// Bytes that depend on a seed alone (SplitMix64).
pub(crate) fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed;
    let words = std::iter::repeat_with(|| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    });
    let bytes = words.flat_map(u64::to_le_bytes);
    bytes.take(count).collect()
}

/// A hash of bytes, changed by a change of any whole word of eight.
pub(crate) fn fold(start: u64, bytes: &[u8]) -> u64 {
    let fold = |sum: u64, word: &[u8; 8]| {
        (sum.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(0x517c_c1b7_2722_0a95)
    };
    bytes.as_chunks::<8>().0.iter().fold(start, fold)
}

/// A valid module that imports nothing; every second seed avoids traps, and so runs longer.
///
/// `nans`: whether it makes the NaNs of arithmetic canonical itself, as the metering does.
pub(crate) fn module(seed: u64, nans: bool) -> Option<Vec<u8>> {
    let config = Config {
        bulk_memory_enabled: true,
        canonicalize_nans: nans,
        disallow_traps: seed.is_multiple_of(2),
        exceptions_enabled: false,
        export_everything: true,
        extended_const_enabled: false,
        gc_enabled: false,
        max_imports: 0,
        max_instructions: 200,
        // Little, since it is compared after each call; it may grow further if no maximum is
        // generated.
        max_memory32_bytes: 2 << 16,
        max_table_elements: 100,
        memory64_enabled: false,
        min_funcs: 3,
        min_memories: 1,
        min_types: 3,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        allow_start_export: false,
        ..Config::default()
    };
    let bytes = bytes(seed, 3072);
    let module = Module::new(config, &mut Unstructured::new(&bytes)).ok()?;
    Some(module.to_bytes())
}
