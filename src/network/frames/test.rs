//! Images and movies with known pixels; files that are cut, changed or lie are errors, never panics.

use std::borrow::Cow;

use ::gif::{DisposalMethod, Encoder, Frame, Repeat};
use ::png::{BitDepth, ColorType};

use super::*;

fn read(name: &str, bytes: &[u8]) -> Result<Movie, String> {
    read_bytes(Path::new(name), bytes.to_vec()).map_err(|e| e.to_string())
}

fn write_png(columns: u32, rows: u32, colours: ColorType, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, columns, rows);
    encoder.set_color(colours);
    encoder.set_depth(BitDepth::Eight);
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    bytes
}

fn shades(movie: &Movie) -> Vec<u32> {
    movie.grey.iter().map(|g| (g * 255.0).round() as u32).collect()
}

#[test]
fn pngs_are_read_pixel_by_pixel() {
    let seen = read("a.png", &write_png(3, 2, ColorType::Grayscale, &[0, 10, 20, 128, 254, 255])).unwrap();
    assert_eq!((seen.columns, seen.rows, seen.frames(), shades(&seen)), (3, 2, 1, vec![0, 10, 20, 128, 254, 255]));
    // pure colours by BT.601: 76.245, 149.685, 29.07; half of white over black
    let colours = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 128];
    let seen = read("a.png", &write_png(4, 1, ColorType::Rgba, &colours)).unwrap();
    assert_eq!(shades(&seen), [76, 150, 29, 128]);
}

/// Left, top, width, height, what becomes of it, pixels.
type Part<'a> = (u16, u16, u16, u16, DisposalMethod, &'a [u8]);

/// 3 by 2, a palette of 4: black, grey 100, grey 200, nothing.
fn write_gif(frames: &[Part<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let palette = [0, 0, 0, 100, 100, 100, 200, 200, 200, 0, 0, 0];
    let mut encoder = Encoder::new(&mut bytes, 3, 2, &palette).unwrap();
    encoder.set_repeat(Repeat::Infinite).unwrap();
    for (left, top, width, height, dispose, pixels) in frames {
        let (left, top, width, height, dispose) = (*left, *top, *width, *height, *dispose);
        let buffer = Cow::Borrowed(*pixels);
        encoder
            .write_frame(&Frame { left, top, width, height, dispose, transparent: Some(3), buffer, ..Frame::default() })
            .unwrap();
    }
    drop(encoder);
    bytes
}

#[test]
fn frames_of_a_gif_are_drawn_over_each_other() {
    use DisposalMethod::{Any, Background, Keep, Previous};
    let bytes = write_gif(&[
        (0, 0, 3, 2, Keep, &[0, 1, 2, 2, 1, 0]),
        (1, 0, 2, 2, Any, &[2, 3, 3, 2]),
        (0, 1, 1, 1, Previous, &[0]),
        (0, 0, 1, 1, Background, &[2]),
        (2, 1, 1, 1, Keep, &[1]),
    ]);
    let seen = read("a.gif", &bytes).unwrap();
    let all = shades(&seen);
    let frame = |k: usize| all[6 * k..6 * k + 6].to_vec();
    assert_eq!(seen.frames(), 5);
    assert_eq!(frame(0), [0, 100, 200, 200, 100, 0]);
    assert_eq!(frame(1), [0, 200, 200, 200, 100, 200]);
    assert_eq!(frame(2), [0, 200, 200, 0, 100, 200]);
    assert_eq!(frame(3), [200, 200, 200, 200, 100, 200]);
    assert_eq!(frame(4), [0, 200, 200, 200, 100, 100]);
}

fn write_npy(descr: &str, shape: &str, fortran: bool, data: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn arrays_are_frames_rows_columns() {
    let data: Vec<u8> = (0..12).map(|k| 20 * k).collect();
    let seen = read("a.npy", &write_npy("|u1", "(2, 2, 3)", false, &data)).unwrap();
    assert_eq!((seen.columns, seen.rows, seen.frames()), (3, 2, 2));
    assert_eq!(shades(&seen), data.iter().map(|x| u32::from(*x)).collect::<Vec<_>>());
    // the first axis runs fastest: element (frame, row, column) stands at frame + 2·row + 4·column
    let by_column = read("a.npy", &write_npy("|u1", "(2, 2, 3)", true, &data)).unwrap();
    assert_eq!(shades(&by_column)[..6], [0, 80, 160, 40, 120, 200]);
    let floats: Vec<u8> = [0.0f32, 0.25, 0.5, 1.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let seen = read("a.npy", &write_npy("<f4", "(2, 2)", false, &floats)).unwrap();
    assert_eq!((seen.frames(), seen.grey), (1, vec![0.0, 0.25, 0.5, 1.0]));
    let bright: Vec<u8> = [0.0f32, 0.25, 0.5, 1.5].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(
        read("a.npy", &write_npy("<f4", "(2, 2)", false, &bright)).unwrap_err(),
        "a.npy, frame 0, row 1, column 1: expected 0 (black) to 1 (white), or whole numbers without a sign, found 1.5"
    );
    assert!(read("a.npy", &write_npy("<i4", "(1, 1)", false, &[0; 4])).unwrap_err().contains("numbers with a sign"));
    assert!(
        read("a.npy", &write_npy("|u1", "(4,)", false, &[0; 4])).unwrap_err().contains("expected two axes or three, found 1 axes")
    );
    assert!(read("a.npy", &write_npy("|u1", "(2, 0, 4)", false, &[])).unwrap_err().contains("expected frames with pixels"));
    assert!(read("a.npy", &write_npy("|u1", "(99999999, 99999999, 99999999)", false, &[0; 4])).is_err());
}

#[test]
fn broken_files_are_errors_or_other_pictures() {
    assert_eq!(
        read("a.jpg", b"\xff\xd8\xff\xe0").unwrap_err(),
        "a.jpg, byte 0: expected an image or a movie (PNG, GIF, .npy), found `ff d8 ff e0`"
    );
    let keep = DisposalMethod::Keep;
    for (name, whole) in [
        ("a.png", write_png(3, 2, ColorType::Rgb, &(0..18).collect::<Vec<_>>())),
        ("a.gif", write_gif(&[(0, 0, 3, 2, keep, &[0, 1, 2, 2, 1, 0]), (1, 1, 1, 1, keep, &[2])])),
        ("a.npy", write_npy("|u1", "(2, 1, 3)", false, &[1, 2, 3, 4, 5, 6])),
    ] {
        let mut wrong = 0;
        let mut look = |bytes: &[u8]| match read(name, bytes) {
            Ok(movie) => assert!(movie.grey.len() as u64 <= MOST && !movie.grey.is_empty()),
            Err(said) => {
                wrong += 1;
                assert!(said.starts_with(name) && said.contains("expected "), "{said}");
            }
        };
        for cut in 0..whole.len() {
            look(&whole[..cut]);
        }
        for place in 0..whole.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[place] ^= flip;
                look(&bytes);
            }
        }
        assert!(wrong > whole.len() / 2, "{name}: {wrong} of {}", whole.len());
    }
}
