//! What is recorded goes into sinks: to the bit what a recording holds, and nothing of it is lost by a fault or a sink.

use std::ops::ControlFlow;

use synfire::network::{Connector, Network, Variant};
use synfire::recording::csv::{self, CsvSpikes};
use synfire::recording::nest::{self, NestSpikes};
use synfire::recording::npz::{self, Npz};
use synfire::recording::sink::{Committed, Ended, Header, How, SinkError, TapHeader};
use synfire::recording::{Recording, Sink};
use synfire::{Choice, Error, Options, Precision, Simulation};

const ENGINES: [(&str, Precision); 3] = [("cpu", Precision::F32), ("cpu", Precision::F64), ("gpu", Precision::F32)];

fn options((engine, precision): (&str, Precision), batch: Option<u32>) -> Options {
    let engine = if engine == "gpu" { Choice::Adapter("llvmpipe".into()) } else { Choice::Cpu };
    Options::default().engine(engine).precision(precision).batch(batch)
}

const CPU: (&str, Precision) = ENGINES[0];

/// Every kind of tap, some of a part of the rows, in an order in which the kinds alternate.
fn network() -> Network {
    let mut net = Network::new("all taps");
    net.population("exc", "lif_psc_exp", 40).parameter("i_e", "480 pA");
    net.population("inh", "lif_psc_exp", 10).parameter("i_e", "520 pA");
    for (source, target, port) in [("exc", "inh", "i_exc"), ("inh", "exc", "i_inh"), ("exc", "exc", "i_exc")] {
        let weight = if port == "i_inh" { "-80 pA" } else { "30 pA" };
        net.project(source, target, port, Connector::probability(0.3)).weight(weight).delay("1.5 ms");
    }
    net.probe("exc", "v").rows(3..7).every("0.3 ms");
    net.probe("exc", "spikes");
    net.probe("inh", "rate").every("1.1 ms");
    net.probe("inh", "v");
    net.probe("inh", "spikes").rows(2..9);
    net.probe("exc", "rate").every("0.7 ms");
    net
}

fn recorded(net: &Network, options: &Options, ms: f64) -> Recording {
    let mut simulation = net.compile(options).unwrap_or_else(|e| panic!("{e}"));
    simulation.run(ms).unwrap_or_else(|e| panic!("{e}"));
    simulation.take_recording()
}

/// Puts a recording together from what it gets, in its own way, and notes the calls.
#[derive(Default)]
struct Streamed {
    header: Header,
    recording: Recording,
    batches: Vec<std::ops::RangeInclusive<u64>>,
    ended: Option<(u64, String)>,
}

