//! How long the interpreter's translation of a function becomes at most, in words of 8 bytes.
//!
//! Its conditional jumps reach 32 767 words, and it fails at farther ones: translating some of them
//! panics, and running others does (wasmi 1.1.0, `try_into_cmp_br_comparator` and
//! `ComparatorAndOffset::as_u64`). Plain jumps reach anywhere. So in a function that may become
//! longer `instrument` makes a `br_if` a short jump over a plain one. Where that does not do, at
//! `if` and where a `br_if` carries values, the function is refused.

use wasmparser::{BlockType, FrameKind, FuncType, Operator};

use super::{Checked, Invalid, Reason};
use crate::instruction::{Class, nan};

/// From this length on conditional jumps may be too far.
const FAR: u64 = 32_000;

/// What a function's instructions become, added up.
pub(super) struct Words<'a> {
    checked: &'a Checked,
    sum: u64,
    /// The first jump that could not be rewritten.
    fixed: Option<(usize, &'static str)>,
}

/// A label that jumps name by its depth.
pub(super) type Label = (FrameKind, BlockType);

impl<'a> Words<'a> {
    pub(super) const fn new(checked: &'a Checked) -> Self {
        let (sum, fixed) = (16, None);
        Self {
            checked,
            sum,
            fixed,
        }
    }

    /// Counts an instruction that the validator is to see next.
    pub(super) fn add(
        &mut self,
        op: &Operator<'_>,
        class: Class,
        offset: usize,
        label: impl Fn(u32) -> Option<Label>,
    ) {
        let carried = |depth| label(depth).map_or(0, |label| self.carried(label));
        let values = match op {
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
                METERED + self.of_block(*blockty, FuncType::params)
            }
            Operator::Else | Operator::End => METERED + 2 * carried(0),
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                METERED + carried(*relative_depth)
            }
            Operator::BrTable { targets } => {
                let ways = u64::from(targets.len()) + 1;
                METERED + ways * (2 + carried(targets.default()))
            }
            Operator::Return | Operator::Unreachable => METERED + MOST,
            Operator::Call { function_index } => {
                let ty = self.checked.type_of_index(*function_index);
                ty.map_or(0, |(params, results)| params + results)
            }
            Operator::CallIndirect { type_index, .. } => {
                let ty = self.checked.types.get(*type_index as usize);
                ty.map_or(0, |ty| (ty.params().len() + ty.results().len()) as u64)
            }
            _ => 0,
        };
        let fixed = match op {
            Operator::If { .. } => Some("if"),
            Operator::BrIf { relative_depth } if carried(*relative_depth) > 0 => {
                Some("br_if with values")
            }
            _ => None,
        };
        let canonical = u64::from(nan(op).is_some()) * CANONICAL;
        self.sum += of(class) + canonical + values;
        self.fixed = self.fixed.or(fixed.map(|what| (offset, what)));
    }

    /// Whether conditional jumps may be too far.
    ///
    /// # Errors
    /// When there are some that can't be rewritten.
    pub(super) fn is_far(&self) -> Result<bool, Invalid> {
        let far = self.sum > FAR;
        match self.fixed.filter(|_| far) {
            Some((offset, instruction)) => {
                let words = self.sum;
                Err(Invalid::at(offset, Reason::Far { instruction, words }))
            }
            None => Ok(far),
        }
    }

    /// Values that a jump to a label carries.
    fn carried(&self, (kind, ty): Label) -> u64 {
        match kind {
            FrameKind::Loop => self.of_block(ty, FuncType::params),
            _ => self.of_block(ty, FuncType::results),
        }
    }

    fn of_block(&self, ty: BlockType, side: fn(&FuncType) -> &[wasmparser::ValType]) -> u64 {
        match ty {
            BlockType::Empty => 0,
            BlockType::Type(_) => 1,
            BlockType::FuncType(index) => {
                let ty = self.checked.types.get(index as usize);
                ty.map_or(0, |ty| side(ty).len() as u64)
            }
        }
    }
}

/// Words that metering adds where a block starts, and what a jump takes.
const METERED: u64 = 12;
/// Words that make a NaN canonical.
const CANONICAL: u64 = 8;
/// The most results of a function.
const MOST: u64 = crate::limits::RESULTS;

/// Words of an instruction, with the copy of an operand that it may make necessary later.
const fn of(class: Class) -> u64 {
    match class {
        Class::Free => 2,
        // Metering by length.
        Class::Grow | Class::BulkMemory | Class::BulkTable => 40,
        Class::Call | Class::CallIndirect => 8,
        _ => 4,
    }
}
