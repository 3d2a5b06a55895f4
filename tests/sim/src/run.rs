//! Running seeds: one, or many on several threads.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once};

use crypto::Hash;

use crate::report::{Counters, Report, Summary, Violation};
use crate::world::World;
use crate::{Options, replay};

/// Runs one seed. A panic of a machine is a violation like any other, where panics unwind; where
/// they abort, the seed is named before.
pub fn run(options: &Options) -> Report {
    name_seed_on_panic(options);
    let world = || World::new(options).run();
    let outcome = catch_unwind(AssertUnwindSafe(world));
    SEED.set(None);
    outcome.unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().cloned();
        let what = what.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        broken(options, what.unwrap_or_default())
    })
}

thread_local! {
    /// The seed that runs on this thread.
    static SEED: Cell<Option<(u64, bool, Option<bool>)>> = const { Cell::new(None) };
}

/// Has every later panic of this thread say how to see it again, also where panics abort.
fn name_seed_on_panic(options: &Options) {
    static HOOK: Once = Once::new();
    SEED.set(Some((options.seed, options.terms, options.code)));
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if let Some((seed, terms, code)) = SEED.get() {
                let again = replay(seed, terms, code);
                eprintln!("seed {seed} panics; to see it again: {again}");
            }
            before(panic);
        }));
    });
}

fn broken(options: &Options, what: String) -> Report {
    let violation = Violation {
        invariant: "panic",
        at_ms: 0,
        what,
    };
    Report {
        terms: options.terms,
        code: options.code,
        seed: options.seed,
        hash: Hash::ZERO,
        violations: vec![violation],
        violation_count: 1,
        faults: Counters::new(),
        blocks: Vec::new(),
        messages: 0,
        crossed: 0,
        bounced: 0,
        runs: [0; 4],
        virtual_ms: 0,
        settled_ms: 0,
        events: 0,
    }
}

/// Runs `count` seeds from `options.seed` on, on `threads` threads, and calls `progress` after
/// each, in the order in which they end.
pub fn run_many(
    options: &Options,
    count: u64,
    threads: usize,
    progress: impl FnMut(&Report, &Summary) + Send,
) -> Summary {
    let next = AtomicU64::new(0);
    let done = Mutex::new((Summary::default(), progress));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        return;
                    }
                    let seed = options.seed.wrapping_add(at);
                    let report = run(&Options {
                        seed,
                        ..options.clone()
                    });
                    let Ok(mut done) = done.lock() else { return };
                    let (summary, progress) = &mut *done;
                    summary.add(&report);
                    progress(&report, summary);
                }
            });
        }
    });
    let (summary, _) = done
        .into_inner()
        .unwrap_or_else(|poison| poison.into_inner());
    summary
}