impl Sink for Streamed {
    fn begin(&mut self, header: &Header) -> Result<(), SinkError> {
        self.header = header.clone();
        self.recording = Recording { dt: header.dt, first_step: header.first_step, ..Recording::default() };
        for tap in &header.taps {
            match tap {
                TapHeader::Spikes { population, size, rows } => self.recording.spikes.push(synfire::recording::SpikeTrain {
                    population: population.clone(),
                    size: *size,
                    rows: rows.clone(),
                    ..Default::default()
                }),
                TapHeader::State { population, variable, unit, rows, times } => {
                    self.recording.traces.push(synfire::recording::Trace {
                        population: population.clone(),
                        variable: variable.clone(),
                        unit: unit.clone(),
                        rows: rows.clone(),
                        every: times.every,
                        ..Default::default()
                    })
                }
                TapHeader::Rate { population, neurons, bin } => self.recording.rates.push(synfire::recording::Rate {
                    population: population.clone(),
                    neurons: *neurons,
                    bin: *bin,
                    first_step: header.first_step + 1,
                    ..Default::default()
                }),
                _ => panic!("a tap of no known kind"),
            }
        }
        Ok(())
    }

    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError> {
        assert_eq!(batch.header(), &self.header);
        let (mut train, mut trace, mut rate) = (0, 0, 0);
        for (tap, header) in self.header.taps.iter().enumerate() {
            let (steps, neurons) = batch.spikes(0, tap);
            assert!(steps.iter().all(|step| batch.steps().contains(step)) && steps.is_sorted());
            match header {
                TapHeader::Spikes { .. } => {
                    self.recording.spikes[train].step.extend(steps);
                    self.recording.spikes[train].neuron.extend(neurons);
                    train += 1;
                }
                TapHeader::State { rows, times, .. } => {
                    let to = &mut self.recording.traces[trace];
                    let times: Vec<u64> = batch.sampled(*times).collect();
                    assert_eq!(batch.samples(0, tap).len(), times.len() * rows.len());
                    if to.values.is_empty() {
                        to.first_step = times.first().copied().unwrap_or(0);
                    }
                    to.values.extend(batch.samples(0, tap));
                    trace += 1;
                }
                TapHeader::Rate { bin, .. } => {
                    let to = &mut self.recording.rates[rate];
                    for step in batch.steps() {
                        let place = ((step - self.header.first_step - 1) / bin) as usize;
                        to.count.resize(place + 1, 0);
                        to.count[place] += steps.iter().filter(|s| **s == step).count() as u64;
                        to.steps += 1;
                    }
                    rate += 1;
                }
                _ => panic!("a tap of no known kind"),
            }
        }
        self.batches.push(batch.steps());
        self.recording.steps += *batch.steps().end() - *batch.steps().start() + 1;
        Ok(())
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), SinkError> {
        assert!(self.ended.is_none());
        self.ended = Some((ended.steps, format!("{:?}", ended.how)));
        Ok(())
    }
}

#[test]
fn what_is_streamed_is_the_recording_to_the_bit() {
    let net = network();
    for engine in ENGINES {
        let expected = recorded(&net, &options(engine, None), 60.0);
        assert!(expected.spikes.iter().all(|s| !s.step.is_empty()) && expected.steps == 600);
        for batch in [Some(1), Some(7), Some(64), None] {
            let mut simulation = net.compile(&options(engine, batch)).unwrap_or_else(|e| panic!("{e}"));
            let (mut streamed, mut kept) = (Streamed::default(), Recording::default());
            simulation.run_into(60.0, &mut [&mut streamed, &mut kept]).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(kept, expected, "{engine:?}, batches of {batch:?}");
            assert_eq!(streamed.recording, expected, "{engine:?}, batches of {batch:?}");
            assert_eq!(streamed.ended, Some((600, "Whole".into())));
            let lengths = streamed.batches.iter().map(|b| b.end() - b.start() + 1);
            assert!(batch.is_none_or(|batch| lengths.max() == Some(batch.into())));
            // nothing stays, and what comes next is recorded as if nothing had been
            assert_eq!((simulation.recording().first_step, simulation.recording().steps), (600, 0));
            simulation.run(5.0).unwrap();
            assert_eq!(simulation.recording().steps, 50);
        }
    }
}

#[test]
fn instances_are_told_apart() {
    let mut net = network();
    net.stimuli.clear();
    let variants: Vec<Variant> = (0..3).map(|k| Variant::new().set("exc.i_e", format!("{} pA", 430 + 60 * k))).collect();
    let compiled = || net.compile_ensemble(&variants, &options(CPU, Some(13))).unwrap_or_else(|e| panic!("{e}"));
    let mut own = compiled();
    own.run(40.0).unwrap();
    let (mut kept, mut simulation) = (Vec::<Recording>::new(), compiled());
    simulation.run_into(40.0, &mut [&mut kept]).unwrap();
    assert!(kept.iter().eq(own.recordings().iter().map(|own| &**own)));
    assert!(kept[0].spikes[0] != kept[2].spikes[0]);
    // a sink of one network says so, and no step is done
    let folder = tempfile::tempdir().unwrap();
    let mut alone: [Box<dyn Sink>; 4] = [
        Box::new(Recording::default()),
        Box::new(Npz::new(folder.path())),
        Box::new(CsvSpikes::new(folder.path().join("a.csv"))),
        Box::new(NestSpikes::new(folder.path().join("a.dat"))),
    ];
    for sink in &mut alone {
        let error = simulation.run_into(1.0, &mut [&mut **sink]).unwrap_err().to_string();
        assert!(error.contains("ensemble of 3"), "{error}");
    }
    assert_eq!(simulation.time_steps(), 400);
    assert!(super::files(folder.path()).is_empty());
}

