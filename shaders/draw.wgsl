// Synapses drawn where they stand, once: the targets of each source, their delays and weights, and where blocks of targets begin.

fn law_word(at: u32) -> u32 {
    return tables[at];
}

fn job_of(number: u32) -> Job {
    return job_at(JOBS + number * JOB_WORDS);
}

@compute @workgroup_size(DRAWERS)
fn draw_trials(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let job = job_of(group.z);
    let row = (group.y * groups.x + group.x) * DRAWERS + lane;
    if (job.targets != TRIALS || row >= job.rows) {
        return;
    }
    let end = places[job.row_start + row + 1u];
    var stream = stream_of(job, job.source + row);
    var next = 0u;
    for (var edge = places[job.row_start + row]; edge < end; edge++) {
        let passed = misses(job.law, &stream, job.choices - next);
        // rows are as long as there are hits
        if (passed == NONE) {
            break;
        }
        synapses[job.edges + edge] = job.first_target + without(next + passed, job.source + row, job.apart);
        next += passed + 1u;
    }
}

fn row_word(at: u32) -> u32 {
    return synapses[at];
}

fn put_row_word(at: u32, word: u32) {
    synapses[at] = word;
}

fn row_barrier() {
    storageBarrier();
    workgroupBarrier();
}

var<workgroup> row_first: u32;
var<workgroup> row_end: u32;

@compute @workgroup_size(DRAWERS)
fn draw_chosen(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let job = job_of(group.z);
    let row = group.y * groups.x + group.x;
    if (job.targets != CHOSEN || row >= job.rows) {
        return;
    }
    if (lane == 0u) {
        row_first = places[job.row_start + row];
        row_end = places[job.row_start + row + 1u];
    }
    let first = job.edges + workgroupUniformLoad(&row_first);
    let count = job.edges + workgroupUniformLoad(&row_end) - first;
    let source = job.source + row;
    choose_row(job, source, first, count, lane);
    for (var k = lane; k < count; k += DRAWERS) {
        synapses[first + k] = job.first_target + without(synapses[first + k], source, job.apart);
    }
}

@compute @workgroup_size(DRAWERS)
fn draw_values(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let job = job_of(group.z);
    let number = group.y * groups.x + group.x;
    let row = number / max(job.pieces, 1u);
    if (row >= job.rows) {
        return;
    }
    let first = places[job.row_start + row];
    let piece = PIECE * (number % max(job.pieces, 1u));
    let end = min(places[job.row_start + row + 1u] - first, piece + PIECE);
    let source = job.source + row;
    for (var edge = piece + lane; edge < end; edge += DRAWERS) {
        let place = job.edges + first + edge;
        var word = job.first_target;
        if (job.targets == EVERYBODY) {
            word += without(edge, source, job.apart);
        } else if (job.targets == ITSELF) {
            word += source;
        } else {
            word = synapses[place];
        }
        if (job.delay != NONE) {
            word |= delay_of(job.delay, value_place(job.delay, job.key, source, edge)) << job.target_bits;
        }
        synapses[place] = word;
        if (job.weight != NONE) {
            let drawn = value_place(job.weight, job.key, source, edge);
            synapses[job.weights + first + edge] = weight_of(job.weight, drawn);
        }
    }
}

@compute @workgroup_size(DRAWERS)
fn draw_pivots(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let job = job_of(group.z);
    let row = group.y * groups.x + group.x;
    if (job.pivots == NONE || row >= job.rows) {
        return;
    }
    let first = places[job.row_start + row];
    let end = places[job.row_start + row + 1u];
    let mask = select(0xffffffffu, (1u << (job.target_bits & 31u)) - 1u, job.target_bits < 32u);
    for (var block = lane; block <= job.blocks; block += DRAWERS) {
        let border = max(job.border + block * job.block, job.target_row) - job.target_row;
        var low = first;
        var high = select(end, first, block == job.blocks);
        while (low < high) {
            let middle = (low + high) / 2u;
            if ((synapses[job.edges + middle] & mask) < border) {
                low = middle + 1u;
            } else {
                high = middle;
            }
        }
        places[job.pivots + row * (job.blocks + 1u) + block] = select(low, end, block == job.blocks);
    }
}
