"""Use cases: conversations are played and judged here, over a handful of Protocols."""
