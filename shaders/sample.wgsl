// What probes keep of a row's step.

// a value of a probe, if a sample is due in this step
fn sample(due: u32, first: u32, rows: u32, instance: u32, column: u32, value: f32) {
    if (due != NONE && column < rows) {
        samples[first + (due * INSTANCES + instance) * rows + column] = value;
    }
}
