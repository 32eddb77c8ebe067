"""From what arrived to suites, one for each agent, and from a suite to a vendor's records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sparring.adapters.moving.arrivals import OURS, Arrivals, EmptyShelf, Found, Notes
from sparring.adapters.moving.differences import beyond, overlaid
from sparring.adapters.moving.remainders import absences, remainder, with_remainder, words
from sparring.adapters.moving.sources import SUITE, moving, record_of
from sparring.adapters.moving.vendors import Vendor
from sparring.adapters.suites import Suite, dump_suite, parse_suite
from sparring.adapters.suites.origins import ORIGIN, origin_of
from sparring.dialects.spelling import AGENT, CASE, adopted
from sparring.domain import ids, templates
from sparring.domain.agent import Action, Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Scenario, ScenarioSet

NOWHERE = ""
"""The workspace of records that are kept in files."""


async def suites_of(vendor: Vendor, found: Sequence[Found], now: float) -> tuple[list[Suite], list[str]]:
    """The suites of some records, one for each agent, and what people should know of them.

    Args:
        now: unix seconds.

    Raises:
        InvalidInput: a record cannot be used, there is no scenario, or something cannot be said in a suite.
    """
    arrivals = Arrivals(store=EmptyShelf(), workspace=NOWHERE, now=now)
    await vendor.arrive(moving(vendor, found, arrivals.notes), arrivals)
    arrivals.check()
    said = [one.record for one in found if one.kind == SUITE and one.is_file]
    suites = _suites(vendor, arrivals, said[0] if len(said) == 1 else None)
    return suites, arrivals.notes.lines()


def _suites(vendor: Vendor, arrivals: Arrivals, said: Mapping[str, Any] | None) -> list[Suite]:
    scenarios = arrivals.placed(Scenario)
    if not scenarios:
        raise InvalidInput(f"There is no {vendor.taken[-1]} among the records, and a suite has at least one.")
    made = []
    for agent in arrivals.placed(Agent) or [_nobody(arrivals)]:
        own = [one for one in scenarios if one.agent_id in (agent.id, None)]
        if own:
            made.append(_suite(vendor, arrivals, agent, own, said))
        else:
            arrivals.notes.add(f"an agent without any {vendor.taken[-1]} has no suite", agent.name)
    return made


async def document_of(vendor: Vendor, suite: Suite) -> tuple[dict[str, Any], list[str]]:
    """A suite in a vendor's form, and what of it only this project understands.

    Raises:
        InvalidInput: a part of it does not fit the vendor's form; the message tells which.
    """
    agent = _identified(vendor, suite.agent, AGENT, suite.name)
    scenarios = [_identified(vendor, one, CASE, suite.name) for one in suite.scenarios]
    forms = vendor.forms
    told = forms.agent_record(agent, _overlaid(vendor, forms.agent_form(agent, {}), agent))
    cases = [
        forms.scenario_as_record(one, agent, _overlaid(vendor, forms.scenario_form(one, None), one))
        for one in scenarios
    ]
    document = forms.document(told, cases)
    made = await _read_again(vendor, document, suite)
    read = _plain(made.placed(Agent)[0], made.placed(Scenario), Notes(), None)
    pairs: list[tuple[Any, Any, Any]] = [(told, suite.agent, read.agent)]
    pairs += zip(document[vendor.scenarios], suite.scenarios, read.scenarios, strict=True)
    lost: Counter[str] = Counter()
    for record, wanted, came in pairs:
        rest = remainder(wanted, came)
        lost.update(absences(rest))
        if rest:
            record[OURS] = rest
    document[OURS] = words(suite)
    notes = Notes()
    for name in forms.not_the_vendors(told, cases):
        notes.add(f"{name} is this project's own: {vendor.name} passes over it, or refuses it")
    for name, number in lost.items():
        notes.add(f"{vendor.name} cannot say all of {name}; the rest is under {OURS!r} in {number} of the records")
    return document, notes.lines()


def _nobody(arrivals: Arrivals) -> Agent:
    arrivals.notes.add("no agent is among the records; write the suite's yourself")
    return Agent(id="", workspace=NOWHERE, name="Agent")


def _suite(
    vendor: Vendor, arrivals: Arrivals, agent: Agent, scenarios: Sequence[Scenario], said: Mapping[str, Any] | None
) -> Suite:
    actions = {action.id: action for action in arrivals.placed(Action)}
    sets = {group.id: group for group in arrivals.placed(ScenarioSet)}
    plain = _plain(agent, scenarios, arrivals.notes, said)
    forms = vendor.forms
    kept = beyond(forms.agent_form(agent, actions), forms.agent_form(plain.agent, {}))
    known = replace(plain.agent, extra=_origin(vendor, vendor.forms.agent_record(agent, {}), agent, kept))
    whole = []
    for one, read in zip(scenarios, plain.scenarios, strict=True):
        one = _ordered_like(read, one)
        parts = beyond(forms.scenario_form(one, sets.get(one.set_id or "")), forms.scenario_form(read, None))
        record = forms.scenario_as_record(one, agent, {})
        whole.append(replace(read, extra=_origin(vendor, record, one, parts)))
    return _as_read(replace(plain, agent=known, scenarios=tuple(whole)))


def _plain(agent: Agent, scenarios: Sequence[Scenario], notes: Notes, said: Mapping[str, Any] | None) -> Suite:
    """The suite of some records, without what no suite can say."""
    unique = _with_unique_names(scenarios, notes)
    suite = Suite(
        name=agent.name,
        agent=_bare(agent),
        scenarios=tuple(_bare(_answered(agent, one, notes)) for one in unique),
    )
    if said is not None:
        return _as_read(with_remainder(suite, said))
    usual = Counter(one.trials for one in scenarios).most_common(1)[0][0]
    return _as_read(replace(suite, trials=usual))


def _ordered_like(read: Scenario, scenario: Scenario) -> Scenario:
    """The scenario with its variables in the order in which a suite has them, where their order means nothing."""
    known = [name for name in read.variables if name in scenario.variables]
    return replace(scenario, variables={name: scenario.variables[name] for name in (*known, *scenario.variables)})


def _as_read(suite: Suite) -> Suite:
    """The suite as it reads once it is written."""
    try:
        return parse_suite(dump_suite(suite))
    except InvalidInput as error:
        raise InvalidInput(
            f"{suite.name!r} cannot be a suite file as it is; import it into a database instead. {error}"
        ) from None


def _origin(
    vendor: Vendor, record: Mapping[str, Any], known: Agent | Scenario, kept: list[dict[str, Any]]
) -> dict[str, Any]:
    """Where a record came from; nothing for one that a suite of ours said whole."""
    is_ours = not known.id or (known.alias is None and ids.minted_at(known.id) == 0)
    id = {} if is_ours else {"id": next(iter(record.values()))}
    parts = {"kept": kept} if kept else {}
    return {ORIGIN: {"vendor": vendor.word, **id, **parts}} if id or parts else {}


def _bare(record: Any) -> Any:
    """A record as a suite has it: with no id and of no workspace."""
    changes: dict[str, Any] = {"id": "", "workspace": NOWHERE, "alias": None, "extra": {}}
    changes |= {"created_at": 0.0, "updated_at": 0.0, "revision": 0}
    if isinstance(record, Scenario):
        changes |= {"agent_id": None, "set_id": None, "label": None}
    return replace(record, **changes)


def _with_unique_names(scenarios: Sequence[Scenario], notes: Notes) -> list[Scenario]:
    taken: set[str] = set()
    unique = []
    for scenario in scenarios:
        name, number = scenario.name, 1
        while name in taken:
            number += 1
            name = f"{scenario.name} ({number})"
        if name != scenario.name:
            notes.add("a name that is there twice got a number", name)
        taken.add(name)
        unique.append(replace(scenario, name=name))
    return unique


def _answered(agent: Agent, scenario: Scenario, notes: Notes) -> Scenario:
    """The scenario with a variable for each name that none answers, whose value is what stands there."""
    known = {**scenario.variables, **scenario.generated}
    lacking = [name for name in dict.fromkeys(_names(agent, scenario)) if not _is_known(name, known)]
    if not lacking:
        return scenario
    for name in lacking:
        notes.add(
            f"no variable answers {{{{{name}}}}}; it stays as it is written, by one that says so", scenario.name
        )
    return replace(scenario, variables={**scenario.variables, **{name: f"{{{{{name}}}}}" for name in lacking}})


def _names(agent: Agent, scenario: Scenario) -> Iterator[str]:
    told = words(scenario)
    for text in (
        *agent.texts,
        *scenario.texts,
        *templates.texts_in([told.get("expect"), told.get("state")], keys=True),
    ):
        yield from templates.names(text)
    for text in templates.texts_in([told.get("mocks"), words(agent).get("mocks")], keys=True):
        yield from (name for name in templates.names(text) if name.split(".")[0] not in ("arguments", "state"))


def _is_known(name: str, variables: Mapping[str, Any]) -> bool:
    try:
        templates.look_up(name, variables)
    except KeyError:
        return False
    return True


def _identified(vendor: Vendor, record: Any, prefix: str, suite: str) -> Any:
    """A record of a suite with the id that it has elsewhere, or one that follows from its name."""
    id, alias = (
        adopted(prefix, origin_of(record.extra)["id"]) if origin_of(record.extra).get("id") else (None, None)
    )
    foreign = vendor.word != origin_of(record.extra).get("vendor")
    fallback = ids.derived(prefix, suite, record.name)
    return replace(record, id=id or fallback, alias=None if foreign else alias)


def _overlaid(vendor: Vendor, form: dict[str, Any], record: Agent | Scenario) -> dict[str, Any]:
    whole: dict[str, Any] = overlaid(form, origin_of(record.extra, vendor.word).get("kept", ()))
    return whole


async def _read_again(vendor: Vendor, document: Mapping[str, Any], suite: Suite) -> Arrivals:
    """What an import makes of a document."""
    found: list[Found] = []
    for name, kind in vendor.lists.items():
        records = document.get(name, [])
        found += [record_of(vendor, one, _label(one, kind, place), kind) for place, one in enumerate(records)]
    arrivals = Arrivals(store=EmptyShelf(), workspace=NOWHERE, now=0.0)
    await vendor.arrive(found, arrivals)
    try:
        arrivals.check()
    except InvalidInput as error:
        told = str(error).partition("\n")[2]
        raise InvalidInput(f"{suite.name!r} does not fit {vendor.name}'s form:\n{told}") from None
    return arrivals


def _label(record: Mapping[str, Any], kind: str | None, place: int) -> str:
    name = record.get("name") or record.get("agentName") or record.get("label") or place + 1
    return f"{kind} {name!r}" if isinstance(name, str) else f"{kind} {name}"
