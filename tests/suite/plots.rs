//! `synfire plot`: pictures of a run from its folder. How they look is for eyes: `SYNFIRE_PICTURES=folder` keeps them.

use std::fs;
use std::path::Path;

use super::{synfire, with_network, words};

/// A sheet, a population of two variables with its currents spread, synapses by probability, rates in bins of their own.
const NET: &str = r#"
name = "small"
duration = "200 ms"
seed = 3
[[population]]
name = "sheet"
model = "lif_psc_exp"
shape = [6, 8]
positions = { rule = "grid", spacing = "25 um" }
parameters.i_e = { uniform = ["350 pA", "600 pA"] }
[[population]]
name = "cell"
model = "izhikevich"
size = 5
[[population]]
name = "many"
model = "lif_psc_exp"
size = 40
parameters.i_e = { uniform = ["300 pA", "800 pA"] }
[[projection]]
source = "sheet"
target = "many"
port = "i_exc"
connector = { rule = "fixed_probability", p = 0.2 }
weight = { uniform = ["10 pA", "30 pA"] }
delay = "1 ms"
[[projection]]
source = "many"
target = "sheet"
port = "i_inh"
connector = { rule = "fixed_probability", p = 0.1 }
weight = "-20 pA"
delay = "1 ms"
[[stimulus]]
name = "stimulation"
target = "many"
input = "i_stim"
start = "50 ms"
stop = "100 ms"
waveform = { kind = "constant", amplitude = "50 pA" }
[[stimulus]]
name = "step"
target = "cell"
input = "i_stim"
waveform = { kind = "constant", amplitude = "10 mV/ms" }
[[probe]]
population = "sheet"
record = "v"
every = "1 ms"
[[probe]]
population = "sheet"
record = "spikes"
[[probe]]
population = "many"
record = "spikes"
[[probe]]
population = "many"
record = "rate"
every = "4 ms"
[[probe]]
population = "cell"
record = "v"
[[probe]]
population = "cell"
record = "u"
[[probe]]
population = "cell"
record = "spikes"
"#;

#[test]
fn every_picture_is_drawn_from_the_folder_alone() {
    let folder = with_network(NET);
    let run = synfire(folder.path(), &["run", "net.toml", "--engine", "cpu", "--no-picture"]);
    assert!(run.status.success(), "{}", words(&run));
    fs::remove_file(folder.path().join("net.toml")).unwrap();
    let before = super::files(&folder.path().join("run/small"));
    let cases: [(&[&str], &str, &[&str]); 15] = [
        (&[], "small.picture.png", &[]),
        (
            &["--panels", "raster,rates", "--format", "svg"],
            "small.raster-rates.svg",
            &["rate (Hz)", "many: bins of 4 ms", "sheet: bins of 5 ms"],
        ),
        (
            &["--panels", "traces", "--of", "sheet.v", "--rows", "0..3", "--apart", "--window", "50 ms..", "--out", "t.svg"],
            "../t.svg",
            &["neuron 2"],
        ),
        (&["--panels", "traces", "--of", "sheet", "--format", "svg"], "small.traces.svg", &["spikes", "V_m"]),
        (&["--panels", "phase", "--format", "svg"], "small.phase.svg", &["dv/dt = 0", "du/dt = 0", "neuron 4"]),
        (&["--panels", "animation", "--of", "sheet"], "small.animation.gif", &[]),
        (&["--panels", "connectivity", "--format", "svg"], "small.connectivity.svg", &["synapses per pair", "sheet", "many"]),
        (&["--panels", "weights", "--of", "sheet -> many", "--format", "svg"], "small.weights.svg", &["synapses (%)"]),
        (&["--panels", "curve", "--x", "many.i_e", "--format", "svg"], "small.curve.svg", &["many.i_e (pA)", "rate (Hz)"]),
        (&["--width", "8.5 cm", "--out", "column.svg"], "../column.svg", &["width=\"8.5cm\"", "viewBox=\"0 0 386 ", "stimulation"]),
        (
            &["--panels", "raster", "--width", "17 cm", "--height", "6 cm", "--out", "page.svg"],
            "../page.svg",
            &["width=\"17cm\"", "height=\"5.9"],
        ),
        (&["--panels", "positions", "--width", "320", "--format", "svg"], "small.positions.svg", &["width=\"320\"", "sheet: 48"]),
        (
            &["--panels", "positions", "--cell", "sheet:12", "--out", "targets.svg"],
            "../targets.svg",
            &["targets of sheet 12", "sheet: 0 of 48"],
        ),
        (
            &["--panels", "animation", "--of", "sheet", "--window", "50 ms..50 ms", "--out", "frame.svg"],
            "../frame.svg",
            &["sheet at 50 ms"],
        ),
        (&["--panels", "connectivity", "--width", "8.5 cm", "--out", "joined.png"], "../joined.png", &[]),
    ];
    for (arguments, file, texts) in cases {
        let plot = synfire(folder.path(), &[&["plot", "run/small"], arguments].concat());
        assert!(plot.status.success(), "{arguments:?}: {}", words(&plot));
        let bytes = fs::read(folder.path().join("run").join(file)).unwrap();
        let svg = String::from_utf8_lossy(&bytes);
        for text in texts.iter().filter(|text| **text != "V_m") {
            assert!(svg.contains(text), "{arguments:?}: no `{text}`");
        }
        if let Some(kept) = std::env::var_os("SYNFIRE_PICTURES") {
            let name = Path::new(file).file_name().unwrap();
            fs::write(Path::new(&kept).join(name), &bytes).unwrap();
            if file.ends_with("svg") {
                let figure = synfire::plot::Figure { svg: svg.to_string() };
                fs::write(Path::new(&kept).join(name).with_extension("png"), figure.png(2.0).unwrap()).unwrap();
            }
        }
    }
    // nothing is put into the folder of the run, so that it can be replaced as before
    assert_eq!(super::files(&folder.path().join("run/small")), before);
}

