//! Where stimuli stand: what changes from step to step in a record of `inputs`, what differs from row to row in `params`.

use super::column::ColumnPlace;
use super::{Member, WgslError, take, word};
use crate::plan::{Column, Moves, Plan, PoissonTable, RowSet, Wave};

/// Something that a continuous input holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// A level of the record, times a factor of the row (1 for every row of the group without one).
    Level {
        drive: usize,
        level: u32,
        factor: Option<ColumnPlace>,
        /// The second term of a course whose amplitude or offset is each row's own: what is added to it.
        offset: bool,
        /// The level itself, where instances have levels of their own: then the record says 1 while it is on.
        own: Option<ColumnPlace>,
        scale: Option<ColumnPlace>,
    },
    /// mean + sd·z while `on` is 1; the interval's number stands in two words after it.
    Noise { drive: usize, on: u32, mean: ColumnPlace, sd: ColumnPlace, tag: u32, first_row: u32, scale: Option<ColumnPlace> },
    /// A sample per place: which one the record says, [`super::NONE`] for none.
    Samples { drive: usize, index: u32, first: u32, width: u32, member: Member, scale: Option<ColumnPlace> },
}

/// Is the amplitude or the offset of a course each row's own?
pub fn differs(amplitude: &Column, offset: &Column) -> bool {
    matches!((amplitude, offset), (Column::PerRow(_), _) | (_, Column::PerRow(_)))
}

impl Term {
    /// The terms of a drive of the plan.
    pub(super) fn place(
        plan: &Plan,
        number: usize,
        instances: u32,
        params: &mut u64,
        record: &mut u64,
        tables: &mut u64,
    ) -> Result<Vec<Term>, WgslError> {
        let drive = &plan.drives[number];
        let rows = plan.groups[drive.group].rows;
        let whole = drive.rows == RowSet::Range(0..rows);
        let column = |per_instance: bool, params: &mut u64| ColumnPlace::new(true, per_instance, rows, instances, params);
        let level = |record: &mut u64, count: u64| take(record, count, "inputs");
        let scaled = (0..plan.instances).any(|i| plan.drive_factor(i, number) != 1.0);
        let mut terms = match &drive.wave {
            Wave::Noise { .. } => vec![Term::Noise {
                drive: number,
                mean: column(false, params)?,
                sd: column(false, params)?,
                on: level(record, 3)?,
                tag: drive.stream,
                first_row: plan.place(drive.population).first_row,
                scale: None,
            }],
            Wave::Array { samples, .. } if samples.iter().any(|s| matches!(s, Column::PerRow(_))) => {
                let width = drive.rows.len() as u32;
                let first = take(params, samples.len() as u64 * u64::from(width), "params")?;
                let member = Member::new(&drive.rows, 0, rows, tables)?;
                vec![Term::Samples { drive: number, index: level(record, 1)?, first, width, member, scale: None }]
            }
            // the level of the course times the row's amplitude, and the offset for every row of the drive
            Wave::Course { amplitude, offset, .. } if differs(amplitude, offset) => {
                let amplitude = column(false, params)?;
                let inside = if whole && matches!(offset, Column::Shared(_)) { None } else { Some(column(false, params)?) };
                vec![
                    Term::Level {
                        drive: number,
                        level: level(record, 1)?,
                        factor: Some(amplitude),
                        offset: false,
                        own: None,
                        scale: None,
                    },
                    Term::Level { drive: number, level: level(record, 1)?, factor: inside, offset: true, own: None, scale: None },
                ]
            }
            wave => {
                let external = matches!(wave, Wave::External { .. });
                let uniform = whole && !external && !matches!(wave, Wave::Constant(Column::PerRow(_)));
                let factor = if uniform { None } else { Some(column(external && instances > 1, params)?) };
                let own = match plan.varied_drive(number) {
                    true => Some(ColumnPlace::new(false, true, rows, instances, params)?),
                    false => None,
                };
                vec![Term::Level { drive: number, level: level(record, 1)?, factor, offset: false, own, scale: None }]
            }
        };
        if scaled {
            let place = ColumnPlace::new(false, true, rows, instances, params)?;
            for term in &mut terms {
                match term {
                    Term::Level { scale, .. } | Term::Noise { scale, .. } | Term::Samples { scale, .. } => *scale = Some(place),
                }
            }
        }
        Ok(terms)
    }

    /// Place of the drive in the plan.
    pub fn drive(&self) -> usize {
        match self {
            Term::Level { drive, .. } | Term::Noise { drive, .. } | Term::Samples { drive, .. } => *drive,
        }
    }

