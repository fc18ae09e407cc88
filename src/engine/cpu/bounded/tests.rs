//! Bounds hold for f32 in every grouping that was tried, and are no wider than they must be.

use super::super::real::Real;
use super::{Bounded, TINY, UNIT, Whole};
use crate::plan::fixed_point::{Units, quantise};

/// Numbers without pattern, in (-1, 1).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / 2f64.powi(52) - 1.0
    }
}

fn leaf(x: f32) -> Bounded {
    Bounded::from_f64(f64::from(x))
}

fn whole(units: i32) -> Whole {
    Whole { units, open: 0 }
}

#[test]
fn whole_numbers_that_are_sent_know_by_how_much_others_may_differ() {
    let units = Units::new(1024.0);
    let sent = |x: Bounded| {
        let mut sums = [Whole::default()];
        Bounded::values_to_sums(&[x], units, &mut sums);
        sums[0]
    };
    assert_eq!(sent(leaf(0.7)), whole(quantise(f64::from(0.7f32), 1024.0)));
    // an error of a few units in the last place moves nothing far from a half, and one unit where a half lies within it
    let off = |x: f64, error: f64| Bounded { error, ..Bounded::from_f64(x) };
    assert_eq!(sent(off(100.25 / 1024.0, 1e-7)).open, 0);
    assert_eq!(sent(off(100.5 / 1024.0, 1e-7)), Whole { units: 101, open: 1 });
    assert_eq!(sent(off(-100.0 / 1024.0, 3.0 / 1024.0)), Whole { units: -100, open: 3 });
    assert_eq!(sent(off(1.0, f64::INFINITY)).open, u32::MAX);
    // what is open is that of all who sent, and goes on into the number that arrives
    let sum = Bounded::add_sum(sent(off(100.5 / 1024.0, 1e-7)), sent(off(0.0, 2.0 / 1024.0)));
    assert_eq!(sum, Whole { units: 101, open: 3 });
    let arrived = Bounded::from_sum(sum, leaf(1.0 / 1024.0));
    assert!(arrived.allows(104.0 / 1024.0) && arrived.allows(98.0 / 1024.0) && !arrived.allows(105.0 / 1024.0));
}

