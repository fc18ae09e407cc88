"""A bar of tqdm, in a terminal or a notebook, for what takes long."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(shown: bool, total: float, unit: str) -> Iterator[Callable[[int, int, int], None] | None]:
    """What is called with how much is done, of how much, and spikes so far; None where nothing is to be shown.

    **Errors** `ImportError` where tqdm is not installed.
    """
    if not shown:
        yield None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise ImportError("progress=True shows a bar of tqdm, which is not installed; help: pip install tqdm") from None
    # what has no end is refused by what is run
    with tqdm(total=round(total) if math.isfinite(total) else None, unit=unit, leave=False) as made:

        def told(done: int, _total: int, spikes: int) -> None:
            made.update(done - made.n)
            if spikes:
                made.set_postfix_str(f"{spikes} spikes", refresh=False)

        yield told
