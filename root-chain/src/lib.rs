//! root-chain
