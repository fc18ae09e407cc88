// One thread per number of turns: a loop takes all of its turns. llvmpipe leaves a loop after 65,535 turns and says nothing.
@group(0) @binding(0) var<storage, read> given: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;

@compute @workgroup_size(64)
fn turns(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= arrayLength(&given)) {
        return;
    }
    var word = 1u;
    var taken = 0u;
    // nothing shorter gives this word, so no compiler can take the loop away
    while (taken < given[id.x]) {
        word = (word ^ (word >> 15u)) * 2246822519u + taken;
        taken += 1u;
    }
    found[2u * id.x] = word;
    found[2u * id.x + 1u] = taken;
}
