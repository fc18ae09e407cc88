//! An error stands where the mistake is.

use std::path::Path;
use std::process::Command;

/// What the command says on standard error about a file of this text, and its exit code.
fn said(name: &str, text: &str, arguments: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    said_in(folder.path(), name, text, arguments)
}

fn said_in(folder: &Path, name: &str, text: &str, arguments: &[&str]) -> (i32, String) {
    std::fs::write(folder.join(name), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_synfire"));
    let (verb, rest) = arguments.split_first().unwrap_or((&"check", &[]));
    let output = command.current_dir(folder).arg(verb).arg(name).args(rest).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

const TWO: &str = r#"name = "two"

[[population]]
name = "exc"
model = "lif_cond_exp"
size = 8
parameters.c_m = "200 pF"

[[population]]
name = "inh"
model = "lif_cond_exp"
size = 2

[[projection]]
source = "exc"
target = "inh"
port = "g_exc"
connector = { rule = "all_to_all" }
weight = "2 nS"

[[projection]]
source = "inh"
target = "exc"
port = "g_inh"
connector = { rule = "all_to_all" }
weight = "2 nS"
"#;

#[test]
fn a_value_of_a_file_is_shown_in_its_line() {
    let text = TWO.replace("\"200 pF\"", "\"200 mV\"");
    let expected = "error[E030]: population exc: `c_m` is a capacitance (pF), got 200 mV (voltage)
  --> net.toml, line 7, column 18
   |
 7 | parameters.c_m = \"200 mV\"
   |                  ^^^^^^^^
";
    assert_eq!(said("net.toml", &text, &[]), (2, expected.to_string()));
}

#[test]
fn a_missing_key_points_at_its_section() {
    let text = TWO.replacen("weight = \"2 nS\"\n", "", 1);
    let (code, said) = said("net.toml", &text, &[]);
    assert_eq!(code, 2);
    assert!(said.starts_with("error[E063]: `exc -> inh`: the weight is missing\n  --> net.toml, line 14, column 1\n"), "{said}");
}

#[test]
fn all_problems_at_once_and_equal_ones_once() {
    let text = TWO.replace("\"200 pF\"", "\"-200 pF\"\nparameters.tau_exc = \"0 ms\"").replace("\"2 nS\"", "\"2 pA\"");
    let (_, said) = said("net.toml", &text, &[]);
    assert!(
        said.contains("population exc: `c_m` = -200 pF: a capacitance (pF) must be larger than 0\n  --> net.toml, line 7"),
        "{said}"
    );
    assert!(said.contains("population exc: `tau_exc` = 0 ms: a time (ms) must be larger than 0\n  --> net.toml, line 8"), "{said}");
    assert!(said.contains("`exc -> inh`: `weight` is a conductance (nS), got 2 pA (current)\n  --> net.toml, line 20"), "{said}");
    assert!(said.contains("\n  the same once more: `inh -> exc` (line 27)"), "{said}");
    assert_eq!(said.matches("`weight` is a").count(), 1, "{said}");
}

#[test]
fn json_tells_way_and_line() {
    let text = "{\"name\": \"net\", \"population\": [\n  {\"name\": \"exc\", \"model\": \"lif_cond_exp\", \"size\": 8, \"parameters\": {\"c_m\": \"3 s\"}}]}";
    let (_, said) = said("net.json", text, &[]);
    assert!(said.contains("\n  --> net.json: population[0].parameters.c_m, line 2, column "), "{said}");
    assert!(said.contains("^^^^^"), "{said}");
}

#[test]
fn what_the_command_changed_stands_on_the_command() {
    let set = ["check", "--set", "exc.c_m=200 mV", "--dt", "3 mV"];
    let (_, said) = said("net.toml", TWO, &set);
    assert!(said.contains("got 200 mV (voltage)\n  --> --set \"exc.c_m=200 mV\"\n"), "{said}");
    assert!(said.contains("got 3 mV (voltage)\n  --> --dt \"3 mV\"\n"), "{said}");
    // what it left alone still stands in the file
    let text = TWO.replacen("\"2 nS\"", "\"2 mV\"", 1);
    let (_, said) = super::places::said("net.toml", &text, &["check", "--set", "exc.c_m=100 pF"]);
    assert!(said.contains("\n  --> net.toml, line 19, column 10\n"), "{said}");
}

#[test]
fn remarks_name_their_line() {
    let text = format!("{TWO}delay = \"0.25 ms\"\n");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("net.toml"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_synfire")).current_dir(&folder).args(["check", "net.toml"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("remark: `inh -> exc`: delay 0.25 ms is not a multiple of dt; it is 0.3 ms (net.toml, line 27)"),
        "{said}"
    );
}

#[test]
fn equations_are_shown_in_the_lines_of_the_file() {
    let equations = "equations = \"\"\"\nneuron own\n  state v = 0 mV\n  dv/dt = -v/tau\n\"\"\"\n";
    let text = TWO.replacen("\n\n", &format!("\n{equations}\n"), 1);
    let (_, said) = said("net.toml", &text, &[]);
    assert!(said.starts_with("error[E102]: unknown name `tau`\n  --> net.toml, line 5, column 14\n"), "{said}");
}

#[test]
fn networks_made_in_rust_name_the_part_and_nothing_else() {
    let mut net = synfire::Network::new("net");
    net.population("exc", "lif_cond_exp", 3).parameter("c_m", "3 mV");
    let models = synfire::model::library::all().unwrap();
    let said = synfire::network::check(&net, &models, Path::new(".")).unwrap_err().to_string();
    assert_eq!(said, "error[E030]: population exc: `c_m` is a capacitance (pF), got 3 mV (voltage)");
}

#[test]
fn included_networks_keep_their_places() {
    let part = synfire::Network::from_toml(&TWO.replace("\"200 pF\"", "\"200 mV\""), "part.toml").unwrap();
    let mut net = synfire::Network::new("whole");
    net.population("first", "lif_cond_exp", 1);
    net.include(&part, "left_*").unwrap();
    let said = synfire::network::check(&net, &synfire::model::library::all().unwrap(), Path::new(".")).unwrap_err().to_string();
    assert!(said.starts_with("error[E030]: population left_exc: "), "{said}");
    assert!(said.contains("\n  --> part.toml, included as `left_*`, line 7, column 18\n"), "{said}");
}

#[test]
fn terminals_get_no_control_characters() {
    let text =
        TWO.replace("name = \"two\"", "name = \"two\\u001b[31m\\u0007\"").replace("name = \"exc\"", "name = \"exc\\u001b[1m\"");
    for arguments in [&["check"][..], &["run", "--engine", "cpu", "--duration", "1 ms"], &["explain"]] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("net.toml"), &text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_synfire"));
        let output = command.current_dir(&folder).arg(arguments[0]).arg("net.toml").args(&arguments[1..]).output().unwrap();
        for bytes in [output.stdout, output.stderr] {
            let said = String::from_utf8(bytes).unwrap();
            assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "{said:?}");
        }
    }
}

