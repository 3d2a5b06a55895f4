//! Checks inside functions.

use wasmparser::{FuncValidator, FunctionBody, Operator, ValType, WasmModuleResources};

use super::constants::{Constants, Effect};
use super::counts::at_most;
use super::words::Words;
use super::{Body, Checked, Invalid, Reason, What};
use crate::instruction::{Class, class, describe, nan};
use crate::limits;

/// Whether values may have this type.
pub(super) const fn is_number(ty: ValType) -> bool {
    matches!(
        ty,
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64
    )
}

/// Bounds the locals of a function.
pub(super) fn count_locals(body: &FunctionBody<'_>) -> Result<(), Invalid> {
    let reader = body.get_locals_reader()?;
    let offset = reader.original_position();
    let mut sum = 0u64;
    for group in reader {
        let (count, ty) = group?;
        sum = sum.saturating_add(count.into());
        at_most(What::Locals, sum, limits::LOCALS, offset)?;
        if !is_number(ty) {
            return Err(Invalid::at(offset, Reason::Type));
        }
    }
    Ok(())
}

/// Checks a function of a module whose types are known, and measures what a call of it takes.
pub(super) fn check<T: WasmModuleResources>(
    validator: &mut FuncValidator<T>,
    body: &FunctionBody<'_>,
    checked: &Checked,
) -> Result<Body, Invalid> {
    let locals = body.get_locals_reader()?.into_iter();
    let locals = locals.collect::<Result<Vec<_>, _>>()?;
    validator.read_locals(&mut body.get_binary_reader())?;
    let mut operators = body.get_operators_reader()?;
    let mut found = Body {
        range: body.range(),
        locals,
        slots: 0,
        constants: 0,
        calls: false,
        ranges: false,
        nans: false,
        far: false,
    };
    let (mut highest, mut constants) = (0, Constants::default());
    let mut words = Words::new(checked);
    while !operators.eof() {
        let offset = operators.original_position();
        let op = operators.read()?;
        let class = note(&mut found, &op, offset)?;
        words.add(&op, class, offset, |depth| {
            let frame = validator.get_control_frame(depth as usize)?;
            Some((frame.kind, frame.block_type))
        });
        let effect = Effect::of(&op, validator);
        validator.op(offset, &op)?;
        let height = validator.operand_stack_height();
        constants.step(&op, class, effect, height as usize);
        let counted = constants.count();
        at_most(What::Constants, counted, limits::CONSTANTS, offset)?;
        highest = highest.max(u64::from(height));
        at_most(What::Operands, highest, limits::OPERANDS, offset)?;
        let nesting = validator.control_stack_height().into();
        at_most(What::Nesting, nesting, limits::NESTING, offset)?;
    }
    operators.finish()?;
    found.far = words.is_far()?;
    found.slots = u64::from(validator.len_locals()) + highest;
    found.constants = constants.count();
    Ok(found)
}

/// Looks at one instruction before the validator does.
fn note(body: &mut Body, op: &Operator<'_>, offset: usize) -> Result<Class, Invalid> {
    let Some(class) = class(op) else {
        let (feature, instruction) = describe(op);
        let reason = Reason::Instruction {
            instruction,
            feature,
        };
        return Err(Invalid::at(offset, reason));
    };
    if let Operator::BrTable { targets } = op {
        let found = targets.len().into();
        at_most(What::BranchTargets, found, limits::BRANCH_TARGETS, offset)?;
    }
    body.calls |= matches!(class, Class::Call | Class::CallIndirect);
    body.nans |= nan(op).is_some();
    body.ranges |= matches!(class, Class::Grow | Class::BulkMemory | Class::BulkTable);
    Ok(class)
}
