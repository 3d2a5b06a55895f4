//! Somebody watches: an honest node that comes across two words of one staker in one drawing tells
//! the root. E9

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crypto::Hash;
use root_chain::RootDeclaration;
use root_chain::elections::{Draw, Elected};
use root_chain::evidence::Ballots;
use types::{AccountId, Declaration};

use super::World;
use crate::wire::Wire;

/// What nodes have heard.
#[derive(Default)]
pub(super) struct Watch {
    /// Candidacies by the hash of what declares them.
    known: BTreeMap<Hash, Elected>,
    /// The first that each node heard of a staker in a drawing.
    heard: BTreeMap<(usize, AccountId, Draw), Hash>,
    told: BTreeSet<(AccountId, Draw)>,
}

impl Watch {
    /// What contradicts what the node heard before.
    fn hear(&mut self, node: usize, declaration: &Declaration) -> Option<(Elected, Elected)> {
        // The first byte tells candidacies from all others.
        if declaration.as_bytes().first() != Some(&0) {
            return None;
        }
        let hash = declaration.hash();
        if let Entry::Vacant(entry) = self.known.entry(hash)
            && let Ok(RootDeclaration::Elected(elected)) = RootDeclaration::decode(declaration)
        {
            entry.insert(*elected);
        }
        let elected = self.known.get(&hash)?;
        let place = (node, elected.staker, elected.draw);
        let first = *self.heard.entry(place).or_insert(hash);
        let other = self.known.get(&first).filter(|_| first != hash)?;
        Some((other.clone(), elected.clone()))
    }
}

impl World {
    /// A declaration arrives at a node.
    pub(super) fn watch(&mut self, node: usize, declaration: &Declaration) {
        if self.traitors.is_empty() || self.oracle.honesty.is_traitor(node) {
            return;
        }
        let Some((first, second)) = self.watch.hear(node, declaration) else {
            return;
        };
        let mut stakers = self.setup.secrets.validators.iter();
        let stake = stakers.find(|own| own.owner_id() == first.staker);
        let key = stake.map(|own| own.stake_key().public());
        let place = (first.staker, first.draw);
        let network = self.setup.network.id();
        let holds = key.is_some_and(|key| first.contradicts(&second, network, &key));
        if !holds || !self.watch.told.insert(place) {
            return;
        }
        *self.faults.entry("two ballots told").or_default() += 1;
        let reporter = self.setup.secrets.validators.get(node);
        let ballots = Ballots {
            first,
            second,
            reporter: reporter.map_or(place.0, genesis::ValidatorSecret::owner_id),
        };
        let said = RootDeclaration::Ballots(Box::new(ballots)).encode();
        if let Ok(said) = said {
            let to = self.recorders(node);
            self.leave(node, to, Wire::Declaration(said));
        }
    }
}
