"""Suite files: an agent, its scenarios and how they are played, in YAML or JSON."""

from sparring.adapters.suites.reading import load_suite, parse_suite
from sparring.adapters.suites.suite import Suite
from sparring.adapters.suites.writing import dump_suite

__all__ = ["Suite", "dump_suite", "load_suite", "parse_suite"]
