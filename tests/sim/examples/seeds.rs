//! Runs seeds and prints what they found: `seeds FIRST COUNT THREADS [WORDS]`, where the words are
//! `trace`, `terms`, `code` and `calm`.

use sim::{Options, run_many};

fn main() {
    let number = |at: usize, default: u64| {
        let argument = std::env::args().nth(at);
        argument.map_or(default, |text| text.parse().unwrap_or(default))
    };
    let has = |word: &str| std::env::args().skip(4).any(|argument| argument == word);
    let make = if has("terms") {
        Options::terms
    } else {
        Options::seed
    };
    let mut options = make(number(1, 0));
    options.trace = has("trace");
    options.code = has("code").then_some(true);
    if has("calm") {
        (options.network, options.crashes, options.byzantine) = (false, false, false);
    }
    let threads = number(3, 1) as usize;
    let summary = run_many(&options, number(2, 1), threads, |report, _| {
        println!(
            "{} {} {} ms ({} after), {} events, blocks {:?}, {} messages, {} crossed, {} bounced, \
             ran {:?}",
            report.seed,
            report.hash,
            report.virtual_ms,
            report.settled_ms,
            report.events,
            report.blocks,
            report.messages,
            report.crossed,
            report.bounced,
            report.runs,
        );
        let rare = [
            "committee replaced",
            "fork",
            "staker joined",
            "newcomer seated",
        ];
        let seen: Vec<_> = rare
            .into_iter()
            .filter(|name| report.faults.contains_key(name))
            .collect();
        if !seen.is_empty() {
            println!("  {}", seen.join(", "));
        }
        for violation in report.violations.iter().take(4) {
            println!(
                "  {} at {}: {:.6000}",
                violation.invariant, violation.at_ms, violation.what
            );
        }
    });
    println!(
        "{} seeds, {} failing, {:#?}",
        summary.seeds, summary.violations, summary.faults
    );
}
