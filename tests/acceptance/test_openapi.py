"""The OpenAPI document and the server agree, whatever is sent."""

import asyncio

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.wire.sigmamind.served import KEY, serve

from sparring.dialects.sigmamind.demo import CASE, NEW_AGENT

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
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
document = schemathesis.openapi.from_asgi("/openapi/sigmamind.json", served.app)


@document.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_whatever_is_sent_gets_a_documented_answer(case):
    case.call_and_validate(headers={"X-API-Key": KEY}, checks=CHECKS)
    aim_at_known_records(case)
    case.call_and_validate(headers={"X-API-Key": KEY}, checks=CHECKS)


def aim_at_known_records(case):
    """Put ids in that exist, so that what is behind the search for records is reached as well."""
    removes = case.method == "DELETE"
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict) and not removes:
            place.update({name: id for name, id in known.items() if name in place})
            if "testCases" in place:
                place["testCases"] = [CASE]
