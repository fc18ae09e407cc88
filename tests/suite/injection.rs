//! No word of a user reaches a shader: names are bracketed by ordinals, whatever they are.

use synfire::network::{Connector, Network};
use synfire::plan::schedule::{Machine, Settings};
use synfire::{Options, wgsl};

/// Words of WGSL, of its reserved list, and signs that end or open something.
const NAMES: &[&str] = &["ref", "fn", "loop", "var", "texture_2d", "workgroupBarrier", "vec4", "main", "zzsecretzz"];
const TITLES: &[&str] = &["*/ fn zz() {", "// zz", "/* zz", "} zz", "@compute zz", "é τ 🧠 zz", "\" + zz", "zzpopulationzz"];

#[test]
fn names_stay_outside() {
    for name in NAMES {
        for title in TITLES {
            let mut net = Network::new(format!("{title} zznetworkzz"));
            net.description("zzdescriptionzz */").duration("10 ms").equations(&format!(
                "neuron model_{name}_zz\n  param {name}_p = 20 ms\n  state {name} = 0 pA, v = -70 mV\n  input {name}\n\
                 \x20 zzletzz = {name}*2\n  d{name}/dt = -{name}/{name}_p\n\
                 \x20 dv/dt = (-70 mV - v)/{name}_p + zzletzz/(250 pF)\n  threshold v >= -55 mV\n  reset v = -70 mV\n"
            ));
            net.population(*title, format!("model_{name}_zz"), 10);
            net.project(*title, *title, *name, Connector::probability(0.5)).weight("5 pA").delay("1 ms").named("zzprojectionzz");
            net.probe(*title, "spikes");
            let plan = match net.plan(&Options::default()) {
                Ok(plan) => plan,
                // a word that the language reserves is refused at the door
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    continue;
                }
            };
            let kernels =
                wgsl::emit(&plan, &Machine::WEB, &Settings::default()).unwrap_or_else(|error| panic!("{name}, {title}: {error}"));
            for kernel in kernels.iter() {
                let text = kernel.source();
                for user in [&format!("{name}_p"), *title, "zz"] {
                    assert!(!text.contains(user), "`{user}` in the kernel:\n{text}");
                }
            }
        }
    }
}
