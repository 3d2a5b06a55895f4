//! The smallest contract: it remembers a greeting, and how often it greeted.
//!
//! # Messages
//!
//! * `set(greeting)` changes the greeting, of 64 bytes at most.
//! * `hello(name)` answers with greeting and name, and counts.
//! * `count()`, a view: how often.
#![cfg_attr(target_family = "wasm", no_std)]

#[cfg(test)]
mod tests;

use thinkey_sdk::prelude::*;

/// Bytes of a greeting at most: anybody may change it, and it is kept on the account's deposit.
const GREETING: usize = 64;

/// The account.
#[account]
pub struct Hello {
    greeting: String,
    count: u64,
}

/// Greets.
#[contract]
impl Hello {
    /// Begins with a greeting.
    #[init]
    fn begin(&mut self, greeting: String) {
        self.greeting = greeting;
    }

    /// Changes the greeting.
    #[message]
    fn set(&mut self, greeting: String) {
        ensure!(greeting.len() <= GREETING, "at most 64 bytes");
        self.greeting = greeting;
    }

    /// Greets.
    #[message]
    fn hello(&mut self, name: String) -> String {
        self.count += 1;
        let mut text = self.greeting.clone();
        text.push_str(", ");
        text.push_str(&name);
        text
    }

    /// How often it greeted.
    #[view]
    fn count(&self) -> u64 {
        self.count
    }
}