#[test]
fn files_are_those_of_the_recording() {
    let net = network();
    let recording = recorded(&net, &options(CPU, None), 50.0);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("npz")).unwrap();
    std::fs::create_dir(at("expected")).unwrap();
    let mut npz = Npz::new(at("npz"));
    let (mut lines, mut senders) = (CsvSpikes::new(at("a.csv")), NestSpikes::new(at("a.dat")));
    let mut simulation = net.compile(&options(CPU, Some(11))).unwrap_or_else(|e| panic!("{e}"));
    simulation.run_into(50.0, &mut [&mut npz, &mut lines, &mut senders]).unwrap_or_else(|e| panic!("{e}"));
    npz::write(&recording, at("expected")).unwrap();
    nest::write_spikes(&recording, at("b.dat")).unwrap();
    let bytes = |name: &str| std::fs::read(at(name)).unwrap();
    assert_eq!(bytes("a.dat"), bytes("b.dat"));
    assert_eq!(npz::read(at("npz")).unwrap(), recording);
    assert_eq!(bytes("npz/spikes.npz"), bytes("expected/spikes.npz"));
    assert_eq!(bytes("npz/traces.npz"), bytes("expected/traces.npz"));
    let mut trains = csv::read_spikes(at("a.csv"), recording.dt).unwrap();
    trains.sort_by(|a, b| a.population.cmp(&b.population));
    for (read, train) in trains.iter().zip(&recording.spikes) {
        assert_eq!((&read.population, &read.step, &read.neuron), (&train.population, &train.step, &train.neuron));
    }
    assert_eq!(super::files(folder.path()), ["a.csv", "a.dat", "b.dat", "expected", "npz"]);
    // the lines are in order of time
    let text = String::from_utf8(bytes("a.csv")).unwrap();
    let times: Vec<f64> = text.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().parse().unwrap()).collect();
    assert!(times.is_sorted() && times.len() == recording.spikes.iter().map(|s| s.step.len()).sum::<usize>());
}

/// Fails in one call: the first is `begin`, the last `end`.
struct Failing {
    calls: usize,
    fails_in: usize,
}

impl Failing {
    fn call(&mut self) -> Result<(), SinkError> {
        self.calls += 1;
        assert!(self.calls <= self.fails_in, "called again");
        if self.calls == self.fails_in { Err(format!("call {} fails", self.calls).into()) } else { Ok(()) }
    }
}

impl Sink for Failing {
    fn begin(&mut self, _: &Header) -> Result<(), SinkError> {
        self.call()
    }

    fn batch(&mut self, _: &Committed<'_>) -> Result<(), SinkError> {
        self.call()
    }

    fn end(&mut self, _: &Ended<'_>) -> Result<(), SinkError> {
        self.call()
    }
}

