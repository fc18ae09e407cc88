//! How the synapses of a projection are kept: their ends, delays and weights in memory, or drawn again when a spike needs them.

use serde::{Deserialize, Serialize};

/// How the synapses of a projection are kept. Spikes are the same to the bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeStorage {
    /// Targets, delays and weights are kept.
    #[default]
    Stored,
    /// Targets and delays are kept; a weight that is drawn from a distribution is drawn again for each spike.
    ProceduralWeights,
    /// Nothing is kept per synapse: targets, delays and weights are drawn again for each spike.
    Procedural,
}

impl EdgeStorage {
    /// All of them, what keeps most first.
    pub const ALL: [EdgeStorage; 3] = [EdgeStorage::Stored, EdgeStorage::ProceduralWeights, EdgeStorage::Procedural];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            EdgeStorage::Stored => "stored",
            EdgeStorage::ProceduralWeights => "procedural_weights",
            EdgeStorage::Procedural => "procedural",
        }
    }

    /// What a word stands for.
    pub fn of_word(word: &str) -> Option<EdgeStorage> {
        EdgeStorage::ALL.into_iter().find(|storage| storage.name() == word)
    }

    /// Is a drawn value of this column drawn again? The first column are the delays, which stand with the targets.
    pub(crate) fn draws(self, column: usize) -> bool {
        match self {
            EdgeStorage::Stored => false,
            EdgeStorage::ProceduralWeights => column > 0,
            EdgeStorage::Procedural => true,
        }
    }
}
