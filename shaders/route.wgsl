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
}

fn route_at(record: u32) -> Route {
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
    }
    return synapse;
}
