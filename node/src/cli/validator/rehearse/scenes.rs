//! The scenes of a stake's life, in order.

use types::Amount;

use super::stage::Stage;
use crate::exit::Failure;
use crate::rpc::view::{DutyView, DutyWhen, StakerView, ValidatorView};

/// Tickets that are staked, beside the 80 of the others: a seat in most committees of four, and
/// seldom more than one.
const TICKETS: u128 = 40;

/// Plays all of them.
pub(super) async fn all(stage: &mut Stage) -> Result<(), Failure> {
    stage.tell("network", &stage.numbers());
    make_keys(stage).await?;
    let stake = register(stage).await?;
    be_elected(stage).await?;
    serve(stage).await?;
    exit(stage).await?;
    claim(stage).await?;
    withdraw(stage, stake).await
}

async fn make_keys(stage: &mut Stage) -> Result<(), Failure> {
    let (keys, password) = (stage.keys(), stage.password());
    let (keys, password) = (keys.display().to_string(), password.display().to_string());
    let words = ["keygen", "--offline", "--out", &keys];
    stage
        .run(&[&words[..], &["--password-file", &password]].concat())
        .await?;
    stage.tell(
        "keygen",
        "the validator's keys are made: public, stake, ratchet, node",
    );
    stage.start_newcomer().await?;
    if stage.keys().join("ratchet.json").exists() {
        return Err(wrong("the node left the secret of later keys where it was"));
    }
    stage.tell(
        "node",
        "its node runs, from a node.toml with a staker section; it has moved ratchet.json into \
         its data directory",
    );
    Ok(())
}

async fn register(stage: &Stage) -> Result<u128, Failure> {
    let (stake, keys) = (TICKETS * stage.ticket(), stage.keys());
    let (text, keys) = (stake.to_string(), keys.display().to_string());
    let before = stage.balance().await?;
    stage
        .call(&["register", "--stake", &text, "--validator", &keys])
        .await?;
    let held = stage.balance().await?;
    let status = staker(&stage.status().await?)?;
    if status.stake != Amount(stake) || held > before - stake {
        return Err(wrong("the stake did not move from the account to the root"));
    }
    stage.tell(
        "registered",
        &format!("registered: {stake} moved from an account on chain 1 to the root"),
    );
    Ok(stake)
}

async fn be_elected(stage: &Stage) -> Result<(), Failure> {
    let eligible = |view: &ValidatorView| {
        let staker = view.staker.as_ref()?;
        (staker.tickets.0 > 0).then_some(staker.tickets)
    };
    let tickets = stage.until(eligible).await?;
    stage.tell(
        "eligible",
        &format!("eligible: {tickets} tickets count in elections that open now"),
    );
    let duty = stage.until(|view| view.duties.first().cloned()).await?;
    let DutyView { chain, epoch, .. } = &duty;
    stage.tell(
        "elected",
        &format!("elected for term {epoch} of chain {chain}"),
    );
    Ok(())
}

/// Serves until a block was proposed; a term may be too short for that.
async fn serve(stage: &Stage) -> Result<(), Failure> {
    let serves = |view: &ValidatorView| {
        let mut now = view.duties.iter().filter(|duty| duty.when == DutyWhen::Now);
        now.next().cloned()
    };
    loop {
        let duty = stage.until(serves).await?;
        let DutyView { chain, epoch, .. } = &duty;
        stage.tell(
            "serves",
            &format!("serves in term {epoch} of chain {chain}"),
        );
        if let Some(block) = stage.proposed(chain.0, *epoch).await? {
            let height = block.height;
            stage.tell(
                "signs",
                &format!("its node proposed and signed block {height} of chain {chain}"),
            );
            return Ok(());
        }
        stage.tell("status", "the term ended before it was its turn to propose");
    }
}

async fn exit(stage: &Stage) -> Result<(), Failure> {
    stage.call(&["exit"]).await?;
    stage.tell(
        "exit",
        "it has quit: its terms are served out, and no election of a later root epoch draws it",
    );
    refused(stage, &["withdraw"], &["on_duty", "too_early"]).await?;
    let free = |view: &ValidatorView| view.staker.as_ref()?.free_at;
    let free = stage.until(free).await?;
    stage.tell(
        "unbonding",
        &format!("its last term has ended: unbonding until root height {free}"),
    );
    Ok(())
}

async fn claim(stage: &Stage) -> Result<(), Failure> {
    let rewards = staker(&stage.status().await?)?.rewards;
    if rewards.is_zero() {
        return Err(wrong(
            "it signed, and no certificate that the root recorded paid it",
        ));
    }
    let before = stage.balance().await?;
    stage.call(&["claim"]).await?;
    paid(stage, before, rewards.0).await?;
    stage.tell(
        "claimed",
        &format!("rewards of {rewards} are in the account"),
    );
    refused(stage, &["withdraw"], &["too_early"]).await
}

async fn withdraw(stage: &mut Stage, stake: u128) -> Result<(), Failure> {
    let free = |view: &ValidatorView| {
        let free = view.staker.as_ref()?.free_at?;
        (view.root_height.0 > free.0).then_some(())
    };
    stage.until(free).await?;
    if stage.term_keys() > 0 {
        return Err(wrong("a key of a term that has ended is still there"));
    }
    stage.stop_newcomer().await;
    stage.tell(
        "erased",
        "no key of its terms is left; its node has stopped",
    );
    let before = stage.balance().await?;
    stage.call(&["withdraw"]).await?;
    paid(stage, before, stake).await?;
    if stage.status().await?.staker.is_some() {
        return Err(wrong("the root still has a record of it"));
    }
    stage.tell(
        "withdrawn",
        &format!("withdrawn: all of its stake, {stake}, is in the account again"),
    );
    Ok(())
}

/// The account has so much more, less gas.
async fn paid(stage: &Stage, before: u128, what: u128) -> Result<(), Failure> {
    let now = stage.balance().await?;
    let most = before.saturating_add(what);
    if now > most || now < most.saturating_sub(stage.most_gas()) {
        let message = format!("the account had {before}, got {what}, and has {now}");
        return Err(wrong(&message));
    }
    Ok(())
}

/// A command that must be refused now, with one of these words.
async fn refused(stage: &Stage, words: &[&str], reasons: &[&str]) -> Result<(), Failure> {
    let named = words.join(" ");
    match stage.call(words).await {
        Ok(()) => Err(wrong(&format!("{named} was accepted too early"))),
        Err(failure) if reasons.contains(&failure.reason) => {
            stage.tell(
                "refused",
                &format!("{named} is refused now: {}", failure.message),
            );
            Ok(())
        }
        Err(failure) => Err(failure),
    }
}

fn staker(view: &ValidatorView) -> Result<StakerView, Failure> {
    let missing = || wrong("the root has no record of the staker");
    view.staker.clone().ok_or_else(missing)
}

fn wrong(what: &str) -> Failure {
    let hint = "a stake must not be lost: report this, with what was said before";
    Failure::new("rehearsal_failed", what, hint)
}
