//! `thinkey bench payments`: end-to-end payments, every validator verifying everything itself.
//!
//! The load is signed beforehand. Each validator decodes and checks every message on its own, as
//! if it had come by gossip; no check is shared between validators of the process.

use std::collections::BTreeMap;
use std::time::Duration;

use assembly::Network as Assembled;
use serde_json::{Value, json};
use types::{ChainId, ExternalMessage, MessageId, Time};

use super::load::Senders;
use super::meter::Meter;
use super::{limit, stages, usage};
use crate::cli::Output;
use crate::cli::args::PaymentsArgs;
use crate::devnet::{Validators, Watch};
use crate::exit::{Exit, Failure};
use crate::services::admission::{Lot, Origin};
use crate::services::clock::Clock;

/// Payments that are handed in and not final, per chain: a few blocks' worth.
const WINDOW: u64 = 6_000;
/// Payments of one lot.
const LOT: usize = 256;
/// Payments signed at a time.
const SIGNED: u64 = 20_000;
/// Milliseconds of warming up that are not counted.
const WARM_UP: u64 = 3_000;
/// How long the last payments may take to become root-final.
const DRAIN: Duration = Duration::from_secs(10);

/// Runs the benchmark and prints what came of it.
pub(super) fn run(args: &PaymentsArgs, output: &Output) -> Result<Exit, Failure> {
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::new("disk", error, "free space in the temporary directory"))?;
    crate::runtime::run(measure(args, output, folder.path()))
}

/// What was seen between two moments.
struct Window {
    payments: u64,
    ms: u64,
    cpu_us: u64,
    blocks: u64,
}

async fn measure(
    args: &PaymentsArgs,
    output: &Output,
    folder: &std::path::Path,
) -> Result<Exit, Failure> {
    let (mut spec, secrets) = genesis::devnet(args.validators, args.chains, [0x62; 32]);
    let senders = Senders::new(&spec);
    spec.accounts.extend(senders.entries());
    spec.start = Clock::new().now();
    let assembled = Assembled::new(spec)
        .map_err(|error| Failure::new("genesis", error, "use fewer validators or chains"))?;
    let network = assembled.id();
    output.progress("measuring the machine's limit");
    let sample = senders.payments(network, ChainId(1), 0, 4_096, args.cross);
    let limit = limit::checks_per_s(network, &sample) / u64::from(args.validators);
    let stages_us = stages::measure(&assembled, &sample);
    let meter = Meter::new(Clock::new());
    let watching = meter.clone();
    let watch = Watch {
        always_work: false,
        observe: Some(std::sync::Arc::new(move |_| Box::new(watching.clone()))),
    };
    let validators = Validators::start(&assembled, &secrets, folder, watch).await?;
    output.progress("putting the load on");
    let mut load = Load::new(args, senders, network, &validators, meter.clone());
    let seen = load.run(u64::from(args.seconds)).await;
    let rss = usage::rss_mib();
    tokio::time::sleep(DRAIN.min(Duration::from_secs(u64::from(args.seconds)))).await;
    let report = report(args, limit, &seen, rss, &meter, stages_us);
    validators.stop().await;
    output.result(&report, || text(&report));
    Ok(Exit::Done)
}

struct Load<'a> {
    senders: Senders,
    network: types::NetworkId,
    validators: &'a Validators,
    meter: Meter,
    chains: Vec<ChainId>,
    cross: u8,
    members: u32,
    /// Signed and not handed in, by chain; and how many were handed in.
    ready: BTreeMap<ChainId, Vec<ExternalMessage>>,
    signed: BTreeMap<ChainId, u64>,
    sent: BTreeMap<ChainId, u64>,
}

impl<'a> Load<'a> {
    fn new(
        args: &PaymentsArgs,
        senders: Senders,
        network: types::NetworkId,
        validators: &'a Validators,
        meter: Meter,
    ) -> Self {
        Self {
            senders,
            network,
            validators,
            meter,
            chains: (1..=args.chains).map(ChainId).collect(),
            cross: args.cross,
            members: args.validators,
            ready: BTreeMap::new(),
            signed: BTreeMap::new(),
            sent: BTreeMap::new(),
        }
    }

