//! A program of synapses, or of their sources: what it reads, the states that it keeps, what of it is worked out once.

use pulp::Arch;

use super::Wiring;
use super::step::blocks;
use crate::engine::cpu::block::{self, Source, Table};
use crate::engine::cpu::ends::{EndValues, Exports};
use crate::engine::cpu::fused;
use crate::engine::cpu::lasting::keeps;
use crate::engine::cpu::operation::{Operand, Program, Scalar};
use crate::engine::cpu::part::Part;
use crate::engine::cpu::program::lower;
use crate::engine::cpu::real::{Real, all_finite};
use crate::engine::cpu::roots::{Roots, Shape};
use crate::model::rule::{Graph, NoValue, Node, NodeId};
use crate::plan::Plan;
use crate::plan::reach::{Split, Steady};

/// One of the two programs of a rule.
pub struct Stage<T> {
    pub program: Program,
    /// By place in [`Program::columns`].
    ends: Vec<EndValues<T>>,
    /// The states that it keeps, and where the program leaves their next values. Behind them in [`Program::results`]: the results.
    states: Vec<u32>,
    /// Those of them that may have been infinite and be finite again: they are looked at in every step.
    fleeting: Vec<usize>,
    /// What follows from parameters, worked out when they are given.
    once: Option<Once<T>>,
}

/// The part of a program that follows from parameters alone.
struct Once<T> {
    program: Program,
    /// By place in [`Program::columns`].
    ends: Vec<EndValues<T>>,
}

impl<T: Real> Stage<T> {
    /// The states that are kept here are results too: a row's next ones are written over the old when it has been computed.
    pub fn new(
        wiring: &Wiring<'_>,
        graph: &Graph,
        next: &[NodeId],
        kept: impl Fn(usize) -> bool,
        results: &[NodeId],
        ends: impl Fn(&Program) -> Vec<EndValues<T>>,
    ) -> Result<Stage<T>, NoValue> {
        let changed = |k: &usize| kept(*k) && graph.node(next[*k]) != Node::State(*k as u32);
        let states: Vec<usize> = (0..next.len()).filter(changed).collect();
        let results: Vec<NodeId> = states.iter().map(|k| next[*k]).chain(results.iter().copied()).collect();
        let fleeting = states.iter().copied().filter(|k| !keeps(graph, next[*k], *k)).collect();
        let states = states.into_iter().map(|k| k as u32).collect();
        let lowered = |graph: &Graph, results: &[NodeId]| {
            let derived = vec![true; graph.nodes.len()];
            let shape = Shape { param_varies: &wiring.varies, derived_varies: &derived, held_varies: &[] };
            let program = lower(graph, &Roots { next: &[], watched: &[], spike: None, undefined: None, results }, &shape)?;
            Ok::<_, NoValue>(Program { fused: fused::of(&program), ..program })
        };
        let Some(steady) = Steady::new(graph, &results, &|node| wiring.steady(node)) else {
            let program = lowered(graph, &results)?;
            return Ok(Stage { ends: ends(&program), program, states, fleeting, once: None });
        };
        let (once, program) = (lowered(graph, &steady.once)?, lowered(&steady.graph, &steady.roots)?);
        let once = Some(Once { ends: ends(&once), program: once });
        Ok(Stage { ends: ends(&program), program, states, fleeting, once })
    }

    pub fn by_source(wiring: &Wiring<'_>, split: &Split, rows: &[u32]) -> Result<Stage<T>, NoValue> {
        let rows = |_: bool| rows.to_vec();
        let ends = |program: &Program| {
            let of = |source| wiring.between.values(source, &rows, &mut std::iter::empty());
            program.columns.iter().map(of).collect()
        };
        Stage::new(wiring, wiring.graph, wiring.next, |k| split.folded[k], &split.shared, ends)
    }

    /// Columns of an instance, states not filled.
    pub fn columns(&self, states: usize) -> Table<T> {
        let read_only = self.ends.iter().map(EndValues::column).collect();
        Table { states: vec![Vec::new(); states], read_only, ..Table::default() }
    }

