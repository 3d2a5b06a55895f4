//! tx-chain
