"""The door of those who move in."""

from types import SimpleNamespace

import pytest
from tests.wire.vendors.records import AGENT, CASE, NOW, found

from sparring.adapters.moving.vendors import SIGMAMIND
from sparring.bootstrap.moving import move_in, read_records
from sparring.domain.errors import InvalidInput, NotConfigured
from sparring.settings import Settings
from sparring.testing import FrozenClock, MemoryStore


@pytest.fixture
def services():
    clock = FrozenClock(NOW)
    return SimpleNamespace(store=MemoryStore(clock), clock=clock)


async def moved(services, *records):
    return await move_in(services, SIGMAMIND, found(SIGMAMIND, *records))


async def test_the_workspace_answers_to_the_id_that_it_had(services):
    await moved(services, AGENT, CASE)
    assert list((await services.store.workspaces()).values()) == [CASE["workspaceId"]]
    assert (await moved(services, AGENT, CASE)).notes.lines()[-1].startswith("tools of the type ivr_navigator")


async def test_a_workspace_that_has_an_id_keeps_it_and_that_is_told(services):
    workspace = await services.store.first_workspace()
    await services.store.save_workspace(workspace, "org_ours")
    arrivals = await moved(services, AGENT, CASE)
    assert await services.store.workspaces() == {workspace: "org_ours"}
    told = f"the workspace is called org_ours already, so that workspaceId is not {CASE['workspaceId']}."
    assert told in arrivals.notes.lines()


async def test_an_id_that_another_workspace_has_is_told(services):
    workspace = await services.store.first_workspace()
    await services.store.save_workspace("f" * 24, CASE["workspaceId"])
    arrivals = await moved(services, AGENT, CASE)
    assert (await services.store.workspaces())[workspace] is None
    assert f"another workspace has the id {CASE['workspaceId']} already." in arrivals.notes.lines()


async def test_records_of_several_workspaces_are_of_one_from_now_on(services):
    other = {**CASE, "testCaseId": "tc_aaaaaaaaaaaaaaaa", "workspaceId": "org_2"}
    arrivals = await moved(services, AGENT, CASE, other)
    assert list((await services.store.workspaces()).values()) == [None]
    assert any("of several workspaces (org_2, org_V6eZ2zg8ziDx5pft)" in line for line in arrivals.notes.lines())


async def test_nothing_is_read_without_files_or_a_key():
    settings = Settings(_env_file=None, sigmamind_api_key=None)
    with pytest.raises(NotConfigured, match="Set SIGMAMIND_API_KEY to import through SigmaMind's API"):
        await read_records(settings, SIGMAMIND, [], None)
    with pytest.raises(InvalidInput, match="Name files or --url, not both"):
        await read_records(settings, SIGMAMIND, ["a.json"], "https://example.com")