#[test]
fn a_sink_that_fails_stops_the_run_and_nothing_is_lost() {
    let net = network();
    let expected = recorded(&net, &options(CPU, None), 10.0);
    let state = |simulation: &mut Simulation| simulation.state("exc", "v").unwrap();
    let mut whole = net.compile(&options(CPU, None)).unwrap();
    whole.run(10.0).unwrap();
    // batches of 1, 30, 30, 30 and 9 steps, then the end
    for (fails_in, done) in [(1, 0), (2, 1), (3, 31), (4, 61), (5, 91), (6, 100), (7, 100)] {
        let mut simulation = net.compile(&options(CPU, Some(30))).unwrap();
        let (mut before, mut after) = (Streamed::default(), Recording::default());
        let mut failing = Failing { calls: 0, fails_in };
        let error = simulation.run_into(10.0, &mut [&mut before, &mut failing, &mut after]).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("call {fails_in} fails")) && text.contains(&format!("of step {done}")), "{text}");
        assert!(matches!(&error, Error::Sink { done: steps, last_good, fault: None, .. } if (*steps, *last_good) == (done, done)));
        assert_eq!((simulation.time_steps(), after.steps), (done, done));
        let how = if fails_in == 7 {
            "Whole".to_string()
        } else {
            format!("Failed(\"what was recorded could not be taken: call {fails_in} fails\")")
        };
        assert_eq!(before.ended, Some((done, how)), "{fails_in}");
        // the run can go on from there, into a sink that has what came before
        simulation.run_into(10.0 - done as f64 * 0.1, &mut [&mut after]).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(after.spikes, expected.spikes);
        assert_eq!(after.traces, expected.traces);
        assert_eq!(after.rates, expected.rates);
        assert_eq!(state(&mut simulation), state(&mut whole));
    }
}

#[test]
fn a_fault_hands_over_everything_before_it() {
    let mut net = Network::new("explodes");
    net.equations = "neuron grower\n  state x = 1 mV\n  dx/dt = x/(0.05 ms)\n  method euler\n".into();
    net.population("cell", "grower", 1);
    net.probe("cell", "x");
    for engine in ENGINES {
        for batch in [Some(1), Some(17), None] {
            let mut own = net.compile(&options(engine, batch)).unwrap_or_else(|e| panic!("{e}"));
            let Err(Error::Run { fault, last_good, .. }) = own.run(1000.0) else { panic!("no fault") };
            let mut simulation = net.compile(&options(engine, batch)).unwrap();
            let (mut streamed, mut kept) = (Streamed::default(), Recording::default());
            let error = simulation.run_into(1000.0, &mut [&mut streamed, &mut kept]).unwrap_err();
            assert!(matches!(&error, Error::Run { fault: other, .. } if *other == fault), "{error}");
            assert_eq!(kept, *own.recording());
            assert_eq!(streamed.recording, *own.recording());
            assert_eq!(streamed.recording.traces[0].samples() as u64, last_good);
            let (done, how) = streamed.ended.unwrap();
            assert!(done == last_good && how.contains("became"), "{how}");
            // both are told where a sink fails on the way out
            let mut simulation = net.compile(&options(engine, Some(1000))).unwrap();
            let error = simulation.run_into(1000.0, &mut [&mut Failing { calls: 0, fails_in: 4 }]).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("became") && text.contains("call 4 fails"), "{text}");
        }
    }
}

