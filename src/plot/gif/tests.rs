//! Frames as they are decoded again, colours by their lightness, what is refused.

use super::*;

/// Two frames of 5 by 3 neurons: all low but one, which moves.
fn moving() -> (Sheet, Vec<f64>) {
    let mut values = vec![-70.0; 30];
    values[7] = 30.0;
    values[15 + 8] = 30.0;
    values[15] = f64::NAN;
    let sheet = Sheet::of(5, 3).cell(6).low(-70.0).high(30.0).label("v < 0 & (mV)");
    (sheet, values)
}

/// Frames as a viewer shows them: index of the palette per pixel.
fn decoded(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut decoder = gif::DecodeOptions::new().read_info(bytes).unwrap();
    let mut shown: Vec<Vec<u8>> = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        let before = shown.last().cloned().unwrap_or_else(|| vec![0; frame.buffer.len()]);
        let visible = |(now, then): (&u8, &u8)| if frame.transparent == Some(*now) { *then } else { *now };
        shown.push(frame.buffer.iter().zip(&before).map(visible).collect());
    }
    shown
}

#[test]
fn frames_come_back() {
    let (sheet, values) = moving();
    let shown = decoded(&sheet.gif(&values).unwrap());
    let page = Page::of(&sheet, &values).unwrap();
    assert_eq!(shown.len(), 2);
    let at =
        |frame: usize, column: usize, row: usize| shown[frame][(MARGIN + row * 6 + 3) * page.width + page.left + column * 6 + 3];
    for row in 0..3 {
        for column in 0..5 {
            let expected = |frame: usize| match values[(frame * 3 + row) * 5 + column] {
                v if v.is_nan() => NO_NUMBER,
                v if v > 0.0 => (LEVELS - 1) as u8,
                _ => 0,
            };
            assert_eq!([at(0, column, row), at(1, column, row)], [expected(0), expected(1)], "{column} {row}");
        }
    }
    // the time is other letters, the bar the same
    let strip = |frame: usize, columns: std::ops::Range<usize>| {
        let from = page.below() * page.width;
        let inside = |(k, _): &(usize, &u8)| columns.contains(&(k % page.width));
        shown[frame][from..].iter().enumerate().filter(inside).map(|(_, x)| *x).collect::<Vec<u8>>()
    };
    assert!(strip(0, 0..page.bar / 2) != strip(1, 0..page.bar / 2));
    assert_eq!(strip(0, page.bar..page.width), strip(1, page.bar..page.width));
    assert!(strip(0, 0..page.bar / 2).iter().any(|x| *x > WHITE + 6), "no letters");
}

#[test]
fn a_frame_is_a_png() {
    let (sheet, values) = moving();
    assert_eq!(&sheet.png(&values, 1).unwrap()[..8], b"\x89PNG\r\n\x1a\n");
    assert!(matches!(sheet.png(&values, 2), Err(PlotError::Frames { .. })));
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let (sheet, values) = moving();
    assert!(matches!(sheet.gif(&[]), Err(PlotError::Frames { .. })));
    assert!(matches!(sheet.gif(&values[..29]), Err(PlotError::Frames { .. })));
    let no_cell = sheet.clone().cell(0);
    assert!(matches!(no_cell.gif(&values), Err(PlotError::Frames { .. })));
    for (low, high) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        let found = sheet.clone().low(low).high(high).gif(&values);
        assert!(matches!(found, Err(PlotError::Range { .. })), "{low} {high}");
    }
    for cell in [usize::MAX, 20_000] {
        assert!(matches!(sheet.clone().cell(cell).gif(&values), Err(PlotError::Size { .. })), "{cell}");
    }
    let odd = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e300, -0.0].repeat(3);
    assert!(sheet.gif(&odd).is_ok());
}

/// Lightness of CIE 1976, 0 to 100.
fn lightness([r, g, b]: [u8; 3]) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    let y = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    if y > 0.008856 { 116.0 * y.cbrt() - 16.0 } else { 903.3 * y }
}

#[test]
fn lightness_rises_evenly() {
    for map in [ColourMap::Viridis, ColourMap::Inferno] {
        let light: Vec<f64> = (0..=16).map(|k| lightness(map.rgb(f64::from(k) / 16.0))).collect();
        let mean = (light[16] - light[0]) / 16.0;
        for pair in light.windows(2) {
            // half: the maps are even in colour as well, which lightness alone does not see
            assert!((pair[1] - pair[0] - mean).abs() < 0.5 * mean, "{map:?}: {light:?}");
        }
    }
}
