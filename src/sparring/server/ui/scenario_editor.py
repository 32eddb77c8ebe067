"""The editor of scenarios: in fields and as YAML, saved, copied, deleted, and played once without saving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from sparring.dialects.snapshots import unmarked
from sparring.dialects.spelling import CHAT, candidates
from sparring.domain import retelling
from sparring.domain.agent import Agent
from sparring.domain.chat import Chat
from sparring.domain.errors import InvalidInput, NotFound, NotNow
from sparring.domain.scenario import Scenario
from sparring.server.services import Services
from sparring.server.ui import addresses
from sparring.server.ui.editor_trouble import UNMENDED, Trouble, overtaken
from sparring.server.ui.mock_boxes import with_flaws
from sparring.server.ui.mock_fields import CONDITIONS, KEPT
from sparring.server.ui.pages import KnownVisitor, RecordForm, back_to, page, services_of
from sparring.server.ui.playing_once import play_once, usual_models
from sparring.server.ui.scenario_drafts import FORM, TABS, YAML, Draft, Drafting, blank
from sparring.server.ui.scenario_fields import MEDIA, ROOT, kept_words
from sparring.server.ui.sessions import Visitor
from sparring.simulation.store import Page

_CHOICES = 500
"""Agents and sets among which to choose."""

_SOURCES = ("copy", "trial", "chat")
"""Where a scenario can be taken from, by the names in addresses."""

_BACK = {"saved": "Saved.", "same": "Nothing had changed."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an address of the editor is about."""

    base: Scenario
    """What is edited: the stored scenario, or what a new one begins with."""
    shown: Scenario
    """What stands in the fields at first."""
    notes: tuple[str, ...] = ()
    """Where it comes from, in words."""
    chat: Chat | None = None
    """The one that it is made of."""

    @property
    def is_new(self) -> bool:
        """Whether nothing of it is stored yet."""
        return not self.base.id


async def show_new(request: Request, visitor: KnownVisitor) -> Response:
    """The editor of a new scenario: blank, or begun with a copy, a trial or a chat."""
    subject = await _new(request, visitor)
    return await _first(request, visitor, subject)


async def show(request: Request, visitor: KnownVisitor, scenario_id: str) -> Response:
    """The editor of a stored scenario."""
    subject = await _stored(request, visitor, scenario_id)
    return await _first(request, visitor, subject)


async def take_new(request: Request, visitor: KnownVisitor, form: RecordForm) -> Response:
    """An order about a new scenario."""
    return await _ordered(request, visitor, form, await _new(request, visitor))


async def take(request: Request, visitor: KnownVisitor, form: RecordForm, scenario_id: str) -> Response:
    """An order about a stored scenario."""
    return await _ordered(request, visitor, form, await _stored(request, visitor, scenario_id))


async def delete(request: Request, visitor: KnownVisitor, form: RecordForm, scenario_id: str) -> Response:
    """Remove a scenario; what was played of it stays."""
    store = services_of(request).store
    scenario = await store.find_scenario(visitor.workspace, scenario_id)
    if scenario is None:
        raise NotFound("scenario", scenario_id)
    await store.delete_scenario(visitor.workspace, scenario.id)
    return back_to(addresses.agent(scenario.agent_id) if scenario.agent_id else addresses.AGENTS)


def add_routes(router: APIRouter) -> None:
    """Serve these pages."""
    router.get("/scenarios/new")(show_new)
    router.post("/scenarios/new")(take_new)
    router.get("/scenarios/{scenario_id}")(show)
    router.post("/scenarios/{scenario_id}")(take)
    router.post("/scenarios/{scenario_id}/delete")(delete)


async def _stored(request: Request, visitor: Visitor, id: str) -> Subject:
    """A stored scenario; with `?trial=` the fields of the one that a trial played."""
    store = services_of(request).store
    scenario = await store.find_scenario(visitor.workspace, id)
    if scenario is None:
        raise NotFound("scenario", id)
    trial = request.query_params.get("trial")
    if not trial:
        return Subject(base=scenario, shown=scenario)
    played = await _of_trial(services_of(request), visitor, trial)
    note = "The fields are as they were played in that trial; what is stored changes once you save them."
    return Subject(base=scenario, shown=replace(played, trials=scenario.trials), notes=(note,))


async def _new(request: Request, visitor: Visitor) -> Subject:
    """What a new scenario begins with, by the address."""
    services = services_of(request)
    source = next((name for name in _SOURCES if request.query_params.get(name)), None)
    id = request.query_params.get(source, "") if source is not None else ""
    if source is None:
        agent_id = request.query_params.get("agent")
        agent = await services.store.find_agent(visitor.workspace, agent_id) if agent_id else None
        begun = replace(blank(visitor.workspace), agent_id=agent.id if agent is not None else None)
        return Subject(base=begun, shown=begun)
    chat = None
    if source == "copy":
        found = await services.store.find_scenario(visitor.workspace, id)
        if found is None:
            raise NotFound("scenario", id)
        begun = replace(found, name=f"{found.name} (copy)", label=None)
        note = "A copy; it is stored once you save it."
    elif source == "trial":
        begun = await _of_trial(services, visitor, id)
        note = "Taken from a trial, as it was played; it is stored once you save it."
    else:
        chat = await _chat(services, visitor, id)
        begun = retelling.retold(await services.chats.talk(chat), None, id="", now=0.0)
        note = "Made of a chat: say what is expected of the agent. It is stored once you save it."
    fresh = replace(
        begun, id="", workspace=visitor.workspace, alias=None, revision=0, created_at=0.0, updated_at=0.0
    )
    return Subject(base=fresh, shown=fresh, notes=(note,), chat=chat)


