//! The running state as a file: `numpy.load` reads it, and another process goes on from it, on any engine.
//!
//! In: a [`Snapshot`], a path. Out: an `.npz`, and back. The description of the network is a file of its own
//! ([`Network::save`](crate::Network::save)); a state can be taken up by a network with other parameters, but of the same
//! populations, states and delays.
//!
//! | array | type, shape | what |
//! | --- | --- | --- |
//! | `about` | u8 `[bytes]` | JSON: format, name, hash, dt, seed, delays, the groups with their states and ports |
//! | `step` | u64 | time, in steps |
//! | `group_G_K_STATE` | f64 `[instance, row]` | state K of group G, in the unit of its model |
//! | `group_G_port_P` | f64 `[slot, instance and row]` | arrivals under way, slot 0 those of the next step; none: no such array |
//! | `synapses_E_K_STATE` | f64 `[instance, synapse]` | a state of synapses, by source |
//! | `trail_K` | f64 `[step, instance and row]` | states of neurons that synapses look back to, the last step first |
//! | `past_step`, `past_row` | u64, u32 `[spike]` | spikes that synapses still wait for |
//! | `inputs`, `spike_counts`, `last_spikes` | f64, u64, u32 | what a program gave, counts, rows that spiked in the last step |

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Simulation;
use crate::engine::origin::{Origin, Part};
use crate::engine::{Outside, Snapshot};
use crate::error::Error;
use crate::recording::file::{FileError, write_whole};
use crate::recording::npz::archive::{Archive, ArchiveWriter};

/// 2: with the ports of each group, and the hash of the description.
const FORMAT: u32 = 2;

/// What a state belongs to.
#[derive(Serialize, Deserialize)]
struct About {
    format: u32,
    #[serde(flatten)]
    origin: Origin,
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
        let about = &*self.origin;
        let text = serde_json::to_vec(&About { format: FORMAT, origin: about.clone() }).map_err(|e| Error::Bug(e.to_string()))?;
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
            for (k, values) in snapshot.trails.iter().enumerate().filter(|(_, values)| !values.is_empty()) {
                let steps = self.plan.longest_trail() as usize;
                archive.array(&trail(k), &[steps, values.len() / steps.max(1)], values.iter().copied())?;
            }
            archive.vector("past_step", snapshot.spike_history.iter().map(|s| s.0))?;
            archive.vector("past_row", snapshot.spike_history.iter().map(|s| s.1))?;
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
        let about = &*self.origin;
        let text: Vec<u8> = archive.vector("about")?;
        let file: About = serde_json::from_slice(&text).map_err(|e| archive.wrong(format!("`about`: {e}")))?;
        if file.format != FORMAT {
            return Err(archive.wrong(format!("a state in format {}, and this version reads format {FORMAT}", file.format)));
        }
        if let Some(why) = about.differs(&file.origin, "in the file") {
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
        for (k, values) in snapshot.trails.iter_mut().enumerate().filter(|(_, values)| !values.is_empty()) {
            *values = sized(&mut archive, &trail(k), values.len())?;
        }
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
        snapshot.spike_history = steps.into_iter().zip(rows).collect();
        let inputs = sized(&mut archive, "inputs", self.external.len())?;
        let spike_counts: Vec<u64> = archive.vector("spike_counts")?;
        if spike_counts.len() != instances {
            return Err(archive.wrong(format!("`spike_counts` has {} numbers, expected {instances}", spike_counts.len())));
        }
        snapshot.outside = Outside { origin: Some(file.origin.into()), inputs, spike_counts, last_spikes };
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

fn trail(place: usize) -> String {
    format!("trail_{place}")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Choice, Network, Options};

    /// A disk that fails at any of its calls leaves the state that was there, and nothing else.
    #[test]
    fn every_call_of_the_disk_that_fails_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut net = Network::new("one");
        net.population("cell", "lif_psc_exp", 3).parameter("i_e", "500 pA");
        let simulation = net.compile(&Options::default().engine(Choice::Cpu)).unwrap();
        let simulation = std::cell::RefCell::new(simulation);
        let save = |path: &Path| simulation.borrow_mut().save_state(path).map_err(|e| e.to_string());
        assert!(crate::whole::tests::each_call_fails(&folder.path().join("state.npz"), &save) > 6);
    }
}
