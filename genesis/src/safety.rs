//! Whether a spec is safe to start a network from. [S4] [S5]

use std::collections::BTreeMap;
use std::fmt;

use types::{ChainId, NodeId, Thresholds, limits};

use crate::failure::{Draw, Probability, fewest_seats};
use crate::spec::{ChainSpec, MemberEntry, NetworkKind};

mod beacon;
mod problem;
mod staking;
mod terms;
#[cfg(test)]
mod tests;

pub use problem::Problem;

/// What a finding means for the spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Known and accepted on a devnet.
    Warning,
    /// No network starts from this spec.
    Refusal,
}

/// One problem of a spec.
#[derive(Debug)]
pub struct Finding {
    /// Whether it stops the network.
    pub severity: Severity,
    /// What it is.
    pub problem: Problem,
}

/// How likely a chain's committee is to fail. [S3]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
    /// The chain.
    pub chain: ChainId,
    /// n.
    pub seats: u64,
    /// f: Byzantine seats that the committee survives.
    pub faulty: u64,
    /// Pr[A]: that one drawn committee has more than f Byzantine seats.
    pub once: Probability,
    /// m·E·Pr[A]: the bound if every chain had committees of this size, over all elections.
    pub ever: Probability,
}

/// How many seats a committee needs for a chance of failure. [S3]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// A draw is to fail with 10^-target or less.
    pub target: u32,
    /// n; none where no committee is large enough.
    pub seats: Option<u64>,
}

/// The sizes that the spec's adversary asks for, for 10^-6, 10^-9 and 10^-12.
pub fn sizes(spec: &ChainSpec) -> [Size; 3] {
    let security = &spec.security;
    let (tickets, adversary) = (security.tickets, security.adversary_permille);
    [6, 9, 12].map(|target| Size {
        target,
        seats: fewest_seats(tickets, adversary, target),
    })
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target;
        match self.seats {
            Some(seats) => write!(f, "{seats} seats for a draw that fails with 1e-{target}"),
            None => write!(f, "no committee fails with 1e-{target} or less"),
        }
    }
}

/// What [`check`] found.
#[derive(Debug)]
pub struct Report {
    /// Problems in the order of the checks.
    pub findings: Vec<Finding>,
    /// The risk of each chain, chains ascending; none when the draw itself makes no sense.
    pub risks: Vec<Risk>,
}

impl Report {
    /// Whether a network may start from the spec.
    pub fn is_accepted(&self) -> bool {
        self.refusals().next().is_none()
    }

    /// The problems that stop it.
    pub fn refusals(&self) -> impl Iterator<Item = &Problem> {
        self.of(Severity::Refusal)
    }

    /// The problems that a devnet may have.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.of(Severity::Warning)
    }

    fn of(&self, severity: Severity) -> impl Iterator<Item = &Problem> {
        let of = self.findings.iter().filter(move |f| f.severity == severity);
        of.map(|finding| &finding.problem)
    }

    fn refuse(&mut self, problem: Problem) {
        self.findings.push(Finding {
            severity: Severity::Refusal,
            problem,
        });
    }

    /// Refuses on a public network, warns on a devnet. [S5]
    fn judge(&mut self, kind: NetworkKind, problem: Problem) {
        let severity = match kind {
            NetworkKind::Public => Severity::Refusal,
            NetworkKind::Devnet => Severity::Warning,
        };
        self.findings.push(Finding { severity, problem });
    }
}

impl fmt::Display for Report {
    /// One line per risk, then one per problem.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for risk in &self.risks {
            writeln!(
                f,
                "chain {}: {} seats survive {} Byzantine; a draw fails with {}, any ever with {}",
                risk.chain, risk.seats, risk.faulty, risk.once, risk.ever
            )?;
        }
        for Finding { severity, problem } in &self.findings {
            let word = match severity {
                Severity::Warning => "warning",
                Severity::Refusal => "refused",
            };
            writeln!(f, "{word}: {problem}")?;
        }
        Ok(())
    }
}

/// Checks everything that makes a spec safe; lists all problems, not only the first.
pub fn check(spec: &ChainSpec) -> Report {
    let mut report = Report {
        findings: Vec::new(),
        risks: Vec::new(),
    };
    if let Err(error) = spec.check_form() {
        report.refuse(Problem::Form(error));
    }
    check_members(spec, &mut report);
    check_timing(spec, &mut report);
    check_limits(spec, &mut report);
    terms::check(spec, &mut report);
    staking::check(spec, &mut report);
    beacon::check(spec, &mut report);
    check_risks(spec, &mut report);
    report
}

