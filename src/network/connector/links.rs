//! Links between neurons of one population, into rows: both ways, or one way.

use super::{ConnectorError, Rows, row_starts, zeros};

/// Rows of links (from, to); `both`: the way back too. No link stands twice.
pub(super) fn rows(size: u32, links: &[(u32, u32)], both: bool) -> Result<Rows, ConnectorError> {
    let all = || links.iter().copied().chain(links.iter().filter(|_| both).map(|(a, b)| (*b, *a)));
    let row_start = row_starts(size, all().map(|(from, _)| from))?;
    let mut next = row_start.clone();
    let mut target = zeros::<u32>(row_start[size as usize])?;
    for (from, to) in all() {
        let place = &mut next[from as usize];
        target[*place as usize] = to;
        *place += 1;
    }
    for span in row_start.windows(2) {
        target[span[0] as usize..span[1] as usize].sort_unstable();
    }
    Ok(Rows { row_start, target, order: None })
}
