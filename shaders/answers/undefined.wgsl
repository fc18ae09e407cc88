// One thread: what comes of 0/0, infinity less infinity, 0 times infinity, log(0) and sqrt(-1), and which comparisons with NaN
// hold. given: 0, infinity, -1, 15, so that nothing is worked out beforehand.
@group(0) @binding(0) var<storage, read> given: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;

@compute @workgroup_size(1)
fn undefined(@builtin(global_invocation_id) id: vec3<u32>) {
    let zero = of_bits(given[0]);
    let endless = of_bits(given[1]);
    let level = of_bits(given[3]);
    let nothing = zero / zero;
    found[0] = bitcast<u32>(nothing);
    found[1] = bitcast<u32>(endless - endless);
    found[2] = bitcast<u32>(zero * endless);
    found[3] = bitcast<u32>(logarithm(zero));
    found[4] = bitcast<u32>(root(of_bits(given[2])));
    let less = select(0u, 1u, nothing < level) | select(0u, 2u, nothing <= level);
    let more = select(0u, 4u, nothing > level) | select(0u, 8u, nothing >= level);
    found[5] = less | more | select(0u, 16u, nothing == level);
}
