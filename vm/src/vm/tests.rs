use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::Trap;

/// An engine whose modules are their code; counts how often it compiles.
#[derive(Default)]
struct Counting(AtomicU64);

impl Engine for Counting {
    type Module = Vec<u8>;

    const VERSION: u32 = 9;

    fn compile(&self, code: &[u8], _: &GasSchedule) -> Result<Vec<u8>, Invalid> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(code.to_vec())
    }

    fn run(&self, _: &Vec<u8>, _: Entry, _: &mut dyn Host, gas: u64) -> Outcome {
        Outcome::trapped(Trap::Unreachable, gas)
    }

    fn has(&self, _: &Vec<u8>, _: Entry) -> bool {
        true
    }

    fn size(&self, module: &Vec<u8>) -> usize {
        module.len()
    }
}

fn use_in_turn(vm: &Vm<Counting>, steps: &[(u8, usize)]) -> u64 {
    for (name, size) in steps {
        vm.deploy(&Hash::new([*name; 32]), &vec![0; *size])
            .expect("compiles");
        assert!(vm.kept().1 <= 100);
    }
    vm.engine.0.load(Ordering::Relaxed)
}

#[test]
fn what_was_used_last_stays() {
    let vm = Vm::new(Counting::default(), GasSchedule::V1, 100);
    assert_eq!(use_in_turn(&vm, &[(1, 40), (2, 40), (1, 40)]), 2);
    // 3 drives out 2, since 1 was used after it.
    assert_eq!(use_in_turn(&vm, &[(3, 40), (1, 40)]), 3);
    assert_eq!(use_in_turn(&vm, &[(2, 40)]), 4);
    assert_eq!(vm.kept(), (2, 80));
}

#[test]
fn one_that_is_too_large_drives_nothing_out() {
    let vm = Vm::new(Counting::default(), GasSchedule::V1, 100);
    assert_eq!(use_in_turn(&vm, &[(1, 40), (2, 101), (2, 101), (1, 40)]), 3);
    assert_eq!(vm.kept(), (1, 40));
}

#[test]
fn a_large_one_drives_out_several() {
    let vm = Vm::new(Counting::default(), GasSchedule::V1, 100);
    use_in_turn(&vm, &[(1, 30), (2, 30), (3, 30), (4, 70)]);
    assert_eq!(vm.kept(), (2, 100));
}
