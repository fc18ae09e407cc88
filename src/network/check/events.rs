//! Events of files as spikes of a population: which neuron, which step, and what is said of those that are none.

use std::io::Read;
use std::path::Path;

use super::{Checker, on_grid, short};
use crate::diagnostic::Diagnostic;
use crate::network::events::{self, Asked, Events, Of};
use crate::network::{EventFile, EventFormat, Polarity, Value};
use crate::units::Dimension;

/// The pixels that are read, and the neurons that they are.
#[derive(Clone, Copy, Debug)]
struct Sheet {
    /// First column and first row.
    from: [u64; 2],
    /// Columns and rows of pixels from there on.
    pixels: [u64; 2],
    /// Pixels a side of a neuron.
    bin: u64,
    polarity: Polarity,
}

impl Sheet {
    /// Columns and rows of neurons; the last ones may have fewer pixels.
    fn neurons(&self) -> [u64; 2] {
        self.pixels.map(|n| n.div_ceil(self.bin))
    }

    /// The neuron of a pixel, if it is one of those that are read.
    fn neuron(&self, x: u16, y: u16, on: bool) -> Option<u64> {
        let [x, y] = [u64::from(x), u64::from(y)];
        let [column, row] = [x.checked_sub(self.from[0])?, y.checked_sub(self.from[1])?];
        if column >= self.pixels[0] || row >= self.pixels[1] {
            return None;
        }
        let [columns, rows] = self.neurons();
        let place = row / self.bin * columns + column / self.bin;
        Some(if self.polarity == Polarity::Sheets && !on { place + columns * rows } else { place })
    }
}

/// From times of the file to times of the run.
#[derive(Clone, Copy, Debug)]
struct Clock {
    per_ms: f64,
    /// Time 0 of a camera, in its ticks.
    zero: f64,
    /// ms of the file
    start: f64,
    stop: f64,
    scale: f64,
    /// ms of the run
    offset: f64,
}

impl Clock {
    /// ms of the run; `None`: outside of `start` and `stop`.
    fn at(&self, ticks: f64) -> Option<f64> {
        // ticks are whole numbers, so this is exact where it can be
        let ms = (ticks - self.zero) / self.per_ms;
        (ms >= self.start && ms < self.stop).then_some((ms - self.start) * self.scale + self.offset)
    }
}

/// What became of the events that are no spikes of their own.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    elsewhere: u64,
    other_polarity: u64,
    outside: u64,
    before: u64,
    twice: u64,
    late: u64,
    unsorted: u64,
    moved: u64,
    furthest: f64,
}

