// One thread per word: a dispatch sees all that the dispatch before it wrote, from whichever workgroup.
@group(0) @binding(0) var<storage, read> given: array<u32>;
// a count of dispatches per workgroup, then two halves that are read and written in turn
@group(0) @binding(1) var<storage, read_write> found: array<u32>;

const WORDS: u32 = 1024u;

@compute @workgroup_size(64)
fn chain(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let number = found[group.x];
    // all have read the number before one changes it
    storageBarrier();
    let first = 16u + (number % 2u) * WORDS;
    let place = 16u + ((number + 1u) % 2u) * WORDS;
    let before = select(found[first + (id.x * 5u + 331u) % WORDS], given[id.x], number == 0u);
    found[place + id.x] = before * 7u + number;
    if (id.x % 64u == 0u) {
        found[group.x] = number + 1u;
    }
}
