//! Tickets: which of them win, and in which order. Integers only.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Domain, Hash, hash};

const TICKET: Domain = Domain::new("thinkey/ticket");

/// Expected winners per seat in a thousand, at full turnout: half as many again as seats, so that
/// fewer winners than seats are rare.
const SPARE_PERMILLE: u128 = 1_500;

/// Turnout is never taken to be lower than this, in a thousand.
pub const LEAST_TURNOUT: u32 = 300;

/// T: a ticket wins when its hash, read as a number of 256 bits, is below this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Threshold {
    /// T = 2^256: every ticket wins.
    All,
    /// T in big-endian bytes.
    Below([u8; 32]),
}

impl Threshold {
    /// floor(2^256 · τ / total) with τ = 1.5 · seats / turnout, doubled with every attempt.
    pub fn of(seats: u32, total: u64, turnout_permille: u32, attempt: u32) -> Self {
        let turnout = turnout_permille.clamp(LEAST_TURNOUT, 1_000);
        let winners = (u128::from(seats) * SPARE_PERMILLE) << attempt.min(32);
        Self::fraction(winners, u128::from(total) * u128::from(turnout))
    }

    /// floor(2^256 · numerator / denominator), by long division in digits of 32 bits. Both are
    /// below 2^96, so a rest with one more digit fits.
    fn fraction(numerator: u128, denominator: u128) -> Self {
        if numerator >= denominator {
            return Self::All;
        }
        let mut rest = numerator;
        let mut digits = [0; 32];
        for digit in digits.chunks_exact_mut(4) {
            rest <<= 32;
            let quotient = (rest / denominator) as u32;
            digit.copy_from_slice(&quotient.to_be_bytes());
            rest %= denominator;
        }
        Self::Below(digits)
    }

    /// Whether a ticket with this hash wins.
    pub fn admits(&self, ticket: &Hash) -> bool {
        match self {
            Self::All => true,
            Self::Below(bound) => ticket.as_bytes() < bound,
        }
    }

    /// How many of `total` tickets win on average, rounded down.
    pub fn expected(&self, total: u64) -> u64 {
        match self {
            Self::All => total,
            Self::Below([a, b, c, d, e, f, g, h, ..]) => {
                let high = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
                ((u128::from(high) * u128::from(total)) >> 64) as u64
            }
        }
    }
}

/// The hash of a ticket, given what its staker drew: its rank among all.
pub fn ticket_hash(drawn: &Hash, ticket: u64) -> Hash {
    hash(TICKET, &[drawn.as_bytes(), &ticket.to_be_bytes()])
}

/// The winning tickets of a staker, the best `most` of them, ascending by number.
pub fn winning(drawn: &Hash, tickets: u64, threshold: &Threshold, most: usize) -> Vec<u64> {
    let hashed = (0..tickets).map(|ticket| (ticket_hash(drawn, ticket), ticket));
    let mut won: Vec<_> = hashed.filter(|(hash, _)| threshold.admits(hash)).collect();
    won.sort_unstable();
    won.truncate(most);
    let mut won: Vec<u64> = won.into_iter().map(|(_, ticket)| ticket).collect();
    won.sort_unstable();
    won
}
