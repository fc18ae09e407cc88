// Poisson events of a rate that changes, as src/engine/cpu/drive.rs draws them: of the events of a larger rate each stays or not.

// Poisson events of a neuron in a step: those of the law, each kept where a word of its own is below the threshold; 0xffffffff
// keeps all. Four of these words share a block, behind the two blocks that counts take.
fn kept_events_of(instance: u32, tag: u32, neuron: u32, record: u32, law: u32, threshold: u32) -> f32 {
    let low = inputs[record + 1u];
    let high = inputs[record + 2u];
    let quarter = vec2<u32>((low >> 2u) | (high << 30u), high >> 2u);
    let key = key_of(instance);
    let drawn = random_block(key, tag, neuron, quarter, 0u);
    let events = random_poisson(drawn[low & 3u], tables[law], tables[law + 1u], tables[law + 2u]);
    if (threshold == 0xffffffffu) {
        return f32(events);
    }
    var kept = 0u;
    var words = vec4<u32>(0u);
    for (var k = 0u; k < events; k++) {
        if ((k & 3u) == 0u) {
            words = random_block(key, tag, neuron, vec2<u32>(low, high), 2u + (k >> 2u));
        }
        kept += u32(words[k & 3u] < threshold);
    }
    return f32(kept);
}