#[test]
fn sums_and_products_in_every_grouping() {
    let mut dice = Dice(1);
    let mut worst = 0.0f64;
    for _ in 0..20_000 {
        let x: Vec<f32> = (0..6).map(|k| (dice.roll() * 10f64.powi(k % 3)) as f32).collect();
        let [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map(|k| leaf(x[k]));
        let bound = a * b + c * d + e * f;
        let [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map(|k| x[k]);
        let found = [
            a * b + c * d + e * f,
            a * b + (c * d + e * f),
            e.mul_add(f, c.mul_add(d, a * b)),
            a.mul_add(b, e.mul_add(f, c * d)),
            c.mul_add(d, a * b + e * f),
        ];
        for y in found {
            assert!(bound.allows(f64::from(y)), "{x:?}: {y} {bound:?}");
            worst = worst.max((f64::from(y) - bound.value).abs() / bound.error);
        }
    }
    // three terms: three units of all of them, where half of one is lost in each of two sums; the products are small beside it
    assert!((0.1..0.5).contains(&worst), "{worst}");
}

/// A sum of many terms with one that is large, taken first: each sum rounds against it.
#[test]
fn the_worst_grouping_is_covered() {
    let mut dice = Dice(3);
    let mut worst = 0.0f64;
    for _ in 0..5_000 {
        let x: Vec<f32> = (0..7).map(|_| dice.roll() as f32 * 1e-5).collect();
        let large = 70.0 + dice.roll() as f32;
        let small = x.iter().map(|x| leaf(*x)).reduce(|a, b| a + b).unwrap();
        let bound = leaf(large) + small;
        let found = x.iter().fold(large, |sum, x| sum + x);
        assert!(bound.allows(f64::from(found)), "{x:?}: {found} {bound:?}");
        worst = worst.max((f64::from(found) - bound.value).abs() / bound.error);
    }
    assert!(worst > 0.1, "{worst}");
    // with a factor taken out
    let (x, d) = (leaf(0.7), leaf(-0.0123));
    let bound = x + x * d;
    assert!(bound.allows(f64::from(0.7f32 * (1.0 + -0.0123f32))));
}

#[test]
fn what_f32_holds_is_exact() {
    let (a, b) = (leaf(3.0), leaf(0.25));
    for x in [a + b, a - b, a * b, a - a, Bounded::ZERO * leaf(1e30), leaf(1e8) + Bounded::ZERO] {
        assert_eq!(x.error, 0.0, "{x:?}");
    }
    // lost in f64 already, though the result is an f32
    assert!((leaf(1.0) + leaf(1e-30)).error > 0.0);
    assert!((leaf(1.0) + leaf(1e-7)).error > 0.0 && (leaf(0.1) * leaf(0.1)).error > 0.0);
    assert!((Bounded::from_sum(whole((1 << 24) + 1), Bounded::ONE)).error > 0.0);
    assert_eq!(Bounded::from_sum(whole(-(1 << 24)), leaf(0.5)).error, 0.0);
}

#[test]
fn the_edges_of_the_range() {
    let tiny = leaf(1e-39);
    assert!(tiny.allows(0.0) && tiny.allows(f64::from(1e-39f32)) && !tiny.allows(1e-38));
    assert!((leaf(1e-20) * leaf(1e-20)).allows(0.0) && TINY > 1e-38);
    assert_eq!((leaf(3e38) + leaf(3e38)).error, f64::INFINITY);
    assert_eq!(leaf(1.0) / Bounded::ZERO, leaf(f32::INFINITY));
    assert_eq!((leaf(1.0) / (leaf(1.0) + leaf(1e-7) - leaf(1.0))).error, f64::INFINITY);
    // what is unknown stays so in a minimum, a maximum and a choice
    let unknown = leaf(1.0) / Bounded::ZERO;
    for x in
        [unknown.least(leaf(1.0)), unknown.greatest(leaf(1.0)), unknown.less(leaf(1.0)).pick(unknown, leaf(1.0)), unknown.sin()]
    {
        assert_eq!(x.error, f64::INFINITY, "{x:?}");
    }
    // open, but by no rounding: no tie, however the truth values go on
    let open = unknown.less(leaf(1.0));
    for x in [open, open.opposite(), open.both(Bounded::ONE), open.either(Bounded::ZERO), Bounded::ONE.pick(open, Bounded::ZERO)] {
        assert!(x.known().is_none() && !x.undecided(), "{x:?}");
    }
    let near = leaf(0.1) * leaf(0.1);
    for x in [near.less(leaf(0.01)), near.less(leaf(0.01)).both(Bounded::ONE).opposite()] {
        assert!(x.undecided(), "{x:?}");
    }
    assert!(!open.both(Bounded::ZERO).undecided() && open.both(Bounded::ZERO).known() == Some(false));
    // a sigmoid that is saturated
    let saturated = |x: f32| leaf(1.0) / (leaf(1.0) + leaf(x).exp());
    assert!(saturated(200.0).allows(0.0) && saturated(200.0).error == 0.0 && saturated(-200.0).allows(1.0));
    assert!(saturated(88.5).allows(0.0) && saturated(88.5).error < 2.0 * TINY && saturated(88.725).error > 1.0);
    assert!((leaf(-2.0) * leaf(100.0).exprel() + leaf(3.0)).value == f64::NEG_INFINITY);
    assert!(!leaf(f32::NAN).allows(f64::NAN) && !leaf(1.0).allows(f64::NAN) && !leaf(1e30).exp().allows(f64::NAN));
}

#[test]
fn what_rounding_may_decide_is_open() {
    let third = leaf(1.0) / leaf(3.0);
    let near = third + leaf(1e-9);
    for open in [third.less(near), near.less(third), third.less_equal(near), third.equal(near)] {
        assert!(open.undecided() && open.allows(0.0) && open.allows(1.0), "{open:?}");
    }
    let far = third + leaf(1e-3);
    assert!(!third.less(far).undecided() && !far.less(third).undecided() && !third.equal(far).undecided());
    // leaves are exact
    for (x, y) in [(1.0, 1.0), (1.0, 2.0)] {
        let (a, b) = (leaf(x), leaf(y));
        assert_eq!(
            [a.less(b), a.less_equal(b), a.equal(b)].map(|t| (t.value, t.error)),
            [(f32::from(u8::from(x < y)), 0.0), (1.0, 0.0), (f32::from(u8::from(x == y)), 0.0)].map(|(v, e)| (f64::from(v), e))
        );
    }
    let open = third.less(near);
    let picked = open.pick(leaf(5.0), leaf(-3.0));
    assert!(picked.value == 5.0 && picked.allows(-3.0) && !picked.allows(-3.1) && !picked.allows(13.1));
    let other = open.opposite().pick(leaf(5.0), leaf(-3.0));
    assert!(other.value == -3.0 && other.allows(5.0));
    // what one side settles is settled
    assert!(!open.both(Bounded::ZERO).undecided() && !open.either(Bounded::ONE).undecided());
    assert!(open.both(Bounded::ONE).undecided() && open.either(Bounded::ZERO).undecided());
    let least = third.least(near);
    assert!(least.value == third.value && least.error < 4.0 * UNIT, "{least:?}");
    assert_eq!(third.greatest(far), far);
    assert_eq!((third - third).sign().error, 1.0);
    let step = (third * leaf(3.0)).floor();
    assert!(step.allows(0.0) && step.allows(1.0) && !step.allows(2.1));
    assert_eq!(leaf(2.5).ceil().error + leaf(-2.5).sign().error, 0.0);
}

/// f32 as the CPU engine computes it, over the range of each function; the argument is off by some units too.
#[test]
fn functions_keep_their_bounds() {
    type Pair = (&'static str, fn(Bounded) -> Bounded, fn(f32) -> f32);
    let functions: [Pair; 8] = [
        ("exp", Real::exp, Real::exp),
        ("exprel", Real::exprel, Real::exprel),
        ("log", |x| Real::log(Real::abs(x)), |x| Real::log(Real::abs(x))),
        ("sqrt", |x| Real::sqrt(Real::abs(x)), |x| Real::sqrt(Real::abs(x))),
        ("sin", Real::sin, Real::sin),
        ("cos", Real::cos, Real::cos),
        ("tan", Real::tan, Real::tan),
        ("tanh", Real::tanh, Real::tanh),
    ];
    let mut dice = Dice(2);
    for (name, bounded, single) in functions {
        let mut worst = 0.0f64;
        for k in 0..20_000 {
            let x = (dice.roll() * 10f64.powi(k % 4 - 2)) as f32;
            let third = 1.0f32 / 3.0;
            let pairs = [(bounded(leaf(x)), single(x)), (bounded(leaf(x) * leaf(third)), single(x * third))];
            for (bound, found) in pairs {
                assert!(bound.allows(f64::from(found)), "{name}({x}): {found} {bound:?}");
                worst = worst.max((f64::from(found) - bound.value).abs() / bound.error);
            }
        }
        println!("{name}: up to {worst:.2} of its bound");
        assert!(worst > 0.05, "{name}: {worst}");
    }
    for _ in 0..5000 {
        let (x, y) = ((dice.roll() * 5.0) as f32, (dice.roll() * 3.0) as f32);
        let (bound, found) = (leaf(x.abs()).power(leaf(y)), Real::power(x.abs(), y));
        assert!(bound.allows(f64::from(found)), "{x}**{y}: {found} {bound:?}");
    }
}

/// sqrt(1 - cos(x)) at 0: the argument is 0, give or take what rounding makes of the cosine.
#[test]
fn a_root_near_zero_is_bounded() {
    for x in [0.0f32, 1e-5, 2e-4, 1e-3, 0.1] {
        let bound = (Bounded::ONE - leaf(x).cos()).sqrt();
        let found = (1.0f32 - x.cos()).max(0.0).sqrt();
        assert!(bound.error < 2e-3 && bound.allows(f64::from(found)), "{x}: {found} {bound:?}");
    }
    // both ends of what the argument may be, and nothing below 0
    let near = Bounded::ONE - leaf(0.0).cos();
    assert!(near.error > 0.0 && near.sqrt().allows(near.error.sqrt()) && near.sqrt().allows(0.0));
    assert!(!near.sqrt().allows(1.01 * near.error.sqrt() + 1e-6) && !near.sqrt().allows(f64::NAN));
    assert_eq!((leaf(-1.0) + near).sqrt().error, f64::INFINITY);
}
