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

// a NaN must not vanish, on whichever side it stands
fn least(a: f32, b: f32) -> f32 {
    return select(a, b, ((b < a) && !is_nan(a)) || is_nan(b));
}

fn greatest(a: f32, b: f32) -> f32 {
    return select(a, b, ((b > a) && !is_nan(a)) || is_nan(b));
}

// -1, 0 or 1
fn signum(x: f32) -> f32 {
    let one = select(select(0.0, -1.0, x < 0.0), 1.0, x > 0.0);
    return select(one, x, is_nan(x));
}

fn root(x: f32) -> f32 {
    return select(sqrt(max(x, 0.0)), not_a_number(), is_nan(x) || x < 0.0);
}

// exp(x) = 2^n exp(r), |r| <= ln(2)/2, step by step as src/engine/cpu/real.rs, so that an adapter which does not fuse gives
// the bits of the CPU
struct Exponential {
    value: f32,
    // (exp(r) - 1)/r
    quotient: f32,
}

fn exponential_parts(x: f32) -> Exponential {
    let bounded = clamp(x, -104.0, 88.72284);
    let n = round(bounded * 1.4426950408889634f);
    // ln(2) in two parts; the product with the first is exact
    var r = fma(-n, 0.693359375f, bounded);
    r = fma(-n, -2.1219444e-4f, r);
    var q = 1.0f / 40320.0f;
    q = fma(q, r, 1.0f / 5040.0f);
    q = fma(q, r, 1.0f / 720.0f);
    q = fma(q, r, 1.0f / 120.0f);
    q = fma(q, r, 1.0f / 24.0f);
    q = fma(q, r, 1.0f / 6.0f);
    q = fma(q, r, 0.5f);
    q = fma(q, r, 1.0f);
    // 2^n in two factors, so that the largest and smallest results stay right
    let whole = i32(n);
    let half = whole >> 1u;
    let first = bitcast<f32>((half + 127) << 23u);
    let second = bitcast<f32>((whole - half + 127) << 23u);
    var y = (fma(r, q, 1.0f) * first) * second;
    y = select(y, infinity(), x > 88.72284);
    y = select(y, 0.0, x < -104.0);
    return Exponential(select(y, x, is_nan(x)), q);
}

fn exponential(x: f32) -> f32 {
    return exponential_parts(x).value;
}

// log(x) = k log(2) + log(1 + f), as logf of fdlibm: the built-in one is good to 2^-21 only where x is near 1
fn logarithm(x: f32) -> f32 {
    let small = x < 1.1754944e-38f;
    // numbers below the normal ones are lifted by 2^25
    let bits = bitcast<u32>(select(x, x * 33554432.0f, small)) + (0x3f800000u - 0x3f3504f3u);
    let k = f32(i32(bits >> 23u) - select(127, 152, small));
    let f = bitcast<f32>((bits & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    let s = f / (2.0f + f);
    let z = s * s;
    let w = z * z;
    let odd = w * fma(w, 0.24279078841f, 0.40000972152f);
    let even = z * fma(w, 0.28498786688f, 0.66666662693f);
    let half = (0.5f * f) * f;
    let r = even + odd;
    let rest = fma(s, half + r, k * 9.0580006145e-6f) - half;
    var y = fma(k, 0.69313812256f, rest + f);
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
    let parts = exponential_parts(x);
    // near 0 n is 0 and x is r: nothing cancels, nothing is divided by 0
    let near = abs(x) < 0.34;
    let y = select((parts.value - 1.0f) / select(x, 1.0, near), parts.quotient, near);
    return select(y, x, is_nan(x));
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
