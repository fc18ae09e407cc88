// One thread per counter: the words of shaders/random.wgsl, and a product's high word made from halves. `tables` holds what
// is asked: counter and key, six words each.
const NORMAL_TABLE: u32 = 0u;

@group(0) @binding(0) var<storage, read> tables: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;

@compute @workgroup_size(64)
fn threefry_words(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = 6u * id.x;
    if (first + 5u >= arrayLength(&tables)) {
        return;
    }
    let counter = vec4<u32>(tables[first], tables[first + 1u], tables[first + 2u], tables[first + 3u]);
    let key = vec2<u32>(tables[first + 4u], tables[first + 5u]);
    let words = threefry(counter, key);
    let place = 5u * id.x;
    for (var k = 0u; k < 4u; k += 1u) {
        found[place + k] = words[k];
    }
    found[place + 4u] = random_high(counter.x, key.x);
}
