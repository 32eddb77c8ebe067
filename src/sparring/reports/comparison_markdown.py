"""A comparison for pull requests: what it comes to as a sentence, and the terminal's text under it."""

from __future__ import annotations

import re

from sparring.domain.comparison import Comparison
from sparring.reports import comparing
from sparring.reports.comparison_table import render_comparison

_WIDTH = 100
_FENCES = re.compile("`{3,}")


def render_comparison_markdown(comparison: Comparison) -> str:
    """The comparison as a section of Markdown, in which nothing that anybody wrote can be markup."""
    text = render_comparison(comparison, width=_WIDTH)
    fence = "`" * max([3, *(len(found) + 1 for found in _FENCES.findall(text))])
    return f"## Compared with before\n\n**{comparing.conclusion(comparison)}**\n\n{fence}text\n{text}{fence}\n"
