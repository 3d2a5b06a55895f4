//! Who leads a round: a permutation of the seats, shuffled anew every n rounds. [R1]

use crypto::{Hash, hash};
use types::{Committee, Round, domain};

#[cfg(test)]
mod tests;

/// The leader schedule of a committee.
#[derive(Clone, Debug)]
pub(crate) struct Leaders {
    seed: Hash,
    /// The member of each seat, in the committee's order.
    seats: Vec<u16>,
    /// The last even and odd permutations used, with their numbers.
    cached: [(u64, Vec<u16>); 2],
}

impl Leaders {
    pub(crate) fn new(seed: Hash, committee: &Committee) -> Self {
        let mut seats = Vec::new();
        for (number, member) in committee.members.iter().enumerate() {
            seats.extend((0..member.seats).map(|_| number as u16));
        }
        assert!(!seats.is_empty(), "a committee has seats");
        let cached = [0, 1].map(|number| (number, shuffled(&seed, number, &seats)));
        Self {
            seed,
            seats,
            cached,
        }
    }

    /// The member that leads a round.
    pub(crate) fn of(&mut self, round: Round) -> u16 {
        let length = self.seats.len() as u64;
        let (number, place) = (round / length, round % length);
        let [even, odd] = &mut self.cached;
        let cached = if number % 2 == 0 { even } else { odd };
        if cached.0 != number {
            *cached = (number, shuffled(&self.seed, number, &self.seats));
        }
        cached.1.get(place as usize).copied().unwrap_or_default()
    }
}

/// Fisher–Yates with SHA3-256 of (seed, permutation, counter) as the source of numbers.
fn shuffled(seed: &Hash, number: u64, seats: &[u16]) -> Vec<u16> {
    let mut order = seats.to_vec();
    let mut stream = Stream {
        seed,
        number,
        counter: 0,
        words: Vec::new(),
    };
    for left in (1..order.len()).rev() {
        order.swap(left, stream.below(left as u64 + 1) as usize);
    }
    order
}

struct Stream<'a> {
    seed: &'a Hash,
    number: u64,
    counter: u64,
    words: Vec<u64>,
}

impl Stream<'_> {
    /// A number below `bound`; its bias, at most bound / 2^64, is of no use to anyone.
    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.word()) * u128::from(bound)) >> 64) as u64
    }

    fn word(&mut self) -> u64 {
        if self.words.is_empty() {
            let parts = [self.number.to_le_bytes(), self.counter.to_le_bytes()];
            let digest = hash(
                domain::LEADER,
                &[self.seed.as_bytes(), &parts[0], &parts[1]],
            );
            self.counter += 1;
            self.words = digest
                .as_bytes()
                .chunks_exact(8)
                .map(|chunk| {
                    chunk
                        .iter()
                        .fold(0, |word, byte| (word << 8) | u64::from(*byte))
                })
                .collect();
        }
        self.words.pop().unwrap_or_default()
    }
}
