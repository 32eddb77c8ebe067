"""Two simulations beside each other: what was changed, what became of each scenario, what it comes to."""

from dataclasses import replace

import pytest

from sparring.domain.agent import Agent, Tool
from sparring.domain.comparison import Change, Conclusion, Side, Tally, compare, side_of
from sparring.domain.endpoints import HttpEndpoint
from sparring.domain.matching import Matcher
from sparring.domain.metrics import summarize
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Expectations, Instructions, Scenario
from sparring.domain.setups import Facet, Setup, alterations, setup_of
from sparring.domain.simulation import Limits, Models, Simulation, Trial

AGENT = Agent(
    id="a",
    workspace="w",
    name="Clerk",
    instructions="Be kind.\nNever refund.",
    model="openai:gpt-4o-mini",
    tools=(Tool(name="look", description="Looks."), Tool(name="pay", writes=True)),
)
SCENARIO = Scenario(
    id="s1",
    workspace="w",
    name="Late parcel",
    persona="An old man.",
    instructions=Instructions(task="Ask."),
    mocks={"look": ToolMock(rules=(Rule(when={"id": Matcher(regex="^A")}, answer=Answer(value=1)),))},
    expect=Expectations(assertions=("It looks.", "It is kind.")),
    trials=4,
)
SIMULATION = Simulation(
    id="one",
    workspace="w",
    agent=AGENT,
    scenarios=(SCENARIO,),
    models=Models(user="openai:u", judge="openai:j"),
    name="Shop",
    created_at=5.0,
)


def side(tallies, *, id="one", setup=None):
    return Side(
        id=id,
        name="Shop",
        created_at=0.0,
        setup=setup or Setup(),
        tallies=tuple(
            Tally(id=f"id-{name}", name=name, passed=passed, judged=judged, planned=judged)
            for name, (passed, judged) in tallies.items()
        ),
    )


def compared(before, after):
    return compare(side(before), side(after, id="two"))


def told(before, after):
    """Facet, name, part, before and after of each alteration."""
    found = alterations(setup_of(before), setup_of(after))
    return [(one.facet.value, one.name, one.part, one.before, one.after) for one in found]


def with_agent(**changes):
    return replace(SIMULATION, agent=replace(AGENT, **changes))


def with_scenario(**changes):
    return replace(SIMULATION, scenarios=(replace(SCENARIO, **changes),))


def test_nothing_is_altered_where_only_ids_times_and_the_number_of_trials_differ():
    other = replace(
        SIMULATION,
        id="two",
        created_at=9.0,
        agent=replace(AGENT, id="b", workspace="v", updated_at=3.0, revision=4),
        scenarios=(replace(SCENARIO, id="s2", workspace="v", trials=9, folder="Parcels", updated_at=8.0),),
    )
    assert told(SIMULATION, other) == []


@pytest.mark.parametrize(
    ("other", "alteration"),
    [
        (with_agent(model="openai:gpt-5"), ("agent", "model", "", "openai:gpt-4o-mini", "openai:gpt-5")),
        (with_agent(temperature=0.2), ("agent", "temperature", "", None, "0.2")),
        (
            with_agent(tools=(Tool(name="look", description="Looks well."), AGENT.tools[1])),
            ("tool", "look", "description", "Looks.", "Looks well."),
        ),
        (with_agent(tools=AGENT.tools[:1]), ("tool", "pay", "", "writes: true", None)),
        (
            replace(SIMULATION, models=Models(user="openai:u", judge="openai:k")),
            ("model", "judge", "", "openai:j", "openai:k"),
        ),
        (replace(SIMULATION, limits=Limits(max_steps=20)), ("limit", "max steps", "", None, "20")),
        (replace(SIMULATION, seed=3), ("limit", "seed", "", "0", "3")),
        (with_scenario(persona=None), ("scenario", "Late parcel", "persona", "An old man.", None)),
        (
            with_scenario(expect=Expectations(assertions=("It looks.",))),
            ("scenario", "Late parcel", "assertions", "It looks.\nIt is kind.", "It looks."),
        ),
        (
            with_scenario(instructions=Instructions(task="Ask.", known="A1")),
            ("scenario", "Late parcel", "known", None, "A1"),
        ),
    ],
)
def test_each_part_of_the_setup_that_is_another_one_is_told(other, alteration):
    assert told(SIMULATION, other) == [alteration]


