"""The OpenAPI documents and the page that is made of them."""

import asyncio
import re

import pytest
from tests.wire.sigmamind.served import serve

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served():
    """One server for all: it makes each document once."""
    return asyncio.run(serve())


@pytest.fixture
def fetched(served):
    async def fetched(path):
        async with served.client(None) as client:
            return await client.get(path)

    return fetched


async def test_every_operation_documents_its_refusals_in_the_form_of_its_dialect(fetched):
    for dialect, unusable, other in (("sigmamind", "400", "422"), ("eqho", "422", "400")):
        document = (await fetched(f"/openapi/{dialect}.json")).json()
        for path, item in document["paths"].items():
            for method, operation in item.items():
                statuses = set(operation["responses"])
                assert statuses >= {unusable, "401", "404", "405", "413", "429", "500"}, (method, path)
                assert other not in statuses
                assert (method == "get") or statuses >= {"403", "415"}
                assert operation["security"] == [{"apiKeyAuth": []}, {"bearerAuth": []}]
                assert operation["description"].endswith(".")
        assert not {"HTTPValidationError", "ValidationError"} & document["components"]["schemas"].keys()


async def test_the_document_of_a_dialect_holds_its_endpoints_only(fetched):
    one = (await fetched("/openapi/sigmamind.json")).json()
    other = (await fetched("/openapi/eqho.json")).json()
    everything = (await fetched("/openapi.json")).json()
    assert all(path.startswith("/v1/") for path in one["paths"])
    assert all(path.startswith(("/v1/simulation", "/v1/actions", "/eqho/v1/agents")) for path in other["paths"])
    assert not one["paths"].keys() & other["paths"].keys()
    rest = everything["paths"].keys() - one["paths"].keys() - other["paths"].keys()
    assert {"/healthz", "/readyz"} <= rest
    ids = [operation["operationId"] for item in everything["paths"].values() for operation in item.values()]
    assert len(set(ids)) == len(ids)
    assert not any("__" in name for name in everything["components"]["schemas"])


async def test_the_reference_page_asks_no_other_host_for_anything(fetched):
    response = await fetched("/docs")
    assert response.headers["content-type"].startswith("text/html")
    assert not re.search(r"""(src|href|action|url)\s*[=(]\s*["']?(\w+:)?//""", response.text)
    assert "default-src 'none'" in response.headers["content-security-policy"]
    for path in ("/v1/test-cases/{testCaseId}", "/v1/batch-runs/{batchId}/cancel"):
        assert path in response.text
