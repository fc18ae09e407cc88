// A workgroup: numbers handed on from thread to thread through workgroup memory and through storage, a barrier between
// writing and reading.
const THREADS: u32 = 64u;
const TURNS: u32 = 200u;

@group(0) @binding(0) var<storage, read> given: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;

var<workgroup> handed: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn barrier(@builtin(local_invocation_index) lane: u32) {
    var own = given[lane];
    for (var k = 0u; k < TURNS; k += 1u) {
        handed[lane] = own;
        workgroupBarrier();
        // not the next one: the giver is in another subgroup most of the time
        let other = handed[(lane + 37u) % THREADS];
        workgroupBarrier();
        own = other * 3u + k;
        found[lane] = own;
        storageBarrier();
        own = found[(lane + 29u) % THREADS] ^ k;
        storageBarrier();
    }
    found[lane] = own;
}
