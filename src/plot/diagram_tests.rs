//! Pictures of networks: every box apart from the others, every arrow from box to box, letters that are escaped.

use super::*;
use crate::network::{Connector, Network, Waveform, value};

/// Every shape, every head, a loop, circles, an arrow that passes layers.
pub(crate) fn zoo() -> Network {
    let mut net = Network::new("zoo <&>");
    net.population("sensor", "non_spiking", 1).colour("gold");
    net.population("row", "non_spiking", 30).parameter("e_leak", "-60 mV");
    net.population("sheet", "non_spiking", 1).shape([5, 6]).colour("#9cf");
    net.population("motor", "lif_cond_exp", 1);
    net.population("left", "non_spiking", 1);
    net.population("right", "non_spiking", 1);
    let graded = |net: &mut Network, source: &str, target: &str, e_rev: &str| {
        net.project_by(source, target, "graded_synapse", Connector::AllToAll).parameter("e_rev", e_rev);
    };
    graded(&mut net, "sensor", "row", "0 mV");
    graded(&mut net, "row", "sheet", "-40 mV");
    graded(&mut net, "sensor", "sheet", "0 mV");
    graded(&mut net, "left", "right", "-40 mV");
    graded(&mut net, "right", "left", "-40 mV");
    graded(&mut net, "sheet", "left", "40 mV");
    net.project_by("sheet", "sheet", "graded_synapse", Connector::pattern([vec![1.0, 2.0, 0.0]]))
        .parameter("e_rev", value::matrix([vec![40.0, -40.0, 0.0]], "mV"))
        .named("kernel");
    net.electrical("left", "right", Connector::OneToOne, "1 uS").unwrap();
    net.rectified("sensor", "right", Connector::OneToOne, "1 uS").unwrap();
    net.project("motor", "motor", "g_inh", Connector::OneToOne).weight("1 nS");
    net.stimulate("motor", "g_exc", Waveform::poisson("1 kHz", "1 nS"));
    net.input("push", "sensor", "i_stim", "1 nA");
    net.input("pull", "sheet", "i_stim", "1 nA").per_neuron();
    net.output("position", "right", "v");
    net.output("spikes", "motor", "spikes");
    net
}

#[test]
fn heads_follow_from_reversals_and_weights() {
    let heads: Vec<Head> = zoo().diagram().arrows.iter().map(|a| a.head).collect();
    let count = |head: Head| heads.iter().filter(|h| **h == head).count();
    let all = [Head::Excitatory, Head::Inhibitory, Head::Modulatory, Head::Mixed, Head::Electrical, Head::Rectified, Head::Plain];
    // 0 mV is above the row's rest and at the sheet's; a junction is one arrow
    assert_eq!(all.map(count), [2, 4, 1, 1, 1, 1, 5]);
}

#[test]
fn boxes_do_not_overlap_and_arrows_end_at_them() {
    let diagram = zoo().diagram();
    let sizes: Vec<(f64, f64)> = diagram.items.iter().map(size_of).collect();
    let layers = Layers::new(&diagram, &sizes);
    for (k, a) in layers.boxes.iter().enumerate() {
        assert!(a.x - a.width / 2.0 >= -0.1 && a.x + a.width / 2.0 <= layers.width + 0.1);
        assert!(a.y - a.height / 2.0 >= -0.1 && a.y + a.height / 2.0 <= layers.height + 0.1);
        for b in &layers.boxes[k + 1..] {
            let apart = (a.x - b.x).abs() >= (a.width + b.width) / 2.0 || (a.y - b.y).abs() >= (a.height + b.height) / 2.0;
            assert!(apart, "{a:?} {b:?}");
        }
    }
    for (arrow, path) in diagram.arrows.iter().zip(&layers.paths) {
        for (end, item) in [(path.first(), arrow.from), (path.last(), arrow.to)] {
            let (x, y) = end.unwrap();
            let b = &layers.boxes[item];
            assert!((x - b.x).abs() <= b.width / 2.0 + 0.1 && (y - b.y).abs() <= b.height / 2.0 + 0.1, "{arrow:?}");
        }
    }
}