def test_a_script_is_the_same_in_whatever_folder_it_stands():
    def at(folder):
        models = Models(user=f"scripted:{folder}/clerk.yaml", judge=f"scripted:{folder}/judge.yaml")
        return replace(with_agent(model=f"scripted:{folder}/clerk.yaml"), models=models)

    assert told(at("/home/one/suites"), at("/builds/two")) == []


def test_a_mock_is_told_as_json_without_what_is_as_it_always_is():
    mock = ToolMock(rules=(Rule(when={"id": Matcher(regex="^B")}, answer=Answer(value=1)),))
    ((_, _, part, before, after),) = told(SIMULATION, with_scenario(mocks={"look": mock}))
    assert part == "mocks"
    assert '"regex": "^A"' in before
    assert after == before.replace("^A", "^B")
    assert "is_error" not in before


def test_an_agent_that_lives_elsewhere_is_told_by_its_address_and_never_by_its_headers():
    endpoint = HttpEndpoint(url="https://one.example/chat", headers={"authorization": "Bearer secret"})
    moved = replace(endpoint, url="https://two.example/chat")
    before, after = (with_agent(model=None, endpoint=one) for one in (endpoint, moved))
    ((facet, name, _, was, now),) = told(before, after)
    assert (facet, name) == ("agent", "address")
    assert "one.example" in was
    assert "two.example" in now
    assert "secret" not in str(setup_of(before))


def test_the_lines_that_went_and_came_are_told_in_their_order():
    (found,) = alterations(
        setup_of(SIMULATION), setup_of(with_agent(instructions="Be kind.\nRefund.\nNever hurry."))
    )
    assert [f"{line.sign}{line.text}" for line in found.lines] == ["-Never refund.", "+Refund.", "+Never hurry."]


def test_what_one_side_has_not_recorded_is_no_alteration():
    old = Setup(agent={"name": "Clerk", "model": "openai:other"}, models={"user": "openai:u"}, is_whole=False)
    found = alterations(old, setup_of(SIMULATION))
    assert [(one.facet, one.name) for one in found] == [(Facet.AGENT, "model")]


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ((1, 1), (0, 1), Change.BROKEN),
        ((0, 1), (1, 1), Change.FIXED),
        ((1, 1), (1, 1), Change.SAME),
        ((0, 1), (0, 1), Change.SAME),
        ((4, 4), (0, 4), Change.BROKEN),
        ((4, 4), (2, 4), Change.BROKEN),
        ((2, 4), (0, 4), Change.BROKEN),
        ((4, 4), (3, 4), Change.FLAKY),
        ((3, 4), (1, 4), Change.FLAKY),
        ((2, 4), (2, 4), Change.FLAKY),
        ((1, 4), (0, 4), Change.FLAKY),
        ((0, 4), (2, 4), Change.FIXED),
        ((2, 4), (4, 4), Change.FIXED),
        ((3, 4), (4, 4), Change.FLAKY),
        ((3, 3), (8, 8), Change.SAME),
        ((0, 0), (4, 4), Change.UNJUDGED),
        ((4, 4), (0, 0), Change.UNJUDGED),
    ],
)
def test_what_became_of_a_scenario_has_one_word(before, now, change):
    (pair,) = compared({"A": before}, {"A": now}).pairs
    assert pair.change is change


def test_scenarios_are_paired_by_id_and_else_by_name():
    before, after = (
        side({"Old name": (1, 4), "B": (2, 4), "C": (3, 4)}),
        side({"B": (4, 4), "D": (0, 4)}, id="two"),
    )
    renamed = Tally(id="id-Old name", name="New name", passed=3, judged=4, planned=4)
    elsewhere = Tally(id="another", name="C", passed=2, judged=4, planned=4)
    found = compare(before, replace(after, tallies=(renamed, *after.tallies, elsewhere)))
    passed = [[tally and tally.passed for tally in (pair.before, pair.after)] for pair in found.pairs]
    assert [pair.name for pair in found.pairs] == ["New name", "B", "D", "C"]
    assert passed == [[1, 3], [2, 4], [None, 0], [3, 2]]
    assert [pair.change for pair in found.pairs if pair.counts is None] == [Change.ADDED]


