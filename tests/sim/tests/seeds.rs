//! Whole runs: good ones, the same twice, and seeds that found bugs.

use sim::{FAULTS, LIARS, Options, Report, run, run_many};

fn clean(options: &Options) -> Report {
    let report = run(options);
    assert!(report.violations.is_empty(), "{report:#?}");
    report
}

#[test]
fn a_calm_network_settles_everything() {
    let report = clean(&Options::calm(1));
    assert!(report.messages > 20 && report.crossed > 0, "{report:#?}");
}

#[test]
fn a_seed_is_a_run_and_another_seed_is_another() {
    let once = clean(&Options::seed(3));
    let again = clean(&Options::seed(3));
    assert_eq!((once.hash, once.events), (again.hash, again.events));
    assert_ne!(once.hash, clean(&Options::seed(4)).hash);
}

#[test]
fn seeds_run_on_threads_as_they_run_alone() {
    let mut hashes = Vec::new();
    let summary = run_many(&Options::seed(20), 4, 2, |report, _| {
        hashes.push((report.seed, report.hash));
    });
    assert_eq!((summary.seeds, summary.violations), (4, 0), "{summary:#?}");
    hashes.sort_unstable();
    assert_eq!(hashes[2].1, run(&Options::seed(22)).hash);
}

/// A seed as it ran before users deployed code.
fn plain(seed: u64) -> Options {
    Options {
        code: Some(false),
        ..Options::seed(seed)
    }
}

/// A seed in which users deploy code.
fn coded(seed: u64) -> Options {
    Options {
        code: Some(true),
        ..Options::seed(seed)
    }
}

/// Each of these broke a promise once:
/// 0: a checkpoint without genesis and without the last block's certificates;
/// 5: final blocks logged twice; a chain whose checkpoint knew less of the root than the root's;
/// 137, 143: evidence that convicts nobody.
#[test]
fn what_was_broken_stays_whole() {
    for seed in [0, 5, 25, 48, 50, 137, 143] {
        clean(&Options {
            messages: 160,
            ..plain(seed)
        });
    }
}

/// Chains stood still for ever in these: after a crash nobody asked again for a block that a
/// certificate named and that was fetched before, but not prepared and so never written down.
#[test]
fn chains_that_stood_still_go_on() {
    // 20288: what a node would not vote for, since it ignored a lane, it took for invalid also when
    // the others had certified it, and so everything that was built on it.
    for seed in [10035, 10716, 11604, 11877, 20288] {
        clean(&plain(seed));
    }
}

/// 3020: a tail was early, which will be dropped whatever becomes of it.
#[test]
fn committees_change_under_faults() {
    let report = clean(&Options {
        code: Some(false),
        ..Options::terms(3020)
    });
    assert!(report.faults["handover"] > 0, "{report:#?}");
}

#[test]
fn code_runs_under_faults() {
    let summary = run_many(&coded(100), 8, 2, |_, _| {});
    assert_eq!(summary.violations, 0, "{summary:#?}");
    // Ids, and so who is late, depend on the modules' bytes: time-outs are a handful.
    assert!(summary.runs.iter().all(|runs| *runs > 0), "{summary:#?}");
    for name in [
        "answer",
        "become",
        "bounce storm",
        "create",
        "deploy",
        "deploy by another",
        "fail",
        "fan-out 64",
        "hot account",
        "ping-pong",
        "short deadline",
        "spin",
        "storage",
        "tree",
        "upgrade",
    ] {
        let count = summary.faults.get(name).copied().unwrap_or(0);
        assert!(count > 0, "{name} never happened: {summary:#?}");
    }
}

#[test]
fn code_runs_where_committees_change() {
    // 8: root blocks that become final together, one of which cites another; code on the root
    // looked at the seed of the one before.
    for seed in [7, 8] {
        let report = clean(&Options {
            code: Some(true),
            ..Options::terms(seed)
        });
        assert!(report.runs[0] > 0, "{report:#?}");
    }
}

#[test]
fn every_byzantine_fault_happens_and_harms_nobody() {
    for fault in FAULTS {
        let mut fired = 0;
        for seed in 300..303 {
            let options = Options {
                fault: Some((*fault).to_owned()),
                crashes: false,
                ..Options::seed(seed)
            };
            fired += clean(&options).faults.get(fault).copied().unwrap_or(0);
            if fired > 0 {
                break;
            }
        }
        assert!(fired > 0, "{fault} never happened");
    }
}

