// A workgroup: a number of one thread that all take the same way through control flow by.
const THREADS: u32 = 64u;

@group(0) @binding(0) var<storage, read> given: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;

var<workgroup> agreed: u32;
var<workgroup> total: atomic<u32>;

@compute @workgroup_size(THREADS)
fn uniform_load(@builtin(local_invocation_index) lane: u32) {
    if (lane == 0u) {
        atomicStore(&total, 0u);
    }
    var sum = 0u;
    for (var k = 0u; k < THREADS; k += 1u) {
        if (lane == (k * 13u) % THREADS) {
            agreed = given[k];
        }
        let turns = workgroupUniformLoad(&agreed);
        for (var j = 0u; j < turns; j += 1u) {
            workgroupBarrier();
            atomicAdd(&total, 1u);
            sum += lane + j;
        }
    }
    workgroupBarrier();
    found[lane] = sum;
    if (lane == 0u) {
        found[THREADS] = atomicLoad(&total);
    }
}
