"""A loopback server that answers as the providers of models do, from a script."""

from sparring.adapters.mock_llm.app import create_app, running

__all__ = ["create_app", "running"]
