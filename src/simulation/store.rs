//! The running state as a file: `numpy.load` reads it, and another process goes on from it, on any engine.
//!
//! In: a [`Snapshot`], a path. Out: an `.npz`, and back. The description of the network is a file of its own
//! ([`Network::save`](crate::Network::save)); a state can be taken up by a network with other parameters, but of the same
//! populations, states and delays.
//!
//! | array | type, shape | what |
//! | --- | --- | --- |
//! | `about` | u8 `[bytes]` | JSON: name, dt, seed, the groups and their states |
//! | `step` | u64 | time, in steps |
//! | `group_G_K_STATE` | f64 `[instance, row]` | state K of group G, in the unit of its model |
//! | `group_G_port_P` | f64 `[slot, instance and row]` | arrivals under way, slot 0 those of the next step; none: no such array |
//! | `synapses_E_K_STATE` | f64 `[instance, synapse]` | a state of synapses, by source |
//! | `past_step`, `past_row` | u64, u32 `[spike]` | spikes that synapses still wait for |
//! | `inputs`, `spike_counts`, `last_spikes` | f64, u64, u32 | what a program gave, counts, rows that spiked in the last step |

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Simulation;
use crate::engine::{Outside, Snapshot};
use crate::error::Error;
use crate::plan::Plan;
use crate::recording::file::{FileError, write_whole};
use crate::recording::npz::archive::{Archive, ArchiveWriter};

/// What a state belongs to.
#[derive(Serialize, Deserialize, PartialEq)]
struct About {
    format: u32,
    network: String,
    dt_ms: f64,
    seed: u64,
    instances: u32,
    slots: u32,
    history: u32,
    groups: Vec<Part>,
    synapses: Vec<Part>,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Part {
    name: String,
    rows: u64,
    states: Vec<String>,
}

impl About {
    fn of(plan: &Plan) -> About {
        let groups = plan.groups.iter().map(|g| Part {
            name: g.label.clone(),
            rows: u64::from(g.rows),
            states: g.rule.states.iter().map(|s| plain(&s.name)).collect(),
        });
        let synapses = plan.edge_groups.iter().map(|e| Part {
            name: e.name.clone(),
            rows: e.edges.target.len() as u64,
            states: e.rule.states.iter().map(|s| plain(&s.name)).collect(),
        });
        About {
            format: 1,
            network: plan.name.clone(),
            dt_ms: plan.dt,
            seed: plan.seed,
            instances: plan.instances,
            slots: plan.slots,
            history: plan.history,
            groups: groups.collect(),
            synapses: synapses.collect(),
        }
    }