#[test]
fn a_title_tells_what_was_changed() {
    let folder = with_network(NET);
    let set = ["--set", "many.c_m=200 pF", "--set=dt=0.05 ms"];
    let run = [&["run", "net.toml", "--engine", "cpu", "--duration", "20 ms"], &set[..]].concat();
    assert!(synfire(folder.path(), &run).status.success());
    let told = "small: many.c_m=200 pF, dt=0.05 ms";
    assert!(fs::read_to_string(folder.path().join("run/small/picture.svg")).unwrap().contains(told));
    assert!(synfire(folder.path(), &["plot", "run/small", "--out", "again.svg"]).status.success());
    assert!(fs::read_to_string(folder.path().join("again.svg")).unwrap().contains(told));
    assert!(synfire(folder.path(), &["plot", "run/small", "--title", "mine", "--out", "mine.svg"]).status.success());
    assert!(!fs::read_to_string(folder.path().join("mine.svg")).unwrap().contains(told));
}

#[test]
fn letters_become_outlines() {
    let folder = with_network(NET);
    assert!(synfire(folder.path(), &["run", "net.toml", "--engine", "cpu", "--duration", "20 ms"]).status.success());
    let plot = synfire(folder.path(), &["plot", "run/small", "--outlines", "--out", "o.svg"]);
    assert!(plot.status.success(), "{}", words(&plot));
    let svg = fs::read_to_string(folder.path().join("o.svg")).unwrap();
    assert!(svg.starts_with("<svg") && !svg.contains("<text") && !svg.contains("font-family"), "{}", &svg[..200]);
}

#[test]
fn what_cannot_be_drawn_is_said_with_what_can() {
    let folder = with_network(NET);
    assert!(synfire(folder.path(), &["run", "net.toml", "--engine", "cpu", "--duration", "20 ms"]).status.success());
    let cases: [(&[&str], &str); 23] = [
        (&["--window", "2 s.."], "lies outside of the run"),
        (&["--window", "2 s..3 s"], "lies outside of the run"),
        (&["--window", "10 ms..3 s"], "recorded from 0 to 20 ms"),
        (&["--window", "15 ms..10 ms"], "ends before it begins"),
        (&["--window", "15 ms..15 ms"], "has no length"),
        (&["--rows", "5000..6000"], "there are 0..48 of sheet; 0..40 of many; 0..5 of cell"),
        (&["--rows", "40..45", "--of", "many"], "0..40 of many"),
        (&["--panels", "traces", "--of", "many"], "recorded were spikes of many; rates of many"),
        (&["--panels", "rates", "--of", "cell"], "drawn with --bin"),
        (&["--panels", "animation", "--of", "sheet", "--format", "png"], "--window \"1 ms..1 ms\" holds one"),
        (&["--panels", "animation", "--of", "sheet", "--window", "3.2 ms..3.4 ms"], "sampled from 1 to 20 ms, 1 ms apart"),
        (&["--panels", "positions", "--cell", "many:40"], "many:0 to many:39"),
        (&["--width", "8.5 cm", "--height", "300"], "both in pixels"),
        (&["--width", "8.5 feet"], "8.5 cm"),
        (&["--of", "nobody"], "recorded were sheet, many, cell"),
        (&["--window", "5"], "100 ms..250 ms"),
        (&["--bin", "5 mV"], "expected a time"),
        (&["--rows", "x"], "0..10,17"),
        (&["--panels", "curve"], "--x cell.i_e"),
        (&["--panels", "curve", "--x", "many.nothing"], "there is no `many.nothing`"),
        (&["--panels", "weights"], "sheet -> many, many -> sheet"),
        (&["--panels", "phase", "--of", "many"], "two variables"),
        (&["--panels", "raster,phase", "--out", "x.png"], "one file for 2 pictures"),
    ];
    for (arguments, part) in cases {
        let plot = synfire(folder.path(), &[&["plot", "run/small"], arguments].concat());
        assert_eq!(plot.status.code(), Some(2), "{arguments:?}: {}", words(&plot));
        assert!(words(&plot).contains(part), "{arguments:?}: no `{part}` in {}", words(&plot));
    }
    let plot = synfire(folder.path(), &["plot", "nowhere"]);
    assert_eq!(plot.status.code(), Some(2));
    assert!(words(&plot).contains("help: name the folder of a run"), "{}", words(&plot));
}
