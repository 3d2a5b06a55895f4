//! Deaf to users and to other chains: its blocks are empty.

use super::{Fault, Hands};
use crate::wire::Wire;

/// Its machine is never told of messages, bundles and anchors.
pub(crate) struct Censor;

impl Fault for Censor {
    fn name(&self) -> &'static str {
        "censorship"
    }

    fn hear(&mut self, hands: &mut Hands, wire: &Wire) -> bool {
        let wanted = matches!(
            wire,
            Wire::Externals { .. } | Wire::Bundles { .. } | Wire::Anchor(_)
        );
        hands.fired += u64::from(wanted);
        !wanted
    }
}
