"""Every block of Python in the pages runs."""

from __future__ import annotations

import pages
import pytest

# page, and the packages that it needs beside numpy
PAGES = {
    "python/README.md": [],
    "src/guide/python.md": [],
    "src/guide/coming_from_brian2_and_brainpy.md": [],
    "src/guide/coming_from_nest_and_pynn.md": ["pyNN", "neo"],
    "python/docs/brian2.md": ["brian2"],
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs(page, tmp_path, monkeypatch):
    path = pages.ROOT / page
    if not path.exists():
        pytest.skip("the pages are not beside the tests")
    for package in PAGES[page]:
        pytest.importorskip(package)
    if "brian2" in PAGES[page]:
        __import__("brian2").prefs.codegen.target = "numpy"  # nothing is compiled
    monkeypatch.chdir(tmp_path)
    assert pages.blocks(path)
    pages.run(path)
