//! The instructions that contracts may use, by what they cost. What has no class is refused.

use wasmparser::{Operator, ValType};

/// What an instruction costs like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Structure that no engine executes, and operands that registers absorb.
    Free,
    /// Moves, integer arithmetic and comparisons, select.
    Simple,
    /// Integer division and remainder.
    Divide,
    /// Reading or writing a global.
    Global,
    /// Reading memory.
    Load,
    /// Writing memory.
    Store,
    /// Jumps.
    Branch,
    /// Jumps by table.
    BranchTable,
    /// A call of a function that is known.
    Call,
    /// A call through the table.
    CallIndirect,
    /// Float arithmetic and comparisons.
    Float,
    /// Float division, roots, rounding.
    FloatSlow,
    /// Conversions between floats and integers.
    Convert,
    /// `memory.grow`.
    Grow,
    /// Instructions that work on ranges of memory.
    BulkMemory,
    /// Instructions that work on ranges of the table.
    BulkTable,
}

impl Class {
    pub(crate) const COUNT: usize = Self::BulkTable as usize + 1;
}

/// The class of an instruction; `None` if contracts may not use it.
pub(crate) fn class(op: &Operator<'_>) -> Option<Class> {
    use Operator as O;
    let class = match op {
        O::Nop | O::Block { .. } | O::Loop { .. } | O::Else | O::End | O::Drop => Class::Free,
        O::LocalGet { .. } | O::Unreachable | O::Return => Class::Free,
        O::I32Const { .. } | O::I64Const { .. } | O::F32Const { .. } | O::F64Const { .. } => {
            Class::Free
        }
        O::LocalSet { .. } | O::LocalTee { .. } | O::Select | O::MemorySize { .. } => Class::Simple,
        O::DataDrop { .. } | O::ElemDrop { .. } => Class::Simple,
        O::GlobalGet { .. } | O::GlobalSet { .. } => Class::Global,
        O::If { .. } | O::Br { .. } | O::BrIf { .. } => Class::Branch,
        O::BrTable { .. } => Class::BranchTable,
        O::Call { .. } => Class::Call,
        O::CallIndirect { .. } => Class::CallIndirect,
        O::MemoryGrow { .. } => Class::Grow,
        O::MemoryInit { .. } | O::MemoryCopy { .. } | O::MemoryFill { .. } => Class::BulkMemory,
        O::TableInit { .. } | O::TableCopy { .. } => Class::BulkTable,
        _ => return memory(op).or_else(|| integer(op)).or_else(|| float(op)),
    };
    Some(class)
}

const fn memory(op: &Operator<'_>) -> Option<Class> {
    use Operator::*;
    match op {
        I32Load { .. }
        | I64Load { .. }
        | F32Load { .. }
        | F64Load { .. }
        | I32Load8S { .. }
        | I32Load8U { .. }
        | I32Load16S { .. }
        | I32Load16U { .. }
        | I64Load8S { .. }
        | I64Load8U { .. }
        | I64Load16S { .. }
        | I64Load16U { .. }
        | I64Load32S { .. }
        | I64Load32U { .. } => Some(Class::Load),
        I32Store { .. }
        | I64Store { .. }
        | F32Store { .. }
        | F64Store { .. }
        | I32Store8 { .. }
        | I32Store16 { .. }
        | I64Store8 { .. }
        | I64Store16 { .. }
        | I64Store32 { .. } => Some(Class::Store),
        _ => None,
    }
}

