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
    lanes: u32,
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

fn synapse_at(route: Route, edge: u32) -> Synapse {
    let packed = synapses[route.edges + edge];
    var synapse = Synapse(packed, route.shared_delay, route.shared_weight);
    if (route.target_bits < 32u) {
        synapse.row = packed & ((1u << route.target_bits) - 1u);
        synapse.delay = packed >> route.target_bits;
    }
    if (route.weights != NONE) {
        synapse.weight = bitcast<i32>(synapses[route.weights + edge]);
        if (OWN_RECORDS > 0u && route.scale != 0.0f) {
            // away from 0 where it lies in the middle, as src/plan/fixed_point.rs rounds
            let units = bitcast<f32>(synapses[route.weights + edge]) * route.scale;
            synapse.weight = i32(units + select(-0.49999997f, 0.49999997f, units >= 0.0f));
        }
    }
    return synapse;
}
