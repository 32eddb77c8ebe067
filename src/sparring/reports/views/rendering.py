"""How templates are rendered: everything escaped, numbers as people read them, a missing value an error."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from sparring.reports import figures
from sparring.reports.comparing import shift


def environment(*packages: str) -> Environment:
    """The templates of `packages`, and those of the parts that pages and report share."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in (*packages, "sparring.reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        money=figures.money,
        rate=figures.rate,
        interval=figures.interval,
        duration=figures.duration,
        moment=figures.moment,
        count=figures.count,
        shift=shift,
    )
    return made


@cache
def static(name: str) -> str:
    """A style sheet or script that pages and report share, or that is the report's own."""
    return (files("sparring.reports") / "static" / name).read_text(encoding="utf-8")
