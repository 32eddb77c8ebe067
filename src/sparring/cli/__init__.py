"""The command line: verbs without logic."""

from sparring.cli.app import main

__all__ = ["main"]