#[test]
fn a_run_that_is_stopped_says_so() {
    let mut simulation = network().compile(&options(CPU, Some(20))).unwrap();
    let mut streamed = Streamed::default();
    let mut batches = 0;
    let done = simulation.run_into_with(100.0, &mut [&mut streamed], &mut |_| {
        batches += 1;
        if batches == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(done.unwrap(), 41);
    assert_eq!(streamed.ended, Some((41, format!("{:?}", How::Stopped))));
}

#[test]
fn the_budget_counts_what_sinks_hold() {
    let mut net = Network::new("busy");
    net.population("exc", "lif_psc_exp", 500).parameter("i_e", "20 nA").parameter("t_ref", "0.1 ms");
    net.probe("exc", "spikes");
    net.probe("exc", "v");
    let planned = net.memory(&options(CPU, None)).unwrap().bytes();
    // 500 potentials of 8 bytes in 1,000 steps are 4 MB
    let compiled = |room: u64| {
        // what a batch holds must not depend on how busy the machine is
        let options = options(CPU, Some(200)).memory_budget(planned + room);
        net.compile(&options).unwrap_or_else(|e| panic!("{e}"))
    };
    let refused = |error: Error| {
        let text = error.to_string();
        assert!(text.contains("the recording of exc.v") && text.contains("--memory"), "{text}");
    };
    let mut simulation = compiled(2 << 20);
    refused(simulation.run(100.0).unwrap_err());
    refused(simulation.run_into(100.0, &mut [&mut Recording::default()]).unwrap_err());
    let mut streamed = Counted::default();
    simulation.run_into(100.0, &mut [&mut streamed]).unwrap_or_else(|e| panic!("{e}"));
    assert!(streamed.0 > 500_000 && simulation.time_steps() == 1000, "{}", streamed.0);
    // room for one recording, spikes included, is none for two
    let mut simulation = compiled(40 << 20);
    simulation.run_into(100.0, &mut [&mut Recording::default()]).unwrap_or_else(|e| panic!("{e}"));
    refused(compiled(7 << 20).run_into(100.0, &mut [&mut Recording::default(), &mut Recording::default()]).unwrap_err());
    // spikes are known when they come: what came is kept, and the run says what it would need
    let mut kept = Recording::default();
    let mut simulation = compiled(6 << 20);
    let error = simulation.run_into(100.0, &mut [&mut kept]).unwrap_err().to_string();
    assert!(error.contains("spikes are recorded"), "{error}");
    assert_eq!(kept.steps, simulation.time_steps());
    assert!(kept.steps > 0 && kept.traces[0].samples() as u64 == kept.steps);
}

/// Numbers seen, none kept.
#[derive(Default)]
struct Counted(usize);

impl Sink for Counted {
    fn begin(&mut self, _: &Header) -> Result<(), SinkError> {
        Ok(())
    }

    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError> {
        let taps = 0..batch.header().taps.len();
        self.0 += taps.map(|tap| batch.spikes(0, tap).0.len() + batch.samples(0, tap).len()).sum::<usize>();
        Ok(())
    }

    fn end(&mut self, _: &Ended<'_>) -> Result<(), SinkError> {
        Ok(())
    }
}

#[test]
fn recordings_are_not_mixed() {
    let mut simulation = network().compile(&options(CPU, None)).unwrap();
    simulation.run(5.0).unwrap();
    let error = simulation.run_into(5.0, &mut [&mut Recording::default()]).unwrap_err().to_string();
    assert!(error.contains("holds one of 50 steps") && error.contains("take_recording"), "{error}");
    let mut first = simulation.take_recording();
    simulation.run_into(5.0, &mut [&mut first]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(first, recorded(&network(), &options(CPU, None), 10.0));
    // one that ends elsewhere, or holds something else
    let mut gap = recorded(&network(), &options(CPU, None), 3.0);
    let error = simulation.run_into(5.0, &mut [&mut gap]).unwrap_err().to_string();
    assert!(error.contains("ends at step 30") && error.contains("begins at step 100"), "{error}");
    let mut other = first.clone();
    other.spikes[0].rows = Some(vec![1]);
    let error = simulation.run_into(5.0, &mut [&mut other]).unwrap_err().to_string();
    assert!(error.contains("other populations, states or rows"), "{error}");
    assert_eq!(simulation.time_steps(), 100);
}

#[test]
fn a_recording_that_is_kept_stays_as_it_was_while_the_run_goes_on() {
    let net = network();
    let mut simulation = net.compile(&options(CPU, Some(7))).unwrap_or_else(|e| panic!("{e}"));
    simulation.run(20.0).unwrap();
    let kept = simulation.recordings()[0].clone();
    let (spikes, first) = (kept.spikes[0].step.len(), kept.spikes[0].step.as_ptr());
    assert!(std::ptr::eq(&*kept, simulation.recording()), "kept without a copy");
    simulation.run(20.0).unwrap();
    assert_eq!((kept.spikes[0].step.len(), kept.spikes[0].step.as_ptr()), (spikes, first));
    assert!(simulation.recording().spikes[0].step.len() > spikes && simulation.recording().steps == 400);
    let mut whole = net.compile(&options(CPU, Some(7))).unwrap_or_else(|e| panic!("{e}"));
    whole.run(40.0).unwrap();
    assert_eq!(whole.recording(), simulation.recording());
}
