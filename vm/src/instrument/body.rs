//! Rewrites function bodies.

use std::collections::BTreeMap;

use wasm_encoder::{BlockType, CodeSection, Encode, Instruction, ValType};
use wasmparser::{BinaryReader, FunctionBody, Operator};

use super::charge::{Counters, RangePrice, canonical};
use crate::instruction::{Class, class, nan};
use crate::schedule::GasSchedule;
use crate::validate::{Body, Checked, FEATURES, Invalid};

/// The rewritten bodies, and the types that they need besides the module's own.
pub(super) struct Bodies {
    pub(super) types: Vec<Vec<u8>>,
    pub(super) section: CodeSection,
    /// Where in `types` a type is.
    places: BTreeMap<Vec<u8>, usize>,
}

impl Bodies {
    pub(super) fn of(
        code: &[u8],
        checked: &Checked,
        schedule: &GasSchedule,
    ) -> Result<Self, Invalid> {
        let mut bodies = Self {
            types: Vec::new(),
            section: CodeSection::new(),
            places: BTreeMap::new(),
        };
        for (index, body) in checked.bodies.iter().enumerate() {
            let ty = checked.type_of(index);
            let results = ty.map_or(&[][..], |ty| ty.results());
            let params = ty.map_or(0, |ty| ty.params().len());
            let wrapper = bodies.block_type(checked, results);
            let mut rewriter = Rewriter::new(checked, schedule, body, params, wrapper);
            rewriter.rewrite(code, body)?;
            bodies.section.raw(&rewriter.out);
        }
        Ok(bodies)
    }

    /// The type of a block that leaves these results.
    fn block_type(&mut self, checked: &Checked, results: &[wasmparser::ValType]) -> BlockType {
        match results {
            [] => BlockType::Empty,
            [one] => BlockType::Result(number(*one)),
            many => {
                // () -> many
                let mut ty = vec![0x60, 0];
                (many.len() as u32).encode(&mut ty);
                many.iter().for_each(|one| number(*one).encode(&mut ty));
                let place = self.place(ty);
                BlockType::FunctionType((checked.types.len() + place) as u32)
            }
        }
    }

    /// Where a type is, which is added if it is new.
    fn place(&mut self, ty: Vec<u8>) -> usize {
        let next = self.types.len();
        *self.places.entry(ty).or_insert_with_key(|ty| {
            self.types.push(ty.clone());
            next
        })
    }
}

/// A checked module has numbers only.
const fn number(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        _ => ValType::I32,
    }
}

/// Where a metered block starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Function,
    Loop,
    Branch,
}

/// A block of the code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// `block`, and whether something branches to its end.
    Block(bool),
    /// `loop`: branches go to its start.
    Loop,
    /// `if`: two ways meet at its end.
    If,
}

struct Rewriter<'a> {
    schedule: &'a GasSchedule,
    counters: Counters,
    /// First of two scratch locals.
    scratch: u32,
    /// Whether conditional jumps may be too far for the interpreter.
    far: bool,
    /// Scratch locals of type `f32` and `f64`.
    floats: u32,
    /// The block around the body of a function that calls; slots that a call takes.
    wrapper: Option<(BlockType, u64)>,
    out: Vec<u8>,
    frames: Vec<Frame>,
    /// The metered block under way: how it started, its code, its cost.
    start: Start,
    pending: Vec<u8>,
    cost: u64,
}

impl<'a> Rewriter<'a> {
    fn new(
        checked: &Checked,
        schedule: &'a GasSchedule,
        body: &Body,
        params: usize,
        wrapper: BlockType,
    ) -> Self {
        let locals: u32 = body.locals.iter().map(|(count, _)| count).sum();
        Self {
            schedule,
            counters: Counters {
                gas: checked.globals,
                stack: checked.globals + 1,
            },
            scratch: params as u32 + locals,
            far: body.far,
            floats: params as u32 + locals + 2 * u32::from(body.ranges),
            wrapper: body.calls.then_some((wrapper, body.frame())),
            out: Vec::with_capacity(2 * body.range.len()),
            frames: Vec::new(),
            start: Start::Function,
            pending: Vec::new(),
            // [V4] The frame belongs to the function's first block.
            cost: schedule.frame(body),
        }
    }

    fn rewrite(&mut self, code: &[u8], body: &Body) -> Result<(), Invalid> {
        self.locals(body);
        let bytes = code.get(body.range.clone()).unwrap_or_default();
        let reader = BinaryReader::new_features(bytes, body.range.start, FEATURES);
        let mut operators = FunctionBody::new(reader).get_operators_reader()?;
        while !operators.eof() {
            let from = operators.original_position();
            let op = operators.read()?;
            let raw = code.get(from..operators.original_position());
            self.step(&op, raw.unwrap_or_default());
        }
        Ok(())
    }

    fn locals(&mut self, body: &Body) {
        let groups = body.locals.len() as u32 + u32::from(body.ranges) + 2 * u32::from(body.nans);
        groups.encode(&mut self.out);
        for (count, ty) in &body.locals {
            count.encode(&mut self.out);
            number(*ty).encode(&mut self.out);
        }
        // Two for ranges, then one of each float type.
        let scratch = [
            (body.ranges, 2u32, ValType::I32),
            (body.nans, 1, ValType::F32),
            (body.nans, 1, ValType::F64),
        ];
        for (_, count, ty) in scratch.iter().filter(|(needed, ..)| *needed) {
            count.encode(&mut self.out);
            ty.encode(&mut self.out);
        }
    }

