"""Sparring partners for conversational agents."""
