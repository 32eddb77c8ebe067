"""The names of models that the wire knows."""

from __future__ import annotations

PAGE_MODELS = (
    "gpt-5.2",
    "gpt-5.2-fast-tier",
    "gpt-5.1",
    "gpt-5.1-fast-tier",
    "gpt-5",
    "gpt-5-fast-tier",
    "gpt-5-mini",
    "gpt-5-mini-fast-tier",
    "gpt-5-nano",
    "gpt-4.1",
    "gpt-4.1-fast-tier",
    "gpt-4.1-mini",
    "gpt-4.1-mini-fast-tier",
    "gpt-4.1-nano",
    "gpt-4.1-nano-fast-tier",
    "gpt-4o",
    "gpt-4o-fast-tier",
    "gpt-4o-mini",
    "gpt-4o-mini-fast-tier",
    "claude-haiku-4-5-20251001",
    "claude-sonnet-4-5-20250929",
    "claude-sonnet-4-20250514",
    "gemini-3.1-flash-lite-preview",
    "gemini-3-flash-preview",
    "gemini-2.5-flash-lite",
    "gemini-2.5-flash",
)
"""The values of `llmModel`, in the order of its page. `-fast-tier` asks OpenAI for its priority service tier."""
