//! Watching a stake, as `validator status --watch` does.

use std::time::Duration;

use serde_json::json;

use super::super::show;
use super::stage::Stage;
use crate::exit::Failure;
use crate::rpc::view::{AccountView, AddressText, BlockId, BlockView, StakerView, TermView};
use crate::rpc::view::{U64, ValidatorView};

/// How often the network is asked.
const EVERY: Duration = Duration::from_millis(400);
/// Root heights after which it is said that nothing has changed.
const QUIET: u64 = 25;

impl Stage {
    /// The stake as the root shows it.
    pub(super) async fn status(&self) -> Result<ValidatorView, Failure> {
        let account = AddressText(self.owner.clone());
        self.ask("validator_status", json!({ "account": account }))
            .await
    }

    /// What the owner's account holds.
    pub(super) async fn balance(&self) -> Result<u128, Failure> {
        let account = AddressText(self.owner.clone());
        let view: AccountView = self.ask("account_get", json!([account])).await?;
        Ok(view.balance.0)
    }

    /// Watches until something is seen; says each change meanwhile.
    pub(super) async fn until<T>(
        &self,
        seen: impl Fn(&ValidatorView) -> Option<T>,
    ) -> Result<T, Failure> {
        let mut said = self.root_height();
        loop {
            let view = self.status().await?;
            let before = self.shown.borrow().clone();
            let changed = before.is_none_or(|before| show::changed(&before, &view));
            if changed || view.root_height.0 >= said + QUIET {
                said = view.root_height.0;
                self.tell("status", &line(&view));
                self.shown.replace(Some(view.clone()));
            }
            if let Some(found) = seen(&view) {
                return Ok(found);
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Waits for a block of a term that the staker's node proposed; none when the term ends first.
    pub(super) async fn proposed(
        &self,
        chain: u32,
        epoch: U64,
    ) -> Result<Option<BlockView>, Failure> {
        let term: TermView = self.ask("chain_term", json!({ "chain": chain })).await?;
        let staker = Some(AddressText(self.owner.clone()));
        let member = term
            .members
            .iter()
            .position(|member| member.staker == staker);
        loop {
            let latest = json!([chain, BlockId::Latest]);
            let block: BlockView = self.ask("chain_block", latest).await?;
            if block.epoch.0 > epoch.0 || term.epoch != epoch {
                return Ok(None);
            }
            if block.epoch == epoch && member == Some(usize::from(block.proposer)) {
                return Ok(Some(block));
            }
            tokio::time::sleep(EVERY / 8).await;
        }
    }
}

/// A status in one line.
fn line(view: &ValidatorView) -> String {
    let Some(StakerView {
        stage,
        tickets,
        rewards,
        ..
    }) = &view.staker
    else {
        return "not registered".to_owned();
    };
    let duties = view.duties.iter().map(show::describe_duty);
    let head = format!(
        "root epoch {}: {stage}; {tickets} of {} tickets; rewards {rewards}",
        view.root_epoch, view.all_tickets
    );
    std::iter::once(head)
        .chain(duties)
        .collect::<Vec<_>>()
        .join("; ")
}
