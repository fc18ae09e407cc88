// One thread per pair: what kernels do with whole numbers.
@group(0) @binding(0) var<storage, read> given: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;

@compute @workgroup_size(64)
fn integers(@builtin(global_invocation_id) id: vec3<u32>) {
    if (2u * id.x + 1u >= arrayLength(&given)) {
        return;
    }
    let a = given[2u * id.x];
    let b = given[2u * id.x + 1u];
    let place = 10u * id.x;
    found[place] = a * b;
    found[place + 1u] = a + b;
    found[place + 2u] = a - b;
    found[place + 3u] = a << (b & 31u);
    // the sign is carried along
    found[place + 4u] = bitcast<u32>(bitcast<i32>(a) >> (b & 31u));
    found[place + 5u] = countLeadingZeros(a);
    found[place + 6u] = firstTrailingBit(a);
    found[place + 7u] = countOneBits(a);
    found[place + 8u] = a / max(b, 1u);
    found[place + 9u] = bitcast<u32>(i32(f32(bitcast<i32>(a) / 256)));
}
