//! What a snapshot is of: all that has to be the same where it is taken up.
//!
//! In: a plan. Out: [`Origin`], and in words what differs between two. Not here: parameters, weights and seeds, which may differ:
//! a running state can be taken up by a network whose numbers have been changed.

use serde::{Deserialize, Serialize};

use crate::plan::Plan;

/// The network that a snapshot is of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Its name. May differ.
    pub network: String,
    /// SHA-256 of its description, as hexadecimal text. May differ.
    #[serde(default)]
    pub hash: String,
    /// ms
    pub dt_ms: f64,
    /// May differ.
    pub seed: u64,
    /// Copies of the network.
    pub instances: u32,
    /// Steps that arrivals can be ahead, plus one.
    pub slots: u32,
    /// Steps for which spikes are kept.
    pub history: u32,
    /// Populations that are advanced together.
    pub groups: Vec<Part>,
    /// Projections whose synapses have states.
    pub synapses: Vec<Part>,
}

/// Rows of one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Of the populations, or of the projection.
    pub name: String,
    /// Neurons, or synapses.
    pub rows: u64,
    /// Names of the columns.
    pub states: Vec<String>,
    /// Where spikes arrive.
    #[serde(default)]
    pub ports: Vec<String>,
    /// Of these the last so many are second channels of others, of finer scale; a snapshot may lack them.
    #[serde(default)]
    pub seconds: usize,
}

impl Origin {
    /// The origin of what runs by a plan.
    pub fn of(plan: &Plan) -> Origin {
        let groups = plan.groups.iter().map(|g| Part {
            name: g.label.clone(),
            rows: u64::from(g.rows),
            states: g.rule.states.iter().map(|s| plain(&s.name)).collect(),
            ports: g.rule.ports.iter().map(|p| plain(&p.name)).collect(),
            seconds: g.rule.ports.iter().filter(|p| p.fine_of.is_some()).count(),
        });
        let synapses = plan.keeping().into_iter().map(|e| Part {
            name: e.name.to_owned(),
            rows: e.edges.count(),
            states: e.names().iter().map(|name| plain(name)).collect(),
            ports: Vec::new(),
            seconds: 0,
        });
        Origin {
            network: plan.name.clone(),
            hash: plan.network_hash.clone(),
            dt_ms: plan.dt,
            seed: plan.seed,
            instances: plan.instances,
            slots: plan.slots,
            history: plan.history,
            groups: groups.collect(),
            synapses: synapses.collect(),
        }
    }

    /// What keeps a state of `other` from being taken up here, which people see first: populations before steps. `there` says
    /// where the other is: `in the file`.
    pub fn differs(&self, other: &Origin, there: &str) -> Option<String> {
        let said = |what: &str, theirs: String, ours: String| Some(format!("{what}: {theirs} {there}, {ours} here"));
        for (what, ours, theirs) in [("populations", &self.groups, &other.groups), ("synapses", &self.synapses, &other.synapses)] {
            if let Some((ours, theirs)) = ours.iter().zip(theirs).find(|(a, b)| !a.takes(b)) {
                return said(what, theirs.told(), ours.told());
            }
            if ours.len() != theirs.len() {
                return said(what, format!("{} parts", theirs.len()), format!("{} parts", ours.len()));
            }
        }
        if other.dt_ms != self.dt_ms {
            return said("dt", format!("{} ms", other.dt_ms), format!("{} ms", self.dt_ms));
        }
        if other.instances != self.instances {
            return said("instances", other.instances.to_string(), self.instances.to_string());
        }
        if other.slots != self.slots || other.history != self.history {
            let steps = |a: &Origin| format!("up to {} steps", a.slots.max(a.history + 1).saturating_sub(1));
            return said("delays", steps(other), steps(self));
        }
        None
    }
}

impl Part {
    /// Can rows of the other part be taken up by these?
    fn takes(&self, other: &Part) -> bool {
        let first = self.ports.len().saturating_sub(self.seconds);
        let same = (&self.name, self.rows, &self.states) == (&other.name, other.rows, &other.states);
        same && (other.ports == self.ports || other.ports == self.ports[..first])
    }

    fn told(&self) -> String {
        let ports = if self.ports.is_empty() { String::new() } else { format!("; ports {}", self.ports.join(", ")) };
        format!("{} x {} ({}{ports})", self.name, self.rows, self.states.join(", "))
    }
}

/// Letters, digits and `_`; hidden states have a space before their name.
fn plain(name: &str) -> String {
    name.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
