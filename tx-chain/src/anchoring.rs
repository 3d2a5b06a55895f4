//! Anchoring: handing the root a digest of every final block, each height exactly once.
//!
//! One anchor covers all heights since the last recorded one. The proposer of the newest final
//! block hands it in at once; the other members wait their turn and step in when it does not
//! arrive, so a silent proposer delays and never stops it. [C8]

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::merkle::leaf_hash;
use types::{
    Anchor, Apart, Certificate, Finality, Header, Height, Justification, Lanes, Phase, Rival, Time,
    Tip, limits,
};

use crate::history::History;

#[cfg(test)]
mod tests;

/// A final block that carries its own certificates.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
struct Certified {
    header: Header,
    tails: Vec<Header>,
    finality: Finality,
    lanes: Lanes,
}

/// Final blocks that the root has not recorded yet.
#[derive(Clone, Debug, Default, BorshSerialize, BorshDeserialize)]
pub struct Anchoring {
    certified: BTreeMap<Height, Certified>,
    /// The tip handed in last, and when.
    submitted: Option<(Height, Time)>,
    /// When the newest unrecorded block became final.
    since: Time,
    /// What the newest final blocks show of the rounds before them.
    shown: VecDeque<Certificate>,
}

/// Certificates of other rounds that are kept, in case that the chain has forked.
const SHOWN: usize = 64;

/// When a member hands an anchor in.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// Its number in the committee.
    pub member: u16,
    /// Members of the committee.
    pub members: u16,
    /// Milliseconds that each member waits for the one before.
    pub patience: u64,
}

impl Anchoring {
    /// A block became final with certificates of its own, or of the last of its tails.
    pub fn finalized(
        &mut self,
        now: Time,
        header: &Header,
        (finality, tails): (&Finality, Vec<Header>),
        lanes: &Lanes,
    ) {
        if self.certified.is_empty() {
            self.since = now;
        }
        let certified = Certified {
            header: header.clone(),
            tails,
            finality: finality.clone(),
            lanes: lanes.clone(),
        };
        self.certified.insert(header.height, certified);
    }

    /// A block became final that shows this.
    pub fn justified(&mut self, shown: &Justification) {
        self.shown.extend(shown.parent.iter().cloned());
        self.shown.extend(shown.skips.iter().cloned());
        let excess = self.shown.len().saturating_sub(SHOWN);
        self.shown.drain(..excess);
    }

    /// What the newest final blocks show of the rounds before them.
    pub fn shown(&self) -> Vec<Certificate> {
        self.shown.iter().cloned().collect()
    }

    /// The newest certified block, if what the root has recorded is not on one chain with it. [C11]
    pub fn rival(&self, recorded: &Tip, history: &History) -> Option<Rival> {
        let leaf = history.leaf(recorded.height)?;
        if leaf == leaf_hash(recorded.hash.as_bytes()) {
            return None;
        }
        let (height, newest) = self.certified.last_key_value()?;
        let apart = match height.cmp(&recorded.height) {
            Ordering::Less => return None,
            Ordering::Equal => Apart::Beside,
            Ordering::Greater => Apart::Above {
                leaf,
                proof: history.prove(recorded.height, *height)?,
            },
        };
        Some(Rival {
            tip: newest.header.clone(),
            tails: newest.tails.clone(),
            finality: newest.finality.clone(),
            apart,
        })
    }

    /// The root has recorded all heights up to `height`.
    pub fn recorded(&mut self, now: Time, height: Height) {
        let before = self.certified.len();
        self.certified = self.certified.split_off(&(height + 1));
        if self.certified.len() != before {
            (self.since, self.submitted) = (now, None);
        }
    }

    /// The anchor to hand in now, if it is this member's turn. `last` is the recorded tip.
    pub fn due(&mut self, now: Time, turn: Turn, last: &Tip, history: &History) -> Option<Anchor> {
        if self.when(turn)? > now {
            return None;
        }
        // Also when there turns out to be nothing to hand in: the next look is a turn later.
        self.submitted = Some((last.height, now));
        let anchor = self.newest(last, history)?;
        let height = anchor.tip.height;
        self.submitted = Some((height, now));
        Some(anchor)
    }

    /// The newest block that one anchor can reach: it never goes beyond the end of a term.
    fn newest_in_term(&self, last: Height) -> Option<(Height, &Certified)> {
        let within = self.certified.range(..last + limits::ANCHOR_RUN);
        let end = within
            .clone()
            .find(|(_, certified)| certified.header.phase == Phase::Closing);
        let (height, certified) = end.or_else(|| within.clone().next_back())?;
        Some((*height, certified))
    }

    /// The anchor from the last recorded tip to the newest block that one anchor can reach.
    pub fn newest(&self, last: &Tip, history: &History) -> Option<Anchor> {
        let (height, certified) = self.newest_in_term(last.height)?;
        let tip = certified.header.clone();
        Some(Anchor {
            first: last.height + 1,
            consistency: history.prove_consistency(last.height, height)?,
            previous: history.prove(last.height, height)?,
            tip,
            tails: certified.tails.clone(),
            finality: certified.finality.clone(),
            lanes: certified.lanes.clone(),
        })
    }

    /// When this member will next have something to hand in.
    pub fn when(&self, turn: Turn) -> Option<Time> {
        let newest = self
            .certified
            .last_key_value()
            .map(|(_, certified)| &certified.header)?;
        let members = u64::from(turn.members.max(1));
        // After a handover the proposer may have had a number that the next committee does not.
        let first = u64::from(newest.proposer) % members;
        let place = (u64::from(turn.member) + members - first) % members;
        let turn_at = self.since.after(place * turn.patience);
        Some(match self.submitted {
            Some((_, when)) => when.after(turn.patience * members).max(turn_at),
            None => turn_at,
        })
    }
}
