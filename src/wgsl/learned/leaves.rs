//! What the lines of a pass read of a synapse and its ends, as statements before them.
//!
//! In: a pass, the leaves of what it works out. Out: a `let` for each. Not here: the lines themselves.

use super::{Lines, total};
use crate::model::EndValue;
use crate::model::rule::{Lag, Node, NodeId, Read};
use crate::plan::{Reading, RowSet, Stream, Whose};
use crate::wgsl::layout::{SynapsePlace, Term, leaves_of};
use crate::wgsl::{WgslError, names};

impl Lines<'_> {
    /// What the lines read of a synapse and its ends.
    pub(super) fn values(&self, roots: impl Iterator<Item = NodeId>) -> Result<Vec<String>, WgslError> {
        let mut out = Vec::new();
        let own = self.own();
        for leaf in leaves_of(self.learning, roots) {
            match leaf {
                Node::State(k) => {
                    let first = self.place.states[k as usize];
                    out.push(format!("let {} = state[{first}u + {own}];", names::state(k as usize)));
                }
                Node::Param(k) => {
                    if let Some(SynapsePlace::Each { first, per_instance }) = self.place.params[k as usize] {
                        let place = if per_instance { &own } else { "synapse" };
                        let page = self.layout.page_name(self.place.page);
                        out.push(format!("let {} = bitcast<f32>({page}[{first}u + {place}]);", names::param(k)));
                    }
                }
                Node::End(k) => out.push(self.parameter(k)?),
                Node::Held(k) => out.push(self.read(k)?),
                Node::Uniform(k) => {
                    let tag = Stream::Synapse { projection: self.at.learning as u32, place: k }.tag();
                    let tag = tag.map_err(|error| WgslError::Leaf(format!("a stream of draw {k} ({error})")))?;
                    let step = "vec2<u32>(inputs[record + 1u], inputs[record + 2u])";
                    let block = format!("random_block(key_of(instance), {tag}u, synapse, {step}, 0u)");
                    out.push(format!("let {} = random_uniform({block}.x);", names::uniform(k)));
                }
                // constants are written where they stand; others have no name, and the statements have refused them
                _ => {}
            }
        }
        Ok(out)
    }

    /// Reads a parameter of an end.
    fn parameter(&self, end: u32) -> Result<String, WgslError> {
        let of = self.learning.synapse.ends[end as usize];
        let group = self.groups()[usize::from(of.post)];
        let missing = || WgslError::Leaf(format!("a parameter of end {end} of `{}`", self.learning.name));
        let EndValue::Param(column) = of.value else { return Err(missing()) };
        let places = &self.layout.groups[group];
        let place = places.params.get(column as usize).copied().flatten().ok_or_else(missing)?;
        let row = self.row_of(of.post);
        let value = format!("params[{}{}]", names::param_place(group, column), place.offset(places.rows, &row));
        Ok(format!("let {} = {value};", names::edge_value(end as usize)))
    }

    /// The row of an end in its group.
    fn row_of(&self, post: bool) -> String {
        let (id, neuron) = if post { (self.learning.target, "post") } else { (self.learning.source, "pre") };
        format!("({}u + {neuron})", self.plan.place(id).first_row)
    }

    /// What a program gives in the step, which stands among the parameters of the group that it flows into.
    fn input(&self, drive: usize, each: bool) -> Result<String, WgslError> {
        let missing = || WgslError::Leaf(format!("an input that `{}` reads", self.learning.name));
        let of = &self.plan.drives[drive];
        let terms = self.layout.groups[of.group].inputs.iter().flatten();
        let found = terms.filter(|term| term.drive() == drive).find_map(|term| match term {
            Term::Level { factor: Some(factor), scale, .. } => Some((*factor, *scale)),
            _ => None,
        });
        let (factor, scale) = found.ok_or_else(missing)?;
        let rows = self.layout.groups[of.group].rows;
        let row = match (&of.rows, each) {
            (RowSet::Range(range), true) => format!("({}u + post)", range.start),
            (RowSet::List(_), true) => return Err(missing()),
            (rows, false) => format!("{}u", rows.iter().next().ok_or_else(missing)?),
        };
        let value = format!("params[{}u{}]", factor.first, factor.offset(rows, &row));
        let scale = scale.map(|scale| format!(" * params[{}u{}]", scale.first, scale.offset(rows, "0u")));
        Ok(value + &scale.unwrap_or_default())
    }

    /// Reads a state of an end, or the time since the last event.
    fn read(&self, k: u32) -> Result<String, WgslError> {
        let name = names::held(k);
        let read = match self.learning.reads[k as usize] {
            Reading::Neuron(read) => read,
            Reading::Input { drive, each } => return Ok(format!("let {name} = {};", self.input(drive, each)?)),
            Reading::Synapse => {
                let after = match self.learning.rule.reads[k as usize] {
                    Read::Total(number) => return Ok(format!("let {name} = {};", total(number))),
                    Read::ElapsedBefore => "",
                    Read::Elapsed | Read::End { .. } | Read::Modulator { .. } => " + 1u",
                };
                let Some(touched) = self.place.touched else { return Err(WgslError::Leaf("the time of a last event".into())) };
                let last = format!("bitcast<u32>(atomicLoad(&ring[{touched}u + {}]))", self.own());
                let (low, high, power) = parts(self.plan.dt);
                return Ok(format!("let {name} = duration(inputs[record + 1u]{after} - {last}, {low}u, {high}u, {power});"));
            }
        };
        let group = self.plan.place(self.learning.population(read.of)).group;
        let trail = self.layout.trails.iter().find(|t| (t.group, t.column) == (group, read.column));
        let trail = trail.ok_or_else(|| WgslError::Leaf(format!("what `{}` reads of neurons", self.learning.name)))?;
        let step = match read.lag {
            Lag::Now => "past".to_owned(),
            Lag::Before => "past - 1u".to_owned(),
            Lag::Delay => format!("past - {}", self.delay()),
            Lag::DelayBefore => format!("past - {} - 1u", self.delay()),
        };
        let row = match read.of {
            Whose::Source | Whose::Target => self.row_of(read.of == Whose::Target),
            Whose::Third { population, each: true } => format!("({}u + post)", self.plan.place(population).first_row),
            Whose::Third { population, each: false } => format!("{}u", self.plan.place(population).first_row),
        };
        Ok(format!("let {name} = state_after({}u, {}, instance, {step}, {row});", trail.first, names::span(group)))
    }
}

/// A duration as whole number of 53 bits (low and high word) times a power of two.
fn parts(dt: f64) -> (u32, u32, i32) {
    let bits = dt.to_bits();
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    (mantissa as u32, (mantissa >> 32) as u32, ((bits >> 52) & 0x7ff) as i32 - 1023 - 52)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_duration_is_put_together_from_its_parts() {
        for dt in [0.1, 1.0, 0.025, 1.0 / 3.0, 2.5] {
            let (low, high, power) = super::parts(dt);
            assert_eq!((f64::from(high) * 2f64.powi(32) + f64::from(low)) * 2f64.powi(power), dt);
        }
    }
}