async def _of_trial(services: Services, visitor: Visitor, id: str) -> Scenario:
    trial = await services.store.find_trial(visitor.workspace, id)
    simulation = (
        await services.store.find_simulation(visitor.workspace, trial.simulation) if trial is not None else None
    )
    if trial is None or simulation is None:
        raise NotFound("trial", id)
    played = simulation.scenario(trial.scenario)
    return replace(unmarked(played), agent_id=simulation.agent.id)


async def _chat(services: Services, visitor: Visitor, text: str) -> Chat:
    for id in candidates(CHAT, text):
        if chat := await services.store.find_chat(visitor.workspace, id):
            return chat
    raise NotFound("chat", text[:100])


async def _first(request: Request, visitor: Visitor, subject: Subject) -> Response:
    """The page as its address asks for it."""
    services, asked = services_of(request), request.query_params
    agent = await _agent(services, visitor, subject.base.agent_id)
    drafting = Drafting(services.editing, subject.base, agent)
    tab = asked.get("tab", FORM)
    draft = drafting.of_record(subject.shown, tab if tab in TABS else FORM)
    if mock := asked.get("mock"):
        draft = drafting.with_question(draft, mock, asked.get("arguments", ""), asked.get("nth", ""))
    said = _BACK.get(asked.get("done", ""))
    notes = (*subject.notes, *([said] if said else []))
    # A blank form is not yet full of mistakes.
    quiet = subject.shown.name == "" and draft.record is None
    return await _page(request, visitor, subject, drafting, draft, notes=notes, quiet=quiet)


async def _ordered(request: Request, visitor: Visitor, form: Mapping[str, str], subject: Subject) -> Response:
    """Carry out what a button of the form asks for."""
    services = services_of(request)
    agent = await _agent(services, visitor, form.get("agent") or None)
    group = form.get("set") or None
    chosen = replace(
        subject.base,
        agent_id=agent.id if agent is not None else None,
        set_id=group if group is None or await _is_set(services, visitor, group) else None,
    )
    drafting = Drafting(services.editing, chosen, agent)
    order = form.get("do", "look")
    draft = drafting.of_text(form.get("text", "")) if form.get("tab") == YAML else drafting.of_form(form, order)
    verb, _, rest = order.partition(" ")
    trouble = None
    if verb in TABS:
        draft = drafting.switched(draft, verb)
    elif verb == "ask":
        draft = drafting.asked(draft, rest)
    elif verb == "draft" and subject.chat is not None:
        found = await _drafted(services, subject.chat, form)
        trouble = found if isinstance(found, Trouble) else None
        draft = drafting.of_form(found) if not isinstance(found, Trouble) else draft
    elif verb in ("save", "play"):
        done = await _carried_out(verb, request, visitor, form, subject, draft)
        if isinstance(done, Response):
            return done
        trouble = done
    return await _page(request, visitor, subject, drafting, draft, trouble=trouble, form=form)


async def _drafted(services: Services, chat: Chat, form: Mapping[str, str]) -> Mapping[str, str] | Trouble:
    """The fields with the task, what is known and the assertions as the judge's model would have them."""
    judge = form.get("judge_model", "").strip() or services.defaults.judge
    made = await services.chats.draft(await services.chats.talk(chat), judge)
    if made is None:
        return Trouble(
            text=f"The judge's model ({judge or 'none is set'}) gave no draft of this chat.", status=502
        )
    kept = {name: text for name, text in form.items() if not name.startswith(f"{ROOT}.assertions.")}
    asserted = {f"{ROOT}.assertions.{place}.text": text for place, text in enumerate(made.assertions)}
    told = {f"{ROOT}.task_instructions": made.task, f"{ROOT}.known_info": made.known or ""}
    return {**kept, **told, **asserted}


async def _carried_out(
    verb: str, request: Request, visitor: Visitor, form: Mapping[str, str], subject: Subject, draft: Draft
) -> Response | Trouble:
    record = draft.record
    if record is None:
        return UNMENDED
    if verb == "save":
        return await _save(request, visitor, form, subject, record, draft.tab)
    return await _play(services_of(request), form, draft.agent, record)


async def _play(
    services: Services, form: Mapping[str, str], agent: Agent | None, record: Scenario
) -> Response | Trouble:
    if agent is None:
        return Trouble(text="Choose the agent with which it is played.")
    user, judge = (form.get(name, "").strip() or None for name in ("user_model", "judge_model"))
    try:
        trial = await play_once(services, record, agent, user=user, judge=judge)
    except InvalidInput as error:
        return Trouble(text=str(error))
    return back_to(addresses.trial(trial.id))