impl Checker<'_> {
    /// Is this a file of events other than a table?
    pub(super) fn is_of_events(&self, path: &Path) -> bool {
        let mut head = [0; 16];
        let read = self.inside("", path).map(|full| std::fs::File::open(full).and_then(|mut file| file.read(&mut head)));
        // one that cannot be read is said where it is read
        let count = read.map_or(0, |count| count.unwrap_or(0));
        !matches!(events::format_of(path, &head[..count]), None | Some(EventFormat::Table))
    }

    /// The steps at which each neuron of a population of this shape spikes, ascending.
    pub(super) fn events(&mut self, part: &str, given: &EventFile, shape: &[u32]) -> Option<Vec<Vec<u64>>> {
        let (terms, size) = (self.terms(part, given), shape.iter().map(|n| u64::from(*n)).product::<u64>());
        let (clock, bin) = terms?;
        let full = self.inside(part, &given.file);
        let full = self.accept(full)?;
        self.event_files.insert(given.file.clone());
        let columns_rows = match shape {
            [.., rows, columns] => Some([*columns, *rows]),
            _ => None,
        };
        // where the file does not say how many pixels there are, the neurons do, unless a part of them is cut out
        let within = columns_rows.filter(|_| given.crop.is_empty()).map(|sides| sides.map(|n| n.saturating_mul(bin as u32)));
        let asked = Asked { path: &full, population: &given.population, camera: given.camera, within };
        let read = events::read(given.format, &asked).map_err(|e| self.unread(part, &given.file, &full, &e.to_string()));
        let read = self.accept(read)?;
        self.hold(part, "spike_times", read.times.len() as u64 + size)?;
        self.settle(part, given, &read, within, shape).and_then(|sheet| self.spikes_of(part, given, &read, sheet, clock, size))
    }

    /// An error of a reader, with the file as the description names it.
    pub(super) fn unread(&self, part: &str, path: &Path, full: &Path, said: &str) -> Diagnostic {
        let rest = said.strip_prefix(&full.display().to_string()).unwrap_or(said);
        Diagnostic::new("E081", format!("{part}: `{}`{rest}", path.display())).value_of("file")
    }

    /// The numbers of the description.
    fn terms(&mut self, part: &str, given: &EventFile) -> Option<(Clock, u64)> {
        let time = |c: &mut Self, what: &str, value: &Option<Value>, otherwise: f64| match value {
            Some(value) => c.scalar(part, what, value, Dimension::TIME).filter(|t| !t.is_nan()),
            None => Some(otherwise),
        };
        let start = time(self, "start", &given.start, 0.0);
        let stop = time(self, "stop", &given.stop, f64::INFINITY);
        let offset = time(self, "offset", &given.offset, 0.0);
        let wrong = |text: String| Diagnostic::new("E052", format!("{part}: {text}"));
        let scale = given.scale.unwrap_or(1.0);
        if !(scale.is_finite() && scale > 0.0) {
            self.say(wrong(format!("`scale` is a number above 0, got {scale}")).value_of("scale"));
            return None;
        }
        let bin = given.bin.unwrap_or(1);
        if !(1..=65_536).contains(&bin) {
            self.say(wrong(format!("`bin` is a number of pixels from 1 to 65536, got {bin}")).value_of("bin"));
            return None;
        }
        let large = given.crop.iter().any(|n| *n > 65_536);
        if !given.crop.is_empty() && (given.crop.len() != 4 || given.crop[2..].contains(&0) || large) {
            let d = wrong(format!("`crop` is the column and the row of a pixel, columns and rows, got {:?}", given.crop));
            self.say(d.value_of("crop").help("write for example `crop = [0, 0, 32, 32]`"));
            return None;
        }
        let (start, stop) = (start?, stop?);
        // the form of a time lets no start be infinite that could be a start
        if start >= stop || !start.is_finite() {
            self.say(wrong(format!("it starts at {start} ms and stops at {stop} ms")).value_of("stop"));
            return None;
        }
        Some((Clock { per_ms: 1.0, zero: 0.0, start, stop, scale, offset: offset? }, bin))
    }

    /// The sheet of pixels, if the events are of some, which the shape of the population must fit.
    fn settle(
        &mut self,
        part: &str,
        given: &EventFile,
        read: &Events,
        within: Option<[u32; 2]>,
        shape: &[u32],
    ) -> Option<Option<Sheet>> {
        let shown = given.file.display();
        let wrong = |text: String| Diagnostic::new("E052", format!("{part}: `{shown}` {text}"));
        let Of::Pixels { on, .. } = &read.of else {
            let for_pixels =
                [("crop", !given.crop.is_empty()), ("bin", given.bin.is_some()), ("polarity", given.polarity != Polarity::Both)];
            if let Some((key, _)) = for_pixels.iter().find(|(_, is_given)| *is_given) {
                self.say(wrong(format!("lists spikes of neurons, `{key}` is for pixels")).key_of(key));
                return None;
            }
            return Some(None);
        };
        let for_lists = [("first", given.first.is_some()), ("population", !given.population.is_empty())];
        if let Some((key, _)) = for_lists.iter().find(|(_, is_given)| *is_given) {
            self.say(wrong(format!("has events of pixels, `{key}` is for lists of spikes")).key_of(key));
            return None;
        }
        if on.is_empty() && !read.times.is_empty() && given.polarity != Polarity::Both {
            self.say(wrong("does not say which pixels became brighter".into()).value_of("polarity"));
            return None;
        }
        let bin = given.bin.unwrap_or(1);
        let (from, pixels) = match (given.crop.as_slice(), read.sheet.or(within)) {
            ([x, y, columns, rows], sheet) => {
                let beyond = |[w, h]: [u32; 2]| x.saturating_add(*columns) > w.into() || y.saturating_add(*rows) > h.into();
                if let Some([w, h]) = sheet.filter(|sheet| beyond(*sheet)) {
                    self.say(wrong(format!("has {w} columns and {h} rows of pixels, `crop` goes beyond")).value_of("crop"));
                    return None;
                }
                ([*x, *y], [*columns, *rows])
            }
            (_, Some(sheet)) => ([0, 0], sheet.map(u64::from)),
            (_, None) => {
                let d = wrong("does not say how many pixels a row has".into()).value_of("file");
                self.say(d.help("give the population `shape = [rows, columns]` instead of a size"));
                return None;
            }
        };
        let sheet = Sheet { from, pixels, bin, polarity: given.polarity };
        let ([columns, rows], sheets) = (sheet.neurons(), given.polarity.sheets());
        let along = if sheets == 2 { vec![2, rows, columns] } else { vec![rows, columns] };
        let own: Vec<u64> = shape.iter().map(|n| u64::from(*n)).collect();
        let fits = own == along || (own.len() == 1 && own.iter().product::<u64>() == columns * rows * sheets);
        if !fits {
            let message = format!("makes a sheet of {rows} rows and {columns} columns of neurons");
            let twice = if sheets == 2 { ", twice," } else { "" };
            let d = wrong(format!("{message}{twice} and the population has another shape, {own:?}")).value_of("file");
            self.say(d.help(format!("write `shape = {along:?}`")));
            return None;
        }
        Some(Some(sheet))
    }

    fn spikes_of(
        &mut self,
        part: &str,
        given: &EventFile,
        read: &Events,
        sheet: Option<Sheet>,
        mut clock: Clock,
        size: u64,
    ) -> Option<Vec<Vec<u64>>> {
        let shown = given.file.display().to_string();
        clock.per_ms = read.per_ms;
        if read.own_clock {
            clock.zero = read.times.iter().copied().fold(f64::INFINITY, f64::min);
        }
        let mut tally = Tally::default();
        let mut out = vec![Vec::new(); usize::try_from(size).ok()?];
        let end = self.end.map_or(f64::INFINITY, |ms| (ms / self.dt).round());
        let mut last = f64::NEG_INFINITY;
        for (k, ticks) in read.times.iter().enumerate() {
            tally.unsorted += u64::from(*ticks < last);
            last = *ticks;
            let neuron = match (&read.of, sheet) {
                (Of::Pixels { x, y, on }, Some(sheet)) => {
                    let on = on.get(k).copied().unwrap_or(true);
                    if matches!((given.polarity, on), (Polarity::On, false) | (Polarity::Off, true)) {
                        tally.other_polarity += 1;
                        continue;
                    }
                    sheet.neuron(x[k], y[k], on)
                }
                (Of::Neurons(numbers), _) => {
                    let first = given.first.unwrap_or(read.first);
                    let own = numbers[k].checked_sub(first).filter(|neuron| *neuron < size);
                    if own.is_none() && given.first.is_none() {
                        let message = format!(
                            "{part}: `{shown}`: spike {k} is of neuron {}, expected {first} to {}",
                            numbers[k],
                            first + size - 1
                        );
                        let help = "`first` says what number neuron 0 has in the file, others are left out then";
                        self.say(Diagnostic::new("E064", message).value_of("file").help(help));
                        return None;
                    }
                    own
                }
                _ => None,
            };
            let Some(neuron) = neuron else {
                tally.elsewhere += 1;
                continue;
            };
            let Some(ms) = clock.at(*ticks) else {
                tally.outside += 1;
                continue;
            };
            if ms < 0.0 {
                tally.before += 1;
                continue;
            }
            let Some((step, exact)) = on_grid(ms, self.dt) else {
                let message = format!("{part}: `{shown}`: event {k} at {ms} ms: this is no time that steps reach");
                self.say(Diagnostic::new("E051", message).value_of("file"));
                return None;
            };
            // what comes before the end of the first step is at its end, as early as a spike can be
            let step = step.max(1);
            let away = (step as f64 * self.dt - ms).abs();
            if !exact || away > 0.5 * self.dt {
                tally.moved += 1;
                tally.furthest = tally.furthest.max(away);
            }
            tally.late += u64::from(step as f64 > end);
            // the place is below the size
            out[neuron as usize].push(step);
        }
        for steps in &mut out {
            steps.sort_unstable();
            let before = steps.len();
            steps.dedup();
            tally.twice += (before - steps.len()) as u64;
        }
        let spikes: u64 = out.iter().map(|steps| steps.len() as u64).sum();
        if spikes == 0 && !read.times.is_empty() {
            let message =
                format!("{part}: `{shown}`: none of its {} events is a spike: {}", read.times.len(), tally.told(end * self.dt));
            self.say(Diagnostic::new("E052", message).value_of("file"));
            return None;
        }
        self.tell(part, &shown, read, &clock, tally, spikes);
        Some(out)
    }

    /// What a user should know of events that became no spikes, or others than they stand in the file.
    fn tell(&mut self, part: &str, shown: &str, read: &Events, clock: &Clock, tally: Tally, spikes: u64) {
        if tally.moved > 0 {
            let (moved, furthest) = (tally.moved, short(tally.furthest));
            let message = format!("{moved} spike times of `{shown}` were moved to the nearest step, by up to {furthest} ms");
            self.remarks.alone("file", "spike times", part, message);
        }
        let end = self.end.unwrap_or(f64::INFINITY);
        let mut told = tally.told(end);
        let others = read.others.iter().filter(|(count, _)| *count > 0);
        let others: Vec<String> = others.map(|(count, what)| format!("{count} records are {what}")).collect();
        if !others.is_empty() {
            told = [told, others.join(", ")].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
        }
        if !told.is_empty() {
            let message = format!("`{shown}`: {spikes} spikes of {} events; {told}", read.times.len());
            self.remarks.alone("file", "events", part, message);
        }
        if read.own_clock && clock.zero.is_finite() {
            let ms = short(clock.zero / clock.per_ms);
            let message = format!("times of `{shown}` count from its first event, at {ms} ms of its clock");
            self.remarks.alone("file", "clock", part, message);
        }
    }
}

impl Tally {
    /// In words; nothing where every event is a spike. **Units** end: ms.
    fn told(&self, end: f64) -> String {
        let parts = [
            (self.elsewhere, "are of pixels or neurons that are left out"),
            (self.other_polarity, "have the other polarity"),
            (self.outside, "are outside of `start` and `stop`"),
            (self.before, "come before the run begins and are left out"),
            (self.twice, "are of a neuron that spikes in that step already and are one with it"),
            (self.unsorted, "come before the one that stands before them in the file, all are sorted"),
        ];
        let told = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let late = (self.late > 0).then(|| format!("{} come after the end of the run, {} ms", self.late, short(end)));
        told.chain(late).collect::<Vec<_>>().join(", ")
    }
}
