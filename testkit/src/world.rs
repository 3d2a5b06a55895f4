//! A world: chains, users, time, and what goes wrong.

use std::cell::RefCell;
use std::rc::Rc;

use actors::{Behaviour, view};
use crypto::{Domain, ed25519, hash};
use types::{AccountId, Amount, ChainId, FailureCode, Height, MessageId, limits};

use crate::network::Network;
use crate::{GasReport, Lane, Snapshot, Trace, User};

const KEY: Domain = Domain::new("thinkey/testkit/user");
/// Gas of a view.
const VIEW_GAS: u64 = 50_000_000;
/// Steps after which a world that has not come to rest is taken to never do so.
const STEPS: usize = 1_000_000;

/// Chains on virtual time. Clones are handles on the same world.
#[derive(Clone)]
pub struct World {
    pub(crate) network: Rc<RefCell<Network>>,
}

impl World {
    /// A world of transaction chains 1 to `chains`, and a root that has accounts but no system.
    pub fn new(chains: u32) -> Self {
        Self {
            network: Rc::new(RefCell::new(Network::new(chains))),
        }
    }

    /// The schedule of another seed; that of `TESTKIT_SEED` if it is set. [W2]
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        self.network.borrow_mut().reseed(seed);
        self
    }

    /// A user with an account on a chain.
    pub fn user(&self, chain: u32, balance: u128) -> User {
        let mut network = self.network.borrow_mut();
        network.users += 1;
        let number = network.users;
        let key = (0_u64..).map(|attempt| {
            let parts = [&number.to_le_bytes()[..], &attempt.to_le_bytes()];
            ed25519::PublicKey(*hash(KEY, &parts).as_bytes())
        });
        let lives = |key: &ed25519::PublicKey| {
            network.routing.home(&AccountId::of_key(key)) == ChainId(chain)
        };
        network.chain(ChainId(chain));
        let mut keys = key.filter(lives);
        let key = keys.next().unwrap_or(ed25519::PublicKey([0; 32]));
        drop(keys);
        let id = AccountId::of_key(&key);
        network.names.insert(id, format!("user {number}"));
        network.endow(id, Amount(balance));
        drop(network);
        User::new(self.clone(), id, key)
    }

    /// An account whose code is native, for what a contract talks to.
    pub fn native(&self, chain: u32, code: impl Behaviour + 'static) -> AccountId {
        self.network.borrow_mut().add_native(ChainId(chain), code)
    }

    /// What an account is called in traces and reports.
    pub fn name(&self, account: AccountId, name: &str) {
        self.network.borrow_mut().names.insert(account, name.into());
    }

    // Time.

    /// Lets one thing happen: a chain makes a block, a bundle arrives, or the root rises. False
    /// when nothing can.
    pub fn step(&self) -> bool {
        self.network.borrow_mut().step()
    }

    /// Lets so many things happen, fewer when the world comes to rest before.
    pub fn run(&self, steps: usize) {
        (0..steps).take_while(|_| self.step()).for_each(drop);
    }

    /// Runs until nothing can happen but what a lane holds back.
    ///
    /// # Panics
    /// When that takes a million steps.
    #[track_caller]
    pub fn settle(&self) {
        for _ in 0..STEPS {
            if !self.step() {
                return;
            }
        }
        panic!("the world does not come to rest");
    }

    /// Makes a block on one chain of all that waits there.
    pub fn block(&self, chain: u32) {
        self.network.borrow_mut().block(ChainId(chain));
    }

    /// Lets the root rise: deadlines and expiries pass, bundles become provable.
    pub fn pass(&self, heights: u64) {
        self.network.borrow_mut().root_height += heights;
    }

    /// Lets the root rise above the deadline of everything that was sent so far.
    pub fn expire(&self) {
        self.pass(limits::DEADLINE_HEIGHTS + 1);
    }

    /// Begins the next epoch on all chains, with a new seed of the beacon.
    pub fn cross_epoch(&self) {
        self.network.borrow_mut().cross_epoch();
    }

    /// The root's height.
    pub fn root_height(&self) -> Height {
        self.network.borrow().root_height
    }

    // Lanes. [W4]

    /// Delivers nothing on a lane until it is released.
    pub fn hold(&self, lane: Lane) {
        self.network.borrow_mut().roads.set_held(lane, true);
    }

    /// Delivers on a lane again.
    pub fn release(&self, lane: Lane) {
        self.network.borrow_mut().roads.set_held(lane, false);
    }

    /// Delivers on all lanes again.
    pub fn release_all(&self) {
        self.network.borrow_mut().roads.release_all();
    }

    /// Delivers on no other lane, until all are released.
    pub fn deliver_only(&self, lane: Lane) {
        self.network.borrow_mut().roads.set_only(Some(lane));
    }

    /// Lets the next bundle of a lane arrive now, even if it is held; false when there is none.
    /// Called for one lane and then another, it says which overtakes which.
    pub fn deliver(&self, lane: Lane) -> bool {
        self.network.borrow_mut().deliver(lane)
    }

    /// From now on what leaves on a lane takes so many root heights more.
    pub fn delay(&self, lane: Lane, heights: u64) {
        self.network.borrow_mut().roads.set_delay(lane, heights);
    }

    /// Drops the proof of a lane's next bundle: only after so many root heights there is another.
    pub fn withhold(&self, lane: Lane, heights: u64) {
        let mut network = self.network.borrow_mut();
        let at = network.root_height;
        network.roads.withhold(lane, heights, at);
    }

    /// Bundles on a lane.
    pub fn on_lane(&self, lane: Lane) -> usize {
        self.network.borrow().roads.len(lane)
    }

    // Receivers.

    /// Lets an account with code refuse its `nth` call from now on, the next one being 1.
    pub fn refuse(&self, account: AccountId, nth: u64) {
        self.fail(account, nth, FailureCode::Rejected);
    }

    /// Lets an account with code fail its `nth` call from now on in some way.
    pub fn fail(&self, account: AccountId, nth: u64, code: FailureCode) {
        self.network.borrow().refusals.plan(account, nth, code);
    }

    // What there is.

    /// An account's balance, on whatever chain it lives.
    pub fn balance(&self, account: AccountId) -> u128 {
        let network = self.network.borrow();
        network.home(&account).state.balance(&account).0
    }

    /// What an account can't spend of its balance: the deposit for its storage, and what is set
    /// aside for handlers that wait.
    pub fn locked(&self, account: AccountId) -> u128 {
        let network = self.network.borrow();
        let found = network.home(&account).state.account(&account);
        found.map_or(0, |account| account.locked().0)
    }

    /// The chain that an account lives on.
    pub fn home(&self, account: AccountId) -> u32 {
        self.network.borrow().routing.home(&account).0
    }

    /// What an account's code keeps under a key.
    pub fn stored(&self, account: AccountId, key: &[u8]) -> Option<Vec<u8>> {
        let slot = actors::slots::slot(key)?;
        let network = self.network.borrow();
        let found = network.home(&account).state.slot(&account, &slot);
        found.map(<[u8]>::to_vec)
    }

    /// Asks an account's code.
    ///
    /// # Panics
    /// When the code fails.
    #[track_caller]
    pub fn view(&self, account: AccountId, method: &str, data: impl AsRef<[u8]>) -> Vec<u8> {
        let answer = self.try_view(account, method, data);
        answer.unwrap_or_else(|fault| panic!("view {method} failed: {fault}"))
    }

    /// Asks an account's code.
    ///
    /// # Errors
    /// Why the code failed.
    pub fn try_view(
        &self,
        account: AccountId,
        method: &str,
        data: impl AsRef<[u8]>,
    ) -> Result<Vec<u8>, actors::Fault> {
        let network = self.network.borrow();
        let home = network.routing.home(&account);
        let state = &network.chain(home).state;
        let ctx = network.context(home, crypto::Hash::default());
        let seen = view(state, &account, method, data.as_ref(), &ctx, VIEW_GAS)?;
        Ok(seen.answer)
    }

    /// What became of a message and all that followed from it.
    ///
    /// # Panics
    /// When nobody sent it.
    #[track_caller]
    pub fn trace(&self, message: MessageId) -> Trace {
        let trace = Trace::of(&self.network.borrow(), &message);
        trace.unwrap_or_else(|| panic!("nobody sent the message {message}"))
    }

    /// Gas by account and method, of all that ran so far.
    pub fn gas_report(&self) -> GasReport {
        GasReport::of(&self.network.borrow())
    }

    /// All balances and storage, to be compared later.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.network.borrow())
    }

    /// Messages that were executed so far.
    pub fn executed(&self) -> u64 {
        self.network.borrow().book.receipts()
    }
}