async def _save(
    request: Request,
    visitor: Visitor,
    form: Mapping[str, str],
    subject: Subject,
    record: Scenario,
    tab: str,
) -> Response | Trouble:
    services = services_of(request)
    now = services.clock.now()
    if subject.is_new:
        made = replace(record, id=services.runner.new_id(), created_at=now, updated_at=now)
        await services.store.save_scenario(made)
        return back_to(_address(made.id, tab, "saved"))
    stored = subject.base
    if form.get("revision") != str(stored.revision):
        return _overtaken(services, stored, record)
    if record == stored:
        return back_to(_address(stored.id, tab, "same"))
    changed = replace(record, updated_at=now, revision=stored.revision + 1)
    try:
        await services.store.replace_record(changed)
    except NotNow:
        newer = await services.store.find_scenario(stored.workspace, stored.id)
        return _overtaken(services, newer or stored, record)
    return back_to(_address(stored.id, tab, "saved"))


def _overtaken(services: Services, stored: Scenario, typed: Scenario) -> Trouble:
    as_yaml = services.editing.scenario_text
    return overtaken("scenario", stored=as_yaml(stored), typed=as_yaml(typed), revision=stored.revision)


def _address(id: str, tab: str, done: str) -> str:
    query = {**({"tab": tab} if tab != FORM else {}), "done": done}
    return f"{addresses.scenario(id)}?{urlencode(query)}"


async def _agent(services: Services, visitor: Visitor, id: str | None) -> Agent | None:
    return await services.store.find_agent(visitor.workspace, id) if id else None


async def _is_set(services: Services, visitor: Visitor, id: str) -> bool:
    return await services.store.find_scenario_set(visitor.workspace, id) is not None


async def _page(
    request: Request,
    visitor: Visitor,
    subject: Subject,
    drafting: Drafting,
    draft: Draft,
    *,
    notes: Sequence[str] = (),
    trouble: Trouble | None = None,
    form: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> Response:
    services, given = services_of(request), form or {}
    draft = drafting.with_examples(draft)
    agents, _ = await services.store.agents(visitor.workspace, Page(size=_CHOICES))
    sets, _ = await services.store.scenario_sets(visitor.workspace, Page(size=_CHOICES))
    usual = await usual_models(services.store, services, visitor.workspace, draft.agent)
    revision = given.get("revision", str(subject.base.revision))
    if trouble is not None and trouble.revision is not None:
        revision = str(trouble.revision)
    flaws = () if quiet else draft.reading.flaws
    return page(
        request,
        "scenario.html.jinja",
        status=trouble.status if trouble is not None else 200,
        subject=subject,
        draft=draft,
        tree=draft.tree,
        title=_title(subject, draft),
        path=request.url.path,
        agent_names={agent.id: agent.name for agent in _with(agents, draft.agent)},
        set_names={group.id: group.name for group in sets},
        set_id=given.get("set", subject.shown.set_id or "") if form is not None else subject.shown.set_id or "",
        revision=revision,
        flaws=(beside := draft.by_field(flaws)),
        flawed=with_flaws(beside),
        all_flaws=flaws,
        warned=draft.by_field(() if quiet else draft.reading.warnings),
        all_warnings=() if quiet else draft.reading.warnings,
        notes=notes,
        trouble=trouble,
        kept=kept_words(draft.tree),
        models={
            "user": given.get("user_model", usual.user),
            "judge": given.get("judge_model", usual.judge),
        },
        tools=(tools := _tools(draft)),
        tool_names={name: name for name in tools},
        defaults=_defaults(draft),
        conditions=CONDITIONS,
        kept_condition=KEPT,
        media=MEDIA,
    )


def _title(subject: Subject, draft: Draft) -> str:
    name = draft.tree.get("name") or (draft.record.name if draft.record is not None else "")
    return name if isinstance(name, str) and name.strip() else "New scenario" if subject.is_new else "Scenario"


def _with(agents: Sequence[Agent], chosen: Agent | None) -> Sequence[Agent]:
    missing = chosen is not None and all(agent.id != chosen.id for agent in agents)
    return [*agents, chosen] if missing and chosen is not None else agents


def _tools(draft: Draft) -> Mapping[str, Sequence[str]]:
    """The tools that can be named, each with its arguments."""
    own = draft.agent.tools if draft.agent is not None else ()
    theirs = draft.record.user_tools if draft.record is not None else draft.base.user_tools
    found = {}
    for tool in (*own, *theirs):
        properties = tool.parameters.get("properties")
        found[tool.name] = list(properties) if isinstance(properties, Mapping) else []
    return found


def _defaults(draft: Draft) -> Sequence[str]:
    """The tools that the agent's own mocks answer, where the scenario has none for them."""
    rows = draft.tree.get("mocks", [])
    mocked = {row.get("tool") for row in rows if isinstance(row, dict)}
    return [] if draft.agent is None else [name for name in draft.agent.mocks if name not in mocked]
