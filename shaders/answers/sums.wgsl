// One thread per addend: sums by atomics in storage and in workgroup memory, whole whatever the order.
const WORDS: u32 = 4u;
const TURNS: u32 = 16u;

@group(0) @binding(0) var<storage, read> given: array<u32>;
// spread over some words, then all in one, then the same through workgroup memory; bits set, the smallest number
@group(0) @binding(1) var<storage, read_write> found: array<atomic<i32>>;

var<workgroup> shared_sums: array<atomic<i32>, WORDS>;

@compute @workgroup_size(64)
fn sums(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    if (lane < WORDS) {
        atomicStore(&shared_sums[lane], 0);
    }
    workgroupBarrier();
    for (var k = 0u; k < TURNS; k += 1u) {
        // of both signs, so that sums pass zero many times
        let addend = bitcast<i32>(given[(id.x + k) % arrayLength(&given)]);
        atomicAdd(&found[(id.x + k) % WORDS], addend);
        atomicAdd(&found[WORDS], addend);
        atomicAdd(&shared_sums[(lane + k) % WORDS], addend);
    }
    workgroupBarrier();
    if (lane < WORDS) {
        atomicAdd(&found[WORDS + 1u + lane], atomicLoad(&shared_sums[lane]));
    }
    atomicOr(&found[2u * WORDS + 1u], i32(1u << (id.x % 32u)));
    atomicMin(&found[2u * WORDS + 2u], -i32(id.x));
}
