//! Where neurons are: positions as a person says them, and the space in which distances are taken.
//!
//! In: builder calls, or a file. Out: [`Positions`] of a population and the [`Space`] of a network or a projection, in words and
//! quantities. Not here: whether they can be (`network::check`), the numbers that they come to (`lay`, [`metric`]).
//!
//! **Periodic axes belong to the space, not to a population**: a displacement has two ends, and two populations on one sheet cannot
//! disagree about where it closes. So a network says once how long its periodic axes are; a projection that sees it otherwise (a
//! sheet of its own, a layer above the other, distances along one axis) says its own space, as PyNN has it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::field::Kind::{self, List, Table, Text, Word};
use super::field::{Field, GRID, WHOLES, may, need};
use super::{Network, Population, Projection, Value};

pub(super) mod lay;
pub mod metric;
pub(super) mod tree;

/// Where the neurons of a population are, in a space of three axes; what is not said of an axis is 0 there. **Units** lengths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
#[doc(alias = "structure", alias = "layer", alias = "RandomStructure")]
pub enum Positions {
    /// Neuron k at `origin` and `k·spacing` along x.
    Line {
        /// From one to the next.
        spacing: Value,
        /// Of neuron 0.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        origin: Vec<Value>,
    },
    /// The sites of a grid of two or three axes.
    #[doc(alias = "Grid2D", alias = "Grid3D", alias = "sheet")]
    Grid {
        /// From site to site: one for all axes, or a list with one for x, y (and z).
        spacing: Value,
        /// Sites along x, y (and z); as the shape of the population says if not given.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        counts: Vec<u64>,
        /// Which neuron has which site.
        #[serde(default, skip_serializing_if = "Order::is_rows")]
        order: Order,
        /// Of the site with the smallest coordinates.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        origin: Vec<Value>,
        /// The middle of all sites, instead of `origin`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        centre: Vec<Value>,
    },
    /// Each neuron anywhere in a box (an interval, a rectangle), drawn.
    #[doc(alias = "Cuboid")]
    Box {
        /// Its length along x, y (and z).
        size: Vec<Value>,
        /// Its corner with the smallest coordinates.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        origin: Vec<Value>,
        /// Its middle, instead of `origin`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        centre: Vec<Value>,
    },
    /// Each neuron anywhere in a ball, drawn.
    #[doc(alias = "Sphere")]
    Ball {
        /// Of the ball.
        radius: Value,
        /// Its middle.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        centre: Vec<Value>,
    },
    /// Each neuron anywhere in a disc of the plane of x and y, drawn.
    Disc {
        /// Of the disc.
        radius: Value,
        /// Its middle.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        centre: Vec<Value>,
    },
    /// Neuron k at `at[k]`.
    List {
        /// One to three numbers for each neuron.
        at: Vec<Vec<f64>>,
        /// Of the numbers.
        unit: String,
    },
    /// Neuron k at line k of a table.
    Table {
        /// The table.
        file: PathBuf,
        /// Its columns for x, y (and z).
        columns: Vec<String>,
        /// Of its numbers.
        unit: String,
    },
}

/// Which neuron has which site of a grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Row after row: x runs fastest. The last size of a shape lies along x: `[rows, columns]`.
    #[default]
    Rows,
    /// The last axis runs fastest, x slowest (what PyNN calls sequential). The first size of a shape lies along x.
    Columns,
    /// Row after row from the top, as the pixels of a picture: neuron 0 has the smallest x and the largest y.
    Pixels,
    /// Sites in an order that is drawn.
    Random,
}

impl Order {
    fn is_rows(&self) -> bool {
        *self == Order::Rows
    }
}

/// How distances are taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Space {
    /// Axes that close, and after which length: a displacement along them is the shorter way round.
    #[serde(default, skip_serializing_if = "Axes::is_empty")]
    #[doc(alias = "torus", alias = "periodic boundaries", alias = "edge_wrap")]
    pub periodic: Axes,
    /// The axes that count, such as `xy`; all if not given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub axes: String,
    /// Added to positions of the target before anything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offset: Vec<Value>,
    /// The target's positions, `offset` included, times this; 1 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
}