    /// Why a state does not fit; name and seed may differ.
    fn differs(&self, file: &About) -> Option<String> {
        let said = |what: &str, file: String, here: String| Some(format!("{what}: {file} in the file, {here} here"));
        if file.format != self.format {
            return said("format", file.format.to_string(), self.format.to_string());
        }
        if file.dt_ms != self.dt_ms {
            return said("dt", format!("{} ms", file.dt_ms), format!("{} ms", self.dt_ms));
        }
        if file.instances != self.instances {
            return said("instances", file.instances.to_string(), self.instances.to_string());
        }
        if file.slots != self.slots || file.history != self.history {
            let steps = |a: &About| format!("up to {} steps", a.slots.max(a.history + 1).saturating_sub(1));
            return said("delays", steps(file), steps(self));
        }
        for (what, ours, theirs) in [("populations", &self.groups, &file.groups), ("synapses", &self.synapses, &file.synapses)] {
            let told = |part: &Part| format!("{} x {} ({})", part.name, part.rows, part.states.join(", "));
            if let Some((ours, theirs)) = ours.iter().zip(theirs).find(|(a, b)| a != b) {
                return said(what, told(theirs), told(ours));
            }
            if ours.len() != theirs.len() {
                return said(what, format!("{} parts", theirs.len()), format!("{} parts", ours.len()));
            }
        }
        None
    }
}

/// Letters, digits and `_`; hidden states have a space before their name.
fn plain(name: &str) -> String {
    name.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

impl Simulation {
    /// Writes the running state into a file that [`Simulation::load_state`] and `numpy.load` read. Whole or not at all. Arrays:
    /// `step`; `group_G_K_STATE` `[instance, row]`, state K of group G; `group_G_port_P` `[slot, row]`, arrivals under way;
    /// `synapses_E_K_STATE` `[instance, synapse]`; `inputs`, `spike_counts`; `about`, JSON with names, dt and sizes. **Units**
    /// internal (ms, mV, pA, nS, pF).
    ///
    /// **Errors** a file that cannot be written, a device that fails.
    pub fn save_state(&mut self, path: impl AsRef<Path>) -> Result<(), Error> {
        let snapshot = self.snapshot()?;
        let about = About::of(&self.plan);
        let text = serde_json::to_vec(&about).map_err(|e| Error::Bug(e.to_string()))?;
        let instances = self.instances();
        let written = write_whole(path, |out| {
            let mut archive = ArchiveWriter::new(out);
            archive.vector("about", text.into_iter())?;
            archive.array("step", &[], [snapshot.step].into_iter())?;
            for (g, (part, columns)) in about.groups.iter().zip(&snapshot.states).enumerate() {
                for (k, (state, values)) in part.states.iter().zip(columns).enumerate() {
                    archive.array(&of_group(g, k, state), &[instances, values.len() / instances], values.iter().copied())?;
                }
            }
            for (g, ports) in snapshot.rings.iter().enumerate() {
                let rows = self.plan.groups[g].rows as usize * instances;
                for (p, slots) in ports.iter().enumerate().filter(|(_, slots)| !slots.is_empty()) {
                    archive.array(&port(g, p), &[slots.len() / rows.max(1), rows], slots.iter().copied())?;
                }
            }
            for (e, (part, columns)) in about.synapses.iter().zip(&snapshot.edge_states).enumerate() {
                for (k, (state, values)) in part.states.iter().zip(columns).enumerate() {
                    archive.array(&of_synapses(e, k, state), &[instances, values.len() / instances], values.iter().copied())?;
                }
            }
            archive.vector("past_step", snapshot.past_spikes.iter().map(|s| s.0))?;
            archive.vector("past_row", snapshot.past_spikes.iter().map(|s| s.1))?;
            archive.vector("inputs", snapshot.outside.inputs.iter().copied())?;
            archive.vector("spike_counts", snapshot.outside.spike_counts.iter().copied())?;
            archive.vector("last_spikes", snapshot.outside.last_spikes.iter().copied())?;
            archive.finish()
        });
        Ok(written?)
    }

    /// Goes on from a state that [`Simulation::save_state`] wrote, with an empty recording; the engine may be another.
    ///
    /// **Errors** a file that cannot be read, a state of another network; the simulation is then as it was.
    pub fn load_state(&mut self, path: impl AsRef<Path>) -> Result<(), Error> {
        let snapshot = self.read(path.as_ref())?;
        self.restore(&snapshot)
    }

    fn read(&self, path: &Path) -> Result<Snapshot, FileError> {
        let mut archive = Archive::open(path)?;
        let about = About::of(&self.plan);
        let text: Vec<u8> = archive.vector("about")?;
        let file: About = serde_json::from_slice(&text).map_err(|e| archive.wrong(format!("`about`: {e}")))?;
        if let Some(why) = about.differs(&file) {
            return Err(archive.wrong(format!("a state of another network: {why}")));
        }
        let instances = self.plan.instances as usize;
        let mut snapshot = Snapshot::start(&self.plan);
        snapshot.step = archive.scalar("step")?;
        let columns = |archive: &mut Archive, parts: &[Part], name: Name, to: &mut Vec<Vec<Vec<f64>>>| {
            for (number, (part, columns)) in parts.iter().zip(to).enumerate() {
                for (k, (state, values)) in part.states.iter().zip(columns).enumerate() {
                    let name = name(number, k, state);
                    *values = sized(archive, &name, part.rows as usize * instances)?;
                    if let Some(x) = values.iter().find(|x| !x.is_finite()) {
                        return Err(archive.wrong(format!("`{name}` holds {x}")));
                    }
                }
            }
            Ok(())
        };
        columns(&mut archive, &about.groups, of_group, &mut snapshot.states)?;
        columns(&mut archive, &about.synapses, of_synapses, &mut snapshot.edge_states)?;
        for (g, ports) in snapshot.rings.iter_mut().enumerate() {
            let rows = self.plan.groups[g].rows as usize * instances;
            for (p, slots) in ports.iter_mut().enumerate() {
                if !archive.has(&port(g, p)) {
                    continue;
                }
                let (shape, all) = archive.array::<f64>(&port(g, p))?;
                if shape.len() != 2 || shape[1] != rows as u64 || shape[0] > u64::from(self.plan.slots) {
                    return Err(archive.wrong(format!("`{}` has shape {shape:?}", port(g, p))));
                }
                *slots = all;
            }
        }
        let (steps, rows): (Vec<u64>, Vec<u32>) = (archive.vector("past_step")?, archive.vector("past_row")?);
        let last_spikes: Vec<u32> = archive.vector("last_spikes")?;
        let all = self.plan.rows * self.plan.instances;
        if steps.len() != rows.len() || rows.iter().chain(&last_spikes).any(|row| *row >= all) {
            return Err(archive.wrong("spikes of neurons that the network does not have".into()));
        }
        snapshot.past_spikes = steps.into_iter().zip(rows).collect();
        let inputs = sized(&mut archive, "inputs", self.external.len())?;
        let spike_counts: Vec<u64> = archive.vector("spike_counts")?;
        if spike_counts.len() != instances {
            return Err(archive.wrong(format!("`spike_counts` has {} numbers, expected {instances}", spike_counts.len())));
        }
        snapshot.outside = Outside { inputs, spike_counts, last_spikes };
        Ok(snapshot)
    }
}

type Name = fn(usize, usize, &str) -> String;

fn of_group(group: usize, column: usize, state: &str) -> String {
    format!("group_{group}_{column}_{state}")
}

fn of_synapses(group: usize, column: usize, state: &str) -> String {
    format!("synapses_{group}_{column}_{state}")
}

fn port(group: usize, port: usize) -> String {
    format!("group_{group}_port_{port}")
}

fn sized(archive: &mut Archive, name: &str, count: usize) -> Result<Vec<f64>, FileError> {
    let (_, values) = archive.array::<f64>(name)?;
    if values.len() == count {
        return Ok(values);
    }
    Err(archive.wrong(format!("`{name}` has {} numbers, expected {count}", values.len())))
}
