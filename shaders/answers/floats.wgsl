// One thread per triple: arithmetic of f32.
@group(0) @binding(0) var<storage, read> given: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;

@compute @workgroup_size(64)
fn floats(@builtin(global_invocation_id) id: vec3<u32>) {
    if (3u * id.x + 2u >= arrayLength(&given)) {
        return;
    }
    let a = bitcast<f32>(given[3u * id.x]);
    let b = bitcast<f32>(given[3u * id.x + 1u]);
    let c = bitcast<f32>(given[3u * id.x + 2u]);
    let place = 8u * id.x;
    found[place] = bitcast<u32>(a + b);
    found[place + 1u] = bitcast<u32>(a - b);
    found[place + 2u] = bitcast<u32>(a * b);
    found[place + 3u] = bitcast<u32>(a / b);
    found[place + 4u] = bitcast<u32>(sqrt(abs(a)));
    found[place + 5u] = bitcast<u32>(fma(a, b, c));
    found[place + 6u] = bitcast<u32>(a * b + c);
    found[place + 7u] = bitcast<u32>(floor(a));
}