/// Messages of what stands in a population, projection or stimulus of [`TWO`]: a line put in, and what is said about it.
fn said_of(section: &str, line: &str) -> String {
    let key = line.split(['=', ' ']).next().unwrap();
    let stimulus = "\n[[stimulus]]\ntarget = \"exc\"\ninput = \"i_stim\"\n";
    let text = match section {
        "stimulus" if key == "waveform" => format!("{TWO}{stimulus}{line}\n"),
        "stimulus" => format!("{TWO}{stimulus}waveform = {{ kind = \"constant\", amplitude = \"1 pA\" }}\n{line}\n"),
        "projection" => TWO.replacen("connector = { rule = \"all_to_all\" }", line, 1),
        _ => TWO.replacen("size = 8", line, 1),
    };
    said("net.toml", &text, &[]).1
}

/// The reader's own words never reach a user; what is wrong is marked itself, and the remedy is said.
#[test]
fn what_has_another_form_is_said_in_our_words() {
    let cases = [
        ("stimulus", "rows = [0]", "`rows` is a table, found a list of 1", "rows = { list = [0, 3] }", "[0]"),
        (
            "stimulus",
            "rows = { range = [0] }",
            "`range` is a list of two whole numbers, found a list of 1",
            "range = [0, 10]",
            "[0]",
        ),
        ("stimulus", "rows = 0", "`rows` is a table, found `0`", "rows = { list = [0, 3] }", "0"),
        (
            "projection",
            "connector = \"all_to_all\"",
            "`connector` is a table, found the text \"all_to_all\"",
            "connector = { rule = \"all_to_all\" }",
            "\"all_to_all\"",
        ),
        (
            "stimulus",
            "waveform = { kind = \"array\", values = [1, 2, 3], interval = \"1 ms\" }",
            "`values` is a list of numbers, found `1`",
            "values = [[1], [2], [3]]",
            "1",
        ),
        (
            "stimulus",
            "waveform = { kind = \"array\", values = { file = \"x.npy\" }, interval = \"1 ms\" }",
            "`values` is a list of lists of numbers, found a table",
            "values = [[1], [2], [3]]",
            "{ file = \"x.npy\" }",
        ),
        (
            "stimulus",
            "waveform = \"constant\"",
            "`waveform` is a table, found the text \"constant\"",
            "kind = \"constant\"",
            "\"constant\"",
        ),
        (
            "projection",
            "connector = { rule = \"fixed_probability\", p = \"0.1\" }",
            "`p` is a number, found the text \"0.1\"",
            "p = 0.1",
            "\"0.1\"",
        ),
        (
            "projection",
            "connector = { rule = \"list\", source = 3, target = [1] }",
            "`source` is a list of numbers, found `3`",
            "source = [0, 1]",
            "3",
        ),
        ("projection", "connector = { rule = \"all_to_all\", p = 1 }", "unknown key `p`, none is expected here", "", "p"),
        ("population", "size = \"8\"", "expected a whole number from 0 on, found the text \"8\"", "", "\"8\""),
        ("population", "size = 8.5", "expected a whole number from 0 on, found `8.5`", "", "8.5"),
        ("population", "shape = 8", "`shape` is a list of numbers, found `8`", "shape = [10, 10]", "8"),
        (
            "population",
            "spike_times = [[1]]",
            "`spike_times` is a table, found a list of 1",
            "lists = [[1.0, 2.5], [3.0]]",
            "[[1]]",
        ),
        (
            "population",
            "initial = \"v\"",
            "`initial` is a table of names and values, found the text \"v\"",
            "initial = { v = \"-60 mV\" }",
            "\"v\"",
        ),
        (
            "population",
            "initial = { v = true }",
            "`v` is a number, a quantity such as \"-65 mV\", a list of them, or a distribution, found `true`",
            "",
            "true",
        ),
        ("population", "initial = { v = 1979-05-27 }", ", found a date", "", "1979-05-27"),
        ("population", "colour = 3", "`colour` is a text, found `3`", "colour = \"gold\"", "3"),
    ];
    for (section, line, message, help, marked) in cases {
        let said = said_of(section, line);
        assert!(said.starts_with("error[E04") && said.lines().next().unwrap().contains(message), "{line}:\n{said}");
        assert!(said.contains(help), "{line}:\n{said}");
        assert!(said.contains(" --> net.toml, line "), "{line}:\n{said}");
        let marks = said.lines().find(|l| l.contains('^')).unwrap();
        assert_eq!(marks.matches('^').count(), marked.chars().count(), "{line}:\n{said}");
        for theirs in ["tagged", "sequence", "wanted", "invalid type", "invalid length", "tuple", "two brackets", "f64", "u64"] {
            assert!(!said.contains(theirs), "{line}:\n{said}");
        }
    }
}

