// The delay ring in memory that all workgroups see.

// the sum that has arrived, in whole numbers; the slot is left empty
fn take(slot: u32, instance: u32, channel_row: u32) -> f32 {
    let place = ring_place(slot, instance, channel_row);
    let sum = atomicLoad(&ring[place]);
    if (sum != 0) {
        atomicStore(&ring[place], 0);
    }
    return f32(sum);
}

fn arrival_place(slot: u32, instance: u32, channel_row: u32) -> u32 {
    return ring_place(slot, instance, channel_row);
}

fn add(place: u32, weight: i32) {
    atomicAdd(&ring[place], weight);
}

fn arrive(slot: u32, instance: u32, channel_row: u32, weight: i32) {
    add(arrival_place(slot, instance, channel_row), weight);
}
