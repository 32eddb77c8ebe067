"""The reference pages say what the program says."""

import pytest
from reference import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_fresh(name):
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "stale: run `make docs`"
