// What an update does for its row besides arithmetic: takes arrivals, reads the list of spikes, sends, samples, reports.

// the sum that has arrived, in whole numbers; the slot is left empty
fn take(slot: u32, instance: u32, channel_row: u32) -> f32 {
    let place = ring_place(slot, instance, channel_row);
    let sum = atomicLoad(&ring[place]);
    if (sum != 0) {
        atomicStore(&ring[place], 0);
    }
    return f32(sum);
}

// row: in its group; list: first word of the group's bits
fn is_listed(list: u32, row: u32) -> bool {
    return ((inputs[list + row / 32u] >> (row & 31u)) & 1u) == 1u;
}

// row: in the space of all groups
fn send(place: u32, instance: u32, row: u32) {
    atomicOr(&spikes[spike_place(place, instance, row)], 1u << (row & 31u));
}

// a value of a probe, if a sample is due in this step
fn sample(due: u32, first: u32, rows: u32, instance: u32, column: u32, value: f32) {
    if (due != NONE && column < rows) {
        samples[first + (due * INSTANCES + instance) * rows + column] = value;
    }
}

// a state of this row is not finite: the first window and the first row are kept
fn report(instance: u32, row: u32) {
    atomicMin(&spikes[FAULT_WINDOW], window.ordinal);
    atomicMin(&spikes[FAULT_ROW], instance * INSTANCE_ROWS + row);
}
