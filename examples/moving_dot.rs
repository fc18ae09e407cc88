//! Waves ahead of a moving dot (`moving_dot/wave.rs` says whose model this is): a movie goes in, a movie comes out, and the anticipation
//! is measured: how much earlier cells along the way of the dot rise with horizontal connections than without.
//!
//! `cargo run --release --example moving_dot [FOLDER [SEEDS]]` writes movie_in.gif, and moving_dot.gif: the
//! mean potentials of all seeds beside the movie.

#[path = "moving_dot/wave.rs"]
mod wave;

use std::path::{Path, PathBuf};

use synfire::network::Network;
use synfire::plot::gif::{ColourMap, Sheet};
use wave::{FRAMES, INTERVAL, SEEN, SIDE};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let seeds: u64 = arguments.next().map_or(Ok(10), |seeds| seeds.to_string_lossy().parse())?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/networks");
    let network = Network::load(here.join("moving_dot.toml"))?;

    let mut means = [vec![0.0; FRAMES * SIDE * SIDE], vec![0.0; FRAMES * SIDE * SIDE]];
    let mut rises = [Vec::new(), Vec::new()];
    println!("seed  rises without (ms before the dot)  with horizontal connections  earlier");
    for seed in 1..=seeds {
        for (k, horizontal) in [false, true].into_iter().enumerate() {
            let potentials = wave::potentials(&wave::changed(&network, seed, horizontal), &here)?;
            rises[k].push(wave::rises(&wave::aligned(&potentials, SIDE, 0)).ok_or("no cell rises")?);
            for (ms, sample) in potentials.chunks(SIDE * SIDE).enumerate() {
                let frame = &mut means[k][ms / INTERVAL * SIDE * SIDE..][..SIDE * SIDE];
                frame.iter_mut().zip(sample).for_each(|(sum, v)| *sum += v / (seeds as f64 * INTERVAL as f64));
            }
        }
        let [without, with] = [0, 1].map(|k| rises[k][rises[k].len() - 1]);
        println!("{seed:>4}{without:>35.1}{with:>29.1}{:>9.1}", with - without);
    }
    let earlier: Vec<f64> = rises[1].iter().zip(&rises[0]).map(|(with, without)| with - without).collect();
    let (mean, sd) = wave::spread(&earlier);
    println!("cells ahead of the dot rise {mean:.1} ms earlier, with a standard deviation of {sd:.1} ms over {seeds} seeds");

    // the movie, the sheet without and with horizontal connections, side by side, every other frame
    let (low, high, wide) = (-65.0, -55.0, 3 * SIDE + 2);
    let shown = SEEN.start - 2..SEEN.end + 5;
    let mut values = Vec::with_capacity(shown.len() * wide * SIDE);
    for k in shown.clone().step_by(2) {
        let movie: Vec<f64> = wave::frame(k).iter().map(|x| low + (high - low) * x).collect();
        let sheets: [&[f64]; 3] = [&movie, &means[0][k * SIDE * SIDE..], &means[1][k * SIDE * SIDE..]];
        for row in 0..SIDE {
            for (place, sheet) in sheets.iter().enumerate() {
                values.extend(std::iter::repeat_n(f64::NAN, usize::from(place > 0)));
                values.extend(&sheet[row * SIDE..(row + 1) * SIDE]);
            }
        }
    }
    let sheet = Sheet::of(wide, SIDE).cell(4).low(low).high(high).colours(ColourMap::Inferno).label("v (mV)").paper(true);
    let sheet = sheet.caption("movie, apart, joined");
    let sheet = sheet.first_ms((shown.start * INTERVAL) as f64).every_ms(2.0 * INTERVAL as f64);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("movie_in.gif"), wave::movie()?)?;
    std::fs::write(folder.join("moving_dot.gif"), sheet.gif(&values)?)?;
    std::fs::write(folder.join("moving_dot.png"), sheet.png(&values, 16)?)?;
    println!("drawn in {}", folder.join("moving_dot.gif").display());
    Ok(())
}
