//! What work costs. One unit of gas is about a nanosecond of the reference machine; the example
//! `gas_costs` measures how near each price is.

use crate::abi::HostCall;
use crate::instruction::Class;
use crate::validate::{Body, Checked};

/// Bytes of a line, the unit in which copying is charged.
pub const LINE: u64 = 64;

/// The price of a host function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Each call.
    pub base: u64,
    /// Each begun line of bytes that it copies or hashes.
    pub line: u64,
    /// The share of the state tree, the block and the disk, which the engine itself never sees.
    pub state: u64,
    /// That share for each byte.
    pub state_byte: u64,
}

impl Price {
    /// What a call costs, whatever its bytes.
    pub const fn fixed(self) -> u64 {
        self.base.saturating_add(self.state)
    }

    /// What so many bytes cost.
    pub const fn bytes(self, count: u64) -> u64 {
        let lines = count.div_ceil(LINE).saturating_mul(self.line);
        lines.saturating_add(count.saturating_mul(self.state_byte))
    }
}

/// The prices of one version of the protocol.
///
/// Prices are compiled into modules, so the version is part of what a compiled module is known
/// by. [V6] A version, once used, never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GasSchedule {
    /// Its number.
    pub version: u32,
    /// Each entry into a metered block: function, loop, or after a branch. [V4]
    pub(crate) block: u64,
    /// Parameters, locals and operands that a call clears for one unit.
    pub(crate) slots: u64,
    /// Constants that a call copies for one unit.
    pub(crate) constants: u64,
    /// Each instruction, by class.
    pub(crate) instructions: [u64; Class::COUNT],
    /// Each 64 bytes that an instruction copies or fills.
    pub(crate) line: u64,
    /// Each table element that an instruction copies.
    pub(crate) element: u64,
    /// Each page that the memory grows by.
    pub(crate) page: u64,
    /// Each run: a fresh instance.
    pub(crate) instance: u64,
    /// Each page of memory that an instance starts with.
    pub(crate) initial_page: u64,
    /// Each import that an instance is linked with.
    pub(crate) link: u64,
    /// Each function of an instance.
    pub(crate) function: u64,
    /// Each global of an instance.
    pub(crate) global: u64,
    /// Each export of an instance.
    pub(crate) export: u64,
    /// Bytes of the exports' names that cost one unit: an instance sorts them.
    pub(crate) export_bytes: u64,
    /// Each segment of an instance, of data or of elements.
    pub(crate) segment: u64,
    /// Each element of a segment, also of one that no table starts with.
    pub(crate) segment_element: u64,
    /// Each byte of a module that is deployed: checking and compiling it.
    pub(crate) deploy_byte: u64,
}

impl GasSchedule {
    /// The first version.
    pub const V1: Self = Self {
        version: 1,
        block: 6,
        slots: 16,
        constants: 4,
        instructions: INSTRUCTIONS,
        line: 2,
        element: 4,
        page: 2_200,
        instance: 250,
        initial_page: 1_500,
        link: 155,
        function: 10,
        global: 12,
        export: 100,
        export_bytes: 3,
        segment: 15,
        segment_element: 8,
        deploy_byte: 45,
    };

    /// The price of a host function.
    pub const fn call(&self, call: HostCall) -> Price {
        call.import().price
    }

    /// What checking and compiling a new module costs.
    pub const fn deploy(&self, bytes: usize) -> u64 {
        self.deploy_byte.saturating_mul(bytes as u64)
    }

    /// What a fresh instance costs.
    pub(crate) fn instance_of(&self, checked: &Checked) -> u64 {
        let pages = checked.memory.map_or(0, |(initial, _)| initial);
        self.instance
            + self.initial_page * pages
            + self.line * (checked.initial_bytes + 8 * checked.table).div_ceil(LINE)
            + self.link * checked.imports.len() as u64
            + self.function * checked.functions.len() as u64
            + self.global * u64::from(checked.globals)
            + self.export * checked.exports
            + checked.export_bytes / self.export_bytes
            + self.segment * checked.segments
            + self.segment_element * checked.segment_elements
    }

    /// What the frame of a call costs: little for what ordinary functions have.
    pub(crate) const fn frame(&self, body: &Body) -> u64 {
        body.slots / self.slots + body.constants / self.constants
    }

    pub(crate) const fn of(&self, class: Class) -> u64 {
        self.instructions[class as usize]
    }
}

const INSTRUCTIONS: [u64; Class::COUNT] = {
    let mut prices = [0; Class::COUNT];
    prices[Class::Free as usize] = 0;
    prices[Class::Simple as usize] = 1;
    prices[Class::Divide as usize] = 2;
    prices[Class::Global as usize] = 2;
    prices[Class::Load as usize] = 2;
    prices[Class::Store as usize] = 2;
    prices[Class::Branch as usize] = 2;
    prices[Class::BranchTable as usize] = 6;
    prices[Class::Call as usize] = 14;
    prices[Class::CallIndirect as usize] = 24;
    prices[Class::Float as usize] = 7;
    prices[Class::FloatSlow as usize] = 10;
    prices[Class::Convert as usize] = 2;
    prices[Class::Grow as usize] = 50;
    prices[Class::BulkMemory as usize] = 20;
    prices[Class::BulkTable as usize] = 20;
    prices
};
