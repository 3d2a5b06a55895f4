//! What the root would say of evidence, from its newest final state and by its own rules.

use consensus::Evidence;
use root_chain::evidence::Report;
use root_chain::{RootSystem, committees, staking};
use types::AccountId;

use super::backend::{ReportRefusal, RootReading};
use super::view::{ConvictView, ConvictionView, U64};
use crate::evidence::crime;

impl ConvictionView {
    /// Judges evidence as the next root block would. `reporter` is whose node brings it.
    ///
    /// # Errors
    /// The root would refuse it.
    pub fn of(
        root: &RootReading,
        rules: &RootSystem,
        evidence: &Evidence,
        reporter: Option<AccountId>,
    ) -> Result<Self, ReportRefusal> {
        let report = Report {
            evidence: evidence.clone(),
            reporter: reporter.unwrap_or_default(),
        };
        let next = root.height.saturating_add(1);
        let members = rules.judges(&root.state, &report, next)?;
        let (chain, epoch, round) = evidence.place();
        let holders = committees::holders(&root.state, chain, epoch).unwrap_or_default();
        let convicts = members.into_iter().map(|member| {
            let holder = holders.get(usize::from(member)).copied().flatten();
            ConvictView {
                member,
                staker: holder.map(|id| root.address(id)),
            }
        });
        // Only who has stake and is not convicted is paid.
        let paid = reporter.and_then(|id| staking::staker(&root.state, &id));
        let paid = paid.filter(|staker| !staker.tombstoned);
        Ok(Self {
            chain,
            epoch: U64(epoch),
            round: U64(round),
            crime: crime(evidence).to_owned(),
            convicts: convicts.collect(),
            reporter: paid.map(|staker| root.address(staker.id)),
            root_height: U64(root.height),
        })
    }
}
