//! Keys as strings of 256 bits, and the prefixes by which key space is cut between chains.

/// A key of the state tree: 256 bits, the most significant bit of byte 0 first.
pub type Key = [u8; 32];

/// How many bits a [`Key`] has.
pub const KEY_BITS: usize = 256;

/// Bit `at` of `key`, counted from the most significant bit of byte 0; `at` < 256.
pub(super) fn bit(key: &Key, at: usize) -> bool {
    key[at / 8] >> (7 - at % 8) & 1 == 1
}

/// How many leading bits two keys share: 0..=256.
pub(super) fn shared_bits(a: &Key, b: &Key) -> usize {
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        if x != y {
            return i * 8 + (x ^ y).leading_zeros() as usize;
        }
    }
    KEY_BITS
}

/// `key` with every bit from position `len` on set to zero.
pub(super) fn truncated(key: &Key, len: usize) -> Key {
    let mut out = [0; 32];
    let whole = len / 8;
    out[..whole].copy_from_slice(&key[..whole]);
    if !len.is_multiple_of(8) {
        out[whole] = key[whole] & !(0xff >> (len % 8));
    }
    out
}

/// The set of keys that begin with given bits: the part of key space that one chain owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Prefix {
    bits: Key,
    len: u16,
}

impl Prefix {
    /// All keys.
    pub const ALL: Self = Self {
        bits: [0; 32],
        len: 0,
    };

    /// The keys that share the first `len` bits of `key`; `None` if `len` is above 256.
    pub fn new(key: &Key, len: usize) -> Option<Self> {
        (len <= KEY_BITS).then(|| Self {
            bits: truncated(key, len),
            len: len as u16,
        })
    }

    /// The half of this prefix whose next bit is `one`; `None` if it already has 256 bits.
    pub fn half(&self, one: bool) -> Option<Self> {
        let at = self.len();
        if at == KEY_BITS {
            return None;
        }
        let mut bits = self.bits;
        if one {
            bits[at / 8] |= 0x80 >> (at % 8);
        }
        Some(Self {
            bits,
            len: self.len + 1,
        })
    }

    /// How many bits are fixed: 0..=256.
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// True for the prefix of all keys.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The fixed bits, zeros behind them: also the smallest key inside.
    pub fn first_key(&self) -> &Key {
        &self.bits
    }

    /// Does `key` begin with these bits?
    pub fn contains(&self, key: &Key) -> bool {
        shared_bits(&self.bits, key) >= self.len()
    }
}