#[test]
fn every_key_that_has_another_form_is_said() {
    let text = TWO.replace("size = 8", "sise = 8\nshape = 3").replace("rule = \"all_to_all\"", "rule = \"all_to_al\"");
    let (_, said) = said("net.toml", &text, &[]);
    assert_eq!(said.matches("error[E0").count(), 4, "{said}");
    let json = "{\"population\": [{\"name\": 3, \"model\": null, \"sise\": 2}]}";
    let (_, said) = super::places::said("net.json", json, &[]);
    assert!(
        said.contains("`name` is a text, found `3`") && said.contains("found `null`") && said.contains("unknown key `sise`"),
        "{said}"
    );
}

#[test]
fn words_of_other_simulators_are_known() {
    for (theirs, ours) in [
        ("iaf_psc_exp", "lif_psc_exp"),
        ("iaf_cond_alpha", "lif_cond_alpha"),
        ("aeif_cond_exp", "adex"),
        ("IF_cond_exp", "lif_cond_exp"),
        ("IF_curr_alpha", "lif_psc_alpha"),
        ("HH_cond_exp", "traub_miles"),
        ("SpikeSourceArray", "spike_times"),
        ("NonSpikingNeuron", "non_spiking"),
        ("SpikingNeuron", "spiking_adaptive"),
    ] {
        let text = TWO.replacen("lif_cond_exp", theirs, 1);
        let (_, said) = said("net.toml", &text, &[]);
        assert!(
            said.contains(&format!("no neuron model `{theirs}`")) && said.contains(&format!("did you mean `{ours}`?")),
            "{said}"
        );
    }
    for (theirs, ours) in [("NonSpikingSynapse", "graded_synapse"), ("SpikingSynapse", "spiking_synapse")] {
        let text = TWO.replacen("port = \"g_exc\"", &format!("synapse = \"{theirs}\""), 1);
        let (_, said) = said("net.toml", &text, &[]);
        assert!(said.contains(&format!("did you mean `{ours}`?")), "{said}");
    }
}