    fn step(&mut self, op: &Operator<'_>, raw: &[u8]) {
        let class = class(op).unwrap_or(Class::Simple);
        self.cost += self.schedule.of(class);
        match op {
            Operator::Block { .. } => self.open(Frame::Block(false), raw),
            Operator::Loop { .. } => self.open(Frame::Loop, raw),
            Operator::If { .. } => self.open(Frame::If, raw),
            Operator::Else | Operator::Unreachable => self.last(raw),
            Operator::End => self.close(raw),
            Operator::Br { relative_depth } => {
                self.mark(*relative_depth);
                self.last(raw);
            }
            Operator::BrIf { relative_depth } => {
                self.mark(*relative_depth);
                self.jump_if(*relative_depth, raw);
            }
            Operator::BrTable { targets } => {
                // Each target is a case that the engine has to compile.
                self.cost += u64::from(targets.len()) / 16;
                let others = targets.targets().map_while(Result::ok);
                others
                    .chain([targets.default()])
                    .for_each(|target| self.mark(target));
                self.last(raw);
            }
            Operator::Return => self.leave(raw),
            Operator::CallIndirect { type_index, .. } => {
                // The one table, in the encoding that every engine knows.
                let (type_index, table_index) = (*type_index, 0);
                let call = Instruction::CallIndirect {
                    type_index,
                    table_index,
                };
                call.encode(&mut self.pending);
            }
            _ => {
                self.plain(class, raw);
                if let Some(ty) = nan(op) {
                    let second = u32::from(ty == wasmparser::ValType::F64);
                    canonical(&mut self.pending, self.floats + second, ty);
                }
            }
        }
    }

    /// A conditional jump; over a plain one, which reaches anywhere, where it may be too far.
    fn jump_if(&mut self, depth: u32, raw: &[u8]) {
        if !self.far {
            return self.last(raw);
        }
        let jump = Instruction::Br(depth + 1);
        for instruction in [Instruction::If(BlockType::Empty), jump, Instruction::End] {
            instruction.encode(&mut self.pending);
        }
        self.flush(Start::Branch);
    }

    /// An instruction that goes on with the next one.
    fn plain(&mut self, class: Class, raw: &[u8]) {
        let (counters, scratch) = (self.counters, self.scratch);
        let price = match class {
            Class::Grow => {
                let page = self.schedule.page;
                return counters.charge_growth(&mut self.pending, scratch, page);
            }
            Class::BulkMemory => Some(RangePrice::bytes(self.schedule)),
            Class::BulkTable => Some(RangePrice::elements(self.schedule)),
            _ => None,
        };
        if let Some(price) = price {
            counters.charge_range(&mut self.pending, scratch, price);
        }
        self.pending.extend_from_slice(raw);
    }

    fn open(&mut self, frame: Frame, raw: &[u8]) {
        self.frames.push(frame);
        self.pending.extend_from_slice(raw);
        match frame {
            Frame::Block(_) => {}
            Frame::Loop => self.flush(Start::Loop),
            Frame::If => self.flush(Start::Branch),
        }
    }

    fn close(&mut self, raw: &[u8]) {
        let Some(frame) = self.frames.pop() else {
            return self.finish(raw);
        };
        self.pending.extend_from_slice(raw);
        if matches!(frame, Frame::Block(true) | Frame::If) {
            self.flush(Start::Branch);
        }
    }

    /// Remembers that something branches to the end of a block.
    fn mark(&mut self, depth: u32) {
        let index = self.frames.len().checked_sub(1 + depth as usize);
        let frame = index.and_then(|index| self.frames.get_mut(index));
        if let Some(Frame::Block(targeted)) = frame {
            *targeted = true;
        }
    }

    /// An instruction after which another metered block starts.
    fn last(&mut self, raw: &[u8]) {
        self.pending.extend_from_slice(raw);
        self.flush(Start::Branch);
    }

    fn leave(&mut self, raw: &[u8]) {
        match self.wrapper {
            Some(_) => Instruction::Br(self.frames.len() as u32).encode(&mut self.pending),
            None => self.pending.extend_from_slice(raw),
        }
        self.flush(Start::Branch);
    }

    /// The function's own end.
    fn finish(&mut self, raw: &[u8]) {
        self.flush(Start::Branch);
        if let Some((_, frame)) = self.wrapper {
            Instruction::End.encode(&mut self.out);
            self.counters.leave(&mut self.out, frame);
            // Else unwinding deep recursion would run the rest of every function unpaid.
            self.counters.check_gas(&mut self.out);
        }
        self.out.extend_from_slice(raw);
    }

    /// Writes the metered block under way and starts the next one.
    fn flush(&mut self, next: Start) {
        let (counters, out) = (self.counters, &mut self.out);
        match (self.start, self.wrapper) {
            (Start::Function, Some((block, frame))) => {
                counters.enter(out, frame);
                counters.charge(out, self.cost + self.schedule.block);
                counters.check_both(out);
                Instruction::Block(block).encode(out);
            }
            (Start::Function, None) | (Start::Loop, _) => {
                counters.charge(out, self.cost + self.schedule.block);
                counters.check_gas(out);
            }
            (Start::Branch, _) if self.cost > 0 => {
                counters.charge(out, self.cost + self.schedule.block);
            }
            (Start::Branch, _) => {}
        }
        out.append(&mut self.pending);
        self.cost = 0;
        self.start = next;
    }
}
