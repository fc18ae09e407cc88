//! How many spikes were recorded of how many neurons, from memory or from a file of chunks.

use std::collections::HashSet;
use std::convert::Infallible;

use synfire::recording::Recording;
use synfire::recording::file::FileError;
use synfire::recording::native::{Content, Stored};
use synfire::recording::sink::TapHeader;

/// Neurons of a population whose spikes were kept, and their spikes; a neuron of several probes counts once.
pub struct Tally {
    pub population: String,
    pub neurons: u64,
    pub spikes: u64,
}

/// What one probe kept of spikes.
struct Kept<'r> {
    population: &'r str,
    size: u32,
    rows: Option<&'r [u32]>,
    spikes: u64,
}

impl Tally {
    pub fn of(recording: &Recording) -> Vec<Tally> {
        let kept = recording.spikes.iter().map(|train| Kept {
            population: &train.population,
            size: train.size,
            rows: train.rows.as_deref(),
            spikes: train.step.len() as u64,
        });
        let Ok(all) = tallies(&kept.collect::<Vec<_>>(), |k, seen| {
            Ok::<u64, Infallible>(recording.spikes[k].neuron.iter().filter(|neuron| !seen.contains(neuron)).count() as u64)
        });
        all
    }

    /// **Errors** a chunk that is damaged.
    pub fn of_stored(stored: &Stored) -> Result<Vec<Tally>, FileError> {
        let taps = stored.header().taps.iter().enumerate().filter_map(|(tap, header)| match header {
            TapHeader::Spikes { population, size, rows } => {
                Some((tap, Kept { population, size: *size, rows: rows.as_deref(), spikes: stored.count(0, tap) }))
            }
            _ => None,
        });
        let (taps, kept): (Vec<usize>, Vec<Kept>) = taps.unzip();
        tallies(&kept, |k, seen| {
            let mut spikes = 0;
            for piece in stored.pieces(0, taps[k]) {
                let Content::Spikes(own) = piece?.content else { continue };
                spikes += own.neurons.iter().filter(|neuron| !seen.contains(neuron)).count() as u64;
            }
            Ok(spikes)
        })
    }
}

/// By population. `unseen` tells how many spikes of a probe are of other neurons than those seen.
fn tallies<E>(kept: &[Kept], unseen: impl Fn(usize, &HashSet<u32>) -> Result<u64, E>) -> Result<Vec<Tally>, E> {
    let mut out: Vec<Tally> = Vec::new();
    for one in kept {
        if out.iter().any(|tally| tally.population == one.population) {
            continue;
        }
        let own: Vec<(usize, &Kept)> = kept.iter().enumerate().filter(|(_, other)| other.population == one.population).collect();
        let all = own.iter().find(|(_, kept)| kept.rows.is_none());
        let (neurons, spikes) = match (all, &own[..]) {
            (Some((_, all)), _) => (u64::from(all.size), all.spikes),
            (None, [(_, alone)]) => (alone.rows.map_or(0, <[u32]>::len) as u64, alone.spikes),
            _ => {
                let (mut seen, mut spikes) = (HashSet::new(), 0);
                for (k, kept) in own {
                    spikes += unseen(k, &seen)?;
                    seen.extend(kept.rows.into_iter().flatten().copied());
                }
                (seen.len() as u64, spikes)
            }
        };
        out.push(Tally { population: one.population.to_string(), neurons, spikes });
    }
    Ok(out)
}
