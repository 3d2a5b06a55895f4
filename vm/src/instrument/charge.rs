//! The instructions that charge.

use wasm_encoder::{BlockType, Encode, Ieee32, Ieee64, Instruction as I};
use wasmparser::ValType;

use crate::limits;
use crate::schedule::GasSchedule;

/// The counters' indices.
#[derive(Clone, Copy)]
pub(super) struct Counters {
    pub(super) gas: u32,
    pub(super) stack: u32,
}

fn put(code: &mut Vec<u8>, instructions: &[I<'_>]) {
    instructions.iter().for_each(|i| i.encode(code));
}

impl Counters {
    /// Takes a constant from a counter.
    fn take(code: &mut Vec<u8>, counter: u32, amount: u64) {
        let get = I::GlobalGet(counter);
        let set = I::GlobalSet(counter);
        put(
            code,
            &[get, I::I64Const(amount.cast_signed()), I::I64Sub, set],
        );
    }

    /// Charges a metered block.
    pub(super) fn charge(self, code: &mut Vec<u8>, cost: u64) {
        Self::take(code, self.gas, cost);
    }

    /// Takes the slots of a call.
    pub(super) fn enter(self, code: &mut Vec<u8>, frame: u64) {
        Self::take(code, self.stack, frame);
    }

    /// Gives the slots of a call back.
    pub(super) fn leave(self, code: &mut Vec<u8>, frame: u64) {
        let (get, set) = (I::GlobalGet(self.stack), I::GlobalSet(self.stack));
        put(
            code,
            &[get, I::I64Const(frame.cast_signed()), I::I64Add, set],
        );
    }

    /// Stops if the gas is used up.
    pub(super) fn check_gas(self, code: &mut Vec<u8>) {
        put(code, &[I::GlobalGet(self.gas)]);
        Self::stop_below_zero(code);
    }

    /// Stops if the gas or the stack is used up.
    pub(super) fn check_both(self, code: &mut Vec<u8>) {
        put(
            code,
            &[I::GlobalGet(self.gas), I::GlobalGet(self.stack), I::I64Or],
        );
        Self::stop_below_zero(code);
    }

    fn stop_below_zero(code: &mut Vec<u8>) {
        let if_ = I::If(BlockType::Empty);
        put(
            code,
            &[I::I64Const(0), I::I64LtS, if_, I::Unreachable, I::End],
        );
    }

    /// Charges for a range whose length is on top of the operand stack, and leaves it there.
    pub(super) fn charge_range(self, code: &mut Vec<u8>, scratch: u32, price: RangePrice) {
        let set = I::GlobalSet(self.gas);
        put(
            code,
            &[
                I::LocalTee(scratch),
                I::GlobalGet(self.gas),
                I::LocalGet(scratch),
                I::I64ExtendI32U,
                I::I64Const(price.shift),
                I::I64ShrU,
                I::I64Const(price.each.cast_signed()),
                I::I64Mul,
                I::I64Sub,
                set,
            ],
        );
        self.check_gas(code);
    }

    /// Grows the memory and charges for what it grew by: nothing if it could not grow.
    pub(super) fn charge_growth(self, code: &mut Vec<u8>, scratch: u32, page: u64) {
        let set = I::GlobalSet(self.gas);
        put(
            code,
            &[
                I::LocalTee(scratch),
                I::MemoryGrow(0),
                I::LocalTee(scratch + 1),
                I::GlobalGet(self.gas),
                I::LocalGet(scratch),
                I::I64ExtendI32U,
                I::LocalGet(scratch + 1),
                I::I32Const(-1),
                I::I32Ne,
                I::I64ExtendI32U,
                I::I64Mul,
                I::I64Const(page.cast_signed()),
                I::I64Mul,
                I::I64Sub,
                set,
            ],
        );
        self.check_gas(code);
    }
}

/// Replaces a NaN on top of the operand stack by the canonical one. [V3]
pub(super) fn canonical(code: &mut Vec<u8>, scratch: u32, ty: ValType) {
    let (nan, equal) = match ty {
        ValType::F32 => (I::F32Const(Ieee32::new(F32_NAN)), I::F32Eq),
        _ => (I::F64Const(Ieee64::new(F64_NAN)), I::F64Eq),
    };
    let (tee, get) = (I::LocalTee(scratch), I::LocalGet(scratch));
    put(code, &[tee, nan, get.clone(), get, equal, I::Select]);
}

const F32_NAN: u32 = 0x7fc0_0000;
const F64_NAN: u64 = 0x7ff8_0000_0000_0000;

/// Price of a range by its length.
#[derive(Clone, Copy)]
pub(super) struct RangePrice {
    /// Of `2^shift` units.
    each: u64,
    shift: i64,
}

impl RangePrice {
    /// Of a range of bytes.
    pub(super) const fn bytes(schedule: &GasSchedule) -> Self {
        let (each, shift) = (schedule.line, 6);
        Self { each, shift }
    }

    /// Of a range of table elements.
    pub(super) const fn elements(schedule: &GasSchedule) -> Self {
        let (each, shift) = (schedule.element, 0);
        Self { each, shift }
    }
}

// [V4] Between two checks a counter can't wrap: gas starts at `limits::GAS` at most, one function
// costs less than 2^40, and no range costs more than 2^32 · 2^20.
const _: () = assert!(limits::GAS <= 1 << 60 && limits::STACK <= 1 << 32);
