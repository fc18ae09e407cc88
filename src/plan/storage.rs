//! How a GPU keeps the graded synapses that a target gathers: a list per target, or a place for every pair.
//!
//! In: a gathered projection. Out: [`Storage`]. The sum runs over the sources in ascending order in both, so that its bits are the same.

use super::{Bundle, EdgeColumn, Gathered, Plan, RowBuffer, Total};

/// How the synapses of a projection are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Compressed rows: for every target a list of its sources, and a value of each for each parameter that differs.
    Csr,
    /// A matrix: for every pair a value for each parameter that differs, neighbouring targets side by side. Where not all pairs
    /// are joined, a bit for each pair says so.
    Dense {
        /// Every pair is joined.
        complete: bool,
    },
}

impl Storage {
    /// The field's name, for tables.
    pub fn name(self) -> &'static str {
        match self {
            Storage::Csr => "CSR",
            Storage::Dense { .. } => "dense",
        }
    }
}

impl Gathered {
    /// Dense if there are no states, at least half of all pairs are joined, none of them twice, and it takes no more memory than lists.
    pub fn storage(&self) -> Storage {
        let (sources, targets) = (u64::from(self.edges.sources()), u64::from(self.edges.targets()));
        let (pairs, edges) = (sources * targets, self.edges.count());
        if self.has_states() || pairs == 0 || edges > pairs || edges * 2 < pairs {
            return Storage::Csr;
        }
        let complete = edges == pairs;
        if self.words(Storage::Dense { complete }) > self.words(Storage::Csr) || self.joins_twice() {
            return Storage::Csr;
        }
        Storage::Dense { complete }
    }

    /// Words of memory that this storage takes, starts of lists included.
    pub fn words(&self, storage: Storage) -> u64 {
        let (sources, targets) = (u64::from(self.edges.sources()), u64::from(self.edges.targets()));
        let params = self.params.iter().filter(|p| matches!(p, EdgeColumn::PerEdge(_))).count() as u64;
        let columns = params + u64::from(self.rule.reads_arrivals() && self.edges.shared_delay().is_none());
        match storage {
            Storage::Csr => self.edges.count() * (1 + columns) + targets + 1,
            Storage::Dense { complete: true } => sources * targets * columns,
            Storage::Dense { complete: false } => sources * targets * columns + sources.div_ceil(32) * targets,
        }
    }

    /// The most turns that a target takes to gather its sum.
    pub fn turns(&self) -> u64 {
        match self.storage() {
            Storage::Csr => self.edges.most_by_target(),
            Storage::Dense { .. } => u64::from(self.edges.sources()),
        }
    }

    fn joins_twice(&self) -> bool {
        let mut buffer = RowBuffer::default();
        // targets ascend within a row
        (0..self.edges.sources()).any(|source| {
            let row = self.edges.row(source, &mut buffer);
            row.targets().zip(row.targets().skip(1)).any(|(a, b)| a == b)
        })
    }
}

impl Bundle {
    /// Lists, where there are several projections.
    pub fn storage(&self, plan: &Plan) -> Storage {
        if self.is_single() { self.first(plan).storage() } else { Storage::Csr }
    }

    /// Words of memory that it takes, starts of lists included.
    pub fn words(&self, plan: &Plan) -> u64 {
        if self.total(plan).is_some() {
            return 0;
        }
        if self.is_single() {
            return self.first(plan).words(self.storage(plan));
        }
        let params = (0..self.first(plan).params.len()).filter(|k| !self.shared(plan, *k)).count() as u64;
        let columns = 1 + params + u64::from(self.delay(plan).is_none());
        let targets = self.rows(plan).len() as u64;
        self.members(plan).map(|g| g.edges.count()).sum::<u64>() * columns + targets + 1
    }

    /// The most turns that a target takes to gather its sum.
    pub fn turns(&self, plan: &Plan) -> u64 {
        if let Some(total) = self.total(plan) {
            // blocks, and one of them once more where a neuron does not hear itself
            return u64::from(total.blocks()) + if total.others { u64::from(Total::BLOCK) } else { 0 };
        }
        if self.is_single() {
            return self.first(plan).turns();
        }
        let rows = plan.rows_of(self);
        rows.row_start().windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0)
    }
}
