//! Every reader with files by the published layouts; files that are cut, changed or lie are errors, never panics.

use std::collections::BTreeSet;

use super::*;

fn plain(name: &str, bytes: &[u8]) -> Result<Events, String> {
    of(name, bytes, "")
}

fn of(name: &str, bytes: &[u8], population: &str) -> Result<Events, String> {
    let asked = Asked { path: Path::new(name), population, camera: None, within: None };
    read_bytes(None, bytes.to_vec(), &asked).map_err(|e| e.to_string())
}

/// x, y, on, µs
type Pixel = (u16, u16, bool, u64);

fn pixels(events: &Events) -> Vec<Pixel> {
    let Of::Pixels { x, y, on } = &events.of else { panic!("no pixels") };
    let time = |k: usize| (events.times[k] / events.per_ms * 1e3).round() as u64;
    (0..x.len()).map(|k| (x[k], y[k], on[k], time(k))).collect()
}

fn neurons(events: &Events) -> Vec<(u64, f64)> {
    let Of::Neurons(list) = &events.of else { panic!("no neurons") };
    list.iter().copied().zip(events.times.iter().copied()).collect()
}

/// Events that stand anywhere in a sheet, by a small generator, in order of time.
pub(super) fn some_events(count: u64, columns: u16, rows: u16, apart: u64) -> Vec<Pixel> {
    let mut word = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: u64| {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        word % below
    };
    let mut time = 0;
    let one = |_| {
        time += next(apart);
        (next(columns.into()) as u16, next(rows.into()) as u16, next(2) == 1, time)
    };
    (0..count).map(one).collect()
}

/// As G. Orchard's format has it: 23 bits of time, and a record of row 240 each time that 2^13 µs are to be added.
fn write_n_mnist(events: &[Pixel], every_range: bool) -> Vec<u8> {
    let (mut bytes, mut over) = (Vec::new(), 0);
    for (x, y, on, time) in events {
        while every_range && time - over >= 1 << 13 {
            bytes.extend([0, 240, 0, 0, 0]);
            over += 1 << 13;
        }
        let [_, high, middle, low] = u32::try_from(time - over).unwrap().to_be_bytes();
        assert!(high < 0x80);
        bytes.extend([*x as u8, *y as u8, high | u8::from(*on) << 7, middle, low]);
    }
    bytes
}

#[test]
fn n_mnist_is_read_event_by_event() {
    let events = some_events(2_000, 34, 34, 160);
    assert!(events.last().unwrap().3 > 100_000);
    for every_range in [false, true] {
        let bytes = write_n_mnist(&events, every_range);
        assert_eq!(bytes.len() > 5 * events.len(), every_range);
        assert_eq!(pixels(&plain("a.bin", &bytes).unwrap()), events);
    }
    // by hand: column 5, row 9, brighter, 0x012345 µs; then the clock runs over
    let bytes = [5, 9, 0x81, 0x23, 0x45, 0, 240, 0, 0, 0, 1, 2, 0x00, 0x00, 0x07];
    assert_eq!(pixels(&plain("a.BIN", &bytes).unwrap()), [(5, 9, true, 0x0001_2345), (1, 2, false, 8192 + 7)]);
}

/// jAER's address of a pixel, whose rows count from the top here.
fn address(camera: &str, (x, y, on, _): &Pixel) -> u32 {
    let (x, y) = (u32::from(*x), u32::from(*y));
    match camera {
        "DVS128" => (127 - y) << 8 | (127 - x) << 1 | u32::from(!on),
        _ => (179 - y) << 22 | (239 - x) << 12 | u32::from(*on) << 11,
    }
}

fn write_aedat2(class: &str, events: &[Pixel], first: u32, last_line: bool) -> Vec<u8> {
    let mut bytes = b"#!AER-DAT2.0\r\n# This is a raw AE data file - do not edit\r\n# Timestamps tick is 1 us\r\n".to_vec();
    bytes.extend(format!("# AEChip: {class}\r\n").bytes());
    if last_line {
        bytes.extend(b"#End Of ASCII Header\r\n");
    }
    let camera = class.rsplit('.').next().unwrap();
    for event in events {
        bytes.extend(address(camera, event).to_be_bytes());
        bytes.extend(first.wrapping_add(event.3 as u32).to_be_bytes());
    }
    bytes
}

