"""The wrapper that lists come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def wrapped(items: Sequence[Any], *, page: int, size: int, total: int) -> dict[str, Any]:
    """One page of a list, with where it stands in the whole."""
    pages = -(-total // size)
    return {
        "data": items,
        "page": page,
        "size": size,
        "totalCount": total,
        "totalPages": pages,
        "hasNext": page + 1 < pages,
        "hasPrevious": page > 0,
    }
