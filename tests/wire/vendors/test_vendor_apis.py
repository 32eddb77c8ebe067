"""A vendor's API, read to its end or refused in words."""

import pytest
from tests.wire.vendors.records import (
    ACTION,
    AGENT,
    CASE,
    EQHO_AGENT,
    OLDER_AGENT,
    OLDER_CASE,
    SCENARIO,
    SCENARIO_SET,
)
from tests.wire.vendors.server import KEY, eqho, serving, sigmamind

from sparring.adapters.models.transport import Transport
from sparring.adapters.moving.api import Account, VendorApi
from sparring.adapters.moving.sources import read_account
from sparring.adapters.moving.vendors import EQHO, SIGMAMIND
from sparring.domain.errors import InvalidInput, VendorFault
from sparring.testing import FrozenClock


async def fetched(vendor, url, *, key=KEY, clock=None):
    transport = Transport(answer_timeout=5)
    account = Account(vendor=vendor.name, url=url, key=key, key_variable=vendor.key_variable)
    try:
        api = VendorApi(account=account, transport=transport, clock=clock or FrozenClock())
        return await read_account(vendor, api)
    finally:
        await transport.close()


def many(record, field, count):
    return [{**record, field: record[field][:-4] + f"{number:04}"} for number in range(count)]


@pytest.mark.parametrize("wrap_cases", [False, True])
async def test_all_pages_of_sigmaminds_lists_are_read(wrap_cases):
    agents = [AGENT, OLDER_AGENT, *many(OLDER_AGENT, "agentId", 43)]
    cases = [*many(CASE, "testCaseId", 33), OLDER_CASE]
    with serving(sigmamind(agents, cases, wrap_cases=wrap_cases)) as vendor:
        found = await fetched(SIGMAMIND, vendor.url)
    assert [one.record for one in found if one.kind == "agent"] == agents
    assert [one.record for one in found if one.kind == "test case"] == cases
    assert not any(one.is_file for one in found)
    assert found[0].where == f"{vendor.url}/v1/agents?page=0&size=20, 0"
    pages = [path for path in vendor.asked if path.startswith("/v1/agents?")]
    assert pages == [f"/v1/agents?page={page}&size=20" for page in range(5)]


async def test_all_pages_of_eqhos_lists_are_read():
    agents = many(EQHO_AGENT, "_id", 12)
    scenarios = many(SCENARIO, "_id", 31)
    with serving(eqho(agents, [ACTION], scenarios, [SCENARIO_SET])) as vendor:
        found = await fetched(EQHO, f"{vendor.url}/v1/")
    kinds = [one.kind for one in found]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "action": 1,
        "scenario set": 1,
        "agent": 12,
        "scenario": 31,
    }
    assert next(one.record for one in found if one.kind == "agent")["actions"] == [ACTION]
    assert "/v1/simulation/scenarios?page=4&per_page=25" in vendor.asked


async def test_lists_may_come_bare_and_sets_not_at_all():
    with serving(eqho([], [], [])) as vendor:
        for path, records in {"agents": [], "actions": [ACTION], "simulation/scenarios": [SCENARIO]}.items():
            vendor.always[f"/v1/{path}"] = (200, {}, records)
        found = await fetched(EQHO, vendor.url)
    assert [one.kind for one in found] == ["action", "scenario"]


async def test_an_agent_of_which_the_list_shows_only_a_part_is_asked_for_itself():
    with serving(sigmamind([AGENT], [])) as vendor:
        short = {name: AGENT[name] for name in ("agentId", "agentName")}
        vendor.always["/v1/agents"] = (200, {}, [short])
        found = await fetched(SIGMAMIND, vendor.url)
    assert [one.record for one in found] == [AGENT]


async def test_the_older_name_of_the_count_is_known():
    with serving(sigmamind([], [])) as vendor:
        page = {"data": [AGENT], "page": 0, "size": 20, "totalCounts": 2, "hasNext": False}
        vendor.always["/v1/agents"] = (200, {}, page)
        with pytest.raises(VendorFault, match="it says that there are 2 records, and 1 came"):
            await fetched(SIGMAMIND, vendor.url)


PAGE = {"data": [AGENT], "page": 0, "size": 20, "totalCount": 1, "totalPages": 1, "hasNext": False}
META = {"per_page": 25, "last_page": 2, "current_page": 1, "next_page": 2, "prev_page": None, "total": 30}


