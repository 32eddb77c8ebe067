"""SigmaMind's agents and test cases, as its API gives them.

A record that is here already changes as by an update through the API: what the vendor cannot say stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from sparring.adapters.moving.api import VendorApi
from sparring.adapters.moving.arrivals import Arrivals, Found, with_extra
from sparring.adapters.moving.pages import SIGMAMIND, Listed, listed
from sparring.dialects.fields import text
from sparring.dialects.sigmamind import wire
from sparring.dialects.sigmamind.tool_wire import MAX_TEXT
from sparring.dialects.sigmamind.translate.agents import changed_agent
from sparring.dialects.sigmamind.translate.test_cases import changed_case, new_case
from sparring.dialects.sigmamind.translate.tools import not_callable
from sparring.dialects.spelling import AGENT, CASE
from sparring.domain.agent import Agent, ToolKind
from sparring.domain.scenario import Scenario

NAME = "SigmaMind"

KIND_OF_AGENT, KIND_OF_CASE = TAKEN = ("agent", "test case")
"""The kinds of records that move, those first that others name."""

LISTS = {"data": None, "agents": KIND_OF_AGENT, "testCases": KIND_OF_CASE}
"""Under these names records stand in the pages of lists, and in what is exported here; None: any kind."""

_ELSEWHERE = {
    "jobId": "test run",
    "batchId": "batch run",
    "chatId": "chat",
    "webhookId": "webhook",
    "toolId": "integration tool",
    "callId": "call",
    "campaignId": "campaign",
}
"""Records that stay where they are, by the field that tells them."""

_NO_INSTRUCTIONS = ("instructions", "")

_AGENT_FACTS = ("agentId", "workspaceId", "status", "notCallableTools", "scripted")
_CASE_FACTS = ("testCaseId", "workspaceId", "agent", "agentId", "scripted")


class MovedCase(wire.CreateTestCase):
    """A test case of elsewhere: what the judge is told may be missing."""

    success_criteria: Annotated[str, *text(0, MAX_TEXT)]


class MovedUpdate(wire.UpdateTestCase):
    """The same for one that is here already."""

    success_criteria: Annotated[str, *text(0, MAX_TEXT)] = wire.left_out()


def kind_of(record: Mapping[str, Any]) -> str | None:
    """What a record is, by its fields; None where it is nothing of this vendor's."""
    for field, kind in _ELSEWHERE.items():
        if field in record:
            return kind
    if "userPrompt" in record or "testCaseId" in record:
        return KIND_OF_CASE
    return KIND_OF_AGENT if "agentName" in record or {"agentId", "instructions"} <= record.keys() else None


async def fetch(api: VendorApi) -> list[tuple[str, Listed]]:
    """All agents and their test cases, each with its kind.

    Raises:
        VendorFault: the API did not give them.
    """
    agents = [await _whole(api, one) for one in await listed(api, "/agents", SIGMAMIND, "data", "agentId")]
    found = [(KIND_OF_AGENT, one) for one in agents]
    for agent in agents:
        id = agent.record.get("agentId") if isinstance(agent.record, dict) else None
        if isinstance(id, str):
            cases = await listed(api, "/test-cases", SIGMAMIND, "data", "testCaseId", agentId=id)
            found += [(KIND_OF_CASE, case) for case in cases]
    return found


async def _whole(api: VendorApi, agent: Listed) -> Listed:
    """An agent with all its fields, where the list shows only some."""
    id = agent.record.get("agentId") if isinstance(agent.record, dict) else None
    if not isinstance(id, str) or "instructions" in agent.record:
        return agent
    path = f"/agents/{id}"
    return Listed(await api.get(path), str(api.address(path, {})))


async def arrive(found: Sequence[Found], arrivals: Arrivals) -> None:
    """Take the records in: agents first, since test cases name them."""
    for kind, take in zip(TAKEN, (_agent, _case), strict=True):
        for one in found:
            if one.kind == kind:
                await take(one, arrivals)
    workspaces = {name for one in found if (name := one.text("workspaceId")) is not None}
    if len(workspaces) == 1:
        arrivals.workspace_alias = workspaces.pop()
    elif workspaces:
        named = ", ".join(sorted(workspaces))
        arrivals.notes.add(f"the records are of several workspaces ({named}), and of one from now on")