/// Proofs of possession; one key, one chain; a node on one chain only.
fn check_members(spec: &ChainSpec, report: &mut Report) {
    let mut keys = BTreeMap::new();
    let mut nodes = BTreeMap::<NodeId, ChainId>::new();
    for chain in &spec.chains {
        for (number, member) in chain.members.iter().enumerate() {
            let at = (chain.id, number);
            check_possession(at, member, report);
            if let Some((first, _)) = keys.insert(member.key.to_bytes(), at) {
                report.refuse(Problem::RepeatedKey {
                    chain: chain.id,
                    member: number,
                    first,
                });
            }
            check_node(spec.kind, at, member.node, &mut nodes, report);
        }
    }
}

fn check_possession((chain, member): (ChainId, usize), entry: &MemberEntry, report: &mut Report) {
    if entry.key.verify_possession(&entry.possession).is_err() {
        report.refuse(Problem::Possession { chain, member });
    }
}

/// A node that sits twice fails twice, which the risk counts as independent.
fn check_node(
    kind: NetworkKind,
    (chain, member): (ChainId, usize),
    node: NodeId,
    nodes: &mut BTreeMap<NodeId, ChainId>,
    report: &mut Report,
) {
    match nodes.insert(node, chain) {
        Some(first) if first == chain => {
            report.refuse(Problem::RepeatedNode {
                chain,
                member,
                node,
            });
        }
        Some(first) => report.judge(kind, Problem::SharedNode { node, first, chain }),
        None => {}
    }
}

fn check_timing(spec: &ChainSpec, report: &mut Report) {
    let timing = &spec.timing;
    let set = [
        ("delta_ms", timing.delta_ms),
        ("execution_ms", timing.execution_ms),
        ("heartbeat_ms", timing.heartbeat_ms),
        ("drift_ms", timing.drift_ms),
    ];
    for (field, _) in set.iter().filter(|(_, value)| *value == 0) {
        report.refuse(Problem::ZeroTiming { field });
    }
    // Δ starts at delta and only grows.
    if timing.delta_max_ms < timing.delta_ms {
        report.refuse(Problem::DeltaOrder {
            delta: timing.delta_ms,
            max: timing.delta_max_ms,
        });
    }
    // standstill > 4Δ + execution: a healthy chain is never taken to stand still.
    let needed = timing.final_ms();
    if needed.is_none_or(|needed| timing.standstill_ms <= needed) {
        report.refuse(Problem::Standstill {
            standstill: timing.standstill_ms,
            needed: needed.unwrap_or(u64::MAX),
        });
    }
}

fn check_limits(spec: &ChainSpec, report: &mut Report) {
    let (block, anchoring) = (&spec.limits, &spec.anchoring);
    let within = [
        ("limits.gas", block.gas, 1, u64::MAX),
        (
            "limits.bytes",
            block.bytes.into(),
            // Half of a block goes to imports, and a whole bundle must fit that half.
            2 * limits::BUNDLE_BYTES as u64,
            limits::BODY_BYTES as u64,
        ),
        (
            "limits.messages",
            block.messages.into(),
            // As above, counted in messages.
            2 * limits::BUNDLE_MESSAGES as u64,
            u32::MAX.into(),
        ),
        ("anchoring.every", anchoring.every, 1, limits::ANCHOR_RUN),
        (
            "anchoring.per_block",
            anchoring.per_block.into(),
            1,
            u32::MAX.into(),
        ),
        // A message that waits for the overdue rule must not have died meanwhile.
        (
            "anchoring.overdue",
            anchoring.overdue,
            1,
            limits::DEADLINE_HEIGHTS / 2,
        ),
    ];
    for (field, value, least, most) in within {
        if !(least..=most).contains(&value) {
            report.refuse(Problem::OutOfRange {
                field,
                value,
                least,
                most,
            });
        }
    }
    if block.gas_price == 0 {
        report.judge(spec.kind, Problem::FreeGas);
    }
}

/// [S3]: each chain's bound m·E·Pr must stay within the target.
fn check_risks(spec: &ChainSpec, report: &mut Report) {
    let security = &spec.security;
    let chains = spec.chains.len() as u64;
    if security.elections == 0 || security.target > problem::MAX_TARGET {
        report.judge(spec.kind, Problem::Security);
        return;
    }
    for committee in spec.committees() {
        let seats = terms::fewest_seats(spec, &committee);
        let thresholds = Thresholds::of(seats);
        let draw = Draw::new(
            security.tickets,
            security.adversary_permille,
            thresholds.seats,
        );
        let Some(once) = draw.map(|draw| draw.failure()) else {
            report.judge(
                spec.kind,
                Problem::Draw {
                    chain: committee.chain,
                    seats: thresholds.seats,
                },
            );
            continue;
        };
        let ever = once.times(security.elections).times(chains);
        if !ever.at_most_ten_to_minus(security.target) {
            report.judge(
                spec.kind,
                Problem::Risky {
                    chain: committee.chain,
                    seats: thresholds.seats,
                    ever: Box::new(ever.clone()),
                    target: security.target,
                },
            );
        }
        report.risks.push(Risk {
            chain: committee.chain,
            seats: thresholds.seats,
            faulty: thresholds.faulty,
            once,
            ever,
        });
    }
}
