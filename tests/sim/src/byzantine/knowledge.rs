//! What a traitor knows: the root's final state, and all its own secrets.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::State;
use crypto::Hash;
use crypto::bls::SecretKey;
use crypto::threshold::{DecryptionKey, EncryptionKey};
use root_chain::duty::Identity;
use root_chain::elections::Elected;
use root_chain::keygen::{Roster, Run};
use root_chain::{Keygen, KeygenRules, elections, keygen};
use types::{ChainId, Epoch, NetworkId};

use crate::setup::Setup;

/// Secrets that a traitor never erases.
pub(crate) struct Secrets {
    pub(crate) who: Identity,
    pub(crate) keygen: Keygen,
    network: NetworkId,
    kept: BTreeMap<(ChainId, Epoch), SecretKey>,
}

/// Root epochs of a run, at most.
const ROOT_EPOCHS: u64 = 16;

impl Secrets {
    pub(crate) fn new(node: usize, setup: &Setup) -> Self {
        let spec = setup.network.spec();
        let rules = KeygenRules {
            dealing: spec.terms.dealing,
            complaints: spec.terms.complaints,
        };
        let network = setup.network.id();
        Self {
            who: setup.network.identity(&setup.secrets.validators[node]),
            keygen: Keygen::new(network, rules, root_chain::CommitteeCache::default()),
            network,
            kept: BTreeMap::new(),
        }
    }

    /// The consensus key with which it was drawn.
    pub(super) fn kept(&self, elected: &Elected) -> Option<&SecretKey> {
        self.kept.get(&(elected.draw.chain, elected.draw.epoch))
    }

    /// A consensus key that its duty made.
    pub(crate) fn keep(&mut self, place: (ChainId, Epoch), key: SecretKey) {
        self.kept.insert(place, key);
    }
}

/// The same beside the root's final state.
#[derive(Clone, Copy)]
pub(crate) struct Knowledge<'a> {
    pub(crate) secrets: &'a Secrets,
    pub(crate) state: &'a State,
}

impl Knowledge<'_> {
    /// The key generation under way, with what names it.
    pub(crate) fn run(&self) -> Option<(Run, Hash)> {
        let run = keygen::run(self.state)?;
        let context = run.context(self.secrets.network);
        Some((run, context))
    }

    /// Who takes part in it.
    pub(crate) fn roster(&self, epoch: Epoch) -> Option<Arc<Roster>> {
        self.secrets.keygen.roster(self.state, epoch)
    }

    /// Its consensus key as a member of a root committee.
    pub(crate) fn root_key(&self, epoch: Epoch) -> Option<&SecretKey> {
        let first = self.secrets.who.genesis.keys.get(&ChainId::ROOT);
        let kept = self.secrets.kept.get(&(ChainId::ROOT, epoch));
        kept.or(first.filter(|_| epoch == 0))
    }

    /// Its number in a root committee.
    pub(crate) fn member(&self, roster: &Roster, epoch: Epoch) -> Option<u16> {
        let key = self.root_key(epoch)?.public();
        u16::try_from(roster.committee.member_of(&key)?).ok()
    }

    /// What opens shares that are dealt to a key of its own.
    pub(crate) fn opens(&self, epoch: Epoch, key: &EncryptionKey) -> Option<DecryptionKey> {
        let who = &self.secrets.who;
        let first = who.genesis.shares.clone().filter(|_| epoch == 0);
        let draws = (0..ROOT_EPOCHS).flat_map(|root_epoch| {
            let attempts = 0..=elections::ATTEMPTS;
            attempts.map(move |attempt| (root_epoch, (ChainId::ROOT, epoch, attempt)))
        });
        let drawn = draws.filter_map(|(at, draw)| who.ratchet.decryption_key(at, draw));
        first
            .into_iter()
            .chain(drawn)
            .find(|own| own.public() == key)
    }
}
