"""The editor of agents: what they are told, their model and tools, and the mocks that all their scenarios share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from sparring.domain.agent import Agent
from sparring.domain.errors import NotNow
from sparring.server.services import Services
from sparring.server.ui import addresses
from sparring.server.ui.agent_drafts import AgentDraft, AgentDrafting, kept_words
from sparring.server.ui.agent_page import find_agent, plays
from sparring.server.ui.editor_trouble import UNMENDED, Trouble, overtaken
from sparring.server.ui.mock_boxes import with_flaws
from sparring.server.ui.mock_fields import CONDITIONS, KEPT
from sparring.server.ui.pages import KnownVisitor, RecordForm, back_to, page, services_of
from sparring.server.ui.sessions import Visitor

_SAID = {"saved": "Saved.", "same": "Nothing had changed."}


async def show_new(request: Request, visitor: KnownVisitor) -> Response:
    """The editor of a new agent."""
    drafting = AgentDrafting(services_of(request), _blank(visitor))
    return _page(request, drafting, drafting.of_record(), quiet=True)


async def take_new(request: Request, visitor: KnownVisitor, form: RecordForm) -> Response:
    """An order about a new agent."""
    return await _ordered(request, form, _blank(visitor))


async def show(request: Request, visitor: KnownVisitor, agent_id: str) -> Response:
    """The editor of a stored agent."""
    drafting = AgentDrafting(services_of(request), await find_agent(services_of(request), visitor, agent_id))
    draft, asked = drafting.of_record(), request.query_params
    if mock := asked.get("mock"):
        draft = drafting.with_question(draft, mock, asked.get("arguments", ""), asked.get("nth", ""))
    said = _SAID.get(asked.get("done", ""))
    return _page(request, drafting, draft, notes=[said] if said else [])


async def take(request: Request, visitor: KnownVisitor, form: RecordForm, agent_id: str) -> Response:
    """An order about a stored agent."""
    return await _ordered(request, form, await find_agent(services_of(request), visitor, agent_id))


async def delete(request: Request, visitor: KnownVisitor, form: RecordForm, agent_id: str) -> Response:
    """Remove an agent; its scenarios stay, and so does what was played."""
    services = services_of(request)
    agent = await find_agent(services, visitor, agent_id)
    await services.store.delete_agent(visitor.workspace, agent.id)
    return back_to(addresses.AGENTS)


def add_routes(router: APIRouter) -> None:
    """Serve these pages."""
    router.get("/agents/new")(show_new)
    router.post("/agents/new")(take_new)
    router.get("/agents/{agent_id}/edit")(show)
    router.post("/agents/{agent_id}/edit")(take)
    router.post("/agents/{agent_id}/delete")(delete)


def _blank(visitor: Visitor) -> Agent:
    return Agent(id="", workspace=visitor.workspace, name="")


async def _ordered(request: Request, form: Mapping[str, str], base: Agent) -> Response:
    drafting = AgentDrafting(services_of(request), base)
    order = form.get("do", "look")
    draft = drafting.of_form(form, order)
    verb, _, rest = order.partition(" ")
    trouble = None
    if verb == "ask":
        draft = drafting.asked(draft, rest)
    elif verb == "save":
        done = await _save(services_of(request), form, base, draft)
        if isinstance(done, Response):
            return done
        trouble = done
    return _page(request, drafting, draft, trouble=trouble, form=form)


async def _save(
    services: Services, form: Mapping[str, str], stored: Agent, draft: AgentDraft
) -> Response | Trouble:
    record = draft.record
    if record is None:
        return UNMENDED
    now = services.clock.now()
    if not stored.id:
        made = replace(record, id=services.runner.new_id(), created_at=now, updated_at=now)
        await services.store.save_agent(made)
        return back_to(addresses.agent(made.id))
    if form.get("revision") != str(stored.revision):
        return _overtaken(services, stored, record)
    if record != stored:
        try:
            await services.store.replace_record(replace(record, updated_at=now, revision=stored.revision + 1))
        except NotNow:
            newer = await services.store.find_agent(stored.workspace, stored.id)
            return _overtaken(services, newer or stored, record)
    return back_to(f"{addresses.agent(stored.id)}/edit?done={'saved' if record != stored else 'same'}")


def _overtaken(services: Services, stored: Agent, typed: Agent) -> Trouble:
    as_yaml = services.editing.agent_text
    return overtaken("agent", stored=as_yaml(stored), typed=as_yaml(typed), revision=stored.revision)


def _page(
    request: Request,
    drafting: AgentDrafting,
    draft: AgentDraft,
    *,
    notes: Sequence[str] = (),
    trouble: Trouble | None = None,
    form: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> Response:
    services, base = services_of(request), draft.base
    draft = drafting.with_examples(draft)
    flaws = () if quiet else draft.reading.flaws
    warnings = () if quiet else draft.reading.warnings
    name = draft.tree.get("name")
    known = draft.record or base
    return page(
        request,
        "agent-form.html.jinja",
        status=trouble.status if trouble is not None else 200,
        base=base,
        draft=draft,
        tree=draft.tree,
        title=name if isinstance(name, str) and name.strip() else "New agent" if not base.id else "Agent",
        path=request.url.path,
        revision=_revision(base, trouble, form),
        flaws=(beside := draft.by_field(flaws)),
        flawed=with_flaws(beside),
        all_flaws=flaws,
        warned=draft.by_field(warnings),
        notes=notes,
        trouble=trouble,
        kept=kept_words(base),
        plays=plays(services, base),
        model_names=services.model_names,
        tools={tool.name: _arguments(tool.parameters) for tool in known.tools},
        conditions=CONDITIONS,
        kept_condition=KEPT,
    )


def _revision(base: Agent, trouble: Trouble | None, form: Mapping[str, str] | None) -> str:
    """The one that the visitor has seen."""
    if trouble is not None and trouble.revision is not None:
        return str(trouble.revision)
    return (form or {}).get("revision", str(base.revision))


def _arguments(parameters: Mapping[str, object]) -> Sequence[str]:
    properties = parameters.get("properties")
    return list(properties) if isinstance(properties, Mapping) else []
