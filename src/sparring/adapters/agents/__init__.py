"""Agents that live elsewhere: behind chat completions, behind any JSON API, or in Python code."""
