// Elementary functions of real numbers as models mean them: where the built-in ones leave overflow, the edges of their
// domain or NaN to the device, these say what comes. Bit patterns are tested, since comparisons with NaN are not reliable.

fn is_nan(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn is_finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// a number by its bits: constants that are not finite cannot be written
fn of_bits(bits: u32) -> f32 {
    return bitcast<f32>(bits);
}

fn infinity() -> f32 {
    return of_bits(0x7f800000u);
}

fn not_a_number() -> f32 {
    return of_bits(0x7fc00000u);
}

fn least(a: f32, b: f32) -> f32 {
    return select(a, b, (b < a) || is_nan(b));
}

fn greatest(a: f32, b: f32) -> f32 {
    return select(a, b, (b > a) || is_nan(b));
}

// -1, 0 or 1
fn signum(x: f32) -> f32 {
    let one = select(select(0.0, -1.0, x < 0.0), 1.0, x > 0.0);
    return select(one, x, is_nan(x));
}

fn root(x: f32) -> f32 {
    return select(sqrt(max(x, 0.0)), not_a_number(), is_nan(x) || x < 0.0);
}

fn exponential(x: f32) -> f32 {
    var y = exp(clamp(x, -104.0, 88.72283));
    y = select(y, 0.0, x < -103.97);
    y = select(y, infinity(), x > 88.72283);
    return select(y, x, is_nan(x));
}

fn logarithm(x: f32) -> f32 {
    var y = log(x);
    y = select(y, x, x > 3.4028234e38);
    y = select(y, -infinity(), x == 0.0);
    return select(y, not_a_number(), is_nan(x) || x < 0.0);
}

// x**y for x >= 0 (not a number below: whole powers have been made products)
fn power(x: f32, y: f32) -> f32 {
    var z = exponential(y * logarithm(x));
    z = select(z, select(infinity(), 0.0, y > 0.0), x == 0.0);
    z = select(z, not_a_number(), x < 0.0);
    z = select(z, 1.0, y == 0.0);
    return select(z, not_a_number(), is_nan(x) || is_nan(y));
}

// (exp(x) - 1)/x, 1 at 0
fn exprel(x: f32) -> f32 {
    // the series up to x^9/10!: what follows is below 3e-8 for |x| < 1
    var near = 2.7557319e-7;
    near = fma(near, x, 2.7557319e-6);
    near = fma(near, x, 2.4801587e-5);
    near = fma(near, x, 1.9841270e-4);
    near = fma(near, x, 1.3888889e-3);
    near = fma(near, x, 8.3333333e-3);
    near = fma(near, x, 4.1666667e-2);
    near = fma(near, x, 1.6666667e-1);
    near = fma(near, x, 0.5);
    near = fma(near, x, 1.0);
    let far = (exponential(x) - 1.0) / x;
    return select(far, near, abs(x) < 1.0);
}

fn hyperbolic_tangent(x: f32) -> f32 {
    // exp(2|x|) - 1; from 9.02 on, tanh rounds to 1
    let y = 2.0 * min(abs(x), 9.1);
    let grown = y * exprel(y);
    let positive = grown / (grown + 2.0);
    return select(select(positive, -positive, x < 0.0), x, is_nan(x));
}

// sin(x + quarters·π/2). The angle is reduced in three parts (Cody and Waite), good for |x| < 8192; polynomials of Cephes.
fn circular(x: f32, quarters: i32) -> f32 {
    let turns = round(x * 0.63661977);
    var r = fma(-turns, 1.5703125, x);
    r = fma(-turns, 4.8375130e-4, r);
    r = fma(-turns, 7.5497900e-8, r);
    let quadrant = (i32(turns) + quarters) & 3;
    let z = r * r;
    let odd = fma(fma(fma(-1.9515296e-4, z, 8.3321609e-3), z, -1.6666655e-1) * z, r, r);
    let even = fma(fma(fma(2.4433157e-5, z, -1.3887316e-3), z, 4.1666646e-2) * z, z, fma(-0.5, z, 1.0));
    let y = select(odd, even, (quadrant & 1) == 1);
    return select(select(y, -y, quadrant >= 2), not_a_number(), !is_finite(x));
}

fn sine(x: f32) -> f32 {
    return circular(x, 0);
}

fn cosine(x: f32) -> f32 {
    return circular(x, 1);
}

fn tangent(x: f32) -> f32 {
    return circular(x, 0) / circular(x, 1);
}
