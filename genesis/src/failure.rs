//! How likely a committee is to fail, as an exact fraction. [S2] [S3]

use std::fmt;

use types::Thresholds;

use crate::natural::Natural;

#[cfg(test)]
mod tests;

/// The tickets of a pool are at most so many, so that products of two counts fit a limb.
pub const MAX_TICKETS: u64 = 1 << 32;

/// Committees of more seats than this are not looked for.
pub const MAX_SEATS: u64 = 4_096;

/// A committee drawn from stake tickets without putting any back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// N: all tickets, at most [`MAX_TICKETS`].
    pub tickets: u64,
    /// λN: the adversary's tickets, at most N.
    pub adverse: u64,
    /// n: seats drawn, at most N.
    pub seats: u64,
}

impl Draw {
    /// The draw of `seats` from `tickets` of which so many in a thousand, rounded up, are adverse;
    /// `None` when there are more seats than tickets, too many tickets, or over a thousand.
    pub fn new(tickets: u64, adversary_permille: u32, seats: u64) -> Option<Self> {
        if tickets > MAX_TICKETS || seats > tickets || adversary_permille > 1_000 {
            return None;
        }
        let adverse = (tickets * u64::from(adversary_permille)).div_ceil(1_000);
        Some(Self {
            tickets,
            adverse,
            seats,
        })
    }

    /// Pr[A]: more than f of the seats are adverse. Thinkey, equation 6.1.
    pub fn failure(&self) -> Probability {
        let faulty = Thresholds::of(self.seats).faulty;
        self.at_least(faulty + 1)
    }

    /// The chance of at least `x` adverse seats.
    pub fn at_least(&self, x: u64) -> Probability {
        let honest = self.tickets - self.adverse;
        // Fewer can't be: the seats that honest tickets don't fill are adverse.
        let first = x.max(self.seats.saturating_sub(honest));
        let last = self.adverse.min(self.seats);
        let mut ways = Natural::ZERO;
        if first <= last {
            let mut term = self.ways(first);
            for adverse in first..last {
                ways.add(&term);
                self.step(&mut term, adverse);
            }
            ways.add(&term);
        }
        Probability {
            ways,
            of: choose(Natural::of(1), self.tickets, self.seats),
        }
    }

    /// C(λN, x) · C((1-λ)N, n-x).
    fn ways(&self, x: u64) -> Natural {
        let adverse = choose(Natural::of(1), self.adverse, x);
        choose(adverse, self.tickets - self.adverse, self.seats - x)
    }

    /// From the ways to draw `x` adverse seats to the ways to draw one more.
    ///
    /// The product is the next term times both divisors, so each division leaves no rest.
    fn step(&self, term: &mut Natural, x: u64) {
        let honest = self.tickets - self.adverse;
        term.multiply(self.adverse - x);
        term.multiply(self.seats - x);
        term.divide(x + 1);
        term.divide(honest + x + 1 - self.seats);
    }
}

/// The fewest seats whose draw fails with 10^-`exponent` or less; `None` when there are not as many
/// among the tickets, or within [`MAX_SEATS`].
///
/// Only n = 3f + 1 are looked at: one or two seats more survive no more Byzantine ones. Among those
/// the chance falls with f as long as the adversary has less than a third.
pub fn fewest_seats(tickets: u64, adversary_permille: u32, exponent: u32) -> Option<u64> {
    let seats = |faulty: u64| 3 * faulty + 1;
    let is_safe = |faulty: u64| {
        let draw = Draw::new(tickets, adversary_permille, seats(faulty));
        draw.is_some_and(|draw| draw.failure().at_most_ten_to_minus(exponent))
    };
    let most = tickets.min(MAX_SEATS).checked_sub(1)? / 3;
    let mut high = 1;
    while high < most && !is_safe(high) {
        high *= 2;
    }
    let (mut low, mut high) = (0, high.min(most));
    while low < high {
        let middle = low.midpoint(high);
        match is_safe(middle) {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    is_safe(low).then_some(seats(low))
}

/// `factor` · C(n, k).
fn choose(factor: Natural, n: u64, k: u64) -> Natural {
    let mut product = factor;
    for i in 0..k {
        product.multiply(n - i);
        product.divide(i + 1);
    }
    product
}

/// A probability, or a bound on one, as an exact fraction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probability {
    ways: Natural,
    of: Natural,
}

impl Probability {
    /// So many times the probability: the union bound over as many events. Thinkey, equation 6.2.
    #[must_use]
    pub fn times(&self, events: u64) -> Self {
        let mut bound = self.clone();
        bound.ways.multiply(events);
        bound
    }

    /// Whether it is 10^-`exponent` or less.
    pub fn at_most_ten_to_minus(&self, exponent: u32) -> bool {
        let mut ways = self.ways.clone();
        (0..exponent).for_each(|_| ways.multiply(10));
        ways <= self.of
    }
}

impl fmt::Display for Probability {
    /// Two significant digits, rounded half up: `0`, `1.0e0`, `6.9e-4`. A bound may exceed 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ways.is_zero() {
            return f.write_str("0");
        }
        let (mut ways, mut of) = (self.ways.clone(), self.of.clone());
        let mut exponent = scale(&mut ways, &mut of);
        let mut digits = whole(&mut ways, &of) * 10;
        ways.multiply(10);
        digits += whole(&mut ways, &of);
        ways.multiply(2);
        if ways >= of {
            digits += 1;
        }
        if digits == 100 {
            (digits, exponent) = (10, exponent + 1);
        }
        write!(f, "{}.{}e{exponent}", digits / 10, digits % 10)
    }
}

/// Scales by tens until 1 <= ways/of < 10; the power of ten that the fraction was.
fn scale(ways: &mut Natural, of: &mut Natural) -> i32 {
    let mut exponent = 0;
    while *ways < *of {
        ways.multiply(10);
        exponent -= 1;
    }
    let mut ten_times = of.clone();
    ten_times.multiply(10);
    while *ways >= ten_times {
        *of = ten_times.clone();
        ten_times.multiply(10);
        exponent += 1;
    }
    exponent
}

/// The whole part of ways/of, below 10; leaves the rest in `ways`.
fn whole(ways: &mut Natural, of: &Natural) -> u32 {
    let mut digit = 0;
    while *ways >= *of {
        ways.subtract(of);
        digit += 1;
    }
    digit
}
