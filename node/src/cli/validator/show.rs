//! `validator status` and `list`.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};
use serde_json::json;
use types::Address;

use crate::cli::Context;
use crate::cli::wallet::Folder;
use crate::exit::{Exit, Failure};
use crate::keystore::KeyFile;
use crate::rpc::view::{
    AddressText, DutyView, DutyWhen, HandoverView, StakerView, ValidatorList, ValidatorView,
};

/// How often `--watch` looks.
const EVERY: Duration = Duration::from_secs(2);

/// Show stake, stage, tickets, duties now and next, rewards, jail and unbonding.
#[derive(Clone, Debug, Args)]
#[command(
    group(ArgGroup::new("whose").required(true).args(["address", "key"])),
    after_help = "Examples:\n  thinkey validator status --key alice\n  \
    thinkey validator status devnet1… --watch\n\n\
    With --json one object; with --watch one line for each change, until Ctrl-C."
)]
pub(crate) struct StatusArgs {
    /// The account that registered.
    #[arg(value_name = "ADDRESS")]
    address: Option<Address>,
    /// Its key file, or its name in the wallet's directory; no password is needed.
    #[arg(long, value_name = "FILE|NAME")]
    key: Option<PathBuf>,
    /// Go on and show each change.
    #[arg(long)]
    watch: bool,
}

/// List all stakers.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  thinkey validator list --page 2")]
pub(crate) struct ListArgs {
    /// Which page of 64, from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    page: u32,
}

pub(super) async fn status(
    context: &Context,
    folder: &Folder,
    args: &StatusArgs,
) -> Result<Exit, Failure> {
    let address = match (&args.address, &args.key) {
        (Some(address), _) => Some(address.clone()),
        (None, Some(key)) => KeyFile::read(&folder.find(key))?.address(),
        (None, None) => None,
    };
    let missing = || Failure::new("not_a_key_file", "the key file names no address", "");
    let account = AddressText(address.ok_or_else(missing)?);
    let mut shown: Option<ValidatorView> = None;
    loop {
        let params = json!({ "account": account });
        let view: ValidatorView = context.client.call("validator_status", params).await?;
        if shown.as_ref().is_none_or(|shown| changed(shown, &view)) {
            context.output.result(&view, || describe(&view));
            shown = Some(view);
        }
        if !args.watch {
            return Ok(Exit::Done);
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Heights alone are no change.
pub(super) fn changed(before: &ValidatorView, now: &ValidatorView) -> bool {
    let same_time = ValidatorView {
        root_height: before.root_height,
        ..now.clone()
    };
    same_time != *before
}

fn describe(view: &ValidatorView) -> String {
    let mut text = format!(
        "{}\nroot height {}, root epoch {}",
        view.address, view.root_height, view.root_epoch
    );
    match &view.staker {
        None => {
            let ticket = view.ticket;
            let _ = write!(
                text,
                "\nnot registered; a ticket is {ticket}\n\
                 next: thinkey validator register --stake N --key WALLETKEY --validator DIR"
            );
        }
        Some(staker) => describe_staker(&mut text, view, staker),
    }
    for duty in &view.duties {
        let _ = write!(text, "\n{}", describe_duty(duty));
    }
    text
}

fn describe_staker(text: &mut String, view: &ValidatorView, staker: &StakerView) {
    let _ = write!(
        text,
        "\n{}\nstake {}, tickets {} of {}\nrewards {}",
        staker.stage, staker.stake, staker.tickets, view.all_tickets, staker.rewards
    );
    if let Some(until) = staker.jailed_until {
        let _ = write!(text, "\njailed until root epoch {until}");
    }
    if staker.tombstoned {
        text.push_str("\nconvicted of misbehaviour: never elected again");
    }
    if let Some(free) = staker.free_at {
        let left = free.0.saturating_sub(view.root_height.0);
        let _ = write!(text, "\nfree from root height {free} on, {left} to go");
    }
}

pub(super) fn describe_duty(duty: &DutyView) -> String {
    let DutyView {
        chain,
        epoch,
        seats,
        of,
        ..
    } = duty;
    let waits = duty.handover.map_or_else(String::new, |handover| {
        let HandoverView {
            ready,
            quorum,
            told,
        } = handover;
        match told {
            true => ", the term before may end".to_owned(),
            false => format!("; {ready} seats are ready, {quorum} are needed"),
        }
    });
    let state = match (duty.when, duty.ready, duty.until) {
        (DutyWhen::Now, _, Some(until)) => format!("serves until root height {until} or later"),
        (DutyWhen::Now, _, None) => "serves, for good".to_owned(),
        (DutyWhen::Next, true, _) => format!("elected, ready to take over{waits}"),
        (DutyWhen::Next, false, _) => format!("elected, its node is not ready yet{waits}"),
    };
    format!("chain {chain} term {epoch}: {seats} of {of} seats, {state}")
}

pub(super) async fn list(context: &Context, args: &ListArgs) -> Result<Exit, Failure> {
    let params = json!({ "page": args.page });
    let list: ValidatorList = context.client.call("validator_list", params).await?;
    context.output.result(&list, || {
        let rows = list.validators.iter().map(|row| {
            format!(
                "{}  stake {}, tickets {}, in {} committees, {}",
                row.address, row.stake, row.tickets, row.duties, row.stage
            )
        });
        let head = format!(
            "{} stakers at root height {}, page {} of {}",
            list.total, list.root_height, args.page, list.pages
        );
        std::iter::once(head)
            .chain(rows)
            .collect::<Vec<_>>()
            .join("\n")
    });
    Ok(Exit::Done)
}
