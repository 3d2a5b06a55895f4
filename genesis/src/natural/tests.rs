use proptest::prelude::*;

use super::Natural;

fn natural(value: u128) -> Natural {
    Natural {
        limbs: vec![value as u64, (value >> 64) as u64],
    }
    .trimmed()
}

proptest! {
    #[test]
    fn operations_agree_with_machine_arithmetic(
        a in 0..=u128::MAX / 2,
        b in 0..=u128::MAX / 2,
        small in 1..=u64::MAX,
    ) {
        let mut sum = natural(a);
        sum.add(&natural(b));
        prop_assert_eq!(&sum, &natural(a + b));
        sum.subtract(&natural(b));
        prop_assert_eq!(&sum, &natural(a));
        prop_assert_eq!(natural(a).cmp(&natural(b)), a.cmp(&b));

        let mut product = natural(u128::from(a as u64));
        product.multiply(small);
        prop_assert_eq!(&product, &natural(u128::from(a as u64) * u128::from(small)));
    }

    #[test]
    fn division_undoes_multiplication(factors in prop::collection::vec(1..=u64::MAX, 1..40)) {
        let mut product = Natural::of(1);
        factors.iter().for_each(|factor| product.multiply(*factor));
        factors.iter().for_each(|factor| product.divide(*factor));
        prop_assert_eq!(product, Natural::of(1));
    }
}

#[test]
fn a_carry_makes_a_new_limb_and_a_borrow_removes_it() {
    let mut number = Natural::of(u64::MAX);
    number.add(&Natural::of(1));
    assert_eq!(number.limbs, [0, 1]);
    number.subtract(&Natural::of(1));
    assert_eq!(number.limbs, [u64::MAX]);
    number.subtract(&Natural::of(u64::MAX));
    assert!(number.is_zero());
}

#[test]
#[should_panic(expected = "no rest")]
fn a_division_with_a_rest_is_a_broken_invariant() {
    Natural::of(7).divide(2);
}