#[test]
fn equations_have_hints_where_people_stumble() {
    for (line, hint) in [
        ("dv/dt = -v/tau + sigma*xi", "`sigma*sqrt(2/tau)*xi`"),
        ("dv/dt = sigma*xi", "`sigma*sqrt(2/tau)*xi`"),
        ("param c : uF/cm2", "did you mean `cm**2`?"),
        ("param c = 1 uF/cm2", "did you mean `cm**2`?"),
        ("x = 7 % 3", "`x - y*floor(x/y)`"),
        ("x = 7 // 3", "`floor(x/y)`"),
        ("x = V + 1 mV", "did you mean `v`?"),
        ("x = m**3", "`m` is the metre here: declare a name with `param` or `state`"),
        ("x = F", "`F` is the farad here"),
        ("x = A", "`A` is the ampere here"),
        ("x = s", "`s` is the second here"),
        ("param q = 5 : k", "`k` alone is the prefix of a unit, as in `kHz`"),
        ("x = 5 k*v", "`k` alone is the prefix of a unit, as in `kHz`; for a product write `*` between them"),
    ] {
        let equations =
            format!("equations = \"\"\"\nneuron own\n  param tau = 10 ms, sigma = 3 mV\n  state v = 0 mV\n  {line}\n\"\"\"\n");
        let text = TWO.replacen("\n\n", &format!("\n{equations}\n"), 1);
        let (_, said) = said("net.toml", &text, &[]);
        assert!(said.contains(hint) && said.contains(" --> net.toml, line 6, column "), "{line}:\n{said}");
    }
}

