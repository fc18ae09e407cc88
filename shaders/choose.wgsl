// Rows of numbers that are drawn with replacement, by the threads of a workgroup (DRAWERS) together: where the row stands says who
// asks (row_word, put_row_word, row_barrier).

// some number has to be drawn anew
var<workgroup> anew: atomic<u32>;

// `count` numbers below the choices of a job, ascending, from `first` on, as Draws::below draws them; all threads call it
fn choose_row(job: Job, source: u32, first: u32, count: u32, lane: u32) {
    if (lane == 0u) {
        atomicStore(&anew, 0u);
    }
    row_barrier();
    let surplus = (0u - job.choices) % max(job.choices, 1u);
    for (var four = lane; four < (count + 3u) / 4u; four += DRAWERS) {
        let words = random_block(job.key, job.tag, source, vec2<u32>(four, 0u), 0u);
        for (var k = 0u; k < 4u && 4u * four + k < count; k++) {
            let word = random_of_four(words, k);
            if (word * job.choices < surplus) {
                atomicStore(&anew, 1u);
            }
            put_row_word(first + 4u * four + k, random_high(word, job.choices));
        }
    }
    row_barrier();
    if (lane == 0u && atomicLoad(&anew) == 1u) {
        // which moves the words of all behind it
        var stream = stream_of(job, source);
        for (var k = 0u; k < count; k++) {
            var word = stream_word(&stream);
            while (word * job.choices < surplus) {
                word = stream_word(&stream);
            }
            put_row_word(first + k, random_high(word, job.choices));
        }
    }
    row_barrier();
    // bitonic, the lower place always takes the smaller number: what would stand behind the last need not be there
    for (var size = 2u; size / 2u < count; size *= 2u) {
        for (var reach = size / 2u; reach > 0u; reach /= 2u) {
            for (var pair = lane; pair < (count + size - 1u) / size * (size / 2u); pair += DRAWERS) {
                let low = (pair / reach) * 2u * reach + pair % reach;
                // first the halves face each other
                let high = select(low + reach, (pair / reach) * 2u * reach + 2u * reach - 1u - pair % reach, 2u * reach == size);
                if (high < count) {
                    let a = row_word(first + low);
                    let b = row_word(first + high);
                    if (b < a) {
                        put_row_word(first + low, b);
                        put_row_word(first + high, a);
                    }
                }
            }
            row_barrier();
        }
    }
}