/// A committee stops for good; one certifies two blocks; stakers come and go.
#[test]
fn committees_are_replaced_and_stakers_come_and_go() {
    for (seed, happened) in [
        (7001, "committee replaced"),
        // What blocks held that the replaced committee never made final waited for ever.
        (70_002, "committee replaced"),
        // A liar's share of a height in the term that was over counted as another's in the next.
        (70_116, "handover"),
        // The root recorded one more anchor as it froze the chain: no rescue began there.
        (6, "fork"),
        (9031, "fork"),
        (9029, "staker joined"),
    ] {
        let report = clean(&Options {
            code: Some(false),
            ..Options::terms(seed)
        });
        assert!(report.faults.contains_key(happened), "{report:#?}");
    }
}

/// 100039: a follower alone had the last certified block of a chain whose members had stopped
/// counting votes when it froze. 100109: the beacon is lost with the root's term, and the next
/// group goes on from what the members drew. 100876: what members said of a frozen chain got lost
/// as the root's members crashed, and was never passed on again.
#[test]
fn what_only_a_few_know_is_not_lost() {
    let seeds = [
        (100_039, "fork"),
        (100_109, "beacon lost"),
        (100_876, "fork"),
    ];
    for (seed, happened) in seeds {
        let report = clean(&Options::terms(seed));
        assert!(report.faults.contains_key(happened), "{report:#?}");
    }
}

/// Without shares there are no seeds, and that is all: blocks go on, elections wait, and every seed
/// that was due comes in its turn.
#[test]
fn a_silent_beacon_stops_nothing_else() {
    let report = clean(&Options {
        code: Some(false),
        ..Options::terms(9104)
    });
    let count = |name| report.faults.get(name).copied().unwrap_or(0);
    assert!(count("share kept back") > 0, "{report:#?}");
    assert!(count("root block in silence") >= 20, "{report:#?}");
    // One that was on its way.
    assert!(count("seed in silence") <= 1, "{report:#?}");
}

/// One of the lies happens, and harms nobody.
fn harmless(liar: &str) {
    let fired = (400..408).any(|seed| {
        let options = Options {
            fault: Some(liar.to_owned()),
            messages: 40,
            run_ms: 9_000,
            crashes: false,
            network: false,
            ..Options::terms(seed)
        };
        clean(&options).faults.contains_key(liar)
    });
    assert!(fired, "{liar} never happened");
}

/// A test for each lie, so that they run side by side.
macro_rules! lies {
    ($($name:ident: $liar:literal,)*) => {
        /// Dealers, candidates and members that lie are caught or do no harm.
        mod liars {
            $( #[test] fn $name() { super::harmless($liar); } )*

            #[test]
            fn none_is_left_out() {
                assert_eq!(super::LIARS, [$($liar),*]);
            }
        }
    };
}

lies! {
    wrong_degree: "wrong degree",
    wrong_share: "wrong share",
    two_dealings: "two dealings",
    silent_dealer: "silent dealer",
    false_complaint: "false complaint",
    withheld_shares: "withheld shares",
    false_shares: "false shares",
    two_ballots: "two ballots",
    forged_tickets: "forged tickets",
    never_serves: "never serves",
}

/// E9: who hears two words of a candidate in one drawing tells the root, which finds it so.
#[test]
fn two_words_of_a_candidate_are_told_and_punished() {
    let report = clean(&Options {
        fault: Some("two ballots".to_owned()),
        messages: 40,
        run_ms: 9_000,
        crashes: false,
        network: false,
        code: Some(false),
        ..Options::terms(400)
    });
    for happened in ["two ballots", "two ballots told", "two ballots punished"] {
        assert!(report.faults.contains_key(happened), "{report:#?}");
    }
}

#[test]
fn every_kind_of_trouble_happens() {
    let summary = run_many(&Options::seed(60), 12, 2, |_, _| {});
    assert_eq!(summary.violations, 0, "{summary:#?}");
    for name in [
        "loss",
        "duplicate",
        "delay",
        "partition",
        "crash",
        "power loss",
        "stop",
        "checkpoint",
        "evidence",
        "too little balance",
        "expired",
        "replay",
        "wrong key",
        "key rotation",
    ] {
        let count = summary.faults.get(name).copied().unwrap_or(0);
        assert!(count > 0, "{name} never happened: {summary:#?}");
    }
}
