//! What the command tells of graphics processors and of the kernels made for them.

use synfire::plan::Plan;

use super::say;

/// The part of `doctor` about GPUs.
pub fn report() {
    say("\nengine gpu: not in this build yet");
}

/// The part of `explain` about kernels.
pub fn kernels(_plan: &Plan) -> String {
    "kernels: the GPU engine is not in this build yet".into()
}