#[test]
fn tables_name_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("edges.csv"), "# from\nsource,target,w\n0,0,1\n1,2,2\n").unwrap();
    let file = |key: &str, column: &str| {
        let connector = format!("connector = {{ rule = \"file\", path = \"{key}\" }}");
        let text = TWO.replacen("connector = { rule = \"all_to_all\" }", &connector, 1);
        text.replacen("weight = \"2 nS\"", &format!("weight = {{ column = {{ column = \"{column}\", unit = \"nS\" }} }}"), 1)
    };
    let (_, said) = said_in(folder.path(), "net.toml", &file("edges.csv", "w"), &[]);
    assert!(
        said.starts_with(
            "error[E064]: `exc -> inh`: edges.csv, line 4: column `target` is 2, neurons are 0 to 1\n  --> net.toml, line 18"
        ),
        "{said}"
    );
    std::fs::write(folder.path().join("edges.csv"), "source,target,w\n0,0,x\n1,1,2\n").unwrap();
    let (_, said) = said_in(folder.path(), "net.toml", &file("edges.csv", "w"), &[]);
    assert!(said.starts_with("error[E082]: `exc -> inh`: edges.csv, line 2: column `w` holds the text `x`, numbers are expected\n  --> net.toml, line 19"), "{said}");
    let (_, said) = said_in(folder.path(), "net.toml", &file("edges.csv", "z"), &[]);
    assert!(said.contains("`edges.csv` has no column `z`; there are `source`, `target`, `w`\n  --> net.toml, line 19"), "{said}");
    let (_, said) = said_in(folder.path(), "net.toml", &file("nodes.csv", "w"), &[]);
    assert!(said.contains("`nodes.csv` cannot be read: No such file"), "{said}");
    assert!(said.contains("\n  --> net.toml, line 18, column 37\n"), "{said}");
    std::fs::write(folder.path().join("edges.csv"), "source,target,w\n0,0\n").unwrap();
    let (_, said) = said_in(folder.path(), "net.toml", &file("edges.csv", "w"), &[]);
    assert!(said.contains("`edges.csv`, line 2: expected 3 cells, as in the header, found 2\n"), "{said}");
}

#[test]
fn a_population_of_two_to_the_31_is_refused_by_its_own_limit() {
    let (_, said) = said("net.toml", &TWO.replace("size = 8", "size = 2147483648"), &[]);
    assert!(
        said.starts_with("error[E023]: population exc: more than 2147483647 neurons\n  --> net.toml, line 6, column 8\n"),
        "{said}"
    );
}

