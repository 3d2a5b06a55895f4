//! Dealers that cheat in a key generation.

use crypto::Hash;
use crypto::threshold::{Dealing, Seat, Terms};
use root_chain::RootDeclaration;
use root_chain::keygen::Dealt;

use super::{Fault, Hands, Knowledge, Speech, Whim};

/// How a dealer cheats.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Its polynomial has a higher or a lower degree.
    Degree,
    /// One seat is sent the share of another.
    Share,
    /// Two dealings, to different nodes.
    Two,
    /// None at all.
    Silence,
}

/// Deals badly.
pub(super) struct Dealer {
    kind: Kind,
    whim: Whim,
}

impl Dealer {
    pub(super) fn new(kind: Kind) -> Self {
        let whim = Whim::default();
        Self { kind, whim }
    }

    fn cheat(&self, number: u64, knows: &Knowledge<'_>, dealt: &Dealt) -> Option<Dealt> {
        let (run, context) = knows.run()?;
        if (run.epoch, run.attempt) != (dealt.epoch, dealt.attempt) {
            return None;
        }
        let roster = knows.roster(run.epoch)?;
        let key = knows.root_key(run.epoch)?;
        let honest = roster.terms(&context, dealt.member);
        let seed = *crypto::hash(super::WHIM, &[&number.to_le_bytes()]).as_bytes();
        let seats = honest.keys.len() as u64;
        let dealing = match self.kind {
            Kind::Share => {
                let victim = Seat::at((number % seats) as usize)?;
                Dealing::create_cheating(&seed, &honest, victim)
            }
            Kind::Degree => {
                let lower = honest.threshold > 1 && number.is_multiple_of(2);
                let change = if lower { -1 } else { 1 };
                let threshold = honest.threshold.checked_add_signed(change)?;
                let terms = Terms {
                    threshold,
                    ..honest
                };
                Dealing::create(&seed, &terms)
            }
            Kind::Two | Kind::Silence => Dealing::create(&seed, &honest),
        };
        let place = (dealt.epoch, dealt.attempt, dealt.member);
        Some(Dealt::sign(place, dealing.ok()?, &context, key))
    }
}

impl Fault for Dealer {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Degree => "wrong degree",
            Kind::Share => "wrong share",
            Kind::Two => "two dealings",
            Kind::Silence => "silent dealer",
        }
    }

    fn declare(&mut self, hands: &mut Hands, knows: &Knowledge<'_>, speech: Speech) -> Vec<Speech> {
        let (to, said) = speech;
        let RootDeclaration::Dealt(dealt) = &said else {
            return vec![(to, said)];
        };
        let name: Hash = dealt.dealing.digest();
        let number = self.whim.about(hands, name);
        if number.is_multiple_of(5) {
            return vec![(to, said)];
        }
        if matches!(self.kind, Kind::Silence) {
            hands.fired += 1;
            return Vec::new();
        }
        let Some(other) = self.cheat(number, knows, dealt) else {
            return vec![(to, said)];
        };
        hands.fired += 1;
        let other = RootDeclaration::Dealt(Box::new(other));
        if !matches!(self.kind, Kind::Two) {
            return vec![(to, other)];
        }
        let (some, rest) = hands.halves(to);
        vec![(some, said), (rest, other)]
    }
}
