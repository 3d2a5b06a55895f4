//! Stakers come and go: owners of stake call the root's staking account from wherever they live.

use borsh::to_vec;
use root_chain::staking::{Registration, method};
use types::{AccountId, ChainId, ExternalCall, ExternalMessage, Gas, Input, Time};

use super::{Event, World};
use crate::invariants::Seen;
use crate::setup::Setup;

/// What registering costs at most: decoding a key and two pairings, and what is written.
const GAS: u64 = 500_000;
/// Far beyond every run.
const EXPIRY: u64 = 50_000;

/// What an owner asks for, once.
pub(super) struct Errand {
    at: Time,
    home: ChainId,
    message: ExternalMessage,
    sent: bool,
    done: bool,
}

impl Errand {
    /// All of a run: newcomers register, and one staker quits.
    pub(super) fn all(setup: &Setup) -> Vec<Self> {
        let Some(joins) = &setup.joins else {
            return Vec::new();
        };
        let newcomers = setup.secrets.validators.iter().skip(joins.first);
        let register = newcomers.map(|own| {
            let key = own.stake_key();
            let registration = Registration {
                key: key.public().to_bytes(),
                possession: key.prove_possession(),
                node: own.node_id(),
            };
            let data = to_vec(&registration).expect("it has a bounded size");
            (own, method::REGISTER, genesis::preset::STAKE, data)
        });
        let quits = setup.secrets.validators.get(joins.quits);
        let quit = quits.map(|own| (own, method::QUIT, types::Amount::ZERO, Vec::new()));
        let all = register.map(|asked| (joins.at, asked));
        let all = all.chain(quit.map(|asked| (joins.quits_at, asked)));
        let errand =
            |(at, (own, method, value, data)): (_, (&genesis::ValidatorSecret, &str, _, _))| {
                let from = own.owner_id();
                let call = ExternalCall {
                    from,
                    to: AccountId::system(ChainId::ROOT, 3),
                    nonce: 0,
                    value,
                    gas: Gas {
                        limit: GAS,
                        price: 2,
                    },
                    expiry: EXPIRY,
                    input: Input::Call {
                        method: method.to_owned(),
                        data,
                    },
                };
                Self {
                    at,
                    home: setup.network.spec().routing.home(&from),
                    message: call.sign(setup.network.id(), &own.owner_key()),
                    sent: false,
                    done: false,
                }
            };
        all.map(errand).collect()
    }
}

impl World {
    pub(super) fn plan_errands(&mut self) {
        for (number, errand) in self.errands.iter().enumerate() {
            self.events.put(errand.at, Event::Errand(number));
        }
    }

    pub(super) fn begin_errand(&mut self, number: usize) {
        self.errands[number].sent = true;
        self.remind();
    }

    /// Owners that have heard nothing ask again.
    pub(super) fn remind(&mut self) {
        let open = self
            .errands
            .iter()
            .filter(|errand| errand.sent && !errand.done);
        let requests = open.map(|errand| (errand.home, errand.message.clone()));
        let requests = requests.collect();
        self.request(requests);
    }

    /// A block became final: owners learn that it holds their calls.
    pub(super) fn finish_errands(&mut self, seen: &Seen) {
        let network = self.setup.network.id();
        for errand in self.errands.iter_mut().filter(|errand| !errand.done) {
            errand.done = seen.externals.contains_key(&errand.message.id(network));
        }
    }

    /// Whether all that owners asked for is in the root's state.
    pub(super) fn errands_are_done(&self) -> bool {
        let calls = self.errands.iter().all(|errand| errand.done);
        let (joined, left) = self.oracle.stakes.came_and_went();
        let wanted = self.setup.joins.as_ref().map_or((0, 0), |joins| {
            let newcomers = self.setup.secrets.validators.len() - joins.first;
            (newcomers, 1)
        });
        calls && (joined, left) == wanted
    }
}