/// A length for some of the axes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axes {
    /// Along x.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<Value>,
    /// Along y.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<Value>,
    /// Along z.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub z: Option<Value>,
}

impl Axes {
    fn is_empty(&self) -> bool {
        self.x.is_none() && self.y.is_none() && self.z.is_none()
    }
}

const VALUES: Kind = List(&Kind::Value);
const ORIGIN: Field = may("origin", VALUES, "origin = [\"0 um\", \"0 um\"]");
const CENTRE: Field = may("centre", VALUES, "centre = [\"0 um\", \"0 um\"]");
const UNIT: Field = need("unit", Text, "unit = \"um\"");

/// The rules behind the key `positions`, and their keys.
pub(super) const PLACES: &[(&str, &[Field])] = &[
    ("line", &[need("spacing", Kind::Value, "spacing = \"25 um\""), ORIGIN]),
    (
        "grid",
        &[
            need("spacing", Kind::Value, "spacing = \"25 um\""),
            may("counts", WHOLES, "counts = [40, 30]"),
            may("order", Word(&["rows", "columns", "pixels", "random"]), "order = \"columns\""),
            ORIGIN,
            CENTRE,
        ],
    ),
    ("box", &[need("size", VALUES, "size = [\"1 mm\", \"1 mm\"]"), ORIGIN, CENTRE]),
    ("ball", &[need("radius", Kind::Value, "radius = \"200 um\""), CENTRE]),
    ("disc", &[need("radius", Kind::Value, "radius = \"200 um\""), CENTRE]),
    ("list", &[need("at", GRID, "at = [[0, 0], [25, 0]]"), UNIT]),
    ("table", &[need("file", Text, "file = \"cells.csv\""), need("columns", List(&Text), "columns = [\"x\", \"y\", \"z\"]"), UNIT]),
];

/// The keys of `space`.
pub(super) const SPACE: &[Field] = &[
    may("periodic", Table(PERIODIC), "periodic = { x = \"1 mm\", y = \"1 mm\" }"),
    may("axes", Text, "axes = \"xy\""),
    may("offset", VALUES, "offset = [\"0 um\", \"0 um\", \"100 um\"]"),
    may("scale", Kind::Number, "scale = 2.0"),
];

/// The axes that may close.
pub(super) const PERIODIC: &[Field] =
    &[may("x", Kind::Value, "x = \"1 mm\""), may("y", Kind::Value, "y = \"1 mm\""), may("z", Kind::Value, "z = \"1 mm\"")];

impl Positions {
    /// One behind the other along x.
    pub fn line(spacing: impl Into<Value>) -> Positions {
        Positions::Line { spacing: spacing.into(), origin: Vec::new() }
    }

    /// The sites of a grid as large as the shape of the population.
    pub fn grid(spacing: impl Into<Value>) -> Positions {
        Positions::Grid { spacing: spacing.into(), counts: Vec::new(), order: Order::Rows, origin: Vec::new(), centre: Vec::new() }
    }

    /// Anywhere in a box from the origin on.
    pub fn in_box<V: Into<Value>>(size: impl IntoIterator<Item = V>) -> Positions {
        Positions::Box { size: values(size), origin: Vec::new(), centre: Vec::new() }
    }

    /// Anywhere in a ball around the origin.
    pub fn in_ball(radius: impl Into<Value>) -> Positions {
        Positions::Ball { radius: radius.into(), centre: Vec::new() }
    }

    /// Anywhere in a disc around the origin.
    pub fn in_disc(radius: impl Into<Value>) -> Positions {
        Positions::Disc { radius: radius.into(), centre: Vec::new() }
    }

    /// One to three numbers for each neuron, in this unit.
    pub fn list(at: impl Into<Vec<Vec<f64>>>, unit: impl Into<String>) -> Positions {
        Positions::List { at: at.into(), unit: unit.into() }
    }

