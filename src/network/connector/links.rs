//! Links between neurons of one population, into rows: both ways, or one way.

use super::{ConnectorError, Rows, by_source};

/// Rows of links (from, to); `both`: the way back too. No link stands twice.
pub(super) fn rows(size: u32, links: &[(u32, u32)], both: bool) -> Result<Rows, ConnectorError> {
    let all = || links.iter().copied().chain(links.iter().filter(|_| both).map(|(a, b)| (*b, *a)));
    let mut rows = by_source(size, all)?;
    for span in rows.row_start.windows(2) {
        rows.target[span[0] as usize..span[1] as usize].sort_unstable();
    }
    Ok(rows)
}
