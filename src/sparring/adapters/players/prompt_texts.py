"""The reviewed texts of `prompts/`, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read(name: str) -> str:
    """The text of `prompts/NAME.md`, without the blank space around it."""
    return files(__package__).joinpath("prompts", f"{name}.md").read_text(encoding="utf-8").strip()


@cache
def sections(name: str) -> dict[str, str]:
    """The text of `prompts/NAME.md` by its `# headings`."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in read(name).splitlines():
        if line.startswith("# "):
            lines = found.setdefault(line[2:].strip(), [])
        else:
            lines.append(line)
    return {heading: "\n".join(body).strip() for heading, body in found.items()}
