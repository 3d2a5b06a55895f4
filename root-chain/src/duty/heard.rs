//! What others declared about themselves, as far as two of it could contradict each other. [D8]

use std::collections::BTreeMap;

use types::{AccountId, Declaration};

use super::reports::Accusation;
use super::{Duty, Effect};
use crate::declaration::RootDeclaration;
use crate::elections::{self, Draw, Elected};
use crate::evidence::Ballots;
use crate::staking;

/// Stakers and drawings of which words are remembered at most.
const MOST: usize = 4_096;
/// Unrecorded words of a staker in a drawing that are looked at: whoever makes them up in its name
/// costs a node so many verifications and no more.
const EACH: u8 = 8;

/// Words of candidates.
#[derive(Default)]
pub(super) struct Heard(BTreeMap<(Draw, AccountId), Words>);

#[derive(Default)]
struct Words {
    /// What the root took in: it holds.
    recorded: Option<Elected>,
    /// What else was said in the staker's name. Nothing of it was verified: that costs, and is done
    /// once there is something that it contradicts.
    others: Vec<Elected>,
    /// How many others there were.
    count: u8,
}

impl Duty {
    /// Listens to what is declared to the root.
    pub(super) fn listen(
        &mut self,
        declarations: &[Declaration],
        recorded: bool,
        out: &mut Vec<Effect>,
    ) {
        for declaration in declarations {
            if declaration.as_bytes().first() != Some(&0) {
                continue;
            }
            if let Ok(RootDeclaration::Elected(elected)) = RootDeclaration::decode(declaration) {
                self.hear(*elected, recorded, out);
            }
        }
    }

    fn hear(&mut self, elected: Elected, recorded: bool, out: &mut Vec<Effect>) {
        let name = (elected.draw, elected.staker);
        let known = self.heard.0.contains_key(&name);
        let counts = recorded || known || self.is_candidate(&elected);
        if !counts || (!known && self.heard.0.len() >= MOST) {
            return;
        }
        let words = self.heard.0.entry(name).or_default();
        if recorded {
            words.others.retain(|other| *other != elected);
            words.recorded = Some(elected);
        } else if words.recorded.as_ref() != Some(&elected)
            && !words.others.contains(&elected)
            && words.count < EACH
        {
            words.count += 1;
            words.others.push(elected);
        }
        self.compare_words(&name, out);
    }

    /// Whether a staker may say something in that drawing now.
    fn is_candidate(&self, elected: &Elected) -> bool {
        let term = elections::term(&self.state, elected.draw.chain);
        let drawing = term.and_then(|term| term.drawing(elected.draw.chain));
        drawing.is_some_and(|drawing| drawing.draw == elected.draw)
            && staking::staker(&self.state, &elected.staker).is_some()
    }

    /// Each other word is looked at once: it convicts, or is not the staker's.
    fn compare_words(&mut self, name: &(Draw, AccountId), out: &mut Vec<Effect>) {
        let Some(words) = self.heard.0.get_mut(name) else {
            return;
        };
        let Some(first) = words.recorded.clone() else {
            return;
        };
        for second in std::mem::take(&mut words.others) {
            let ballots = Ballots {
                first: first.clone(),
                second,
                reporter: self.who.staker,
            };
            self.accuse(Accusation::Ballots(Box::new(ballots)), out);
        }
    }

    /// Forgets words of drawings whose committee serves, or that were given up.
    pub(super) fn forget_heard(&mut self) {
        let state = &self.state;
        let mut next = BTreeMap::new();
        self.heard.0.retain(|(draw, _), _| {
            let next = next.entry(draw.chain).or_insert_with(|| {
                let term = elections::term(state, draw.chain);
                term.map(|term| term.next())
            });
            next.is_some_and(|next| draw.epoch >= next)
        });
    }
}
