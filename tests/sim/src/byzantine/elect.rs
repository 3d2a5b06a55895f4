//! False words in elections.

use crypto::bls::SecretKey;
use crypto::{Hash, vrf};
use root_chain::RootDeclaration;
use root_chain::elections::{CandidateKeys, Elected, Tickets};

use super::{Fault, Hands, Knowledge, Speech, Whim};

/// Declares itself twice in a drawing, with different keys. E9
#[derive(Default)]
pub(super) struct TwoBallots(Whim);

/// Declares itself with tickets or a proof of another drawing.
#[derive(Default)]
pub(super) struct ForgedTickets(Whim);

/// Wins seats, and then does nothing.
pub(super) struct Idle;

fn sign(hands: &Hands, knows: &Knowledge<'_>, elected: Elected, key: &SecretKey) -> Elected {
    let keys = CandidateKeys {
        stake: &knows.secrets.who.stake,
        consensus: key,
    };
    let other = Elected {
        key: key.public().to_bytes(),
        possession: key.prove_possession(),
        ..elected
    };
    other.signed(hands.network, keys)
}

/// A key that nothing else knows of.
fn fresh(number: u64) -> SecretKey {
    let seed = crypto::hash(super::WHIM, &[b"ballot", &number.to_le_bytes()]);
    SecretKey::from_seed(seed.as_bytes())
}

impl Fault for TwoBallots {
    fn name(&self) -> &'static str {
        "two ballots"
    }

    fn declare(&mut self, hands: &mut Hands, knows: &Knowledge<'_>, speech: Speech) -> Vec<Speech> {
        let (to, said) = speech;
        let RootDeclaration::Elected(elected) = &said else {
            return vec![(to, said)];
        };
        let number = self.0.about(hands, elected.digest(hands.network));
        if number.is_multiple_of(3) {
            return vec![(to, said)];
        }
        hands.fired += 1;
        let other = sign(hands, knows, (**elected).clone(), &fresh(number));
        let other = RootDeclaration::Elected(Box::new(other));
        let (some, rest) = hands.halves(to);
        vec![(some, said), (rest, other)]
    }
}

impl Fault for ForgedTickets {
    fn name(&self) -> &'static str {
        "forged tickets"
    }

    fn declare(&mut self, hands: &mut Hands, knows: &Knowledge<'_>, speech: Speech) -> Vec<Speech> {
        let (to, said) = speech;
        let RootDeclaration::Elected(elected) = &said else {
            return vec![(to, said)];
        };
        let number = self.0.about(hands, elected.digest(hands.network));
        let mut forged = (**elected).clone();
        match number % 7 {
            0 => forged.draw.epoch += 1,
            1 => forged.draw.attempt += 1,
            2 => forged.draw.opened = forged.draw.opened.saturating_sub(1),
            // What another seed would have drawn.
            3 => {
                let other = Hash::from(hands.dice.bytes());
                forged.proof = vrf::prove(&knows.secrets.who.stake, &other).1;
            }
            4 => forged.tickets = tickets((0..4).map(|at| at + number % 5), &forged),
            5 => forged.tickets = tickets([number | 1 << 32], &forged),
            // The consensus key is its own, its possession another's.
            _ => forged.possession = fresh(number).prove_possession(),
        }
        let Some(key) = knows.secrets.kept(elected) else {
            return vec![(to, said)];
        };
        hands.fired += 1;
        if number % 7 != 6 {
            forged = sign(hands, knows, forged, key);
        }
        let forged = RootDeclaration::Elected(Box::new(forged));
        if number.is_multiple_of(2) {
            return vec![(to, forged)];
        }
        vec![(to.clone(), forged), (to, said)]
    }
}

fn tickets(numbers: impl IntoIterator<Item = u64>, old: &Elected) -> Tickets {
    Tickets::new(numbers.into_iter().collect()).unwrap_or_else(|| old.tickets.clone())
}

impl Fault for Idle {
    fn name(&self) -> &'static str {
        "never serves"
    }

    fn send(&mut self, hands: &mut Hands, letter: super::Letter) -> Vec<super::Letter> {
        if super::place(&letter.1).is_none() {
            return vec![letter];
        }
        hands.fired += 1;
        Vec::new()
    }

    fn declare(&mut self, hands: &mut Hands, _: &Knowledge<'_>, (to, said): Speech) -> Vec<Speech> {
        if matches!(said, RootDeclaration::Elected(_)) {
            return vec![(to, said)];
        }
        hands.fired += 1;
        Vec::new()
    }
}
