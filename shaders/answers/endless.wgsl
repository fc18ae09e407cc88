// One thread: an infinity that arises while the kernel runs, as a quotient, a product, a sum and an exponential, and which
// comparisons with it hold. given: 0, 3e38, 200, 15, so that nothing is worked out beforehand.
@group(0) @binding(0) var<storage, read> given: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;

fn compared(x: f32, large: f32, level: f32) -> u32 {
    let above = select(0u, 1u, x > level) | select(0u, 2u, x > large) | select(0u, 4u, large < x);
    let below = select(0u, 8u, -x < level) | select(0u, 16u, -x < -large) | select(0u, 32u, -x < x);
    let same = select(0u, 64u, x == x) | select(0u, 128u, x >= x) | select(0u, 256u, !(x < x));
    let picked = select(0u, 512u, least(x, level) == level) | select(0u, 1024u, greatest(level, -x) == level);
    return above | below | same | picked;
}

@compute @workgroup_size(1)
fn endless(@builtin(global_invocation_id) id: vec3<u32>) {
    let zero = of_bits(given[0]);
    let large = of_bits(given[1]);
    let level = of_bits(given[3]);
    let ways = array<f32, 4>(1.0 / zero, large * level, large + large, exponential(of_bits(given[2])));
    for (var k = 0u; k < 4u; k += 1u) {
        found[2u * k] = bitcast<u32>(ways[k]);
        found[2u * k + 1u] = compared(ways[k], large, level);
    }
}
