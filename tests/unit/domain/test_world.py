"""What the mocks of a trial remember."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain import world as worlds
from sparring.domain.answering import Reply, answer
from sparring.domain.errors import ScenarioFault
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Changes, Rule, Then, ToolMock
from sparring.domain.transcript import AgentMessage, Side, ToolCall, ToolResult, Transcript, UserMessage
from sparring.domain.world import World
from sparring.domain.world import given as answer_given

ORDERS = {"orders": {"A1": {"status": "open"}, "B2": {"status": "shipped"}}}
CANCEL = ToolMock(
    rules=(
        Rule(
            when={"id": Matcher(present=True)},
            state={"orders.{{arguments.id}}": Matcher(present=False)},
            answer=Answer(value="no such order {{arguments.id}}", is_error=True),
        ),
        Rule(
            state={"orders.{{arguments.id}}.status": Matcher(equal="open")},
            answer=Answer(
                value={"order": "{{state.orders.{{arguments.id}}}}"},
                changes=Changes(
                    set={"orders.{{arguments.id}}.status": "cancelled"},
                    append={
                        "log": {"cancelled": "{{arguments.id}}", "was": "{{state.orders.{{arguments.id}}.status}}"}
                    },
                ),
            ),
        ),
    ),
    otherwise=Answer(value="{{arguments.id}} is {{state.orders.{{arguments.id}}.status}}", is_error=True),
)
LOOK = ToolMock(otherwise=Answer(value="{{state.orders.{{arguments.id}}}}"))


class Tools:
    """A conversation in which nothing but tools are called."""

    def __init__(self, mocks, state=None, variables=None):
        self.begin = lambda: World(mocks, variables, state)
        self.world = self.begin()
        self.transcript = Transcript()

    def call(self, tool, **arguments):
        call = ToolCall(id="c", name=tool, arguments=arguments)
        self.transcript.extend([AgentMessage(text=None, calls=(call,))])
        self.world.follow(self.transcript)
        result = answer(call, Side.AGENT, self.world).result
        self.transcript.extend([result])
        self.world.follow(self.transcript)
        return (result.source, result.is_error, result.text)


def test_what_was_cancelled_is_found_cancelled():
    tools = Tools({"cancel": CANCEL, "look": LOOK}, ORDERS)
    assert tools.call("look", id="A1") == ("static", False, '{"status":"open"}')
    assert tools.call("cancel", id="A1") == ("rule 2", False, '{"order":{"status":"cancelled"}}')
    assert tools.call("look", id="A1") == ("static", False, '{"status":"cancelled"}')
    assert tools.call("cancel", id="A1") == ("otherwise", True, "A1 is cancelled")
    assert tools.call("cancel", id="Z9") == ("rule 1", True, "no such order Z9")
    assert tools.world.state["log"] == [{"cancelled": "A1", "was": "open"}]


def test_a_trial_that_goes_on_finds_the_world_as_it_was():
    tools = Tools({"cancel": CANCEL, "look": LOOK}, ORDERS)
    for id in ("A1", "A1", "B2"):
        tools.call("cancel", id=id)
    again = tools.begin()
    again.follow(tools.transcript)
    assert again.state == tools.world.state
    assert again.times("cancel", "rule 2") == tools.world.times("cancel", "rule 2") == 1
    assert ORDERS["orders"]["A1"] == {"status": "open"}


def test_asking_for_an_answer_changes_nothing_until_it_is_in_the_transcript():
    world = World({"cancel": CANCEL}, state=ORDERS)
    call = ToolCall(id="c", name="cancel", arguments={"id": "A1"})
    first, second = (answer(call, Side.AGENT, world) for _ in range(2))
    assert first == second
    assert world.state == ORDERS


def test_an_error_changes_nothing():
    mock = ToolMock(otherwise=Answer(value="no", is_error=True, changes=Changes(set={"x": 1})))
    tools = Tools({"t": mock})
    tools.call("t")
    assert tools.world.state == {}


def test_changes_are_made_in_the_order_set_append_remove_and_see_the_state_before():
    changes = Changes(set={"b": "{{state.a}}", "list": []}, append={"list": "{{state.b}}"}, remove=("a",))
    tools = Tools({"t": ToolMock(otherwise=Answer(value="{{state}}", changes=changes))}, {"a": 1, "b": 2})
    assert tools.call("t") == ("static", False, '{"b":1,"list":[2]}')


def test_a_value_that_is_one_placeholder_keeps_its_type():
    mock = ToolMock(otherwise=Answer(value={"n": "{{days}}", "of": "{{days}} days", "all": ["{{arguments.x}}"]}))
    tools = Tools({"t": mock}, variables={"days": 2})
    assert json.loads(tools.call("t", x={"deep": None})[2]) == {"n": 2, "of": "2 days", "all": [{"deep": None}]}


def test_the_state_begins_with_its_variables_put_in_keys_included():
    world = World({}, {"id": "A1", "days": 2}, {"orders": {"{{id}}": {"days": "{{days}}"}}})
    assert world.state == {"orders": {"A1": {"days": 2}}}


def test_what_is_put_into_a_path_is_never_taken_apart():
    tools = Tools({"t": ToolMock(otherwise=Answer(value=1, changes=Changes(set={"seen.{{arguments.id}}": True})))})
    tools.call("t", id="a.b")
    assert tools.world.state == {"seen": {"a.b": True}}


def test_a_variable_called_state_stays_itself_and_the_world_is_found_behind_it():
    mock = ToolMock(otherwise=Answer(value="{{state}} {{state.x}} {{arguments.y}}"))
    tools = Tools({"t": mock}, {"x": 1}, {"state": "Ohio", "arguments": "none"})
    assert tools.call("t", y=2)[2] == "Ohio 1 2"


@pytest.mark.parametrize(
    ("then", "sources"),
    [
        (Then.OTHERWISE, ["sequence 1", "sequence 2", "otherwise", "otherwise"]),
        (Then.LAST, ["sequence 1", "sequence 2", "sequence 2", "sequence 2"]),
        (Then.AGAIN, ["sequence 1", "sequence 2", "sequence 1", "sequence 2"]),
    ],
)
def test_after_a_sequence_comes_what_it_says(then, sources):
    mock = ToolMock(sequence=(Answer(value=1), Answer(value=2)), then=then, otherwise=Answer(value="o"))
    tools = Tools({"t": mock})
    assert [tools.call("t")[0] for _ in range(4)] == sources


def test_an_answer_of_a_sequence_can_change_the_world_and_take_its_time():
    mock = ToolMock(sequence=(Answer(value=1, changes=Changes(set={"seen": "{{arguments.id}}"}), delay_ms=250),))
    tools = Tools({"t": mock})
    tools.call("t", id=3)
    assert tools.world.state == {"seen": 3}
    call = ToolCall(id="c", name="t")
    reply = answer(call, Side.AGENT, World({"t": mock}))
    assert reply.delay == 0.25
    assert Reply(reply.result).delay == 0.0


def test_what_the_history_holds_has_happened_before_the_state_begins():
    call = ToolCall(id="c", name="t")
    mock = ToolMock(otherwise=Answer(value=1, changes=Changes(append={"log": 1})))
    transcript = Transcript(
        [AgentMessage(text=None, calls=(call,)), ToolResult(call_id="c", name="t", text="1")], history=2
    )
    world = World({"t": mock})
    world.follow(transcript)
    assert (world.state, world.times("t", "static")) == ({}, 0)


def test_results_of_tools_that_the_agent_runs_itself_change_nothing():
    call = ToolCall(id="c", name="t")
    world = World({"t": ToolMock(otherwise=Answer(value=1, changes=Changes(set={"x": 1})))})
    ran = ToolResult(call_id="c", name="t", text="1", source="agent")
    world.follow(Transcript([UserMessage(text="Hi"), AgentMessage(text=None, calls=(call,)), ran]))
    assert world.state == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("rule 1", "r"), ("rule 2", None), ("rule 0", None), ("rule x", None), ("sequence 2", "b"),
        ("otherwise", "o"), ("static", "o"), ("unmocked", None), ("agent", None), ("end", None),
    ],
)  # fmt: skip
def test_a_source_names_its_answer(source, found):
    mock = ToolMock(
        rules=(Rule(answer=Answer(value="r")),),
        sequence=(Answer(value="a"), Answer(value="b")),
        otherwise=Answer(value="o"),
    )
    answered = answer_given(mock, source)
    assert (answered.value if answered else None) == found
    assert answer_given(None, source) is None


def test_a_change_that_cannot_be_made_names_the_mock_and_the_place():
    tools = Tools({"t": ToolMock(otherwise=Answer(value=1, changes=Changes(append={"a": 1})))}, {"a": "text"})
    with pytest.raises(ScenarioFault) as caught:
        tools.call("t")
    assert str(caught.value) == (
        "The mock of 't' (static) cannot change the state: 'a' is the value 'text', not a list."
    )
    assert not caught.value.retryable


def test_a_world_that_is_put_into_itself_again_and_again_is_stopped(monkeypatch):
    monkeypatch.setattr(worlds, "MAX_SIZE", 320_000)
    tools = Tools(
        {"t": ToolMock(otherwise=Answer(value=1, changes=Changes(append={"all": "{{state}}"})))}, {"x": "y"}
    )
    with pytest.raises(ScenarioFault, match=r"makes the trial's world (larger than 320,000|deeper than 200)"):
        for _ in range(300):
            tools.call("t")


def test_a_world_that_only_gets_deeper_is_stopped_too():
    tools = Tools(
        {"t": ToolMock(otherwise=Answer(value=1, changes=Changes(set={"x": {"in": "{{state.x}}"}})))}, {"x": 1}
    )
    with pytest.raises(ScenarioFault, match="deeper than 200 levels"):
        for _ in range(300):
            tools.call("t")
    with pytest.raises(ScenarioFault, match="goes deeper than 200 levels"):
        Tools({"t": ToolMock(otherwise=Answer(value=1, changes=Changes(set={".".join("a" * 300): 1})))}).call("t")


def test_a_world_that_keeps_its_size_is_never_stopped(monkeypatch):
    monkeypatch.setattr(worlds, "MAX_SIZE", 1000)
    tools = Tools({"t": ToolMock(otherwise=Answer(value=1, changes=Changes(set={"x": "y" * 200})))})
    for _ in range(50):
        tools.call("t")
    assert tools.world.state == {"x": "y" * 200}


def test_what_changed_last_at_a_path_is_known():
    tools = Tools({"cancel": CANCEL, "look": LOOK}, ORDERS)
    tools.call("look", id="A1")
    tools.call("cancel", id="A1")
    tools.call("look", id="A1")
    assert tools.world.at("orders.A1.status") == ("cancelled", 3)
    assert tools.world.at("orders") == ({"A1": {"status": "cancelled"}, "B2": {"status": "shipped"}}, 3)
    assert tools.world.at("orders.B2.status") == ("shipped", None)


def test_a_key_with_dots_is_changed_as_one_at_the_top():
    tools = Tools({"t": ToolMock(otherwise=Answer(value="x", changes=Changes(set={"a.b": 2})))}, {"a.b": 1})
    tools.call("t")
    assert tools.world.state == {"a.b": 2}
    assert tools.world.at("a.b") == (2, 1)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["A1", "B2", "Z9"])), max_size=12), st.data())
def test_a_crash_after_any_result_changes_no_answer(calls, data):
    mocks = {"a": CANCEL, "b": ToolMock(sequence=(Answer(value="{{state.log}}"),), then=Then.AGAIN)}
    tools = Tools(mocks, ORDERS)
    told = []
    crash = data.draw(st.integers(0, len(calls)))
    for number, (tool, id) in enumerate(calls):
        if number == crash:
            tools.world = tools.begin()
        told.append(tools.call(tool, id=id))
    whole = Tools(mocks, ORDERS)
    assert told == [whole.call(tool, id=id) for tool, id in calls]


def test_a_mock_of_5_mb_answers_in_linear_time_and_is_written_once():
    big = [{"id": number, "text": "x" * 80} for number in range(45_000)]
    tools = Tools({"t": ToolMock(otherwise=Answer(value=big))})
    began = time.perf_counter()
    texts = [tools.call("t")[2] for _ in range(50)]
    assert time.perf_counter() - began < 3
    assert len(texts[0]) > 4_500_000
    assert all(text is texts[0] for text in texts)


def test_a_long_conversation_costs_the_same_for_every_call():
    tools = Tools({"t": ToolMock(rules=(Rule(answer=Answer(value="{{arguments.n}}"), times=10**6),))})
    began = time.perf_counter()
    for number in range(3000):
        tools.call("t", n=number)
    assert time.perf_counter() - began < 2
