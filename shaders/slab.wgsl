// The delay ring of one instance in workgroup memory, between the first and the last step of a dispatch.

var<workgroup> slab: array<atomic<i32>, SLOTS * CHANNEL_ROWS>;

fn slab_load(lane: u32, instance: u32) {
    for (var at = lane; at < SLOTS * CHANNEL_ROWS; at += WORKGROUP) {
        atomicStore(&slab[at], atomicLoad(&ring[instance * SLOTS * CHANNEL_ROWS + at]));
    }
}

fn slab_store(lane: u32, instance: u32) {
    for (var at = lane; at < SLOTS * CHANNEL_ROWS; at += WORKGROUP) {
        atomicStore(&ring[instance * SLOTS * CHANNEL_ROWS + at], atomicLoad(&slab[at]));
    }
}

// the sum that has arrived, in whole numbers; the slot is left empty
fn take(slot: u32, instance: u32, channel_row: u32) -> f32 {
    let place = arrival_place(slot, instance, channel_row);
    let sum = atomicLoad(&slab[place]);
    atomicStore(&slab[place], 0);
    return f32(sum);
}

fn arrival_place(slot: u32, instance: u32, channel_row: u32) -> u32 {
    return (slot & (SLOTS - 1u)) * CHANNEL_ROWS + channel_row;
}

fn add(place: u32, weight: i32) {
    atomicAdd(&slab[place], weight);
}

fn arrive(slot: u32, instance: u32, channel_row: u32, weight: i32) {
    add(arrival_place(slot, instance, channel_row), weight);
}
