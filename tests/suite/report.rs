//! The page of a run, of two runs, and the scan of the network of OpSNN.

use std::fs;

use super::{files, synfire, with_network, words};

const NETWORK: &str = r#"
name = "small"
description = "Twenty <cells> & a current"
seed = 5
[[population]]
name = "e<b>"
model = "lif_psc_exp"
shape = [4, 5]
positions = { rule = "grid", spacing = "25 um" }
initial.v = { uniform = ["-70 mV", "-50 mV"] }
[[population]]
name = "quiet"
model = "lif_psc_exp"
size = 3
[[projection]]
source = "e<b>"
target = "quiet"
port = "i_exc"
connector = { rule = "fixed_probability", p = 0.2 }
weight = "30 pA"
delay = "1 ms"
[[stimulus]]
target = "e<b>"
input = "i_stim"
waveform = { kind = "constant", amplitude = "600 pA" }
[[probe]]
population = ["e<b>", "quiet"]
record = "spikes"
[[probe]]
population = "e<b>"
record = "v"
rows = { list = [0, 3] }
"#;

/// Every place from which a browser would fetch something; data and marks of the page itself are none.
fn fetched(html: &str) -> Vec<&str> {
    let starts = ["src=\"", "href=\"", "url(", "@import", "<script", "<iframe", "<object", "<embed"];
    let found = starts.iter().flat_map(|start| html.match_indices(start).map(|(at, _)| &html[at..(at + 40).min(html.len())]));
    found.filter(|part| !part.starts_with("href=\"data:,") && !part.starts_with("url(#f")).collect()
}

#[test]
fn a_run_and_two_runs_are_one_page_each() {
    let folder = with_network(NETWORK);
    let run = |arguments: &[&str]| {
        let done = synfire(folder.path(), &[&["run", "net.toml", "--engine", "cpu", "--duration", "200 ms"], arguments].concat());
        assert!(done.status.success(), "{}", words(&done));
    };
    run(&["--out", "a"]);
    run(&["--out", "b", "--set", "e<b>.t_ref=4 ms", "--no-picture", "--format", "chunks", "--no-measures"]);
    let report = |arguments: &[&str]| {
        let done = synfire(folder.path(), &[&["report"], arguments].concat());
        assert!(done.status.success(), "{}", words(&done));
    };
    report(&["a"]);
    report(&["b", "-o", "b.html"]);
    report(&["a", "b", "-o", "both.html"]);
    report(&["b/recording.chunks", "-o", "chunks.html"]);
    assert_eq!(files(folder.path()), ["a", "a.report.html", "b", "b.html", "both.html", "chunks.html", "net.toml"]);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let (alone, unmeasured, both, chunks) = (read("a.report.html"), read("b.html"), read("both.html"), read("chunks.html"));
    for html in [&alone, &unmeasured, &both, &chunks] {
        assert_eq!(fetched(html), [""; 0]);
        assert!(html.contains("default-src 'none'") && !html.contains("<cells>") && !html.contains("e<b>"));
        // each mark is of one figure
        let mut ids: Vec<&str> = html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert!(ids.len() == all && all > 0);
        assert!(html.matches("<svg").count() == html.matches("</svg>").count());
    }
    for part in [
        "<h1>small</h1>",
        "Twenty &lt;cells&gt; &amp; a current",
        "<h2>Activity</h2>",
        "<h2>Measures</h2>",
        "rate, mean (Hz)",
        "<h2>Rhythms</h2>",
        "<h2>Network</h2>",
        "<h2>Positions</h2>",
        "<h2>How long each stage took</h2>",
        "until the disk confirmed",
        "e&lt;b&gt;",
        "fixed_probability",
        "&quot;seed&quot;: 5",
    ] {
        assert!(alone.contains(part), "no `{part}`");
    }
    // measured where the run was not, from chunks alone too
    let rate = |html: &str| html.split("rate, mean (Hz)</td>").nth(1).unwrap().split("</td>").next().unwrap().to_string();
    assert!(rate(&unmeasured) == rate(&chunks) && rate(&unmeasured) != rate(&alone), "{}", rate(&alone));
    assert!(
        both.contains("<td>e&lt;b&gt;.t_ref</td><td class=\"n\">-</td><td class=\"n\">4 ms</td>"),
        "{}",
        &both[both.find("different").unwrap()..][..900]
    );
    assert!(both.contains("class=\"beside\"") && both.contains("values are the same in both"));
    let nothing = synfire(folder.path(), &["report", "nowhere"]);
    assert!(nothing.status.code() == Some(2) && words(&nothing).contains("name the folder of a run"), "{}", words(&nothing));
    // two runs of one name are told apart
    report(&["a", "a", "-o", "same.html"]);
    assert!(read("same.html").contains("a and a (2)"));
}

#[test]
fn the_network_of_opsnn_is_timed_and_fitted() {
    let folder = tempfile::tempdir().unwrap();
    let scan = |arguments: &[&str]| synfire(folder.path(), &[&["scan"], arguments].concat());
    let done = scan(&["opsnn", "--neurons", "50,100", "--times", "20,60", "--repeat", "1", "--out", "s"]);
    let said = words(&done);
    assert!(done.status.success() && said.contains("opsnn_coba: 4 points, 1 runs each, cpu on "), "{said}");
    for part in [
        "build  synfire ",
        "run    NEST, NIX (published) ",
        "3.139e-3 N T",
        "write  SpiNNaker (published)",
        "sync   synfire",
        "times as long",
    ] {
        assert!(said.contains(part), "no `{part}` in\n{said}");
    }
    assert_eq!(files(&folder.path().join("s")), ["scan.csv", "scan.html"]);
    let table = fs::read_to_string(folder.path().join("s/scan.csv")).unwrap();
    assert_eq!((table.lines().count(), table.lines().next()), (5, Some("neurons,ms,spikes,build_s,run_s,write_s,sync_s")));
    let html = fs::read_to_string(folder.path().join("s/scan.html")).unwrap();
    assert_eq!(fetched(&html), [""; 0]);
    assert_eq!(html.matches("<svg").count(), 8, "four stages in two widths");
    for (arguments, part) in [
        (&["opsnn", "--neurons", "5"][..], "too few"),
        (&["opsnn", "--times", "0"][..], "takes no time"),
        (&["pd14"][..], "opsnn-living"),
    ] {
        let done = scan(arguments);
        assert!(done.status.code() == Some(2) && words(&done).contains(part), "{}", words(&done));
    }
}
