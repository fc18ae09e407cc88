//! A connector is one file. `rule!` says its fields, and below it stands what it makes of two populations.
//!
//! In: the rules of the list in `connector`, each by the name of its file, which is its word in a network file. Out: [`Connector`] with
//! a variant for each of them, the keys of a file, the places that an address can name. Not here: any rule.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use super::by_row::ByRow;
use super::table::Table;
use super::{CheckedConnector, Connector, ConnectorError, Ends, Expected, Rows, Seeded};
use crate::diagnostic::Diagnostic;
use crate::network::Value;
use crate::network::edge_value::Draw;
use crate::network::pair::{Geometry, PairValue};
use crate::units::Dimension;

/// What every rule says of itself.
pub(crate) trait Rule {
    /// How it comes to its pairs.
    fn pairs(&self) -> Pairs<'_>;

    /// The numbers that it holds in rows, a synapse where they are not 0.
    fn numbers(&self) -> Option<Numbers<'_>> {
        None
    }

    /// The same pairs from target to source, for a value that each of them has once; or the code of what is wrong, and the text.
    fn turned(&self, _value: &Value) -> Result<Connector, (&'static str, &'static str)> {
        Err(("E062", "an electrical synapse has two ends, and this connector would draw the way back anew"))
    }

    /// Within one population, is the way back the way there?
    fn symmetric(&self) -> bool {
        false
    }
}

