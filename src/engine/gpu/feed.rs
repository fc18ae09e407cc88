//! What is copied between the steps of a part: filled by `exchange`, encoded by `batch`.

/// What is copied between the steps of a part: inputs into the parameters before each, rows of the state after it.
pub(super) struct Feed {
    pub source: wgpu::Buffer,
    pub given: Vec<Stretch>,
    /// Of a step.
    pub given_words: u64,
    pub watched: wgpu::Buffer,
    pub taken: Vec<Stretch>,
    /// Of a step.
    pub taken_words: u64,
}

/// Words of a buffer that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// In the buffer.
    pub first: u64,
    /// In the words of a step.
    pub at: u64,
    pub words: u64,
}