#[test]
fn the_picture_is_drawn_and_dot_is_written() {
    let figure = diagram(&zoo().diagram()).unwrap();
    assert!(figure.svg.contains("zoo &lt;&amp;&gt;") && !figure.svg.contains("NaN"));
    let png = figure.png(2.0).unwrap();
    if let Some(folder) = std::env::var_os("SYNFIRE_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join("diagram.png"), &png).unwrap();
    }
    let dot = zoo().diagram().to_dot();
    for part in ["box3d", "invhouse", "triangle", "ellipse", "style=\"filled,rounded\"", "dir=both, arrowhead=diamond", "odot"] {
        assert!(dot.contains(part), "{part}: {dot}");
    }
    assert!(matches!(diagram(&Diagram::default()), Err(PlotError::Size { .. })));
}

/// A hundred boxes, all in circles.
#[test]
fn circles_are_opened() {
    let mut net = Network::new("ring");
    for k in 0..100 {
        net.population(format!("c{k}"), "non_spiking", 1);
    }
    for k in 0..100 {
        for step in [1, 7] {
            let (a, b) = (format!("c{k}"), format!("c{}", (k + step) % 100));
            net.project_by(a, b, "graded_synapse", Connector::OneToOne);
        }
    }
    for from in ["c0", "c50"] {
        net.stimulate(from, "i_stim", Waveform::constant("1 nA"));
        net.output(format!("out of {from}"), from, "v");
    }
    let figure = diagram(&net.diagram()).unwrap();
    assert!(!figure.svg.contains("NaN") && !figure.svg.contains("inf"));
    // a page holds it, with inputs and outputs
    let size =
        |key: &str| figure.svg.split(&format!("{key}=\"")).nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap();
    assert!(size("width") < 1200.0 && size("height") < 1200.0, "{} x {}", size("width"), size("height"));
    for part in ["c99", "out of c50", "i_stim (constant)", "input, output"] {
        assert!(figure.svg.contains(part), "{part}");
    }
    let png = figure.png(2.0).unwrap();
    if let Some(folder) = std::env::var_os("SYNFIRE_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join("hundred.png"), &png).unwrap();
    }
}

/// Labels on crossing arrows, each beside its own and over none.
#[test]
fn labels_cross_nothing() {
    let mut net = Network::new("labels");
    for name in ["a", "b", "c", "d", "e", "f"] {
        net.population(name, "lif_cond_exp", 10);
    }
    for source in ["a", "b", "c"] {
        for target in ["d", "e", "f"] {
            net.project(source, target, "g_exc", Connector::AllToAll).weight("1 nS").named(format!("{source} onto {target}"));
        }
    }
    net.project("a", "a", "g_inh", Connector::AllToAll).weight("1 nS").named("loop");
    let drawn = net.diagram();
    let sizes: Vec<(f64, f64)> = drawn.items.iter().map(size_of).collect();
    let layers = Layers::new(&drawn, &sizes);
    let curves: Vec<_> =
        drawn.arrows.iter().zip(&layers.paths).map(|(arrow, path)| heads::samples(arrow, path, arrow.from == arrow.to)).collect();
    let figure = diagram(&drawn).unwrap();
    let document = resvg::usvg::roxmltree::Document::parse(&figure.svg).unwrap();
    let texts: Vec<_> =
        document.descendants().filter(|n| n.has_tag_name("text") && n.attribute("font-size") == Some("10")).collect();
    assert!(texts.len() >= drawn.arrows.len(), "{}", texts.len());
    let number = |node: &resvg::usvg::roxmltree::Node, key: &str| node.attribute(key).unwrap().parse::<f64>().unwrap();
    for text in texts.iter().filter(|text| text.attribute("text-anchor") == Some("middle")) {
        let (x, y) = (number(text, "x") - MARGIN, number(text, "y") - 3.5 - MARGIN - TITLE);
        let half = f64::from(frame::text_width(text.text().unwrap(), 10.0)) / 2.0;
        for (px, py) in curves.iter().flatten() {
            let over = (px - x).abs() < half && (py - y).abs() < 4.0;
            assert!(!over, "{:?} lies over an arrow at {px:.0} {py:.0}", text.text());
        }
    }
    if let Some(folder) = std::env::var_os("SYNFIRE_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join("labels.png"), figure.png(2.0).unwrap()).unwrap();
    }
}
