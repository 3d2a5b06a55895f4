use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::Trap;

/// An engine whose modules are their code; counts how often it meters and translates.
#[derive(Default)]
struct Counting {
    metered: AtomicU64,
    whole: AtomicU64,
    called: AtomicU64,
}

impl Engine for Counting {
    type Metered = Vec<u8>;
    type Module = Vec<u8>;

    const VERSION: u32 = 9;

    fn meter(&self, code: &[u8], _: &GasSchedule) -> Result<Vec<u8>, Invalid> {
        self.metered.fetch_add(1, Ordering::Relaxed);
        Ok(code.to_vec())
    }

    fn translate(&self, code: &Vec<u8>, extent: Extent) -> Result<Vec<u8>, Invalid> {
        let count = match extent {
            Extent::All => &self.whole,
            Extent::Called => &self.called,
        };
        count.fetch_add(1, Ordering::Relaxed);
        Ok(code.clone())
    }

    fn run(&self, _: &Vec<u8>, _: Entry, _: &mut dyn Host, gas: u64) -> Outcome {
        Outcome::trapped(Trap::Unreachable, gas)
    }

    fn has(&self, _: &Vec<u8>, _: Entry) -> bool {
        true
    }

    fn metered_size(&self, code: &Vec<u8>) -> usize {
        code.len() / 4
    }

    fn size(&self, module: &Vec<u8>) -> usize {
        module.len()
    }
}

fn vm(modules: usize, metered: usize) -> Vm<Counting> {
    let bounds = Bounds { modules, metered };
    Vm::new(Counting::default(), GasSchedule::V1, bounds)
}

fn use_in_turn(vm: &Vm<Counting>, steps: &[(u8, usize)]) -> u64 {
    for (name, size) in steps {
        vm.deploy(&Hash::new([*name; 32]), &vec![0; *size])
            .expect("compiles");
        assert!(vm.kept()[0].1 <= 100);
    }
    vm.engine.whole.load(Ordering::Relaxed)
}

#[test]
fn what_was_used_last_stays() {
    let vm = vm(100, 0);
    assert_eq!(use_in_turn(&vm, &[(1, 40), (2, 40), (1, 40)]), 2);
    // 3 drives out 2, since 1 was used after it.
    assert_eq!(use_in_turn(&vm, &[(3, 40), (1, 40)]), 3);
    assert_eq!(use_in_turn(&vm, &[(2, 40)]), 4);
    assert_eq!(vm.kept()[0], (2, 80));
}

#[test]
fn one_that_is_too_large_drives_nothing_out() {
    let vm = vm(100, 0);
    assert_eq!(use_in_turn(&vm, &[(1, 40), (2, 101), (2, 101), (1, 40)]), 3);
    assert_eq!(vm.kept()[0], (1, 40));
}

#[test]
fn a_large_one_drives_out_several() {
    let vm = vm(100, 0);
    use_in_turn(&vm, &[(1, 30), (2, 30), (3, 30), (4, 70)]);
    assert_eq!(vm.kept()[0], (2, 100));
}

#[test]
fn what_was_metered_is_kept_longer_than_what_was_translated() {
    let vm = vm(100, 100);
    let all: Vec<(u8, usize)> = (0..10).map(|name| (name, 40)).collect();
    assert_eq!(use_in_turn(&vm, &all), 10);
    assert_eq!(use_in_turn(&vm, &all), 10, "none is translated whole again");
    let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let engine = &vm.engine;
    assert_eq!((count(&engine.metered), count(&engine.called)), (10, 10));
    assert_eq!(vm.kept(), [(2, 80), (10, 100)]);
}