#[test]
fn aedat_2_is_read_event_by_event() {
    for (class, columns, rows) in
        [("ch.unizh.ini.jaer.chip.retina.DVS128", 128, 128), ("eu.seebetter.ini.chips.davis.DAVIS240C", 240, 180)]
    {
        let events = some_events(1_000, columns, rows, 300);
        // the clock of the second runs over
        for (first, last_line) in [(7, true), (u32::MAX - 50_000, false)] {
            let seen = plain("a.aedat", &write_aedat2(class, &events, first, last_line)).unwrap();
            let moved: Vec<Pixel> = events.iter().map(|(x, y, on, t)| (*x, *y, *on, t + u64::from(first))).collect();
            assert_eq!(pixels(&seen), moved, "{class}");
            assert_eq!((seen.sheet, seen.own_clock), (Some([columns.into(), rows.into()]), true));
        }
    }
    // by hand, a DAVIS240: column 239 from the right is 0, row 179 from the bottom is 0; a picture's sample; a signal; darker
    let mut bytes = write_aedat2("DAVIS240C", &[], 0, true);
    for word in [179 << 22 | 239 << 12 | 1 << 11, 10, 1 << 31 | 5, 20, 1 << 10, 30, 0, 40] {
        bytes.extend(u32::to_be_bytes(word));
    }
    let seen = plain("a.aedat", &bytes).unwrap();
    assert_eq!(pixels(&seen), [(0, 0, true, 10), (239, 179, false, 40)]);
    assert_eq!(seen.others.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1, 1]);

    let begin = bytes.len() - 8;
    bytes[begin..begin + 4].copy_from_slice(&(180u32 << 22).to_be_bytes());
    let said = plain("a.aedat", &bytes).unwrap_err();
    assert!(
        said.starts_with(&format!("a.aedat, byte {begin}: expected a pixel of a camera of 240 columns and 180 rows")),
        "{said}"
    );
    let said = plain("a.aedat", b"#!AER-DAT2.0\r\n# nothing\r\n").unwrap_err();
    assert!(
        said.contains("a camera whose addresses are known (`camera`: `dvs128`, ") && said.ends_with("found none in the header")
    );
    let said = plain("a.aedat", b"#!AER-DAT3.1\r\n").unwrap_err();
    assert_eq!(said, "a.aedat, byte 0: expected AEDAT 2.0 or 4.0 (DV converts files), found #!AER-DAT3.1\r");
}

fn stored(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/events").join(name)).unwrap()
}

/// What dv-processing wrote, in each compression, is what it was given.
#[test]
fn aedat_4_is_read_event_by_event() {
    let given = plain("events.csv", &stored("events.csv")).unwrap();
    assert_eq!(given.times.len(), 400);
    for name in ["none", "lz4", "zstd"] {
        let seen = plain("a.aedat4", &stored(&format!("{name}.aedat4"))).unwrap();
        assert_eq!((&seen.of, &seen.times), (&given.of, &given.times), "{name}");
        assert_eq!((seen.sheet, seen.own_clock), (Some([64, 48]), true), "{name}");
        assert!(seen.others[0].0 > 0, "{name}: the packet of triggers");
    }
    // one byte of a column: the error names the event
    let mut bytes = stored("none.aedat4");
    let time = (given.times[1] as i64).to_le_bytes();
    let event = bytes.windows(8).position(|eight| eight == time).unwrap();
    bytes[event + 8] = 64;
    let said = plain("a.aedat4", &bytes).unwrap_err();
    assert!(
        said.starts_with(&format!(
            "a.aedat4, byte {event}: expected a pixel of a sheet of 64 columns and 48 rows, found column 64"
        )),
        "{said}"
    );
    let cut = plain("a.aedat4", &bytes[..4_000]).unwrap_err();
    assert_eq!(cut, "a.aedat4, byte 14: expected a table at byte 8014, found 4000 bytes: it is cut off");
}

#[test]
fn lists_are_read_by_their_columns() {
    let csv = b"neuron,time_ms\n3,0.5\n0,12.25\n";
    assert_eq!(neurons(&plain("a.csv", csv).unwrap()), [(3, 0.5), (0, 12.25)]);
    let two = b"population,neuron,time_ms\nexc,3,0.5\ninh,0,1\nexc,4,2\n";
    assert_eq!(neurons(&of("a.csv", two, "exc").unwrap()), [(3, 0.5), (4, 2.0)]);
    assert_eq!(of("a.csv", two, "").unwrap_err(), "a.csv: expected a `population` that is meant, found those of `exc`, `inh`");
    assert_eq!(of("a.csv", two, "exd").unwrap_err(), "a.csv: expected spikes of `exd`, found those of `exc`, `inh`");
    assert_eq!(of("a.csv", csv, "exc").unwrap_err(), "a.csv: expected a column `population`, found `neuron`, `time_ms`");
    let seen = plain("a.csv", b"x,y,polarity,time_us\n3,1,1,500\n0,2,0,750\n").unwrap();
    assert_eq!(pixels(&seen), [(3, 1, true, 500), (0, 2, false, 750)]);
    let unpolar = plain("a.csv", b"x,y,time_ms\n3,1,0.5\n").unwrap();
    assert_eq!(unpolar.of, Of::Pixels { x: vec![3], y: vec![1], on: vec![] });
    assert_eq!(
        plain("a.csv", b"neuron,time_ms\n1.5,2\n").unwrap_err(),
        "a.csv, line 2, column `neuron`: expected the number of a neuron, found 1.5"
    );
    assert_eq!(plain("a.csv", b"id,t\n1,2\n").unwrap_err(), "a.csv: expected a column `neuron`, found `id`, `t`");
}