const fn integer(op: &Operator<'_>) -> Option<Class> {
    use Operator::*;
    match op {
        I32Eqz | I32Eq | I32Ne | I32LtS | I32LtU | I32GtS | I32GtU | I32LeS | I32LeU | I32GeS
        | I32GeU | I64Eqz | I64Eq | I64Ne | I64LtS | I64LtU | I64GtS | I64GtU | I64LeS | I64LeU
        | I64GeS | I64GeU | I32Clz | I32Ctz | I32Popcnt | I32Add | I32Sub | I32Mul | I32And
        | I32Or | I32Xor | I32Shl | I32ShrS | I32ShrU | I32Rotl | I32Rotr | I64Clz | I64Ctz
        | I64Popcnt | I64Add | I64Sub | I64Mul | I64And | I64Or | I64Xor | I64Shl | I64ShrS
        | I64ShrU | I64Rotl | I64Rotr | I32WrapI64 | I64ExtendI32S | I64ExtendI32U
        | I32Extend8S | I32Extend16S | I64Extend8S | I64Extend16S | I64Extend32S => {
            Some(Class::Simple)
        }
        I32DivS | I32DivU | I32RemS | I32RemU | I64DivS | I64DivU | I64RemS | I64RemU => {
            Some(Class::Divide)
        }
        _ => None,
    }
}

/// Floats are allowed: the metering makes every NaN the canonical one. [V3]
const fn float(op: &Operator<'_>) -> Option<Class> {
    use Operator::*;
    match op {
        F32Eq | F32Ne | F32Lt | F32Gt | F32Le | F32Ge | F64Eq | F64Ne | F64Lt | F64Gt | F64Le
        | F64Ge | F32Abs | F32Neg | F32Add | F32Sub | F32Mul | F32Min | F32Max | F32Copysign
        | F64Abs | F64Neg | F64Add | F64Sub | F64Mul | F64Min | F64Max | F64Copysign
        | I32ReinterpretF32 | I64ReinterpretF64 | F32ReinterpretI32 | F64ReinterpretI64 => {
            Some(Class::Float)
        }
        F32Ceil | F32Floor | F32Trunc | F32Nearest | F32Sqrt | F32Div | F64Ceil | F64Floor
        | F64Trunc | F64Nearest | F64Sqrt | F64Div => Some(Class::FloatSlow),
        I32TruncF32S | I32TruncF32U | I32TruncF64S | I32TruncF64U | I64TruncF32S | I64TruncF32U
        | I64TruncF64S | I64TruncF64U | F32ConvertI32S | F32ConvertI32U | F32ConvertI64S
        | F32ConvertI64U | F32DemoteF64 | F64ConvertI32S | F64ConvertI32U | F64ConvertI64S
        | F64ConvertI64U | F64PromoteF32 | I32TruncSatF32S | I32TruncSatF32U | I32TruncSatF64S
        | I32TruncSatF64U | I64TruncSatF32S | I64TruncSatF32U | I64TruncSatF64S
        | I64TruncSatF64U => Some(Class::Convert),
        _ => None,
    }
}

/// The type of the result of an instruction that can make a NaN whose bits Wasm leaves open.
pub(crate) const fn nan(op: &Operator<'_>) -> Option<ValType> {
    use Operator::*;
    match op {
        F32Add | F32Sub | F32Mul | F32Div | F32Min | F32Max | F32Ceil | F32Floor | F32Trunc
        | F32Nearest | F32Sqrt | F32DemoteF64 => Some(ValType::F32),
        F64Add | F64Sub | F64Mul | F64Div | F64Min | F64Max | F64Ceil | F64Floor | F64Trunc
        | F64Nearest | F64Sqrt | F64PromoteF32 => Some(ValType::F64),
        _ => None,
    }
}

macro_rules! describe {
    ($(
        @$proposal:ident $op:ident $({ $($arg:ident: $type:ty),* })? => $visit:ident ($($ann:tt)*)
    )*) => {
        /// The proposal and the name of an instruction, for reports.
        pub(crate) fn describe(op: &Operator<'_>) -> (&'static str, &'static str) {
            match op {
                $(Operator::$op $({ $($arg: _),* })? => (stringify!($proposal), stringify!($op)),)*
                _ => ("unknown", "unknown"),
            }
        }
    };
}

wasmparser::for_each_operator!(describe);
