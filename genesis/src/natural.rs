//! Natural numbers of any size: the few operations that an exact probability needs. [S2]

use std::cmp::Ordering;

#[cfg(test)]
mod tests;

/// A natural number; limbs of 64 bits, lowest first, the highest not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Natural {
    limbs: Vec<u64>,
}

impl Natural {
    pub(crate) const ZERO: Self = Self { limbs: Vec::new() };

    pub(crate) fn of(value: u64) -> Self {
        Self { limbs: vec![value] }.trimmed()
    }

    pub(crate) const fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let len = self.limbs.len().max(other.limbs.len());
        self.limbs.resize(len, 0);
        let mut carry = false;
        let others = other.limbs.iter().copied().chain(std::iter::repeat(0));
        for (limb, other) in self.limbs.iter_mut().zip(others) {
            let (sum, first) = limb.overflowing_add(other);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            (*limb, carry) = (sum, first || second);
        }
        if carry {
            self.limbs.push(1);
        }
    }

    /// Subtracts `other`, which must not be larger.
    pub(crate) fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        let others = other.limbs.iter().copied().chain(std::iter::repeat(0));
        for (limb, other) in self.limbs.iter_mut().zip(others) {
            let (rest, first) = limb.overflowing_sub(other);
            let (rest, second) = rest.overflowing_sub(u64::from(borrow));
            (*limb, borrow) = (rest, first || second);
        }
        assert!(!borrow, "a natural number is not below zero");
        self.trim();
    }

    pub(crate) fn multiply(&mut self, factor: u64) {
        let mut carry = 0;
        for limb in &mut self.limbs {
            let product = u128::from(*limb) * u128::from(factor) + carry;
            (*limb, carry) = (product as u64, product >> 64);
        }
        if carry > 0 {
            self.limbs.push(carry as u64);
        }
        self.trim();
    }

    /// Divides by `divisor`, which must not be zero and must leave no rest.
    pub(crate) fn divide(&mut self, divisor: u64) {
        let divisor = u128::from(divisor);
        let mut rest = 0;
        for limb in self.limbs.iter_mut().rev() {
            let part = (rest << 64) | u128::from(*limb);
            (*limb, rest) = ((part / divisor) as u64, part % divisor);
        }
        assert!(rest == 0, "the division leaves no rest");
        self.trim();
    }

    fn trim(&mut self) {
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }

    fn trimmed(mut self) -> Self {
        self.trim();
        self
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_length = self.limbs.len().cmp(&other.limbs.len());
        by_length.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
