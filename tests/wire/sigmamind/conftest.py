"""The operations of the dialect, from its OpenAPI document."""

import re

import pytest
from tests.wire.sigmamind.served import serve


@pytest.fixture
async def operations():
    """Each (method, path) with a pattern that its filled-in paths match."""
    served = await serve()
    async with served.client(None) as client:
        document = (await client.get("/openapi/sigmamind.json")).json()
    return {
        (method.upper(), path): re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)))
        for path, item in document["paths"].items()
        for method in item
    }