    /// `member`: of what stands at a place of a column, the number of its projection in the plan.
    ///
    /// **Errors** a leaf that is not the same for all synapses, where the program has one number.
    pub fn take_parameters(
        &self,
        plan: &Plan,
        instance: u32,
        member: &dyn Fn(usize) -> usize,
        columns: &mut Table<T>,
    ) -> Result<(), NoValue> {
        columns.scalars = scalars(&self.program, plan, instance, member)?;
        let mut once = match &self.once {
            Some(once) => once.numbers(plan, instance, member)?,
            None => Vec::new(),
        };
        for (column, end) in columns.read_only.iter_mut().zip(&self.ends) {
            match end {
                EndValues::Once(k) => *column = std::mem::take(&mut once[*k]),
                end => end.take_parameters(plan, instance, member, column),
            }
        }
        Ok(())
    }

    /// Reads what changes from step to step.
    pub fn begin(&self, columns: &mut Table<T>, exports: &Exports<T>, parts: &[Part<T>], time: f64) {
        for k in self.program.live.iter().map(|k| usize::from(*k)).filter(|k| self.program.scalars[*k] == Scalar::Time) {
            columns.scalars[k] = T::from_f64(time);
        }
        block::compute(&mut columns.scalars, &self.program.moving);
        for (column, end) in columns.read_only.iter_mut().zip(&self.ends) {
            end.read(exports, parts, column);
        }
    }

    /// Writes the next states of a block over the old ones. Are those finite that must be looked at?
    pub fn advance(&self, columns: &mut Table<T>, first: usize, rows: usize) -> bool {
        // those that are other old states are read before any is written
        let old = |o: &Operand| matches!(o, Operand::State(_));
        let results = &self.program.results[..self.states.len()];
        let taken: Vec<Vec<T>> = results.iter().filter(|o| old(o)).map(|o| columns.list(*o, first, rows)).collect();
        let mut taken = taken.into_iter();
        for (state, result) in self.states.iter().zip(results) {
            let mut column = std::mem::take(&mut columns.states[*state as usize]);
            match if old(result) { taken.next() } else { None } {
                Some(list) => column[first..first + rows].copy_from_slice(&list),
                None => columns.copy(*result, first, &mut column[first..first + rows]),
            }
            columns.states[*state as usize] = column;
        }
        self.fleeting.iter().all(|k| all_finite(&columns.states[*k][first..first + rows]))
    }

    pub fn results(&self) -> &[Operand] {
        &self.program.results[self.states.len()..]
    }
}

impl<T: Real> Once<T> {
    /// By result, then place.
    fn numbers(&self, plan: &Plan, instance: u32, member: &dyn Fn(usize) -> usize) -> Result<Vec<Vec<T>>, NoValue> {
        let mut read_only: Vec<Vec<T>> = self.ends.iter().map(EndValues::column).collect();
        for (column, end) in read_only.iter_mut().zip(&self.ends) {
            end.take_parameters(plan, instance, member, column);
        }
        let rows = read_only.iter().map(Vec::len).max().unwrap_or(0);
        let registers = vec![vec![T::ZERO; T::BLOCK]; self.program.registers];
        let scalars = scalars(&self.program, plan, instance, member)?;
        let mut columns = Table { read_only, registers, scalars, ..Table::default() };
        let mut out = vec![vec![T::ZERO; rows]; self.program.results.len()];
        let arch = Arch::new();
        blocks::<T>(rows, |first, count| {
            block::run(arch, &mut columns, &self.program, &Nothing, first, count);
            for (result, column) in self.program.results.iter().zip(&mut out) {
                columns.copy(*result, first, &mut column[first..first + count]);
            }
        });
        Ok(out)
    }
}

/// Nothing arrives before the first step.
struct Nothing;