    /// Keeps a window of payments in flight for some seconds after warming up.
    async fn run(&mut self, seconds: u64) -> Window {
        for chain in self.chains.clone() {
            self.sign(chain, SIGNED);
        }
        let begin = self.meter.now();
        let mut start = None;
        loop {
            let now = self.meter.now();
            if start.is_none() && now.since(begin) >= WARM_UP {
                start = Some(self.moment());
            }
            if let Some(start) = &start
                && now.since(start.0) >= seconds * 1_000
            {
                return self.since(start);
            }
            for chain in self.chains.clone() {
                self.feed(chain);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn sign(&mut self, chain: ChainId, count: u64) {
        let first = self.signed.entry(chain).or_default();
        let more = self
            .senders
            .payments(self.network, chain, *first, count, self.cross);
        *first += count;
        let mut ready = self.ready.remove(&chain).unwrap_or_default();
        ready.extend(more);
        self.ready.insert(chain, ready);
    }

    /// Hands lots in while fewer than a window are in flight.
    fn feed(&mut self, chain: ChainId) {
        let done = self.meter.payments(chain);
        while self.sent.get(&chain).copied().unwrap_or(0) < done + WINDOW {
            if self.ready.get(&chain).is_none_or(|ready| ready.len() < LOT) {
                self.sign(chain, SIGNED / 10);
            }
            let Some(ready) = self.ready.get_mut(&chain) else {
                return;
            };
            let lot: Vec<_> = ready.drain(..LOT.min(ready.len())).collect();
            *self.sent.entry(chain).or_default() += lot.len() as u64;
            let network = self.network;
            let ids: Vec<MessageId> = lot.iter().map(|message| message.id(network)).collect();
            self.meter.sent(ids.into_iter());
            self.hand_in(chain, &lot);
        }
    }

    /// Every member gets the encoded lot and decodes and checks it for itself.
    fn hand_in(&self, chain: ChainId, lot: &[ExternalMessage]) {
        let bytes = borsh::to_vec(lot).unwrap_or_default();
        let first = (chain.0 * self.members) as usize;
        let members = self
            .validators
            .nodes()
            .iter()
            .skip(first)
            .take(self.members as usize);
        for node in members {
            let Ok(messages) = borsh::from_slice(&bytes) else {
                continue;
            };
            node.admission.offer(Lot {
                messages,
                origin: Origin::Gossip(Box::new(|_| {})),
            });
        }
    }

    fn moment(&self) -> (Time, u64, u64, u64) {
        let payments = self
            .chains
            .iter()
            .map(|chain| self.meter.payments(*chain))
            .sum();
        let blocks = self
            .chains
            .iter()
            .map(|chain| self.meter.blocks(*chain))
            .sum();
        (self.meter.now(), payments, usage::cpu_us(), blocks)
    }

    fn since(&self, start: &(Time, u64, u64, u64)) -> Window {
        let (now, payments, cpu, blocks) = self.moment();
        Window {
            payments: payments - start.1,
            ms: now.since(start.0),
            cpu_us: cpu - start.2,
            blocks: blocks - start.3,
        }
    }
}

fn report(
    args: &PaymentsArgs,
    limit: u64,
    seen: &Window,
    rss_mib: u64,
    meter: &Meter,
    stages_us: Value,
) -> Value {
    let per_s = seen.payments * 1_000 / seen.ms.max(1);
    let cpu = seen.cpu_us.checked_div(seen.payments).unwrap_or(0);
    let latency: serde_json::Map<_, _> = meter
        .latencies()
        .into_iter()
        .map(|(level, sorted)| {
            let at = |percent: usize| sorted.get(sorted.len() * percent / 100).copied();
            (level.to_owned(), json!({"p50": at(50), "p99": at(99)}))
        })
        .collect();
    json!({
        "validators": args.validators,
        "chains": args.chains,
        "cross": args.cross,
        "seconds": seen.ms / 1_000,
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "payments_per_s": per_s,
        "limit_per_s": limit,
        "ratio": format!("{}.{:03}", per_s / limit.max(1), per_s * 1_000 / limit.max(1) % 1_000),
        "latency_ms": latency,
        "cpu_us_per_payment": cpu,
        "cpu_us_per_payment_per_validator": cpu / u64::from(args.validators),
        "blocks_per_s": seen.blocks * 1_000 / seen.ms.max(1),
        "payments_per_block": seen.payments.checked_div(seen.blocks),
        "failed": meter.failed(),
        "rss_mib": rss_mib,
        "stages_us": stages_us,
    })
}

fn text(report: &Value) -> String {
    let mut text = String::from(
        "payments, end to end; every validator decodes, checks and executes everything itself\n",
    );
    let Some(fields) = report.as_object() else {
        return text;
    };
    for (name, value) in fields {
        text += &format!("  {name:34} {value}\n");
    }
    text + "limit_per_s: batch signature checks on all cores, divided by the validators\n\
            stages_us: one core, per payment and validator, measured apart in this run\n"
}
