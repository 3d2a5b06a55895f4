//! Counts the constants of a function. [V5]
//!
//! A constant is a value that code names, or one that follows from such values alone: an engine may
//! compute it in advance and keep it in the frame, where each call writes it anew. Which ones an
//! engine keeps there, and whether it keeps equal ones once, is left to it; none keeps more than
//! are counted here.

use wasmparser::{FuncValidator, Operator, WasmModuleResources};

use crate::instruction::Class;

/// What an instruction does with the operand stack, as the validator knows before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effect {
    /// Values that it takes.
    pops: usize,
    /// Values below its block, which it can't take.
    floor: usize,
    /// Whether it reads a global that nothing sets.
    fixed: bool,
}

impl Effect {
    pub(super) fn of<T: WasmModuleResources>(
        op: &Operator<'_>,
        validator: &FuncValidator<T>,
    ) -> Self {
        let (pops, _) = op.operator_arity(validator).unwrap_or_default();
        let block = validator.get_control_frame(0);
        Self {
            pops: pops as usize,
            floor: block.map_or(0, |block| block.height),
            fixed: is_fixed(op, validator.resources()),
        }
    }
}

/// Whether an instruction reads a global that nothing sets: a name for a constant.
fn is_fixed(op: &Operator<'_>, module: &impl WasmModuleResources) -> bool {
    let Operator::GlobalGet { global_index } = op else {
        return false;
    };
    let global = module.global_at(*global_index);
    global.is_some_and(|global| !global.mutable)
}

/// The constants so far.
#[derive(Debug, Default)]
pub(super) struct Constants {
    /// For each value on the operand stack, whether it may be a constant.
    known: Vec<bool>,
    count: u64,
}

impl Constants {
    /// How many there are.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Goes on behind an instruction, after which so many values are on the stack.
    pub(super) fn step(&mut self, op: &Operator<'_>, class: Class, effect: Effect, height: usize) {
        if keeps_values(op) {
            return self.known.resize(height, true);
        }
        // After a jump there may be fewer values than an instruction takes.
        let kept = self.known.len().saturating_sub(effect.pops);
        let kept = kept.max(effect.floor).min(self.known.len());
        let taken = self.known.get(kept..).unwrap_or_default();
        let computes = effect.fixed || computes(op, class);
        let constant = match op {
            // What a block leaves comes from any of its ends, what `else` finds from before `if`.
            Operator::Else | Operator::End => true,
            Operator::LocalTee { .. } | Operator::Select => taken.contains(&true),
            _ => computes && !taken.contains(&false),
        };
        self.count += u64::from(constant && computes);
        self.known.truncate(kept);
        self.known.resize(height, constant);
    }
}

/// Whether an instruction leaves all values but its condition where they are.
const fn keeps_values(op: &Operator<'_>) -> bool {
    matches!(
        op,
        Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::BrIf { .. }
    )
}

/// Whether an instruction makes a value of nothing but its operands.
const fn computes(op: &Operator<'_>, class: Class) -> bool {
    match op {
        Operator::I32Const { .. }
        | Operator::I64Const { .. }
        | Operator::F32Const { .. }
        | Operator::F64Const { .. } => true,
        Operator::LocalSet { .. } | Operator::LocalTee { .. } | Operator::Select => false,
        Operator::MemorySize { .. } | Operator::DataDrop { .. } | Operator::ElemDrop { .. } => {
            false
        }
        _ => matches!(
            class,
            Class::Simple | Class::Divide | Class::Float | Class::FloatSlow | Class::Convert
        ),
    }
}
