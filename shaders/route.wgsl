// A route's record and its synapses, as RouteLayout in src/wgsl/routes.rs.

struct Route {
    row_start: u32,
    edges: u32,
    weights: u32,
    shared_weight: i32,
    target_bits: u32,
    shared_delay: u32,
    channel: u32,
    first_source: u32,
    sources: u32,
    page: u32,
    pivots: u32,
    pivot_columns: u32,
    first_target: u32,
    port: u32,
    // makes whole numbers of weights; 0: they are
    scale: f32,
}

// place: of the record that serves all instances; where they differ each has one
fn route_at(place: u32, instance: u32) -> Route {
    let record = place + OWN_RECORDS * instance;
    return Route(
        tables[record],
        tables[record + 1u],
        tables[record + 2u],
        bitcast<i32>(tables[record + 3u]),
        tables[record + 4u],
        tables[record + 5u],
        tables[record + 6u],
        tables[record + 7u],
        tables[record + 8u],
        tables[record + 9u],
        tables[record + 10u],
        tables[record + 11u],
        tables[record + 12u],
        tables[record + 13u],
        bitcast<f32>(tables[record + 14u]),
    );
}

struct Synapse {
    // of the target population
    row: u32,
    delay: u32,
    weight: i32,
}

// DELAYS, WEIGHTS and SCALES of weights say what all routes have in common: SHARED by the synapses of each, OWN ones of every
// synapse (weights that each instance scales), or EITHER, which the record tells

fn has_own_delays(route: Route) -> bool {
    return DELAYS == OWN || (DELAYS == EITHER && route.target_bits < 32u);
}

fn has_own_weights(route: Route) -> bool {
    return WEIGHTS == OWN || (WEIGHTS == EITHER && route.weights != NONE);
}

fn is_scaled(route: Route) -> bool {
    return SCALES == OWN || (SCALES == EITHER && route.scale != 0.0f);
}

// away from 0 where it lies in the middle, as src/plan/fixed_point.rs rounds
fn whole_units(units: f32) -> i32 {
    return i32(units + select(-0.49999997f, 0.49999997f, units >= 0.0f));
}

fn synapse_at(route: Route, edge: u32) -> Synapse {
    let packed = synapse_word(route.page, route.edges + edge);
    var synapse = Synapse(packed, route.shared_delay, route.shared_weight);
    if (has_own_delays(route)) {
        synapse.row = packed & ((1u << route.target_bits) - 1u);
        synapse.delay = packed >> route.target_bits;
    }
    if (has_own_weights(route)) {
        synapse.weight = bitcast<i32>(synapse_word(route.page, route.weights + edge));
        if (is_scaled(route)) {
            synapse.weight = whole_units(bitcast<f32>(synapse.weight) * route.scale);
        }
    }
    return synapse;
}

// a synapse whose spike was emitted at the beginning of `slot`; place: of the route's first row, if its delays are shared
fn send_down(route: Route, synapse: Synapse, slot: u32, instance: u32, place: u32) {
    if (has_own_delays(route)) {
        arrive(slot + synapse.delay, instance, route.channel + synapse.row, synapse.weight);
    } else {
        add(place + synapse.row, synapse.weight);
    }
}

// every `stride`th synapse from the first to the end of a row, each as send_down sends it
fn send_row(route: Route, first: u32, end: u32, stride: u32, slot: u32, instance: u32, place: u32) {
    // two in a turn, so that the second does not wait for the first
    for (var edge = first; edge < end; edge += 2u * stride) {
        let synapse = synapse_at(route, edge);
        let second = synapse_at(route, min(edge + stride, end - 1u));
        send_down(route, synapse, slot, instance, place);
        if (edge + stride < end) {
            send_down(route, second, slot, instance, place);
        }
    }
}