#[test]
fn a_file_of_nest_is_read_as_nest_writes_it() {
    let text = "# NEST version: 3.10.0\n# RecordingBackendASCII version: 2\nsender\ttime_ms\t\n12\t0.300\t\n13\t1.700\t\n";
    let seen = plain("spikes-0.dat", text.as_bytes()).unwrap();
    assert_eq!((neurons(&seen), seen.first), (vec![(12, 0.3), (13, 1.7)], 1));
    let cut = &text[..text.len() - 8];
    assert_eq!(plain("a.dat", cut.as_bytes()).unwrap_err(), "a.dat, line 5: expected a sender and a time in ms, found `13`");
    let steps = "sender\ttime_step\ttime_offset\n12\t3\t0.0\n";
    assert_eq!(
        plain("a.dat", steps.as_bytes()).unwrap_err(),
        "a.dat, line 1: expected columns `sender` and `time_ms`, found `sender\ttime_step\ttime_offset`"
    );
    assert_eq!(plain("a.dat", b"12\xff3").unwrap_err(), "a.dat, byte 2: expected text, found the byte ff");
}

#[cfg(feature = "hdf5")]
#[test]
fn spikes_of_the_sonata_format_are_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/sonata/glif/spikes.h5");
    let asked = Asked { path: &path, population: "", camera: None, within: None };
    let seen = super::read(None, &asked).unwrap_or_else(|e| panic!("{e}"));
    let (numbers, times) = crate::network::sonata::spikes::read(&path, "").unwrap_or_else(|e| panic!("{e}"));
    assert!(numbers.len() > 10);
    assert_eq!(neurons(&seen), numbers.into_iter().zip(times).collect::<Vec<_>>());
    let said = plain("a.h5", b"none").unwrap_err();
    assert!(said.starts_with("a.h5: cannot be read: "), "{said}");
    let lost = super::read(None, &Asked { population: "zzz", ..asked }).unwrap_err().to_string();
    assert!(lost.contains("spikes.h5: cannot be read: `spikes`: expected spikes of `zzz`, found those of "), "{lost}");
}

#[test]
fn a_file_of_no_known_format_is_said() {
    let said = plain("a.xyz", b"\x89PNG\r\n\x1a\n").unwrap_err();
    assert!(said.starts_with("a.xyz, byte 0: expected a file of events (.csv, "), "{said}");
    assert!(said.ends_with(", found `89 50 4e 47 0d 0a 1a 0a`"), "{said}");
    assert!(plain("a.bin", &[1, 2, 3, 4, 5, 6, 7]).unwrap_err().contains("byte 5: expected events of 5 bytes each, found 2 bytes"));
}

/// A file of each kind, whole, with the number of its events.
fn examples() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a.bin", write_n_mnist(&some_events(30, 34, 34, 2_000), true)),
        ("a.csv", b"population,neuron,time_ms\nexc,3,0.5\nexc,0,12.25\n".to_vec()),
        ("a.aedat", write_aedat2("DVS128", &some_events(30, 128, 128, 2_000), 5, true)),
        ("a.aedat4", stored("none.aedat4")),
        ("a.aedat4", stored("lz4.aedat4")),
        ("a.aedat4", stored("zstd.aedat4")),
        ("a.dat", b"# NEST\nsender\ttime_ms\n12\t0.300\n13\t1.700\n".to_vec()),
    ]
}

/// Cut anywhere, and with any byte changed: it is read, or what is wrong has its place; events are never many more than its bytes.
#[test]
fn broken_files_are_errors_or_other_events() {
    for (name, whole) in examples() {
        let all = plain(name, &whole).unwrap().times.len();
        assert!(all > 1, "{name}");
        let mut wrong = 0;
        let mut look = |bytes: &[u8]| match plain(name, bytes) {
            Ok(seen) => assert!(seen.times.len() <= bytes.len().max(1 << 20) * 4),
            Err(said) => {
                wrong += 1;
                assert!(said.starts_with(name) && said.contains("expected "), "{said}");
            }
        };
        for cut in 0..whole.len() {
            look(&whole[..cut]);
        }
        // large files in fewer places, so that this stays quick
        let apart = 1 + whole.len() / 2_000;
        for place in (0..whole.len()).step_by(apart) {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[place] ^= flip;
                look(&bytes);
            }
        }
        assert!(wrong > whole.len() / 4, "{name}: {wrong}");
    }
}

#[test]
fn every_format_has_its_line_and_its_word() {
    let words = EVENTS.iter().find(|field| field.key == "format").map(|field| field.kind);
    let Some(Word(words)) = words else { panic!("no words") };
    let known: Vec<String> =
        FORMATS.iter().map(|known| serde_json::to_value(known.format).unwrap().as_str().unwrap().to_string()).collect();
    assert_eq!(known, words);
    // serde names all variants when it meets one that there is not
    let said = serde_json::from_str::<EventFormat>("\"zzz\"").unwrap_err().to_string();
    let all: BTreeSet<&str> = said.split('`').skip(3).step_by(2).collect();
    assert_eq!(all, words.iter().copied().collect::<BTreeSet<&str>>(), "{said}");
}