impl<T: Real> Source<T> for Nothing {
    fn arrived(&self, _: usize, _: usize, out: &mut [T]) {
        out.fill(T::ZERO);
    }
}

/// Numbers that all synapses of a program share.
fn scalars<T: Real>(program: &Program, plan: &Plan, instance: u32, member: &dyn Fn(usize) -> usize) -> Result<Vec<T>, NoValue> {
    let value = |s: &Scalar| match s {
        Scalar::Constant(bits) => Ok(f64::from_bits(*bits)),
        Scalar::Param(k) => plan.single_param(instance, member(0), *k as usize),
        Scalar::Derived(k) => Err(NoValue(Node::Derived(*k))),
        Scalar::Held(k) => Err(NoValue(Node::Held(*k))),
        // written before they are read: in every step, or from those before
        Scalar::Time | Scalar::StepHigh | Scalar::StepLow | Scalar::Clock(_) | Scalar::Computed(_) => Ok(0.0),
    };
    let mut out = program.scalars.iter().map(|s| value(s).map(T::from_f64)).collect::<Result<Vec<T>, _>>()?;
    block::compute(&mut out, &program.fixed);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::Engine;
    use crate::engine::cpu::edge::{Edges, Sums};
    use crate::engine::cpu::{CpuEngine, CpuOptions};
    use crate::network::value::uniform;
    use crate::network::{Connector, Network, Value};
    use crate::plan::EdgeColumn;
    use crate::plan::memory::{Kind, Memory, Terms};
    use crate::simulation::Options;

    fn planned(net: &Network) -> Arc<Plan> {
        Arc::new(net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}")))
    }

    fn plan(g_max: Value) -> Arc<Plan> {
        let mut net = Network::new("two");
        net.population("a", "non_spiking", 2);
        net.project_by("a", "a", "graded_synapse", Connector::OneToOne).parameter("g_max", g_max);
        planned(&net)
    }

    /// A program that has one number for all synapses is given a plan in which each has its own: no number stands in its place.
    #[test]
    fn one_number_for_what_differs_is_an_error_that_names_it() {
        let (same, other, own) = (plan("0.2 uS".into()), plan("0.3 uS".into()), plan(["0.1 uS", "0.2 uS"].into()));
        let param = same.gathered[0].synapse.model.params.iter().position(|p| p.name == "g_max").unwrap();
        let mut engine = CpuEngine::<f64>::new(same, CpuOptions { threads: 1, rows_per_worker: 64 }).unwrap();
        engine.set_parameters(&other, 0).unwrap();
        let fault = engine.set_parameters(&own, 0).unwrap_err();
        assert_eq!(fault, NoValue(Node::Param(param as u32)).into());
    }

    /// Bytes of synapses: what all instances share, and what each has, as it is and as it was before a batch.
    fn bytes<T: Real>(edges: &Edges<T>) -> (usize, usize) {
        let (share, number) = (&edges.share, size_of::<T>());
        let ends = |ends: &[EndValues<T>]| -> usize {
            let of = |end: &EndValues<T>| match end {
                EndValues::Edge { values, .. } => number * values.len(),
                EndValues::State { .. } | EndValues::Param { .. } => 4 * end.column().len(),
                EndValues::Once(_) => 0,
            };
            ends.iter().map(of).sum()
        };
        let stage = |stage: &Stage<T>| ends(&stage.ends) + stage.once.as_ref().map_or(0, |once| ends(&once.ends));
        let table = |table: &Table<T>| -> usize {
            let numbers = |columns: &[Vec<T>]| columns.iter().map(Vec::len).sum::<usize>();
            number * (numbers(&table.read_only) + 2 * numbers(&table.states))
        };
        let own = match &share.sums {
            Sums::Total(_) => 0,
            Sums::Sources { sources, copies, .. } => 4 * sources.len() + 8 * copies.len(),
            Sums::Own(rows) => {
                let lists = [&rows.sources, &rows.common, &rows.numbers, &rows.members];
                let lists = lists.iter().map(|list| 4 * list.len()).sum::<usize>();
                stage(&rows.stage) + lists + 2 * rows.delays.len() + 8 * rows.copies.len()
            }
        };
        let shared = stage(&share.sources.stage) + 4 * share.sources.rows.len() + own;
        let results = number * edges.shared.iter().map(Vec::len).sum::<usize>();
        (shared, table(&edges.by_source) + table(&edges.own) + results)
    }

    fn counted<T: Real>(net: &Network, what: &str) {
        let plan = planned(net);
        let mut engine = CpuEngine::<T>::new(plan.clone(), CpuOptions { threads: 1, rows_per_worker: 1 << 20 }).unwrap();
        let group = &plan.gathered[0];
        let (edges, states) = (group.edges.count(), group.rule.states.len() as u64);
        let lists = group.params.iter().chain(&group.initial).filter(|c| matches!(c, EdgeColumn::PerEdge(_))).count() as u64;
        // source and number by target; the first snapshot in double precision
        let held = edges * (group.edges.bytes_each() + 12 + 4 * lists + 8 * states)
            + 8 * u64::from(group.edges.sources() + group.edges.targets());
        let (shared, own) = bytes(&engine.workers_mut().next().unwrap().edges[0]);
        let held = held + (shared + own) as u64;
        let terms = Terms::default().number(size_of::<T>() as u64);
        let counted = Memory::of(&plan, terms).of_kind(Kind::Synapses);
        let forecast = net.memory(&Options::default().precision(T::PRECISION)).unwrap().of_kind(Kind::Synapses);
        let each = |bytes: u64| bytes as f64 / edges as f64;
        let (held, counted, forecast) = (each(held), each(counted), each(forecast));
        // rows of sources and targets beside a hundred synapses of each
        assert!(held <= counted && counted <= 1.03 * held, "{what}: {held} bytes of a synapse held, {counted} counted");
        assert!(counted <= forecast && forecast <= 1.03 * counted, "{what}: {counted} counted, {forecast} before");
    }

    /// What is counted of gathered synapses is what the plan and the engine hold of them, whatever is a synapse's own.
    #[test]
    fn gathered_synapses_take_what_is_counted() {
        let drawn = |from: &str, to: &str| Value::from(uniform(from, to));
        type Own<'a> = &'a [(&'a str, Value)];
        let none: Own<'_> = &[];
        let g = [("g_max", drawn("0.1 nS", "0.2 nS"))];
        let both = [("g_max", drawn("0.1 nS", "0.2 nS")), ("e_rev", drawn("10 mV", "20 mV"))];
        let tau = [("tau", drawn("2 ms", "3 ms"))];
        for (model, own, delays) in [
            ("graded_synapse", none, false),
            ("graded_synapse", &g, false),
            ("graded_synapse", &both, false),
            ("rectified_synapse", none, false),
            ("spiking_synapse", none, false),
            ("spiking_synapse", &g, false),
            ("spiking_synapse", &tau, false),
            ("spiking_synapse", none, true),
            ("spiking_synapse", &both, true),
        ] {
            let mut net = Network::new("held");
            let source = if model == "spiking_synapse" { "spiking_adaptive" } else { "non_spiking" };
            net.population("a", source, 400);
            net.population("b", "non_spiking", 400);
            let projection = net.project_by("a", "b", model, Connector::indegree(100));
            for (name, value) in own {
                projection.parameter(*name, value.clone());
            }
            match model {
                "rectified_synapse" => drop(projection.parameters.insert("g".into(), "0.1 nS".into())),
                "spiking_synapse" => drop(projection.parameters.insert("increment".into(), "0.05 nS".into())),
                _ => {}
            }
            if delays {
                projection.delay(drawn("0.1 ms", "2 ms"));
            }
            let names: Vec<&str> = own.iter().map(|(name, _)| *name).collect();
            let what = format!("{model} {names:?} {delays}");
            counted::<f32>(&net, &what);
            counted::<f64>(&net, &what);
        }
    }
}
