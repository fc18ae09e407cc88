// One thread per bit pattern: NaN and infinity as shaders/functions.wgsl tells them, from bits.
@group(0) @binding(0) var<storage, read> given: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;

@compute @workgroup_size(64)
fn patterns(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= arrayLength(&given)) {
        return;
    }
    let x = of_bits(given[id.x]);
    let nan = select(0u, 1u, is_nan(x));
    let finite = select(0u, 2u, is_finite(x));
    // the smaller and the larger of two are NaN where one is
    let least_is_nan = select(0u, 4u, is_nan(least(x, 1.0)));
    let greatest_is_nan = select(0u, 8u, is_nan(greatest(1.0, x)));
    let root_is_nan = select(0u, 16u, is_nan(root(x)));
    found[id.x] = nan | finite | least_is_nan | greatest_is_nan | root_is_nan;
}