    /// Columns of a table for x, y (and z), in this unit; line k is neuron k.
    pub fn table<S: Into<String>>(
        file: impl Into<PathBuf>,
        columns: impl IntoIterator<Item = S>,
        unit: impl Into<String>,
    ) -> Positions {
        Positions::Table { file: file.into(), columns: columns.into_iter().map(Into::into).collect(), unit: unit.into() }
    }

    /// Where a line, grid or box begins; nothing changes for others.
    #[must_use]
    pub fn origin<V: Into<Value>>(mut self, at: impl IntoIterator<Item = V>) -> Positions {
        if let Positions::Line { origin, .. } | Positions::Grid { origin, .. } | Positions::Box { origin, .. } = &mut self {
            *origin = values(at);
        }
        self
    }

    /// The middle of a grid, box, ball or disc; nothing changes for others.
    #[must_use]
    pub fn centre<V: Into<Value>>(mut self, at: impl IntoIterator<Item = V>) -> Positions {
        if let Positions::Grid { centre, .. }
        | Positions::Box { centre, .. }
        | Positions::Ball { centre, .. }
        | Positions::Disc { centre, .. } = &mut self
        {
            *centre = values(at);
        }
        self
    }

    /// Sites of a grid along x, y (and z); nothing changes for others.
    #[must_use]
    pub fn counts(mut self, along: impl Into<Vec<u64>>) -> Positions {
        if let Positions::Grid { counts, .. } = &mut self {
            *counts = along.into();
        }
        self
    }

    /// Which neuron has which site of a grid; nothing changes for others.
    #[must_use]
    pub fn order(mut self, by: Order) -> Positions {
        if let Positions::Grid { order, .. } = &mut self {
            *order = by;
        }
        self
    }
}

fn values<V: Into<Value>>(list: impl IntoIterator<Item = V>) -> Vec<Value> {
    list.into_iter().map(Into::into).collect()
}

impl Space {
    /// x closes after this length.
    #[must_use]
    pub fn periodic_x(mut self, length: impl Into<Value>) -> Space {
        self.periodic.x = Some(length.into());
        self
    }

    /// y closes after this length.
    #[must_use]
    pub fn periodic_y(mut self, length: impl Into<Value>) -> Space {
        self.periodic.y = Some(length.into());
        self
    }

    /// z closes after this length.
    #[must_use]
    pub fn periodic_z(mut self, length: impl Into<Value>) -> Space {
        self.periodic.z = Some(length.into());
        self
    }

    /// Only these axes count, such as `xy`.
    #[must_use]
    pub fn axes(mut self, axes: impl Into<String>) -> Space {
        self.axes = axes.into();
        self
    }

    /// Added to positions of the target.
    #[must_use]
    pub fn offset<V: Into<Value>>(mut self, by: impl IntoIterator<Item = V>) -> Space {
        self.offset = values(by);
        self
    }

    /// Positions of the target, offset included, times this.
    #[must_use]
    pub fn scale(mut self, factor: f64) -> Space {
        self.scale = Some(factor);
        self
    }
}

impl Network {
    /// The space in which distances are taken, where a projection does not say its own.
    ///
    /// ```
    /// use synfire::network::{Network, Positions, Space};
    /// let mut net = Network::new("sheet");
    /// net.space(Space::default().periodic_x("1 mm").periodic_y("1 mm"));
    /// net.population("exc", "lif_cond_exp", 1600).shape([40, 40]).positions(Positions::grid("25 um"));
    /// # synfire::simulation::check_whole(&net, &[], std::path::Path::new(""), None).unwrap();
    /// ```
    pub fn space(&mut self, space: Space) -> &mut Network {
        self.space = Some(space);
        self
    }
}

impl Population {
    /// Where its neurons are.
    pub fn positions(&mut self, positions: Positions) -> &mut Population {
        self.positions = Some(positions);
        self
    }
}

impl Projection {
    /// The space in which its distances are taken, instead of the network's.
    pub fn space(&mut self, space: Space) -> &mut Projection {
        self.space = Some(space);
        self
    }
}
