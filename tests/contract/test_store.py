"""What every store keeps, finds, lists, claims and refuses."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from sparring.domain.agent import Agent
from sparring.domain.errors import Conflict, NotFound, NotNow, StaleAppend
from sparring.domain.labels import Label
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Termination
from sparring.domain.rejudgement import Rejudgement
from sparring.domain.transcript import AgentMessage, ToolCall, UserMessage
from sparring.domain.verdict import CheckKind, Finding
from sparring.simulation.store import ApiKey, Page

from .records import (
    ELSEWHERE,
    HERE,
    MESSAGES,
    SET,
    VERDICT,
    a_scenario,
    a_set,
    a_simulation,
    an_action,
    an_agent,
    planned,
)


def an_id(number):
    return f"{number:024x}"


def over(trial, outcome=Outcome.PASSED):
    return replace(trial, status=Lifecycle.COMPLETED, outcome=outcome, completed_at=1_700_000_009.0)


async def submitted(store, *simulations):
    for simulation in simulations:
        await store.save_simulation(simulation, planned(simulation))


class TestJournals:
    async def test_a_journal_gives_back_every_message_as_it_was(self, store):
        (trial, *_) = planned(a_simulation())
        await store.journal(trial).append(0, MESSAGES[:3])
        await store.journal(trial).append(3, MESSAGES[3:])
        assert tuple(await store.journal(trial).load()) == MESSAGES

    async def test_a_journal_tells_no_text_from_an_empty_text(self, store):
        (trial, *_) = planned(a_simulation())
        call = ToolCall(id="1", name="look")
        said = (AgentMessage(text=None, calls=(call,)), AgentMessage(text="", calls=(call,)))
        await store.journal(trial).append(0, said)
        assert [message.text for message in await store.journal(trial).load()] == [None, ""]

    async def test_a_new_trial_has_an_empty_journal(self, store):
        (trial, *_) = planned(a_simulation())
        assert list(await store.journal(trial).load()) == []

    async def test_a_position_that_is_taken_is_refused_and_nothing_of_the_append_is_stored(self, store):
        (trial, *_) = planned(a_simulation())
        journal = store.journal(trial)
        await journal.append(0, MESSAGES[:2])
        with pytest.raises(StaleAppend):
            await journal.append(1, MESSAGES[2:5])
        assert tuple(await journal.load()) == MESSAGES[:2]

    async def test_of_two_workers_on_one_trial_the_second_is_refused_and_others_go_on(self, store):
        first, second, *_ = planned(a_simulation())
        results = []

        async def append(trial, text):
            try:
                await store.journal(trial).append(0, [UserMessage(text=text)])
                results.append(text)
            except StaleAppend:
                results.append(f"{text} refused")

        async with asyncio.TaskGroup() as group:
            group.create_task(append(first, "a"))
            group.create_task(append(first, "b"))
            group.create_task(append(second, "c"))
        # Which of the two comes first is the database's to say.
        first_text, second_text = ("a", "b") if "a" in results else ("b", "a")
        assert sorted(results) == sorted([first_text, f"{second_text} refused", "c"])
        assert [m.text for m in await store.journal(first).load()] == [first_text]
        assert [m.text for m in await store.journal(second).load()] == ["c"]

    async def test_appending_nothing_is_no_conflict(self, store):
        (trial, *_) = planned(a_simulation())
        await store.journal(trial).append(0, MESSAGES[:1])
        await store.journal(trial).append(0, [])
        assert len(await store.journal(trial).load()) == 1

    async def test_each_take_has_a_journal_of_its_own_and_the_latest_is_the_transcript(self, store):
        simulation = a_simulation()
        await submitted(store, simulation)
        (trial, *_) = await store.claim(1)
        await store.journal(trial).append(0, [UserMessage(text="first")])
        again = replace(trial, take=2)
        assert [m.text for m in await store.messages(trial.id)] == ["first"]
        await store.save_trial(again)
        assert list(await store.messages(trial.id)) == []
        await store.journal(again).append(0, [UserMessage(text="second")])
        assert [m.text for m in await store.messages(trial.id)] == ["second"]
        assert [m.text for m in await store.journal(trial).load()] == ["first"]

    async def test_many_trials_append_at_once_and_each_keeps_its_order(self, store):
        simulation = a_simulation(scenarios=(a_scenario(trials=40),))
        await submitted(store, simulation)

        async def talk(trial):
            for position in range(10):
                await store.journal(trial).append(position, [UserMessage(text=f"{trial.id} {position}")])

        async with asyncio.TaskGroup() as group:
            for trial in planned(simulation):
                group.create_task(talk(trial))
        for trial in planned(simulation):
            said = [message.text for message in await store.messages(trial.id)]
            assert said == [f"{trial.id} {position}" for position in range(10)]

    async def test_a_history_of_thousands_of_messages_is_one_append(self, store):
        (trial, *_) = planned(a_simulation())
        said = [UserMessage(text=str(number)) for number in range(5000)]
        await store.journal(trial).append(0, said)
        assert list(await store.journal(trial).load()) == said

    async def test_an_unknown_trial_has_no_messages(self, store):
        assert list(await store.messages(an_id(404))) == []


class TestWorkspacesAndKeys:
    async def test_the_first_workspace_is_made_once(self, store):
        first = await store.first_workspace()
        assert len(first) == 24
        assert await store.first_workspace() == first
        assert await store.workspaces() == {first: None}

    async def test_a_workspace_that_is_there_is_the_first(self, store):
        await store.save_workspace(HERE, "org_1")
        await store.save_workspace(ELSEWHERE)
        assert await store.first_workspace() == HERE
        assert await store.workspaces() == {HERE: "org_1", ELSEWHERE: None}

    async def test_a_workspace_alias_is_replaced_and_belongs_to_one(self, store):
        await store.save_workspace(HERE, "old")
        await store.save_workspace(HERE, "new")
        with pytest.raises(Conflict, match="'new' is taken"):
            await store.save_workspace(ELSEWHERE, "new")
        assert await store.workspaces() == {HERE: "new"}

    async def test_keys_are_found_by_digest_and_listed_oldest_first(self, store):
        made = [
            ApiKey(id=an_id(n), workspace=w, name=f"key {n}", digest=f"d{n}", hint="abcd", role=r, created_at=n)
            for n, w, r in ((1, HERE, "write"), (2, ELSEWHERE, "read"), (3, HERE, "read"))
        ]
        for key in made:
            await store.save_key(key)
        assert await store.find_key("d2") == made[1]
        assert await store.find_key("d9") is None
        assert list(await store.keys()) == made
        assert list(await store.keys(HERE)) == [made[0], made[2]]

    async def test_a_revoked_key_keeps_its_place(self, store):
        old = ApiKey(id=an_id(1), workspace=HERE, name="a", digest="d1", hint="x")
        new = ApiKey(id=an_id(2), workspace=HERE, name="b", digest="d2", hint="y")
        await store.save_key(old)
        await store.save_key(new)
        revoked = replace(old, revoked_at=99.5)
        await store.save_key(revoked)
        assert list(await store.keys()) == [revoked, new]


class TestAgents:
    async def test_an_agent_comes_back_as_it_was(self, store):
        await store.save_agent(an_agent())
        assert await store.find_agent(HERE, an_agent().id) == an_agent()

    async def test_an_agent_is_found_by_alias_and_not_from_another_workspace(self, store):
        agent = an_agent(alias="D5D0p7TUs66TTAEAx")
        await store.save_agent(agent)
        assert await store.find_agent(HERE, "D5D0p7TUs66TTAEAx") == agent
        assert await store.find_agent(ELSEWHERE, "D5D0p7TUs66TTAEAx") is None
        assert await store.find_agent(ELSEWHERE, agent.id) is None
        assert await store.find_agent(HERE, "unknown") is None

    async def test_agents_come_newest_first_in_pages_with_their_number(self, store):
        for number in range(5):
            await store.save_agent(an_agent(an_id(number), name=f"{number}"))
        await store.save_agent(an_agent(an_id(9), workspace=ELSEWHERE))
        agents, total = await store.agents(HERE, Page(offset=1, size=2))
        assert [agent.name for agent in agents] == ["3", "2"]
        assert total == 5

    async def test_an_agent_that_is_saved_again_is_replaced_and_keeps_its_place(self, store):
        for number in range(2):
            await store.save_agent(an_agent(an_id(number), name=f"{number}"))
        changed = an_agent(an_id(0), name="changed", instructions="", alias="now", tools=())
        await store.save_agent(changed)
        agents, total = await store.agents(HERE, Page())
        assert [agent.name for agent in agents] == ["1", "changed"]
        assert total == 2
        assert await store.find_agent(HERE, "now") == changed

    async def test_an_alias_belongs_to_one_agent_of_a_workspace(self, store):
        await store.save_agent(an_agent(an_id(1), alias="x"))
        await store.save_agent(an_agent(an_id(1), alias="x", name="again"))
        await store.save_agent(an_agent(an_id(2), workspace=ELSEWHERE, alias="x"))
        with pytest.raises(Conflict, match="'x' is taken by another agent"):
            await store.save_agent(an_agent(an_id(3), alias="x"))
        assert await store.find_agent(HERE, an_id(3)) is None

    async def test_a_deleted_agent_leaves_its_scenarios(self, store):
        agent = an_agent(alias="x")
        await store.save_agent(agent)
        await store.save_scenario(a_scenario(agent_id=agent.id))
        await store.delete_agent(HERE, "x")
        assert await store.find_agent(HERE, agent.id) is None
        assert await store.find_scenario(HERE, a_scenario().id) is not None

    async def test_deleting_what_is_not_there_or_not_ones_own_is_not_found(self, store):
        await store.save_agent(an_agent())
        with pytest.raises(NotFound):
            await store.delete_agent(ELSEWHERE, an_agent().id)
        with pytest.raises(NotFound):
            await store.delete_scenario(HERE, "unknown")

    async def test_an_agent_stays_while_a_simulation_of_it_is_not_finished(self, store):
        agent = an_agent()
        await store.save_agent(agent)
        await submitted(store, a_simulation(agent=agent))
        with pytest.raises(Conflict, match="'Airline agent' is not finished"):
            await store.delete_agent(HERE, agent.id)
        await store.cancel(HERE, a_simulation().id)
        await store.delete_agent(HERE, agent.id)
        assert await store.find_agent(HERE, agent.id) is None


class TestScenarios:
    async def test_a_scenario_comes_back_as_it_was(self, store):
        await store.save_scenario(a_scenario())
        assert await store.find_scenario(HERE, a_scenario().id) == a_scenario()

    async def test_a_scenario_of_defaults_comes_back_as_it_was(self, store):
        plain = a_scenario().__class__(id=an_id(1), workspace=HERE)
        await store.save_scenario(plain)
        assert await store.find_scenario(HERE, plain.id) == plain

    async def test_scenarios_are_listed_newest_first_and_by_agent(self, store):
        for number, agent_id in enumerate((an_id(50), None, an_id(51), an_id(50))):
            await store.save_scenario(a_scenario(an_id(number), agent_id=agent_id))
        every, total = await store.scenarios(HERE, Page())
        assert [scenario.id for scenario in every] == [an_id(number) for number in (3, 2, 1, 0)]
        assert total == 4
        some, number = await store.scenarios(HERE, Page(offset=1), agent_id=an_id(50))
        assert [scenario.id for scenario in some] == [an_id(0)]
        assert number == 2
        assert (await store.scenarios(ELSEWHERE, Page())) == ([], 0)

    async def test_a_scenario_can_change_agent_and_alias(self, store):
        await store.save_scenario(a_scenario(alias="tc_1"))
        await store.save_scenario(a_scenario(alias="tc_2", agent_id=an_id(77)))
        assert await store.find_scenario(HERE, "tc_1") is None
        found, _ = await store.scenarios(HERE, Page(), agent_id=an_id(77))
        assert found[0].alias == "tc_2"

    async def test_an_alias_belongs_to_one_scenario_of_a_workspace(self, store):
        await store.save_scenario(a_scenario(alias="x"))
        with pytest.raises(Conflict, match="another scenario"):
            await store.save_scenario(a_scenario(an_id(2), alias="x"))

    async def test_a_deleted_scenario_stays_in_the_simulations_that_played_it(self, store):
        await store.save_scenario(a_scenario())
        await submitted(store, a_simulation())
        await store.delete_scenario(HERE, a_scenario().id)
        assert await store.find_scenario(HERE, a_scenario().id) is None
        simulation = await store.find_simulation(HERE, a_simulation().id)
        assert simulation.scenarios == (a_scenario(),)

    async def test_scenarios_are_listed_by_set_folder_and_name(self, store):
        await store.save_scenario(a_scenario(an_id(1), folder="A", name="one"))
        await store.save_scenario(a_scenario(an_id(2), folder="A", name="two", set_id=None))
        await store.save_scenario(a_scenario(an_id(3), folder=None, name="two"))
        await store.save_scenario(a_scenario(an_id(4), ELSEWHERE, folder="A", name="two"))

        async def listed(**filters):
            found, total = await store.scenarios(HERE, Page(), **filters)
            assert total == len(found)
            return [scenario.id for scenario in found]

        assert await listed() == [an_id(3), an_id(2), an_id(1)]
        assert await listed(set_id=SET) == [an_id(3), an_id(1)]
        assert await listed(folder="A") == [an_id(2), an_id(1)]
        assert await listed(name="two") == [an_id(3), an_id(2)]
        assert await listed(name="two", folder="A", set_id=SET) == []


class TestActionsAndSets:
    async def test_an_action_comes_back_as_it_was_in_its_workspace_only(self, store):
        await store.save_action(an_action(an_id(1)))
        await store.save_action(an_action(an_id(1), name="Changed"))
        await store.save_action(an_action(an_id(2)))
        await store.save_action(an_action(an_id(3), ELSEWHERE))
        assert await store.find_action(HERE, an_id(1)) == an_action(an_id(1), name="Changed")
        assert await store.find_action(ELSEWHERE, an_id(1)) is None
        assert await store.find_action(HERE, "unknown") is None
        found, total = await store.actions(HERE, Page(size=1))
        assert ([action.id for action in found], total) == ([an_id(2)], 2)

    async def test_a_set_comes_back_as_it_was_in_its_workspace_only(self, store):
        await store.save_scenario_set(a_set())
        await store.save_scenario_set(a_set(name="Changed", description=None))
        await store.save_scenario_set(a_set(an_id(2)))
        await store.save_scenario_set(a_set(an_id(3), ELSEWHERE))
        assert await store.find_scenario_set(HERE, SET) == a_set(name="Changed", description=None)
        assert await store.find_scenario_set(ELSEWHERE, SET) is None
        found, total = await store.scenario_sets(HERE, Page(offset=1))
        assert ([group.id for group in found], total) == ([SET], 2)

    async def test_the_scenarios_of_a_deleted_set_stay_in_no_set(self, store):
        await store.save_scenario_set(a_set())
        await store.save_scenario_set(a_set(an_id(2)))
        await store.save_scenario(a_scenario())
        await store.save_scenario(a_scenario(an_id(3), set_id=an_id(2)))
        with pytest.raises(NotFound):
            await store.delete_scenario_set(ELSEWHERE, SET)
        await store.delete_scenario_set(HERE, SET)
        assert await store.find_scenario_set(HERE, SET) is None
        assert await store.find_scenario(HERE, a_scenario().id) == a_scenario(set_id=None)
        assert (await store.find_scenario(HERE, an_id(3))).set_id == an_id(2)


@pytest.mark.parametrize("record", [an_agent(revision=3), a_scenario(revision=3)], ids=["agent", "scenario"])
class TestRecordsThatSeveralEdit:
    async def stored(self, store, record):
        find = store.find_agent if isinstance(record, Agent) else store.find_scenario
        return await find(HERE, record.id)

    async def test_what_nobody_has_changed_is_replaced(self, store, record):
        await store.save_records([record])
        mine = replace(record, name="Mine", revision=4)
        await store.replace_record(mine)
        assert await self.stored(store, record) == mine

    async def test_what_somebody_has_changed_stays_theirs(self, store, record):
        theirs = replace(record, name="Theirs", revision=4)
        await store.save_records([theirs])
        with pytest.raises(NotNow, match="was changed in the meantime"):
            await store.replace_record(replace(record, name="Mine", revision=4))
        assert await self.stored(store, record) == theirs

    async def test_of_many_at_once_one_is_kept(self, store, record):
        await store.save_records([record])
        kept = []

        async def edit(number):
            with suppress(NotNow):
                await store.replace_record(replace(record, name=f"Edit {number}", revision=4))
                kept.append(number)

        async with asyncio.TaskGroup() as editors:
            for number in range(8):
                editors.create_task(edit(number))
        assert len(kept) == 1
        assert (await self.stored(store, record)).name == f"Edit {kept[0]}"

    async def test_what_is_gone_or_elsewhere_is_not_made_anew(self, store, record):
        with pytest.raises(NotFound):
            await store.replace_record(replace(record, revision=4))
        await store.save_records([record])
        with pytest.raises(NotFound):
            await store.replace_record(replace(record, workspace=ELSEWHERE, revision=4))


class TestRecordsTogether:
    async def test_records_of_all_kinds_are_kept_and_listed_in_their_order(self, store):
        await store.save_agent(an_agent(name="Before"))
        records = [a_set(), an_action(an_id(1)), an_agent(), a_scenario(), a_scenario(an_id(4), alias=None)]
        await store.save_records(records)
        assert await store.find_scenario_set(HERE, SET) == a_set()
        assert await store.find_action(HERE, an_id(1)) == an_action(an_id(1))
        assert await store.find_agent(HERE, an_agent().id) == an_agent()
        found, _ = await store.scenarios(HERE, Page())
        assert [scenario.id for scenario in found] == [an_id(4), a_scenario().id]
        await store.save_records([])

    async def test_of_records_one_of_which_is_refused_none_is_kept(self, store):
        await store.save_scenario(a_scenario(an_id(1), alias="x", name="Before"))
        records = [a_set(), an_action(an_id(2)), an_agent(), a_scenario(an_id(1), alias="y")]
        with pytest.raises(Conflict, match="'y' is taken by another scenario"):
            await store.save_records([*records, a_scenario(an_id(3), alias="y")])
        assert await store.find_scenario_set(HERE, SET) is None
        assert await store.find_action(HERE, an_id(2)) is None
        assert await store.find_agent(HERE, an_agent().id) is None
        assert (await store.find_scenario(HERE, an_id(1))).name == "Before"


async def test_a_store_on_a_disk_knows_how_large_it_is(store, place):
    size = await store.size()
    assert size is None if place is None else size > 4096


class TestSimulations:
    async def test_simulations_are_listed_by_set(self, store):
        await submitted(store, a_simulation(an_id(1)), a_simulation(an_id(2), set_id=None))
        found, total = await store.simulations(HERE, Page(), set_id=SET)
        assert ([simulation.id for simulation in found], total) == ([an_id(1)], 1)

    async def test_a_simulation_that_is_over_can_be_deleted_with_everything_of_it(self, store):
        other = a_simulation(an_id(2), alias="other", scenarios=(a_scenario(trials=1),))
        await submitted(store, a_simulation(), other)
        trials = await store.claim(10)
        for trial in trials:
            await store.journal(trial).append(0, [UserMessage(text="Hello")])
            await store.save_trial(over(trial))
        await store.delete_simulation(HERE, a_simulation().id)
        assert await store.find_simulation(HERE, a_simulation().id) is None
        assert list(await store.trials(a_simulation().id)) == []
        for trial in trials:
            ours = trial.simulation == other.id
            assert (await store.find_trial(HERE, trial.id) is not None) == ours
            assert len(await store.journal(trial).load()) == ours
        await store.delete_simulation(HERE, "other")
        assert (await store.simulations(HERE, Page()))[1] == 0

    async def test_a_simulation_that_is_not_over_or_not_here_is_not_deleted(self, store):
        await submitted(store, a_simulation())
        with pytest.raises(Conflict, match="not over"):
            await store.delete_simulation(HERE, a_simulation().id)
        await store.claim(1)
        await store.cancel(HERE, a_simulation().id)
        with pytest.raises(Conflict, match="not over"):
            await store.delete_simulation(HERE, a_simulation().id)
        with pytest.raises(NotFound):
            await store.delete_simulation(ELSEWHERE, a_simulation().id)
        with pytest.raises(NotFound):
            await store.delete_simulation(HERE, "unknown")

    async def test_a_simulation_comes_back_with_its_snapshots_as_they_were(self, store):
        simulation = a_simulation(scenarios=(a_scenario(an_id(2)), a_scenario(an_id(1), name="Other")))
        await submitted(store, simulation)
        await store.save_agent(an_agent(name="changed"))
        assert await store.find_simulation(HERE, simulation.id) == simulation
        assert await store.find_simulation(None, simulation.id) == simulation
        assert await store.find_simulation(ELSEWHERE, simulation.id) is None
        assert await store.find_simulation(HERE, "unknown") is None

    async def test_a_simulation_and_a_trial_are_found_by_alias(self, store):
        simulation = a_simulation(alias="batch")
        first, *rest = planned(simulation)
        await store.save_simulation(simulation, [replace(first, alias="job"), *rest])
        assert await store.find_simulation(HERE, "batch") == simulation
        assert await store.find_simulation(ELSEWHERE, "batch") is None
        assert (await store.find_trial(HERE, "job")).id == first.id
        assert await store.find_trial(ELSEWHERE, "job") is None

    async def test_an_alias_belongs_to_one_simulation_of_a_workspace(self, store):
        await submitted(store, a_simulation(an_id(1), alias="x"))
        with pytest.raises(Conflict, match="another simulation"):
            await submitted(store, a_simulation(an_id(2), alias="x"))
        assert await store.find_simulation(None, an_id(2)) is None

    async def test_an_idempotency_key_makes_one_simulation_in_a_workspace(self, store):
        first = a_simulation(an_id(1), idempotency_key="k")
        await submitted(store, first, a_simulation(an_id(2), workspace=ELSEWHERE, idempotency_key="k"))
        again = a_simulation(an_id(3), idempotency_key="k")
        with pytest.raises(Conflict, match="'k'"):
            await submitted(store, again)
        assert await store.find_simulation(HERE, an_id(3)) is None
        assert list(await store.trials(an_id(3))) == []
        assert await store.find_by_idempotency_key(HERE, "k") == first
        assert await store.find_by_idempotency_key(HERE, "other") is None

    async def test_simulations_are_listed_newest_first_by_workspace_and_agent(self, store):
        await submitted(
            store,
            a_simulation(an_id(1)),
            a_simulation(an_id(2), workspace=ELSEWHERE),
            a_simulation(an_id(3), agent=an_agent(an_id(70))),
            a_simulation(an_id(4)),
        )
        here, total = await store.simulations(HERE, Page(size=2))
        assert ([simulation.id for simulation in here], total) == ([an_id(4), an_id(3)], 3)
        every, total = await store.simulations(None, Page())
        assert ([simulation.id for simulation in every], total) == ([an_id(n) for n in (4, 3, 2, 1)], 4)
        some, total = await store.simulations(HERE, Page(), agent_id=an_id(70))
        assert ([simulation.id for simulation in some], total) == ([an_id(3)], 1)

    async def test_ids_are_found_by_their_beginning_at_most_ten(self, store):
        await submitted(store, *(a_simulation(f"ab{number:022}") for number in range(12)))
        await submitted(store, a_simulation("ac".ljust(24, "0")))
        assert list(await store.simulations_beginning("ac")) == ["ac".ljust(24, "0")]
        assert len(await store.simulations_beginning("ab")) == 10
        assert list(await store.simulations_beginning("f")) == []

    async def test_more_simulations_than_are_kept_at_hand_are_found_all_the_same(self, store):
        made = [a_simulation(an_id(number), name=f"{number}") for number in range(70)]
        await submitted(store, *made)
        for simulation in made:
            assert await store.find_simulation(HERE, simulation.id) == simulation
        assert await store.find_simulation(HERE, an_id(0)) == made[0]

    async def test_trials_come_by_number_then_in_the_order_of_the_scenarios(self, store):
        simulation = a_simulation(scenarios=(a_scenario(an_id(9), trials=2), a_scenario(an_id(5), trials=3)))
        trials = planned(simulation)
        await store.save_simulation(simulation, list(reversed(trials)))
        found = await store.trials(simulation.id)
        assert list(found) == list(trials)
        assert [(t.number, t.scenario) for t in found] == [
            (1, an_id(9)),
            (1, an_id(5)),
            (2, an_id(9)),
            (2, an_id(5)),
            (3, an_id(5)),
        ]

    async def test_hundreds_of_trials_come_back_whole(self, store):
        simulation = a_simulation(scenarios=tuple(a_scenario(an_id(n), trials=5) for n in range(123)))
        await submitted(store, simulation)
        assert list(await store.trials(simulation.id)) == list(planned(simulation))

    async def test_a_trial_is_found_in_its_workspace_only(self, store):
        simulation = a_simulation()
        await submitted(store, simulation)
        (trial, *_) = planned(simulation)
        assert await store.find_trial(HERE, trial.id) == trial
        assert await store.find_trial(ELSEWHERE, trial.id) is None
        assert await store.find_trial(HERE, "unknown") is None

    async def test_pages_of_trials_are_filtered_by_status_and_outcome(self, store):
        simulation = a_simulation(scenarios=(a_scenario(trials=5),))
        await submitted(store, simulation)
        claimed = await store.claim(3)
        await store.save_trial(over(claimed[0], Outcome.FAILED))
        await store.save_trial(over(claimed[1]))

        async def numbers(page=None, **filters):
            trials, total = await store.trial_page(simulation.id, page or Page(), **filters)
            return [trial.number for trial in trials], total

        assert await numbers() == ([1, 2, 3, 4, 5], 5)
        assert await numbers(Page(offset=3, size=1)) == ([4], 5)
        assert await numbers(status=Lifecycle.COMPLETED) == ([1, 2], 2)
        assert await numbers(outcome=Outcome.FAILED) == ([1], 1)
        assert await numbers(status=Lifecycle.QUEUED, outcome=Outcome.FAILED) == ([], 0)

    async def test_progress_counts_the_trials_by_where_they_are(self, store):
        simulation = a_simulation(scenarios=(a_scenario(trials=4),))
        await submitted(store, simulation)
        claimed = await store.claim(2)
        await store.save_trial(over(claimed[0]))
        assert await store.progress(simulation.id) == {
            Lifecycle.COMPLETED: 1,
            Lifecycle.RUNNING: 1,
            Lifecycle.QUEUED: 2,
        }


class TestPlaying:
    async def test_lower_numbers_are_claimed_first_then_older_simulations(self, store):
        large = a_simulation(an_id(1), scenarios=(a_scenario(trials=4),))
        small = a_simulation(an_id(2), scenarios=(a_scenario(trials=2),))
        await submitted(store, large, small)
        claimed = [*await store.claim(3), *await store.claim(10)]
        assert [(trial.number, trial.simulation) for trial in claimed] == [
            (1, an_id(1)),
            (1, an_id(2)),
            (2, an_id(1)),
            (2, an_id(2)),
            (3, an_id(1)),
            (4, an_id(1)),
        ]
        assert list(await store.claim(10)) == []

    async def test_of_many_scenarios_with_one_trial_each_later_ones_wait_for_other_simulations_first_ones(
        self, store
    ):
        many = a_simulation(an_id(1), scenarios=tuple(a_scenario(an_id(50 + n), trials=1) for n in range(6)))
        await submitted(store, many, a_simulation(an_id(2), scenarios=(a_scenario(trials=3),)))
        claimed = [trial.simulation for trial in await store.claim(9)]
        assert claimed == [an_id(1), an_id(2)] * 3 + [an_id(1)] * 3

    async def test_a_claim_can_be_of_one_simulation_only(self, store):
        await submitted(store, a_simulation(an_id(1)), a_simulation(an_id(2)))
        claimed = await store.claim(10, simulation=an_id(2))
        assert {trial.simulation for trial in claimed} == {an_id(2)}
        assert await store.progress(an_id(1)) == {Lifecycle.QUEUED: 3}

    async def test_a_claim_starts_the_trial_and_its_simulation(self, store, clock):
        await submitted(store, a_simulation())
        began = clock.now()
        (trial,) = await store.claim(1)
        assert (trial.status, trial.started_at) == (Lifecycle.RUNNING, began)
        await clock.sleep(10)
        await store.claim(1)
        simulation = await store.find_simulation(HERE, a_simulation().id)
        assert (simulation.status, simulation.started_at) == (Lifecycle.RUNNING, began)
        first, second, third = await store.trials(simulation.id)
        assert first == trial
        assert (second.status, second.started_at) == (Lifecycle.RUNNING, began + 10)
        assert third.status is Lifecycle.QUEUED

    async def test_what_became_of_a_trial_is_kept_whole(self, store):
        await submitted(store, a_simulation())
        (trial,) = await store.claim(1)
        done = replace(
            over(trial, Outcome.ERROR),
            cause=Cause.MOCK_GAP,
            error="No mock \ud800\0.",
            termination=Termination.AGENT_STOP,
            verdict=VERDICT,
            costs={"agent": 0.1, "user": None, "judge": 0.0},
            steps=12,
            attempt=3,
            take=2,
            warnings=("One.", "Two."),
        )
        assert await store.save_trial(replace(done, error="No mock.")) is None
        assert await store.find_trial(HERE, trial.id) == replace(done, error="No mock.")

    async def test_the_last_trial_completes_the_simulation_once(self, store, clock):
        await submitted(store, a_simulation())
        first, second, third = await store.claim(3)
        assert await store.save_trial(over(first)) is None
        assert await store.save_trial(replace(second, attempt=2)) is None
        assert await store.save_trial(over(third)) is None
        await clock.sleep(5)
        done = await store.save_trial(over(second, Outcome.ERROR))
        assert (done.id, done.status, done.completed_at) == (
            a_simulation().id,
            Lifecycle.COMPLETED,
            clock.now(),
        )
        assert await store.find_simulation(HERE, done.id) == done
        assert await store.save_trial(over(second)) is None

    async def test_one_of_many_that_end_at_once_completes_the_simulation(self, store):
        await submitted(store, a_simulation(scenarios=(a_scenario(trials=30),)))
        completed = []

        async def end(trial):
            completed.append(await store.save_trial(over(trial)))

        async with asyncio.TaskGroup() as group:
            for trial in await store.claim(30):
                group.create_task(end(trial))
        assert len([simulation for simulation in completed if simulation is not None]) == 1

    async def test_an_unknown_trial_cannot_be_saved(self, store):
        with pytest.raises(NotFound):
            await store.save_trial(planned(a_simulation())[0])

    async def test_running_trials_go_back_to_the_queue_with_their_journal(self, store, clock):
        await submitted(store, a_simulation())
        (trial,) = await store.claim(1)
        await store.journal(trial).append(0, MESSAGES[:1])
        await store.save_trial(replace(trial, attempt=2, costs={"judge": 0.5}))
        await clock.sleep(60)
        assert await store.release_running() == 1
        assert await store.release_running() == 0
        (again,) = await store.claim(1)
        assert again == replace(trial, attempt=2, claim=2, costs={"judge": 0.5})
        assert len(await store.journal(again).load()) == 1

    async def test_cancelling_ends_what_waits_and_marks_what_runs(self, store, clock):
        await submitted(store, a_simulation())
        (running,) = await store.claim(1)
        assert not await store.is_cancelled(a_simulation().id)
        cancelled = await store.cancel(HERE, a_simulation().id)
        assert (cancelled.status, cancelled.completed_at) == (Lifecycle.CANCELLED, None)
        assert await store.is_cancelled(cancelled.id)
        assert list(await store.claim(10)) == []
        _, second, _ = await store.trials(cancelled.id)
        assert (second.status, second.outcome, second.completed_at) == (
            Lifecycle.CANCELLED,
            Outcome.CANCELLED,
            clock.now(),
        )
        ended = replace(over(running), status=Lifecycle.CANCELLED, outcome=Outcome.CANCELLED)
        done = await store.save_trial(ended)
        assert (done.status, done.completed_at) == (Lifecycle.CANCELLED, clock.now())

    async def test_cancelling_what_waits_as_a_whole_ends_it_at_once(self, store, clock):
        await submitted(store, a_simulation())
        cancelled = await store.cancel(None, a_simulation().id)
        assert (cancelled.status, cancelled.completed_at) == (Lifecycle.CANCELLED, clock.now())
        with pytest.raises(Conflict, match="already cancelled"):
            await store.cancel(HERE, cancelled.id)

    async def test_what_is_over_or_not_ones_own_cannot_be_cancelled(self, store):
        await submitted(store, a_simulation(scenarios=(a_scenario(trials=1),)))
        with pytest.raises(NotFound):
            await store.cancel(ELSEWHERE, a_simulation().id)
        with pytest.raises(NotFound):
            await store.cancel(None, "unknown")
        (trial,) = await store.claim(1)
        await store.save_trial(over(trial))
        with pytest.raises(Conflict, match="already completed"):
            await store.cancel(HERE, a_simulation().id)
        assert not await store.is_cancelled("unknown")

    async def test_a_cancelled_trial_stays_cancelled(self, store):
        await submitted(store, a_simulation())
        (trial, *_) = planned(a_simulation())
        await store.cancel(HERE, a_simulation().id)
        assert await store.save_trial(over(trial)) is None
        assert (await store.find_trial(HERE, trial.id)).outcome is Outcome.CANCELLED

    async def test_a_trial_that_ends_with_a_verdict_after_the_cancel_keeps_it(self, store):
        await submitted(store, a_simulation(scenarios=(a_scenario(trials=1),)))
        (trial,) = await store.claim(1)
        await store.cancel(HERE, a_simulation().id)
        done = await store.save_trial(over(trial))
        assert done.status is Lifecycle.CANCELLED
        assert (await store.find_trial(HERE, trial.id)).outcome is Outcome.PASSED

    async def test_a_killed_trial_of_a_cancelled_simulation_is_cancelled_when_it_is_released(self, store):
        await submitted(store, a_simulation(), a_simulation(an_id(2)))
        await store.claim(2)
        await store.cancel(HERE, a_simulation().id)
        assert await store.release_running() == 2
        cancelled = await store.find_simulation(HERE, a_simulation().id)
        assert cancelled.completed_at is not None
        assert {trial.status for trial in await store.trials(cancelled.id)} == {Lifecycle.CANCELLED}
        assert (await store.progress(an_id(2)))[Lifecycle.QUEUED] == 3


class TestLabels:
    def label(self, trial, **changes):
        given = {"kind": CheckKind.ASSERTION, "index": 1, "by": "key1", "agrees": False, "finding": Finding.MET}
        return Label(trial=trial.id, **{**given, "note": "No: it never asked. 🙂", "at": 5.25, **changes})

    async def test_labels_come_back_as_they_were_oldest_first(self, store):
        simulation, other = a_simulation(), a_simulation(an_id(7))
        await submitted(store, simulation, other)
        first, second, *_ = planned(simulation)
        later = self.label(first, agrees=True, by="key2", at=9.0)
        earlier = self.label(second, kind=CheckKind.ACTION, note="")
        await store.save_label(later)
        await store.save_label(earlier)
        await store.save_label(self.label(planned(other)[0]))
        assert list(await store.labels(simulation.id)) == [earlier, later]

    async def test_a_person_has_one_label_for_a_check_and_may_take_it_back(self, store):
        await submitted(store, a_simulation())
        (trial, *_) = planned(a_simulation())
        await store.save_label(self.label(trial))
        changed = self.label(trial, agrees=True, finding=Finding.NOT_MET, note="Looked again.", at=6.0)
        await store.save_label(changed)
        assert list(await store.labels(a_simulation().id)) == [changed]
        await store.delete_label(changed)
        await store.delete_label(changed)
        assert list(await store.labels(a_simulation().id)) == []

    async def test_a_trial_that_is_not_there_gets_no_label(self, store):
        (trial, *_) = planned(a_simulation())
        with pytest.raises(NotFound):
            await store.save_label(self.label(trial))

    async def test_labels_go_with_their_simulation(self, store):
        await submitted(store, a_simulation())
        for trial in await store.claim(100):
            await store.save_label(self.label(trial))
            await store.save_trial(over(trial))
        await store.delete_simulation(HERE, a_simulation().id)
        assert list(await store.labels(a_simulation().id)) == []


class TestLaterJudgements:
    def judgement(self, trial, number, **changes):
        given = {
            "judging": an_id(90),
            "judge": "openai:gpt-5",
            "votes": 3,
            "outcome": VERDICT.outcome,
            "verdict": VERDICT,
            "splits": {"0": {"met": 2, "not_met": 1}},
            "cost": 0.25,
            "created_at": 5.5,
        }
        facts = {"id": an_id(80 + number), "simulation": trial.simulation, "trial": trial.id}
        return Rejudgement(**facts, **{**given, **changes})

    async def test_they_come_back_as_they_were_oldest_first_and_no_verdict_is_replaced(self, store):
        simulation, other = a_simulation(), a_simulation(an_id(7))
        await submitted(store, simulation, other)
        first, second, *_ = planned(simulation)
        failed = {"outcome": Outcome.ERROR, "verdict": None, "error": "No answer.", "cost": None, "splits": {}}
        judged = [
            self.judgement(second, 1),
            self.judgement(first, 2, **failed),
            self.judgement(second, 3, judging=an_id(91), created_at=9.0),
        ]
        for one in judged:
            await store.save_rejudgement(one)
        await store.save_rejudgement(self.judgement(planned(other)[0], 4))
        assert list(await store.rejudgements(simulation.id)) == judged
        assert (await store.find_trial(HERE, second.id)).verdict is None

    async def test_a_trial_that_is_not_there_gets_none(self, store):
        (trial, *_) = planned(a_simulation())
        with pytest.raises(NotFound):
            await store.save_rejudgement(self.judgement(trial, 1))

    async def test_they_go_with_their_simulation(self, store):
        await submitted(store, a_simulation())
        for number, trial in enumerate(await store.claim(100)):
            await store.save_rejudgement(self.judgement(trial, number))
            await store.save_trial(over(trial))
        await store.delete_simulation(HERE, a_simulation().id)
        assert list(await store.rejudgements(a_simulation().id)) == []