def test_scenarios_that_only_one_side_has_are_in_no_figure():
    found = compared({"A": (4, 4), "gone": (0, 4)}, {"A": (2, 4), "new": (4, 4), "errored": (0, 0)})
    assert found.rates == (1.0, 0.5)
    assert (found.count(Change.REMOVED), found.count(Change.ADDED), len(found.counts)) == (1, 2, 1)


@pytest.mark.parametrize(
    ("before", "now", "conclusion"),
    [
        ([(4, 4)] * 6, [(2, 4)] * 6, Conclusion.WORSE),
        ([(1, 4)] * 6, [(4, 4)] * 6, Conclusion.BETTER),
        ([(3, 4)] * 6, [(3, 4)] * 5 + [(2, 4)], Conclusion.CHANCE),
        ([(4, 4), (0, 4)] * 3, [(0, 4), (4, 4)] * 3, Conclusion.MIXED),
        ([(3, 4), (4, 4)], [(3, 4), (4, 4)], Conclusion.EQUAL),
        ([(0, 0)], [(4, 4)], Conclusion.NOTHING),
    ],
)
def test_the_conclusion_tells_a_difference_from_chance(before, now, conclusion):
    sides = [{f"{n}": tally for n, tally in enumerate(tallies)} for tallies in (before, now)]
    assert compared(*sides).conclusion is conclusion


def test_figures_are_those_of_the_scenarios_that_both_have_judged():
    found = compared({"A": (4, 4), "B": (2, 4)}, {"A": (3, 4), "B": (1, 2)})
    assert (found.worse, found.better) == (1, 0)
    assert found.difference == pytest.approx(-0.125)
    assert (found.most, found.trials) == (2, 4)
    assert found.pass_hat(2) == (pytest.approx((1 + 1 / 6) / 2), pytest.approx((0.5 + 0) / 2))
    assert found.pass_hat(3) is None
    assert found.interval[0] < found.difference < found.interval[1]


def test_how_many_trials_are_needed_is_told_only_where_chance_is_not_ruled_out():
    doubtful = compared({"A": (3, 4), "B": (4, 4)}, {"A": (2, 4), "B": (4, 4)})
    certain = compared({str(n): (4, 4) for n in range(6)}, {str(n): (1, 4) for n in range(6)})
    assert doubtful.trials_needed > 4
    assert certain.trials_needed is None


def test_another_judge_or_user_is_an_obstacle_and_another_agent_is_none():
    other = replace(SIMULATION, models=Models(user="openai:v", judge="openai:k"))
    before, after, tested = (
        side({"A": (1, 1)}, setup=setup_of(one)) for one in (SIMULATION, other, with_agent(model="openai:x"))
    )
    assert compare(before, after).obstacles == (
        "The user model is another one: openai:u before, openai:v now.",
        "The judge model is another one: openai:j before, openai:k now.",
    )
    assert compare(before, tested).obstacles == ()


def test_a_scenario_that_was_itself_changed_is_marked():
    before, after = (
        side({"Late parcel": (1, 1)}, setup=setup_of(one))
        for one in (SIMULATION, with_scenario(persona="A girl."))
    )
    assert [pair.is_altered for pair in compare(before, after).pairs] == [True]


def test_a_stored_simulation_is_a_side_with_its_tallies_and_what_a_trial_cost():
    trials = [
        Trial(
            id=f"t{number}",
            simulation="one",
            scenario="s1",
            number=number,
            seed=0,
            status=Lifecycle.COMPLETED,
            outcome=outcome,
            costs={"agent": 0.5},
        )
        for number, outcome in enumerate((Outcome.PASSED, Outcome.FAILED, Outcome.ERROR), 1)
    ]
    made = side_of(SIMULATION, summarize(trials, ["s1"]))
    assert made.tallies == (Tally(id="s1", name="Late parcel", passed=1, judged=2, planned=3),)
    assert (made.name, made.created_at, made.cost) == ("Shop", 5.0, 0.75)
    assert side_of(SIMULATION, summarize([], ["s1"])).tallies == ()
