//! What others declared about themselves, as far as two of it could contradict each other. [D8]

use std::collections::BTreeMap;

use crypto::bls::PublicKey;
use types::{AccountId, Declaration, Height};

use super::reports::Accusation;
use super::{Duty, Effect};
use crate::declaration::RootDeclaration;
use crate::elections::{self, Draw, Elected};
use crate::evidence::Ballots;
use crate::staking;

/// Stakers and drawings of which words are remembered at most.
const MOST: usize = 4_096;
/// Signed words of a staker in a drawing that are kept: one of them is not what is recorded.
const KEPT: usize = 2;
/// Words that are verified in one root height: whoever makes them up in others' names costs a node
/// so many verifications and no more.
const VERIFIED: u32 = 64;

/// Words of candidates.
#[derive(Default)]
pub(super) struct Heard {
    words: BTreeMap<(Draw, AccountId), Words>,
    /// How many were verified at the newest root height that anything was.
    verified: (Height, u32),
}

#[derive(Default)]
struct Words {
    /// What the root took in: it holds.
    recorded: Option<Elected>,
    /// What was said first in the staker's name, unverified: most stakers say one thing only.
    first: Option<Elected>,
    /// Different words that the staker signed.
    signed: Vec<Elected>,
}

impl Words {
    fn has(&self, elected: &Elected) -> bool {
        let mut all = self.recorded.iter().chain(&self.first).chain(&self.signed);
        all.any(|known| known == elected)
    }
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
        let known = self.heard.words.contains_key(&name);
        let counts = recorded || known || self.is_candidate(&elected);
        if !counts || (!known && self.heard.words.len() >= MOST) {
            return;
        }
        let words = self.heard.words.entry(name).or_default();
        if recorded {
            words.recorded = Some(elected);
        } else if words.has(&elected) || words.signed.len() >= KEPT {
            return;
        } else if words.first.is_none() && words.signed.is_empty() && words.recorded.is_none() {
            words.first = Some(elected);
        } else {
            // Only what is signed takes a place: forged words keep no true one out.
            let others: Vec<_> = words.first.take().into_iter().chain([elected]).collect();
            if !self.has_time(others.len()) {
                if let Some(words) = self.heard.words.get_mut(&name) {
                    words.first = others
                        .into_iter()
                        .next()
                        .filter(|_| words.signed.is_empty());
                }
                return;
            }
            let signed = others.into_iter().filter(|word| self.is_word(word));
            let signed: Vec<_> = signed.collect();
            if let Some(words) = self.heard.words.get_mut(&name) {
                words.signed.extend(signed);
            }
        }
        self.compare_words(&name, out);
    }

    /// Whether so many words may be looked at now.
    fn has_time(&mut self, words: usize) -> bool {
        let (height, count) = &mut self.heard.verified;
        if *height != self.height {
            (*height, *count) = (self.height, 0);
        }
        *count = count.saturating_add(words as u32);
        *count <= VERIFIED
    }

    /// Whether a staker signed a word.
    fn is_word(&self, elected: &Elected) -> bool {
        let staker = staking::staker(&self.state, &elected.staker);
        let stake = staker.and_then(|staker| staker.public_key().ok());
        let key = PublicKey::from_bytes(&elected.key).ok();
        let keys = stake.zip(key);
        let network = self.system.anchors.network;
        keys.is_some_and(|(stake, key)| elected.is_signed(network, &stake, &key))
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
        let Some(words) = self.heard.words.get_mut(name) else {
            return;
        };
        let Some(first) = words.recorded.clone() else {
            return;
        };
        let others = words.first.take().into_iter();
        let others = others.chain(std::mem::take(&mut words.signed));
        let others: Vec<_> = others.filter(|other| *other != first).collect();
        for second in others {
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
        self.heard.words.retain(|(draw, _), _| {
            let next = next.entry(draw.chain).or_insert_with(|| {
                let term = elections::term(state, draw.chain);
                term.map(|term| term.next())
            });
            next.is_some_and(|next| draw.epoch >= next)
        });
    }
}
