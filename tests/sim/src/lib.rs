//! The simulator: whole networks under virtual time, from a seed.
