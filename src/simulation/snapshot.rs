//! The whole state of a simulation taken out and put back.
//!
//! In: a [`Snapshot`]. Out: the simulation at its state, or why it is of another network. Not here: files of it (`store`).

use super::{Simulation, device};
use crate::engine::{Outside, Snapshot};
use crate::error::Error;
use crate::model::rule::Rule;
use crate::plan::{Group, PopulationId};

/// Steps are whole numbers that an f64 holds.
const LAST_STEP: u64 = 1 << 53;

impl Simulation {
    /// The whole state: spikes under way, inputs as they were set last and counts of spikes included. Parameters are not part
    /// of it.
    ///
    /// **Errors** a device that fails.
    pub fn snapshot(&mut self) -> Result<Snapshot, Error> {
        let mut snapshot = self.engine.snapshot().map_err(device)?;
        let (inputs, spike_counts, last_spikes) = (self.external.clone(), self.spikes.clone(), self.last_spikes.clone());
        snapshot.outside = Outside { origin: Some(self.origin.clone()), inputs, spike_counts, last_spikes };
        Ok(snapshot)
    }

    /// Back to a snapshot, with an empty recording. What [`Outside`] does not say is 0. The network may have other parameters,
    /// weights and another seed than that of the snapshot, not other populations, states, ports, delays or another dt.
    ///
    /// **Errors** a snapshot of another network, a number in it that is not finite (the simulation is then as it was); a device
    /// that fails.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        if let Some(why) = self.other_network(snapshot) {
            return Err(Error::Call(format!("this snapshot is of another network: {why}")));
        }
        if let Some(why) = self.impossible(snapshot) {
            return Err(Error::Call(format!("this snapshot cannot be taken up: {why}")));
        }
        let taken = self.with_all_channels(snapshot);
        self.engine.restore(taken.as_ref().unwrap_or(snapshot)).map_err(device)?;
        let Outside { inputs, spike_counts, last_spikes, .. } = &snapshot.outside;
        if inputs.is_empty() {
            self.forget_signals();
        } else {
            self.external.copy_from_slice(inputs);
            self.engine.set_external(&self.external);
        }
        self.spikes.fill(0);
        self.spikes.iter_mut().zip(spike_counts).for_each(|(to, from)| *to = *from);
        self.last_spikes.clone_from(last_spikes);
        self.before.clone_from(&snapshot.spike_history);
        self.clear_recording();
        Ok(())
    }

    /// A snapshot of a network whose ports had one channel each, for one that parts the arrivals at some: nothing is under way in
    /// the second. `None`: it has all.
    fn with_all_channels(&self, snapshot: &Snapshot) -> Option<Snapshot> {
        let whole = |(ports, group): (&Vec<Vec<f64>>, &Group)| ports.len() == group.ports.len();
        if snapshot.rings.iter().zip(&self.plan.groups).all(whole) {
            return None;
        }
        let mut taken = snapshot.clone();
        taken.rings.iter_mut().zip(&self.plan.groups).for_each(|(ports, group)| ports.resize(group.ports.len(), Vec::new()));
        Some(taken)
    }

    /// Finite where this engine computes.
    pub(super) fn holds(&self, x: f64) -> bool {
        if self.narrow { x.abs() <= f64::from(f32::MAX) } else { x.is_finite() }
    }

    /// Why the network of a snapshot is not this one.
    fn other_network(&self, snapshot: &Snapshot) -> Option<String> {
        if let Some(origin) = &snapshot.outside.origin
            && let Some(why) = self.origin.differs(origin, "in the snapshot")
        {
            return Some(why);
        }
        let (plan, instances) = (&self.plan, self.plan.instances as usize);
        let counts = |what: &str, found: usize, expected: usize| {
            (found != expected).then(|| format!("{found} {what} in the snapshot, {expected} here"))
        };
        let groups = counts("groups of populations", snapshot.states.len(), plan.groups.len());
        let rings = counts("groups of ports", snapshot.rings.len(), plan.groups.len());
        let stepped = counts("projections with states", snapshot.edge_states.len(), plan.keeping().len());
        if let Some(why) = groups.or(rings).or(stepped) {
            return Some(why);
        }
        for ((states, ports), group) in snapshot.states.iter().zip(&snapshot.rings).zip(&plan.groups) {
            let (name, rows) = (&group.label, group.rows as usize * instances);
            let whole = counts(&format!("states of {name}"), states.len(), group.rule.states.len())
                .or_else(|| states.iter().find_map(|column| counts(&format!("rows of {name}"), column.len(), rows)))
                .or_else(|| counts(&format!("ports of {name}"), ports.len(), channels(ports, &group.rule)));
            if whole.is_some() {
                return whole;
            }
            let most = rows * plan.slots as usize;
            if let Some(ring) = ports.iter().find(|ring| ring.len() > most || !ring.len().is_multiple_of(rows.max(1))) {
                return counts(&format!("arrivals under way to {name}"), ring.len(), most);
            }
            let unused = |(ring, port): (&Vec<f64>, &crate::plan::PortPlan)| !port.used && ring.iter().any(|x| *x != 0.0);
            if let Some(port) = ports.iter().zip(&group.ports).position(unused) {
                let port = &group.rule.ports[port].name;
                return Some(format!("spikes are under way to `{port}` of {name}, where no projection ends here"));
            }
        }
        for (states, group) in snapshot.edge_states.iter().zip(plan.keeping()) {
            let rows = group.edges.count() as usize * instances;
            let whole = counts(&format!("states of {}", group.name), states.len(), group.names().len())
                .or_else(|| states.iter().find_map(|column| counts(&format!("synapses of {}", group.name), column.len(), rows)));
            if whole.is_some() {
                return whole;
            }
        }
        let trailed = plan.trailed();
        let rows = |(group, _): &(usize, u32)| plan.groups[*group].rows as usize * instances * plan.longest_trail() as usize;
        let trails = counts("states that synapses look back to", snapshot.trails.len(), trailed.len());
        let short =
            snapshot.trails.iter().zip(&trailed).find_map(|(trail, place)| counts("numbers of one", trail.len(), rows(place)));
        if let Some(why) = trails.or(short) {
            return Some(why);
        }
        let all = plan.rows.saturating_mul(plan.instances);
        let Outside { inputs, spike_counts, last_spikes, .. } = &snapshot.outside;
        let past = snapshot.spike_history.iter().map(|(_, row)| row);
        if let Some(row) = past.chain(last_spikes).find(|row| **row >= all) {
            return Some(format!("a spike of row {row}; there are {all} rows here"));
        }
        let ends = |id: PopulationId| (plan.first_row(id), plan.first_row(id) + plan.place(id).size);
        let mut neurons: Vec<(u32, u32)> = (0..plan.populations.len()).map(|k| ends(PopulationId(k as u32))).collect();
        neurons.sort_unstable();
        let stands =
            |row: u32| neurons[..neurons.partition_point(|(first, _)| *first <= row)].last().is_some_and(|(_, end)| row < *end);
        let past = snapshot.spike_history.iter().map(|(_, row)| row);
        if let Some(row) = past.chain(last_spikes).find(|row| !stands(**row % plan.rows)) {
            return Some(format!("a spike of row {row}, where no neuron stands"));
        }
        let none_or = |what: &str, found: usize, expected: usize| counts(what, found, if found == 0 { 0 } else { expected });
        none_or("inputs", inputs.len(), self.external.len()).or_else(|| none_or("counts of spikes", spike_counts.len(), instances))
    }

    /// What no state of a network can be.
    fn impossible(&self, snapshot: &Snapshot) -> Option<String> {
        if snapshot.step > LAST_STEP {
            return Some(format!("step {} is beyond {LAST_STEP}, the last that can be counted", snapshot.step));
        }
        if let Some((step, _)) = snapshot.spike_history.iter().find(|(step, _)| *step > snapshot.step) {
            return Some(format!("a spike at step {step}, after the step {} that it stands at", snapshot.step));
        }
        if !snapshot.spike_history.is_sorted() || !snapshot.outside.last_spikes.is_sorted() {
            return Some("its spikes are not in order".into());
        }
        let bad = |values: &Vec<f64>| values.iter().find(|x| !self.holds(**x)).copied();
        let no_number = |x: f64, what: &str| format!("{what} is {x}, which is no number that this engine holds");
        for (g, group) in self.plan.groups.iter().enumerate() {
            for (column, state) in snapshot.states[g].iter().zip(&group.rule.states) {
                if let Some(x) = bad(column) {
                    return Some(no_number(x, &format!("`{}` of {}", state.name.trim(), group.label)));
                }
            }
            for ((ring, port), planned) in snapshot.rings[g].iter().zip(&group.rule.ports).zip(&group.ports) {
                let what = format!("what is under way to `{}` of {}", port.name, group.label);
                if let Some(x) = bad(ring) {
                    return Some(no_number(x, &what));
                }
                // whole numbers of 32 bits must hold it and all that this network adds to it: the scale leaves room for the bound
                // twice, and what is under way and what is added come to it together only where nothing else is
                let most = 2f64.powi(31) / planned.scale - planned.bound;
                if let Some(x) = ring.iter().find(|x| self.narrow && x.abs() > most) {
                    let unit = port.dimension.unit();
                    return Some(format!("{what}, {x} {unit}, is more than can arrive there by the weights of this network"));
                }
            }
        }
        for (columns, group) in snapshot.edge_states.iter().zip(self.plan.keeping()) {
            for (column, state) in columns.iter().zip(group.names()) {
                if let Some(x) = bad(column) {
                    return Some(no_number(x, &format!("`{}` of {}", state.trim(), group.name)));
                }
            }
        }
        if let Some(x) = snapshot.trails.iter().find_map(bad) {
            return Some(no_number(x, "a state that synapses look back to"));
        }
        bad(&snapshot.outside.inputs).map(|x| no_number(x, "an input"))
    }
}

/// How many ports a snapshot must have of a group: all, or those without second channels, which come last.
fn channels(ports: &[Vec<f64>], rule: &Rule) -> usize {
    let first = rule.ports.iter().take_while(|port| port.fine_of.is_none()).count();
    if ports.len() == first { first } else { rule.ports.len() }
}
