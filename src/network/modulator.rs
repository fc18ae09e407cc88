//! Where a modulator of synapses comes from, as a text says it: `POPULATION.STATE`, or the name of an input.
//!
//! In: the text, the network. Out: [`Named`]. Not here: whether unit and number of neurons fit (`check::modulators`).

use super::{Network, address};

/// What a text names, by place in the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// Something of a population, which must be a state.
    Population(usize, &'a str),
    /// An input.
    Input(usize),
}

/// What is meant; `None`: nothing of the network. A name with a point may be that of an input, if no population is called so.
pub(super) fn named<'a>(network: &Network, text: &'a str, is_state: impl Fn(usize, &str) -> bool) -> Option<Named<'a>> {
    let of_population = text.rsplit_once('.').and_then(|(population, state)| {
        let place = network.populations.iter().position(|p| p.name == population)?;
        Some(Named::Population(place, state))
    });
    let titles = address::titles(network.inputs.iter().map(|i| (i.name.clone(), format!("{}.{}", i.target, i.input))));
    let input = titles.iter().position(|title| title == text).map(Named::Input);
    match of_population {
        Some(Named::Population(place, state)) if is_state(place, state) => of_population,
        _ => input.or(of_population),
    }
}

/// The text in a network whose parts are called otherwise.
pub(super) fn renamed(text: &str, network: &Network, name: &dyn Fn(&str) -> String) -> String {
    if network.inputs.iter().any(|input| input.name == text) {
        return name(text);
    }
    match text.rsplit_once('.') {
        Some((population, state)) if network.populations.iter().any(|p| p.name == population) => {
            format!("{}.{state}", name(population))
        }
        _ => text.to_owned(),
    }
}