/// How a rule comes to its pairs.
pub(crate) enum Pairs<'r> {
    /// It makes them itself.
    Made(&'r dyn Made),
    /// The description, or a table that it names, lists them.
    Listed(&'r dyn Listed),
    /// It makes them itself, once its words are numbers.
    Settled(&'r dyn Settles),
}

/// A rule that makes its pairs itself.
pub(crate) trait Made {
    /// Are its numbers possible for two populations?
    fn check(&self, ends: Ends) -> Result<(), Diagnostic>;

    /// How many synapses it makes, without drawing any.
    fn expected(&self, ends: Ends) -> Expected;

    /// Its pairs; what it draws, it draws by the number of a row.
    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError>;

    /// The same, where each row can be drawn alone.
    fn by_row(&self) -> Option<&dyn ByRow> {
        None
    }

    /// Are there as many pairs as expected, and does everybody know their order, so that values can be listed?
    fn in_order(&self) -> bool {
        false
    }
}

/// A rule whose pairs are listed.
pub(crate) trait Listed {
    /// Its pairs, if its numbers are possible; what is wrong is said at the desk.
    fn list(&self, desk: &mut dyn Desk) -> Option<Listing>;
}

/// A rule in words: quantities, expressions, names of others.
pub(crate) trait Settles {
    /// The same in numbers; what is wrong is said at the desk.
    fn settle(&self, desk: &mut dyn Desk) -> Option<Arc<dyn Kept>>;
}

/// A rule in numbers.
pub(crate) trait Kept: Made + Debug + Send + Sync {
    /// Is each pair joined or not whatever the others are, so that a junction can be looked at from one end alone?
    fn pairwise(&self) -> bool {
        false
    }
}

/// What a rule asks for while its pairs are listed, or its words become numbers.
pub(crate) trait Desk {
    /// The two populations.
    fn ends(&self) -> Ends;

    /// Rows, columns, ... of source and target; nothing where they are wrong, which has been said.
    fn shapes(&self) -> Option<[Vec<u32>; 2]>;

    /// Says what is wrong; the name of the projection comes before it.
    fn say(&mut self, diagnostic: Diagnostic);

    /// Room for so many numbers more; if there is none, that has been said.
    fn hold(&mut self, count: u64) -> Option<()>;

    /// A table; if it cannot be read, that has been said.
    fn table(&mut self, path: &Path) -> Option<Arc<Table>>;

    /// Neurons below `size` in the column of a table that `key` names; what is wrong has been said.
    fn neurons(&mut self, key: &str, table: &Table, column: &str, size: u32) -> Option<Vec<u32>>;

    /// A number of this dimension; if it is none, that has been said.
    fn number(&mut self, key: &str, value: &Value, dimension: Dimension) -> Option<f64>;

    /// An expression of pairs of neurons, a pure number or a condition; `shown`: as messages call it, if not as it is written.
    fn pair(&mut self, key: &str, text: &str, shown: Option<&str>) -> Option<PairValue>;

    /// A distribution of pure numbers; if it is none, that has been said.
    fn law(&mut self, key: &str, value: &Value) -> Option<Draw>;

    /// The connector of another projection that stands before this one, and its number; if there is none that fits, that has been
    /// said.
    fn other(&mut self, key: &str, name: &str) -> Option<(CheckedConnector, u32)>;

    /// Where the neurons of both ends are; if they are nowhere, that has been said.
    fn geometry(&mut self, key: &str) -> Option<Arc<Geometry>>;
}

/// Pairs that are listed.
#[derive(Default)]
pub(crate) struct Listing {
    /// Source neuron of each synapse.
    pub source: Vec<u32>,
    /// Target neuron of each synapse.
    pub target: Vec<u32>,
    /// Where values of the synapses can come from.
    pub table: Option<Arc<Table>>,
    /// Where the synapses stand in the rule's own rows.
    pub grid: Option<Grid>,
    /// The number of each synapse in these rows, as written.
    pub numbers: Option<Vec<f64>>,
}

/// The shape of a rule's rows of numbers, and which of them each synapse has.
pub(crate) struct Grid {
    pub rows: usize,
    pub columns: usize,
    /// Counted row by row.
    pub place: Vec<u32>,
}

/// Numbers in rows.
#[derive(Clone, Copy)]
pub(crate) struct Numbers<'r> {
    /// 0: no synapse.
    pub rows: &'r [Vec<f64>],
    /// As weights.
    pub unit: Option<&'r str>,
}

/// The fields of a rule, as they stand in [`Connector`] and in a network file; behind each, how it is written there. A field that may
/// be left out has `#[serde(default)]` and the like. The file has a struct of this name that borrows them, for which it implements
/// [`Rule`], and [`Made`] or [`Listed`].
macro_rules! rule {
    (@struct $(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty = $example:literal,)+ }) => {
        pub(super) struct $name<'r> {
            $(pub(super) $field: &'r $type,)+
        }
    };
    (@tell ($dollar:tt) $($said:tt)*) => {
        /// Hands its fields on to the list of rules.
        macro_rules! fields {
            ($dollar($dollar so_far:tt)*) => { connectors! { $dollar($dollar so_far)* $($said)* } };
        }
        pub(super) use fields;
    };
    ($(#[$about:meta])* $name:ident) => {
        pub(super) struct $name;
        // by itself serde lets any key stand beside the tag of a variant without fields
        rule! { @tell ($) $(#[$about])* #[serde(deserialize_with = "no_more_keys")] $name }
    };
    ($($said:tt)*) => {
        rule! { @struct $($said)* }
        rule! { @tell ($) $($said)* }
    };
}

/// The list of rules: a line for each, the name of its file.
macro_rules! connectors {
    (@ask [$next:ident $($rest:ident)*] $told:tt) => {
        $next::fields! { @told [$($rest)*] $told $next }
    };
    (@told $rest:tt [$($told:tt)*] $($said:tt)*) => {
        connectors! { @ask $rest [$($told)* { $($said)* }] }
    };
    (@ask [] [$({
        $file:ident $(#[$about:meta])* $name:ident $({
            $($(#[doc = $doc:literal])* $(#[serde($($serde:tt)*)])? $field:ident: $type:ty = $example:literal,)+
        })?
    })+]) => {
        /// Who is connected to whom.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
        pub enum Connector {
            $($(#[$about])* $name $({ $($(#[doc = $doc])* $(#[serde($($serde)*)])? $field: $type,)+ })?,)+
        }

        impl Connector {
            pub(in crate::network) fn rule(&self) -> Box<dyn Rule + '_> {
                match self {
                    $(Connector::$name $({ $($field,)+ })? => Box::new($file::$name $({ $($field,)+ })?),)+
                }
            }

            /// The places that an address can name.
            pub(in crate::network) fn slots(&mut self) -> Vec<(&'static str, Slot<'_>)> {
                let slots: Vec<(&'static str, Option<Slot<'_>>)> = match self {
                    $(Connector::$name $({ $($field,)+ })? => vec![$($((stringify!($field), $field.slot()),)+)?],)+
                };
                slots.into_iter().filter_map(|(name, slot)| Some((name, slot?))).collect()
            }
        }

        /// What is said above each rule, a line of attributes each.
        pub(in crate::network) const ABOUT: &[(&str, &[&str])] = &[$((stringify!($file), &[$(stringify!($about)),*]),)+];

        /// The rules and their keys, as they stand in a network file.
        pub(in crate::network) const RULES: &[(&str, &[Field])] = &[$((stringify!($file), &[$($(Field {
            key: stringify!($field),
            kind: <$type as Entry>::KIND,
            needed: <[&str]>::is_empty(&[$(stringify!($($serde)*))?]),
            example: $example,
            about: concat!($($doc),*),
        },)+)?]),)+];
    };
    ($($file:ident,)+) => {
        $(mod $file;)+
        connectors! { @ask [$($file)+] [] }
    };
}
