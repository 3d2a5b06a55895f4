//! Tests of the whole, that belong to no single crate; the simulator is in `sim`.
