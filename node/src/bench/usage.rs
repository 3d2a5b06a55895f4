//! What the process uses, as the operating system counts it.

/// Clock ticks of a second in `/proc/self/stat`; fixed at 100 on Linux for programs.
const TICKS_PER_SECOND: u64 = 100;

/// Processor microseconds of this process, all threads.
pub(super) fn cpu_us() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields are counted behind the name, which ends with the last parenthesis.
    let fields: Vec<&str> = match stat.rsplit_once(')') {
        Some((_, rest)) => rest.split_whitespace().collect(),
        None => return 0,
    };
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|f| f.parse::<u64>().ok())
            .unwrap_or(0)
    };
    (ticks(11) + ticks(12)) * 1_000_000 / TICKS_PER_SECOND
}

/// Resident memory in MiB.
pub(super) fn rss_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|k| k.parse().ok());
    kib.unwrap_or(0_u64) / 1024
}