async def _agent(found: Found, arrivals: Arrivals) -> None:
    # A field that nobody filled in is null there; here those that are always there must not be.
    given = found.without(*_AGENT_FACTS)
    told = {
        name: value for name, value in given.items() if value is not None and (name, value) != _NO_INSTRUCTIONS
    }
    if "agentName" not in told and "instructions" not in told:
        arrivals.problem(found, "agentName is required.")
        return
    body = arrivals.form(found, wire.UpdateAgent, told)
    known = arrivals.id_of(found, "agentId")
    blank = _blank_agent(found, arrivals, known, found.text("agentName", "agentId") or "Agent")
    before = None if blank is None else await arrivals.agent(known or blank.id)
    base = before or blank
    if body is None or base is None:
        return
    changed = changed_agent(base, body, now=arrivals.now)
    name = changed.name
    kept = arrivals.keep(body, told, name)
    changed = arrivals.completed(found, changed)
    after = replace(
        changed, extra=with_extra(changed.extra, kept), revision=0 if before is None else changed.revision
    )
    arrivals.put(after, before)
    _tell_of_agent(after, told, arrivals)


async def _case(found: Found, arrivals: Arrivals) -> None:
    told = found.without(*_CASE_FACTS)
    agent = await _agent_of(found, arrivals)
    body = arrivals.form(found, MovedCase, {**told, "agentId": ""})
    known = arrivals.id_of(found, "testCaseId")
    if body is None:
        return
    identity = arrivals.identity(found, CASE, known, agent.id if agent else "", body.label or body.user_prompt)
    if identity is None:
        return
    id, alias = identity
    before = await arrivals.scenario(known or id)
    agent_id = agent.id if agent is not None else None
    if before is None:
        made = new_case(body, id=id, workspace=arrivals.workspace, agent_id="", now=arrivals.now)
        made = replace(made, alias=alias, agent_id=agent_id)
    else:
        update = MovedUpdate.model_validate(told)
        made = changed_case(before, update, agent_id=agent_id, model=before.model, now=arrivals.now)
    if not made.expect.assertions:
        arrivals.notes.add("successCriteria says nothing, so that the judge has nothing to confirm", made.name)
    kept = arrivals.keep(body, told, made.name)
    if arrivals.for_files and agent is not None:
        made = replace(made, variables_answer_tools=_answers_tools(made, agent))
    made = arrivals.completed(found, made)
    arrivals.put(replace(made, extra=with_extra(made.extra, kept)), before)


def _answers_tools(scenario: Scenario, agent: Agent) -> bool:
    """Whether the vendor would answer calls by `mockData`; the batch runs here do so by themselves."""
    return bool(scenario.variables) and any(tool.kind is not ToolKind.END for tool in agent.tools)


async def _agent_of(found: Found, arrivals: Arrivals) -> Agent | None:
    """The agent of a test case; where only its name came, one that has nothing else yet."""
    given = found.record.get("agent")
    summary = replace(found, record=given if isinstance(given, Mapping) else {})
    known = arrivals.id_of(found, "agentId") or arrivals.id_of(summary, "agentId")
    if known is None:
        return None
    agent = await arrivals.agent(known)
    if agent is not None:
        return agent
    made = _blank_agent(found, arrivals, known, summary.text("name") or known)
    if made is not None:
        arrivals.notes.add("only the name of an agent came, so that it has no instructions yet", made.name)
        arrivals.put(made, None)
    return made


def _blank_agent(found: Found, arrivals: Arrivals, known: str | None, name: str) -> Agent | None:
    identity = arrivals.identity(found, AGENT, known, name)
    if identity is None:
        return None
    id, alias = identity
    now = arrivals.now
    return Agent(id=id, workspace=arrivals.workspace, name=name, alias=alias, created_at=now, updated_at=now)


def _tell_of_agent(agent: Agent, told: Mapping[str, Any], arrivals: Arrivals) -> None:
    settings = told.get("agentSettings") or {}
    acted_on = {field.alias for field in wire.AgentSettings.model_fields.values()}
    for name in settings:
        if name not in acted_on and settings[name] not in (None, [], {}):
            arrivals.notes.add(f"agentSettings.{name} is kept and given back, and acts on nothing", agent.name)
    for kind in not_callable(told.get("tools") or ()):
        arrivals.notes.add(
            f"tools of the type {kind} are kept and given back, and offered to no model", agent.name
        )
