//! Directories after a power loss, made from copies of them before.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a directory tree.
pub(crate) type Image = BTreeMap<PathBuf, Vec<u8>>;

const SECTOR: usize = 512;

pub(crate) fn image(root: &Path) -> Image {
    let (mut files, mut directories) = (Image::new(), vec![root.to_owned()]);
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

pub(crate) fn restore(image: &Image, root: &Path) {
    for (name, bytes) in image {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// What a power loss may leave of `after` if `before` was durable: each changed sector is old or
/// new (or, beyond the old end, zero), and the files end anywhere between the two ends.
pub(crate) fn torn(before: &Image, after: &Image, seed: u64) -> Image {
    let mut dice = Dice(seed);
    let mut wreck = Image::new();
    for (name, new) in after {
        let old = before.get(name);
        if old.is_none() && dice.below(2) == 0 {
            continue;
        }
        let old = old.map(Vec::as_slice).unwrap_or_default();
        wreck.insert(name.clone(), torn_file(old, new, &mut dice));
    }
    wreck
}

fn torn_file(old: &[u8], new: &[u8], dice: &mut Dice) -> Vec<u8> {
    let longer = old.len().max(new.len());
    let mut out = Vec::with_capacity(longer);
    // Chances from "hardly anything arrived" to "nearly all did".
    let chance = 1 + dice.below(9);
    for at in (0..longer).step_by(SECTOR) {
        let sector = |bytes: &[u8]| {
            let from = bytes.get(at..).unwrap_or_default();
            let mut sector = from[..from.len().min(SECTOR)].to_vec();
            sector.resize(SECTOR.min(longer - at), 0);
            sector
        };
        out.extend(sector(if dice.below(10) < chance { new } else { old }));
    }
    let shorter = old.len().min(new.len());
    out.truncate(shorter + dice.below(longer - shorter + 1));
    out
}

/// SplitMix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}
