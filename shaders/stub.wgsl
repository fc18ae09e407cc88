// What the plan declares before a shader of this folder, in its smallest form, so that each file is valid with this one alone.
@group(0) @binding(0) var<storage, read> normal_table: array<i32>;
@group(0) @binding(1) var<storage, read> poisson_thresholds: array<u32>;
