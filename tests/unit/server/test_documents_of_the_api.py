"""The OpenAPI documents and the page that is made of them."""

from tests.wire.sigmamind.served import serve


async def fetched(path):
    served = await serve()
    async with served.client(None) as client:
        return await client.get(path)


async def test_every_operation_documents_its_refusals_and_never_422():
    document = (await fetched("/openapi/sigmamind.json")).json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            statuses = set(operation["responses"])
            assert statuses >= {"400", "401", "404", "405", "413", "429", "500"}, (method, path)
            assert "422" not in statuses
            assert (method == "get") or statuses >= {"403", "415"}
            assert operation["security"] == [{"apiKeyAuth": []}, {"bearerAuth": []}]
            assert operation["description"].endswith(".")


async def test_the_document_of_the_dialect_holds_its_endpoints_only():
    dialect = (await fetched("/openapi/sigmamind.json")).json()
    everything = (await fetched("/openapi.json")).json()
    assert all(path.startswith("/v1/") for path in dialect["paths"])
    assert dialect["paths"].keys() < everything["paths"].keys()
    assert {"/healthz", "/readyz"} == everything["paths"].keys() - dialect["paths"].keys()
    ids = [operation["operationId"] for item in everything["paths"].values() for operation in item.values()]
    assert len(set(ids)) == len(ids)


async def test_the_reference_page_asks_no_other_host_for_anything():
    response = await fetched("/docs")
    assert response.headers["content-type"].startswith("text/html")
    assert "://" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
    for path in ("/v1/test-cases/{testCaseId}", "/v1/batch-runs/{batchId}/cancel"):
        assert path in response.text
