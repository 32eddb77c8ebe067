"""The OpenAPI document and the server agree, whatever is sent."""

import asyncio

import pytest
from operations import Document
from tests.wire.sigmamind.served import serve

from sparring.dialects.sigmamind.demo import CASE, NEW_AGENT

EXAMPLES = 20


async def with_records():
    """A server with a batch of which everything has been played, and the ids of its records."""
    served = await serve()
    async with served.client() as client:
        batch = await client.post("/v1/batch-runs", json={"agentId": NEW_AGENT, "testCases": [CASE]})
        known = {"agentId": NEW_AGENT, "testCaseId": CASE, "batchId": batch.json()["batchId"]}
        await served.play()
        runs = await client.get(f"/v1/test-runs?batchId={known['batchId']}")
    first = runs.json()["data"][0]
    return served, {**known, "jobId": first["jobId"], "chatId": first["chatId"]}


served, known = asyncio.run(with_records())
document = Document(served.app, "/openapi/sigmamind.json")


@pytest.mark.parametrize("operation", document.operations)
def test_whatever_is_sent_gets_a_documented_answer(operation):
    document.check(operation, aim_at_known_records, EXAMPLES)


def aim_at_known_records(case):
    """Put ids in that exist, so that what is behind the search for records is reached as well."""
    removes = case.method == "DELETE"
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict) and not removes:
            place.update({name: id for name, id in known.items() if name in place})
            if "testCases" in place:
                place["testCases"] = [CASE]
