//! `thinkey root`.

use clap::Subcommand;
use crypto::bls::{PublicKey, Signature};
use serde::Serialize;
use serde_json::json;

use super::Context;
use crate::exit::{Exit, Failure};
use crate::rpc::view::{GroupView, NetworkInfo, SeedView, SeedsView, U64};

/// The root's random beacon.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Show seeds of the random beacon, and check their signatures here.
    #[command(
        after_help = "Examples:\n  thinkey root seed\n  thinkey root seed 120\n\n\
        A seed is checked under the group's key and with the seed before it, so the oldest one \
        that is shown is not.\n\
        Exit codes: 0 all hold, 1 one does not, or there is none of that height."
    )]
    Seed {
        /// The root height; the newest without it.
        height: Option<u64>,
    },
}

/// A seed and what the check here says.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    seed: SeedView,
    /// The term whose group signed; null for the oldest, whose seed before is not shown.
    epoch: Option<U64>,
}

pub(super) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let Command::Seed { height } = command;
    let network: NetworkInfo = context.client.call("root_network", json!([])).await?;
    let asked = json!({ "height": height.map(U64) });
    let seen: SeedsView = context.client.call("root_seed", asked).await?;
    let newest = seen.seeds.first().map(|seed| seed.height.0);
    let every = seen.every.0.max(1);
    if newest.is_none() || height.is_some_and(|height| newest != Some(height / every * every)) {
        let wanted = height.map_or_else(String::new, |height| format!(" of root height {height}"));
        let message = format!("this node has no seed{wanted}");
        let hint = "seeds come after their height is final, and old ones are forgotten; \
                    networks without terms have none";
        return Err(Failure::new("no_seed", message, hint));
    }
    let mut rows = Vec::new();
    for (at, seed) in seen.seeds.iter().enumerate() {
        let epoch = match seen.seeds.get(at + 1) {
            Some(before) => Some(check(&network, &seen.groups, seed, before)?),
            None => None,
        };
        let seed = seed.clone();
        rows.push(Row { seed, epoch });
    }
    if height.is_some() {
        rows.truncate(1);
    }
    context.output.result(&rows, || told(&rows));
    Ok(Exit::Done)
}

/// The term whose group signed for a seed.
fn check(
    network: &NetworkInfo,
    groups: &[GroupView],
    seed: &SeedView,
    before: &SeedView,
) -> Result<U64, Failure> {
    let wrong = || {
        let message = format!("the seed of root height {} does not hold", seed.height);
        Failure::new(
            "seed",
            message,
            "the node that was asked lies, or is damaged",
        )
    };
    let signature = hex::decode(&seed.signature).ok();
    let signature: Option<Signature> = signature.and_then(|bytes| borsh::from_slice(&bytes).ok());
    let signature = signature.ok_or_else(wrong)?;
    let signed = groups.iter().find(|group| {
        let mut key = [0; 96];
        let decoded = hex::decode_to_slice(&group.key, &mut key).is_ok();
        let key = PublicKey::from_bytes(&key).ok().filter(|_| decoded);
        key.is_some_and(|key| {
            let (epoch, height) = (group.epoch.0, seed.height.0);
            let (id, previous) = (network.id, &before.seed);
            let given =
                root_chain::beacon::verify_seed(&key, id, epoch, height, previous, &signature);
            given.is_ok_and(|given| given == seed.seed)
        })
    });
    signed.map(|group| group.epoch).ok_or_else(wrong)
}

fn told(rows: &[Row]) -> String {
    let lines = rows.iter().map(|Row { seed, epoch }| {
        let checked = match epoch {
            Some(epoch) => format!("signed by the group of the root's term {epoch}"),
            None => "not checked: the seed before it is not shown".to_owned(),
        };
        format!("{:>8}  {}  {checked}", seed.height.to_string(), seed.seed)
    });
    lines.collect::<Vec<_>>().join("\n")
}
