//! The example `moving_dot` at a small size: the movie is what it says, and cells ahead of the dot rise before it comes.

#[path = "../../examples/moving_dot/wave.rs"]
mod wave;

use synfire::Network;
use synfire::network::{Positions, SpikeTimes};
use wave::SIDE;

use super::examples;

/// `SYNFIRE_UPDATE=1` writes it.
#[test]
fn the_movie_of_the_example_is_made_here() {
    let (path, bytes) = (examples().join("moving_dot.gif"), wave::movie().unwrap());
    if std::env::var_os("SYNFIRE_UPDATE").is_some() {
        std::fs::write(&path, &bytes).unwrap();
    }
    assert!(std::fs::read(&path).is_ok_and(|there| there == bytes), "SYNFIRE_UPDATE=1 writes it");
}

/// Rows of the sheet around the way of the dot, the first of them in the movie.
const ROWS: usize = 12;
const FIRST: usize = 9;

/// The network of the file with fewer rows.
fn narrow() -> Network {
    let mut network = Network::load(examples().join("moving_dot.toml")).unwrap_or_else(|report| panic!("{report}"));
    for population in &mut network.populations {
        population.shape([ROWS as u64, SIDE as u64]);
        if let Some(SpikeTimes::Frames(frames)) = &mut population.spike_times {
            frames.crop = vec![0, FIRST as u64, SIDE as u64, ROWS as u64];
        }
        assert!(matches!(population.positions, Some(Positions::Grid { .. })));
    }
    network.space.as_mut().unwrap().periodic.y = Some(format!("{ROWS} mm").as_str().into());
    network.probes.retain(|probe| probe.record == "v");
    network
}

#[test]
fn cells_ahead_of_the_dot_rise_before_it_comes() {
    let network = narrow();
    let rises = |seed: u64, horizontal: bool| {
        let potentials = wave::potentials(&wave::changed(&network, seed, horizontal), &examples()).unwrap();
        wave::rises(&wave::aligned(&potentials, ROWS, FIRST)).unwrap()
    };
    let [with, without] = [true, false].map(|horizontal| (1..=4).map(|seed| rises(seed, horizontal)).collect::<Vec<f64>>());
    let earlier: Vec<f64> = with.iter().zip(&without).map(|(with, without)| with - without).collect();
    let (mean, sd) = wave::spread(&earlier);
    // the mean of four seeds is five of its standard errors away from none; the dot needs 20 ms from cell to cell
    assert!(mean > 20.0 && mean > 5.0 * sd / 2.0, "{mean} ms, sd {sd}: {earlier:?}");
    // what is measured is the same again where no spike runs ahead: the source sees the dot some cells before its middle
    let (mean, sd) = wave::spread(&without);
    assert!((60.0..110.0).contains(&mean) && sd < 15.0, "{mean} ms, sd {sd}: {without:?}");
}
