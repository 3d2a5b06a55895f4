//! What others made this node verify in vain. [V5]

use types::Time;

/// Thousandths of a pairing that fade in a millisecond: eight pairings in a second.
const FADES: u64 = 8;
const PAIRING: u64 = 1_000;

/// What each member owes, and all others together, in pairings that proved nothing.
#[derive(Debug)]
pub(crate) struct Debts {
    /// A source that owes as much is not verified.
    most: u64,
    /// By member; the last is that of all others.
    owed: Vec<Debt>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Debt {
    amount: u64,
    at: Time,
}

impl Debts {
    /// Nobody owes anything in a committee of so many members.
    pub(crate) fn new(members: usize) -> Self {
        Self {
            most: (members as u64 + 1) * 2 * PAIRING,
            owed: vec![Debt::default(); members + 1],
        }
    }

    /// Whether what comes from this member, or from no member, is still verified.
    pub(crate) fn trusts(&mut self, source: Option<u16>, now: Time) -> bool {
        let most = self.most;
        self.faded(source, now).amount < most
    }

    /// Notes pairings that were for nothing.
    pub(crate) fn charge(&mut self, source: Option<u16>, pairings: u64, now: Time) {
        let debt = self.faded(source, now);
        debt.amount = debt.amount.saturating_add(pairings.saturating_mul(PAIRING));
    }

    fn faded(&mut self, source: Option<u16>, now: Time) -> &mut Debt {
        let strangers = self.owed.len() - 1;
        let at = source.map_or(strangers, |member| usize::from(member).min(strangers));
        let debt = &mut self.owed[at];
        debt.amount = debt
            .amount
            .saturating_sub(now.since(debt.at).saturating_mul(FADES));
        debt.at = now;
        debt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_owes_too_much_waits_until_it_has_faded() {
        let mut debts = Debts::new(4);
        let now = Time(5_000);
        assert!(debts.trusts(Some(1), now));
        debts.charge(Some(1), 9, now);
        assert!(debts.trusts(Some(1), now), "below ten pairings");
        debts.charge(Some(1), 7, now);
        assert!(!debts.trusts(Some(1), now));
        assert!(debts.trusts(Some(0), now) && debts.trusts(None, now));
        assert!(!debts.trusts(Some(1), Time(5_750)), "six have faded");
        assert!(debts.trusts(Some(1), Time(5_751)));
    }

    #[test]
    fn all_that_are_no_members_owe_together() {
        let mut debts = Debts::new(4);
        debts.charge(None, 100, Time(0));
        assert!(!debts.trusts(None, Time(0)));
        assert!((0..4).all(|member| debts.trusts(Some(member), Time(0))));
    }
}