    /// The factor of each instance.
    pub fn scale(&self) -> Option<ColumnPlace> {
        match self {
            Term::Level { scale, .. } | Term::Noise { scale, .. } | Term::Samples { scale, .. } => *scale,
        }
    }
}

/// Poisson events at a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackgroundPlace {
    /// Place in the plan.
    pub background: usize,
    pub port: u32,
    pub member: Member,
    /// First row of the population: neurons are counted from here.
    pub first_row: u32,
    /// Word of a record: not 0 while it is on.
    pub on: u32,
    /// A weight per place, or one; with the factor of the port worked in.
    pub weight: ColumnPlace,
    /// Rows that it is about.
    pub width: u32,
    /// By mean, three words in `tables`: smallest count, place and number of thresholds.
    pub laws: u32,
    /// Which mean a place has, in `tables`; `None`: there is one.
    pub law_of_place: Option<u32>,
    /// Where the thresholds stand, in `tables`; after those of each mean the width of its bins and their slopes, if any is wide.
    pub thresholds: u32,
    /// Words of them.
    pub words: u64,
    /// Each instance has a law of its own: that of instance k is the k-th.
    pub own: bool,
    /// Some mean is so large that a count takes two words.
    pub wide: bool,
    /// Where the rate changes.
    pub moves: Option<MovesPlace>,
}

/// What says how many of the events of a law stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MovesPlace {
    /// The place of the law in `tables`, and in the word behind it the threshold, of all rows: words of a record.
    Together { law: u32 },
    /// Of all rows: the threshold, a word of a record.
    Threshold { word: u32 },
    /// By sample, by place a threshold in `tables`, from `first` on; a word of a record says which, [`super::NONE`]: none.
    Samples { index: u32, first: u32 },
}

/// Words of a law.
pub const LAW_WORDS: u32 = 3;

/// What stands in `tables` for a law: its thresholds; in a background with wide laws then the width of its bins and their slopes.
pub fn law_words(law: &PoissonTable, wide: bool) -> impl Iterator<Item = u32> {
    // one bin more than thresholds; bins of one count have no slope
    let slopes = (0..=law.thresholds.len()).map(|bin| law.slopes.get(bin).map_or(0, |slope| *slope as u32));
    let shape = std::iter::once(law.width).chain(slopes).filter(move |_| wide);
    law.thresholds.iter().copied().chain(shape)
}

impl BackgroundPlace {
    pub(super) fn place(
        plan: &Plan,
        number: usize,
        instances: u32,
        params: &mut u64,
        record: &mut u64,
        tables: &mut u64,
    ) -> Result<BackgroundPlace, WgslError> {
        let b = &plan.backgrounds[number];
        let width = b.rows.len() as u32;
        let scaled = (0..plan.instances).any(|i| plan.population_factor(i, b.population, b.port as usize) != 1.0);
        let per_row = matches!(b.weight, Column::PerRow(_));
        let own = plan.varied_background(number);
        let weight = ColumnPlace::new(per_row, scaled || own, width, instances, params)?;
        let laws = plan.laws(number);
        let wide = laws.iter().any(|law| law.is_wide());
        let thresholds: u64 = laws.iter().map(|law| law_words(law, wide).count() as u64).sum();
        Ok(BackgroundPlace {
            background: number,
            port: b.port,
            member: Member::new(&b.rows, 0, plan.groups[b.group].rows, tables)?,
            first_row: plan.place(b.population).first_row,
            on: take(record, 1, "inputs")?,
            weight,
            width,
            laws: take(tables, u64::from(LAW_WORDS) * laws.len() as u64, "tables")?,
            law_of_place: match b.mean_of_row.len() {
                0 => None,
                n => Some(take(tables, n as u64, "tables")?),
            },
            thresholds: {
                let first = word(*tables, "tables")?;
                *tables += thresholds;
                first
            },
            words: thresholds,
            own,
            wide,
            moves: match &b.moves {
                None => None,
                Some(Moves::Formula { .. }) => Some(MovesPlace::Together { law: take(record, 2, "inputs")? }),
                Some(Moves::Samples { samples, .. }) if samples.iter().all(|sample| sample.len() == 1) => {
                    Some(MovesPlace::Threshold { word: take(record, 1, "inputs")? })
                }
                Some(Moves::Samples { samples, .. }) => {
                    let words = samples.len() as u64 * u64::from(width);
                    let first = take(tables, words, "tables")?;
                    Some(MovesPlace::Samples { index: take(record, 1, "inputs")?, first })
                }
            },
        })
    }
}
