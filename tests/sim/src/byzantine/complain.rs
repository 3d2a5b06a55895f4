//! Complaints about good shares: at once, too late, and with proofs that prove nothing.

use std::collections::BTreeMap;

use borsh::BorshDeserialize;
use crypto::Hash;
use crypto::threshold::{Complaint, Seat};
use root_chain::RootDeclaration;
use root_chain::keygen::{self, Complained, Roster, Run, Stage};

use super::{Fault, Hands, Knowledge};

/// Accuses honest dealers.
#[derive(Default)]
pub(super) struct FalseComplaints {
    /// What was said in an attempt, and whether it was said again too late.
    made: BTreeMap<Hash, (Vec<Complained>, bool)>,
}

impl Fault for FalseComplaints {
    fn name(&self) -> &'static str {
        "false complaint"
    }

    fn root(&mut self, hands: &mut Hands, knows: &Knowledge<'_>) -> Vec<RootDeclaration> {
        let Some((run, context)) = knows.run() else {
            return Vec::new();
        };
        let said = match (run.stage, self.made.get_mut(&context)) {
            (Stage::Complaining, None) => {
                let made = accuse(hands, knows, &run).unwrap_or_default();
                self.made.insert(context, (made.clone(), false));
                made
            }
            (Stage::Trying | Stage::Done, Some((made, late))) if !*late => {
                *late = true;
                made.clone()
            }
            _ => Vec::new(),
        };
        hands.fired += said.len() as u64;
        let said = said.into_iter();
        said.map(|said| RootDeclaration::Complained(Box::new(said)))
            .collect()
    }
}

fn accuse(hands: &mut Hands, knows: &Knowledge<'_>, run: &Run) -> Option<Vec<Complained>> {
    let roster = knows.roster(run.epoch)?;
    let member = knows.member(&roster, run.epoch)?;
    let seat = roster.seats(member).next()?;
    let key = knows.opens(run.epoch, roster.keys.get(seat.position())?)?;
    let others = run.qualified();
    let mut made = Vec::new();
    for dealer in others
        .iter()
        .filter(|dealer| *dealer != usize::from(member))
    {
        let dealer = u16::try_from(dealer).ok()?;
        let (_, kept) = keygen::dealing(knows.state, run.epoch, dealer)?;
        let complaint = Complaint::create(&kept.restore().ok()?, &key, seat);
        let mut said = Complained {
            epoch: run.epoch,
            attempt: run.attempt,
            dealer,
            seat: seat.number(),
            complaint,
        };
        falsify(hands, &roster, &mut said);
        made.push(said);
    }
    Some(made)
}

/// Sometimes the proof is not one, or it is about another's seat.
fn falsify(hands: &mut Hands, roster: &Roster, said: &mut Complained) {
    match hands.dice.below(3) {
        0 => {
            let mut bytes = borsh::to_vec(&said.complaint).unwrap_or_default();
            let at = hands.dice.below(bytes.len() as u64) as usize;
            bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|byte| *byte ^= 1);
            if let Ok(changed) = Complaint::try_from_slice(&bytes) {
                said.complaint = changed;
            }
        }
        1 => {
            let other = hands.dice.below(roster.keys.len() as u64) as usize;
            said.seat = Seat::at(other).map_or(said.seat, |seat| seat.number());
        }
        _ => {}
    }
}
