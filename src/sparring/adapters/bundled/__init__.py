"""What comes with the package: the demo's suite and the scripts that can be named without a path."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent

AIRLINE_SUITE = FOLDER / "airline" / "suite.yaml"
"""The demo's suite; its folder is what `sparring init` writes."""

SCRIPTS = MappingProxyType(
    {
        "airline": FOLDER / "airline" / "script.yaml",
        "polite": FOLDER / "polite.yaml",
        "subscription": FOLDER / "subscription.yaml",
    }
)
"""The scripts by the name that follows `scripted:`."""
