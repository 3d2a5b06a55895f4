//! The cut-off: which candidates get how many seats.

use std::collections::BTreeMap;

use crypto::{Domain, Hash, hash};

use super::candidate::Candidate;
use super::ticket::ticket_hash;

const SAMPLE: Domain = Domain::new("thinkey/sample");

/// Seats of some candidates, named by their places in the list that was cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Members with their seats, the one with the best ticket first.
    pub members: Vec<(usize, u32)>,
    /// Those with the next best tickets and no seat.
    pub auditors: Vec<usize>,
}

impl Cut {
    /// All seats.
    pub fn seats(&self) -> u64 {
        self.members
            .iter()
            .map(|(_, seats)| u64::from(*seats))
            .sum()
    }

    /// Members by the best of their places in a ranking.
    fn of(ranked: &[usize], seats: usize, auditors: usize) -> Self {
        let mut order = Vec::new();
        let mut counts = BTreeMap::<usize, u32>::new();
        for place in ranked.iter().take(seats) {
            let count = counts.entry(*place).or_default();
            if *count == 0 {
                order.push(*place);
            }
            *count += 1;
        }
        let mut next = Vec::new();
        for place in ranked.iter().skip(seats) {
            if next.len() >= auditors {
                break;
            }
            if !counts.contains_key(place) && !next.contains(place) {
                next.push(*place);
            }
        }
        let seats = |place: usize| counts.get(&place).copied().unwrap_or(0);
        Self {
            members: order.into_iter().map(|p| (p, seats(p))).collect(),
            auditors: next,
        }
    }
}

/// Sorts all winning tickets by their hashes: the first `seats` are the committee's, the stakers
/// of the next ones audit. A hash that two tickets share, which nobody finds, is ordered by place.
pub fn rank(candidates: &[Candidate], seats: u32, auditors: u32) -> Cut {
    let tickets = candidates
        .iter()
        .enumerate()
        .flat_map(|(place, candidate)| {
            let numbers = candidate.tickets.numbers().iter();
            numbers.map(move |ticket| (ticket_hash(&candidate.drawn, *ticket), place))
        });
    let mut tickets: Vec<(Hash, usize)> = tickets.collect();
    tickets.sort_unstable();
    let ranked: Vec<usize> = tickets.into_iter().map(|(_, place)| place).collect();
    Cut::of(&ranked, seats as usize, auditors as usize)
}

/// Draws seats publicly from all tickets of the candidates, none twice: the first steps of a
/// Fisher-Yates shuffle whose swaps are kept in a map.
pub fn sample(candidates: &[Candidate], seed: &Hash, seats: u32, auditors: u32) -> Cut {
    let mut ends = Vec::with_capacity(candidates.len());
    let mut total = 0_u64;
    for candidate in candidates {
        total = total.saturating_add(candidate.stake);
        ends.push(total);
    }
    let owner = |ticket: u64| ends.partition_point(|end| *end <= ticket);
    let wanted = u64::from(seats) + u64::from(auditors);
    let mut numbers = Stream::new(*seed);
    let mut moved = BTreeMap::new();
    let mut ranked = Vec::new();
    for at in 0..wanted.min(total) {
        let chosen = at + numbers.below(total - at);
        let ticket = moved.get(&chosen).copied().unwrap_or(chosen);
        let here = moved.get(&at).copied().unwrap_or(at);
        moved.insert(chosen, here);
        ranked.push(owner(ticket));
    }
    Cut::of(&ranked, seats as usize, auditors as usize)
}

/// Uniform numbers from a seed.
struct Stream {
    seed: Hash,
    drawn: u64,
}

impl Stream {
    const fn new(seed: Hash) -> Self {
        Self { seed, drawn: 0 }
    }

    fn next(&mut self) -> u64 {
        let block = hash(SAMPLE, &[self.seed.as_bytes(), &self.drawn.to_be_bytes()]);
        self.drawn += 1;
        let [a, b, c, d, e, f, g, h, ..] = *block.as_bytes();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// A number below `bound`, which is above 0; each equally likely, as numbers of the last,
    /// incomplete run of `bound` are drawn again.
    fn below(&mut self, bound: u64) -> u64 {
        let complete = u64::MAX - (u64::MAX % bound);
        loop {
            let number = self.next();
            if number < complete {
                return number % bound;
            }
        }
    }
}