#[test]
fn diagrams_that_are_too_large_say_what_to_do_and_dark_boxes_have_white_letters() {
    let mut text = String::from("name = \"wide\"\n");
    for k in 0..2001 {
        text.push_str(&format!("[[population]]\nname = \"a rather long name number {k}\"\nmodel = \"lif_cond_exp\"\nsize = 1\n"));
        for from in 0..k.min(3) {
            let source = k - 1 - from;
            text.push_str(&format!("[[projection]]\nsource = \"a rather long name number {source}\"\ntarget = \"a rather long name number {k}\"\nport = \"g_exc\"\nweight = \"1 nS\"\nconnector = {{ rule = \"all_to_all\" }}\n"));
        }
    }
    let (code, said) = said("net.toml", &text, &["explain", "--diagram", "wide.png"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("help: as `.svg` it may have any size"), "{said}");
    let mut net = synfire::Network::new("dark");
    for (name, colour) in [("a", "black"), ("b", "gold"), ("c", "#113"), ("d", "#ffeecc")] {
        net.population(name, "lif_cond_exp", 1).colour(colour);
    }
    let dot = net.diagram().to_dot();
    let lines: Vec<bool> = dot.lines().filter(|l| l.contains("fillcolor=\"")).map(|l| l.contains("fontcolor=white")).collect();
    assert_eq!(lines, [true, false, true, false]);
}

#[test]
fn equations_are_found_in_windows_lines_and_json_tells_their_own() {
    let equations = "equations = \"\"\"\nneuron own\n  state v = 0 mV\n  dv/dt = -v/tau\n\"\"\"\n";
    let text = TWO.replacen("\n\n", &format!("\n{equations}\n"), 1).replace('\n', "\r\n");
    let (_, said) = said("net.toml", &text, &[]);
    assert!(said.starts_with("error[E102]: unknown name `tau`\n  --> net.toml, line 5, column 14\n"), "{said}");
    let json = "{\"equations\": \"neuron own\\n  state v = 0 mV\\n  dv/dt = -v/tau\\n\"}";
    let (_, said) = super::places::said("net.json", json, &[]);
    assert!(said.starts_with("error[E102]: unknown name `tau`\n  --> equations of net.json, line 3, column 14\n"), "{said}");
}

#[test]
fn what_only_the_plan_finds_has_its_place_too() {
    let text = TWO.replace("size = 8", "size = 8\nmethod = \"exact\"");
    let (_, said) = said("net.toml", &text, &["explain"]);
    assert!(said.starts_with("error[E090]: population exc: ") && said.contains("\n  --> net.toml, line 7, column 10\n"), "{said}");
    let text = TWO.replace("name = \"two\"", "name = \"two\"\nduration = \"3 mV\"");
    let (code, said) = super::places::said("net.toml", &text, &["run", "--engine", "cpu"]);
    assert!(code == 2 && said.starts_with("error[E030]: network: `duration` is a time (ms)"), "{said}");
    assert!(said.contains("\n  --> net.toml, line 2, column 12\n"), "{said}");
}

/// What is wrong with the network is said beside what is wrong with its models; of what hangs on a broken model, nothing.
#[test]
fn broken_equations_hide_nothing_else() {
    const TEXT: &str = r#"dt = "0.1 ms"
equations = """
neuron good
  param gain = 1
  state v = 0 mV
  input i -> v
neuron bad
  state v = 0 mV
  dv/dt = -v/tau
synapse worse
  param w = 1
  on_pre i += wrong
"""

[[population]]
name = "p"
model = "bad"
size = 0

[[population]]
name = "q"
model = "good"
size = 2
parameters = { gian = 2 }

[[projection]]
source = "p"
target = "q"
port = "k"
weight = "1 mV"
connector = { rule = "all_to_all" }

[[projection]]
source = "q"
target = "q"
synapse = "worse"
connector = { rule = "fixed_probability", p = 2 }
"#;
    let (code, text) = said("net.toml", TEXT, &[]);
    let wanted = [
        "unknown name `tau`\n  --> net.toml, line 9, column 14\n",
        "unknown name `wrong`\n  --> net.toml, line 12, column 15\n",
        "population p: at least one neuron is needed\n  --> net.toml, line 18, column 8\n",
        "population q: `good` has no parameter `gian`; it has `gain`\n  --> net.toml, line 24, column 16\n",
        "`k`",
        "a probability is a number from 0 to 1, got 2",
    ];
    for words in wanted {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    assert!(code == 2 && !text.contains("no neuron model") && !text.contains("no synapse model"), "{code}: {text}");
    assert_eq!(text.matches("error[").count(), 6, "{text}");
    // by themselves they are what they were
    let alone = TEXT.split("[[population]]").next().unwrap();
    let (_, text) = said("net.toml", &format!("{alone}\n[[population]]\nname = \"p\"\nmodel = \"bad\"\nsize = 1\n"), &[]);
    assert_eq!(text.matches("error[").count(), 2, "{text}");
}

#[test]
fn a_remark_about_several_names_the_line_of_each() {
    let projection = "\n[[projection]]\nsource = \"inh\"\ntarget = \"exc\"\nport = \"g_inh\"\nweight = \"1 nS\"\ndelay = \"0.25 ms\"\nconnector = { rule = \"all_to_all\" }\n";
    let text = format!("{TWO}delay = \"0.25 ms\"\n{}", projection.replacen("\"exc\"", "\"inh\"", 1));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("net.toml"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_synfire")).current_dir(&folder).args(["check", "net.toml"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let words = "it is 0.3 ms (net.toml, line 27) (1 more like it: `inh -> inh` (net.toml, line 34))";
    assert!(said.contains(words), "{said}");
}
