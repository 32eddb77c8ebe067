"""Every endpoint, by exchanges that were written down: `python -m tests.wire.eqho.test_eqho_golden` renews them."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.wire.stories import exchanged, renew, untold

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
async def test_the_server_answers_as_written_down(path):
    story = json.loads(path.read_text(encoding="utf-8"))
    now = await exchanged(story)
    assert now["exchanges"] == story["exchanges"]


async def test_every_operation_is_written_down():
    assert await untold("eqho", GOLDEN) == []


if __name__ == "__main__":
    asyncio.run(renew(GOLDEN))