@pytest.mark.parametrize(
    ("vendor", "path", "answer", "told"),
    [
        (SIGMAMIND, "agents", {**PAGE, "hasNext": True}, "page 0 came when page 1 was asked for"),
        (
            SIGMAMIND,
            "agents",
            {**PAGE, "data": [], "hasNext": True},
            "page 0 is empty and another is said to follow",
        ),
        (SIGMAMIND, "agents", {**PAGE, "totalCount": 7}, "it says that there are 7 records, and 1 came"),
        (SIGMAMIND, "agents", {"agents": [AGENT]}, "a page is a list, or an object with the list 'data'"),
        (SIGMAMIND, "agents", {"data": {}}, "a page is a list, or an object with the list 'data'"),
        (SIGMAMIND, "agents", "hello", "a page is a list, or an object with the list 'data'"),
        (SIGMAMIND, "agents", None, "a page is a list, or an object with the list 'data'"),
        (EQHO, "actions", {"actions": [ACTION], "meta": META}, "page 1 came when page 2 was asked for"),
        (
            EQHO,
            "actions",
            {"actions": [ACTION], "meta": {**META, "current_page": None, "next_page": 2}},
            f"page 2 holds {ACTION['_id']} again, which came before",
        ),
        (
            EQHO,
            "actions",
            {"actions": [ACTION], "meta": {**META, "next_page": 5}},
            "page 5 is said to follow page 1",
        ),
        (EQHO, "actions", {"actions": [], "meta": META}, "page 1 is empty and another is said to follow"),
        (EQHO, "actions", {"data": []}, "a page is a list, or an object with the list 'actions'"),
    ],
)
async def test_broken_pages_end_the_import_in_words(vendor, path, answer, told):
    api = sigmamind([AGENT], []) if vendor is SIGMAMIND else eqho([], [ACTION], [])
    with serving(api) as server:
        server.always[f"/v1/{path}"] = (200, {}, answer)
        with pytest.raises(VendorFault) as refusal:
            await fetched(vendor, server.url)
    assert told in str(refusal.value)
    assert f"The list /{path} of {vendor.name} is broken" in str(refusal.value)
    assert "Nothing was imported." in str(refusal.value)
    assert len(server.asked) < 10


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            (200, {}, b"<html>Welcome</html>"),
            "is not JSON: Expecting value in line 1, column 1. Is --url the address",
        ),
        (
            (200, {}, b'{"data": [1]}'),
            "/v1/agents?page=0&size=20, 0: a record is a JSON object; a number stands here",
        ),
        (
            (401, {}, {"message": f"Key {KEY} is revoked."}),
            "refuses the key in SIGMAMIND_API_KEY (401: Key [hidden]",
        ),
        ((403, {}, {}), "refuses the key in SIGMAMIND_API_KEY (403). Set one that may read."),
        (
            (404, {}, {"message": "No handler"}),
            "has nothing to read at /v1/agents (404: No handler). Is --url right?",
        ),
        (
            (400, {}, {"message": "size must be less than 10"}),
            "refuses /v1/agents (400: size must be less than 10)",
        ),
        (
            (302, {"Location": "https://elsewhere.example/"}, b""),
            "redirects to https://elsewhere.example/; name that",
        ),
    ],
)
async def test_what_is_no_good_answer_is_told(answer, told):
    with serving(sigmamind([AGENT], [])) as vendor:
        vendor.always["/v1/agents"] = answer
        with pytest.raises(VendorFault) as refusal:
            await fetched(SIGMAMIND, vendor.url)
    assert told in str(refusal.value)
    assert "Nothing was imported." in str(refusal.value) or "Is --url" in str(refusal.value)
    assert KEY not in str(refusal.value)
    assert len(vendor.asked) == 1


async def test_a_wrong_key_is_refused_without_being_shown():
    with serving(sigmamind([AGENT], [])) as vendor, pytest.raises(VendorFault) as refusal:
        await fetched(SIGMAMIND, vendor.url, key="wrong-key")
    assert "refuses the key in SIGMAMIND_API_KEY (401: Bad key [hidden])" in str(refusal.value)


async def test_it_waits_as_it_is_asked_to_and_goes_on():
    clock = FrozenClock(1000.0)
    with serving(sigmamind([AGENT], [])) as vendor:
        vendor.troubles = [(429, {"Retry-After": "20"}, {}), (429, {"Retry-After": "5"}, {})]
        found = await fetched(SIGMAMIND, vendor.url, clock=clock)
    assert len(found) == 1
    assert 1025 <= clock.now() < 1032


async def test_it_does_not_wait_for_ever():
    clock = FrozenClock(1000.0)
    with serving(sigmamind([AGENT], [])) as vendor:
        vendor.troubles = [(429, {"Retry-After": "3600"}, {})]
        with pytest.raises(VendorFault, match=r"\(429\) and asks to wait 3600 s\. Try again later"):
            await fetched(SIGMAMIND, vendor.url, clock=clock)
    assert clock.now() == 1000.0


async def test_a_server_that_fails_is_asked_again_a_few_times():
    with serving(sigmamind([AGENT], [])) as vendor:
        vendor.troubles = [(502, {}, b"Bad gateway"), (500, {}, {"message": "Oops."})]
        assert len(await fetched(SIGMAMIND, vendor.url)) == 1
        vendor.troubles = [(503, {}, {"message": "Oops."})] * 50
        with pytest.raises(VendorFault, match=r"SigmaMind keeps failing at /v1/agents \(503: Oops\)\. Try again"):
            await fetched(SIGMAMIND, vendor.url)
    assert len(vendor.asked) == 4 + 5


async def test_an_address_where_nobody_is_is_told():
    with serving(sigmamind([], [])) as vendor:
        pass
    with pytest.raises(VendorFault, match="gives no answer"):
        await fetched(SIGMAMIND, vendor.url)


@pytest.mark.parametrize("url", ["", "vendor.example", "ftp://vendor.example", "https://", "https://a.example/?b"])
async def test_what_is_no_address_is_refused(url):
    with pytest.raises(InvalidInput, match="--url takes an address"):
        await fetched(SIGMAMIND, url)
