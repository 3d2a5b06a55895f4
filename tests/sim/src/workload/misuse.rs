//! What users send that is no good.

use crypto::ed25519;
use types::Amount;

use super::{Request, Workload};
use crate::report::Counters;

impl Workload {
    /// Something that must have no effect, or none beyond using up its nonce.
    pub(super) fn misuse(&mut self, at: usize, faults: &mut Counters) -> Option<Request> {
        let mut call = self.call(at);
        let client = &self.clients[at];
        let (name, request) = match self.dice.below(6) {
            0 => {
                call.value = Amount(u128::MAX / 4);
                ("too little balance", self.sign(at, call))
            }
            1 => {
                call.expiry = 0;
                ("expired", self.sign(at, call))
            }
            2 => {
                // The same nonce again, for more: either may win.
                call.gas.price += 2;
                ("replacement", self.sign(at, call))
            }
            3 => {
                // The exact message again.
                let message = client.last.clone()?;
                ("replay", (client.chain, message))
            }
            4 => {
                let stranger = ed25519::SecretKey::from_seed(self.dice.bytes());
                let message = call.sign(self.network, &stranger);
                self.forbidden.insert(message.id(self.network));
                ("wrong key", (self.clients[at].chain, message))
            }
            _ => {
                // Another message with a nonce that a final block has used.
                let used = client.open.keys().next().copied().unwrap_or(client.next);
                call.nonce = used.checked_sub(1)?;
                let message = call.sign(self.network, &client.key);
                self.forbidden.insert(message.id(self.network));
                ("used nonce", (client.chain, message))
            }
        };
        *faults.entry(name).or_default() += 1;
        Some(request)
    }
}
