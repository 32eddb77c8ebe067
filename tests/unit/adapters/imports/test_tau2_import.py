"""tau2-bench's tasks as suites."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sparring.adapters.imports.tau2 import GREETING, import_tau2
from sparring.adapters.imports.tau2_tools import WRITING
from sparring.adapters.suites import dump_suite, parse_suite
from sparring.domain import templates
from sparring.domain.agent import Tool
from sparring.domain.errors import InvalidInput
from sparring.domain.evaluation import grade
from sparring.domain.outcomes import Outcome, Termination
from sparring.domain.scenario import ExpectedAction, ExpectedWords, ExpectedWrites, Instructions
from sparring.domain.transcript import AgentMessage, Side, ToolCall, ToolResult, Transcript, UserMessage

DATA = Path(__file__).parents[5] / "shared" / "data" / "tau2"
with_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the shared tau2-bench data is not beside this repository"
)

STRUCTURED = {
    "id": "7",
    "description": {"purpose": "Why", "notes": "A note", "relevant_policies": "4.2"},
    "user_scenario": {
        "persona": "Curt.",
        "instructions": {
            "task_instructions": "Insist.",
            "reason_for_call": "Cancel.",
            "known_info": "You are X.",
            "unknown_info": "The number.",
            "domain": "airline",
        },
    },
    "evaluation_criteria": {
        "actions": [
            {
                "action_id": "7_0",
                "name": "cancel",
                "arguments": {"id": "A"},
                "compare_args": ["id"],
                "info": "now",
            },
            {"action_id": "7_1", "name": "restart", "arguments": {}, "requestor": "user"},
        ],
        "nl_assertions": ["It is cancelled."],
        "communicate_info": ["12"],
        "reward_basis": ["DB", "ACTION"],
    },
    "ticket": "T",
}

CALLING = {"role": "assistant", "tool_calls": [{"name": "look"}]}


def task(**changes):
    return {"id": "t", "user_scenario": {"instructions": "Ask."}, **changes}


def imported(tmp_path, *tasks, policy=None):
    path = tmp_path / "airline.json"
    path.write_text(json.dumps(list(tasks)))
    if policy is not None:
        (tmp_path / "policy.md").write_text(policy)
    return import_tau2(path, tmp_path / "policy.md" if policy is not None else None)


def test_a_structured_task_becomes_a_scenario(tmp_path):
    suite, _ = imported(tmp_path, STRUCTURED, policy="Be strict.\n")
    (scenario,) = suite.scenarios
    assert (suite.name, suite.agent.instructions, suite.agent.greeting) == ("airline", "Be strict.\n", GREETING)
    assert (scenario.name, scenario.folder, scenario.purpose, scenario.persona) == (
        "Task 7",
        "airline",
        "Why",
        "Curt.",
    )
    assert scenario.notes == "A note"
    assert scenario.instructions == Instructions(
        task="Insist.", reason="Cancel.", known="You are X.", unknown="The number."
    )
    assert scenario.expect.assertions == ("It is cancelled.",)
    assert scenario.expect.actions == (
        ExpectedAction(
            name="cancel",
            arguments={"id": "A"},
            compare_args=("id",),
            match_rule="tau2",
            call_id="7_0",
            info="now",
        ),
        ExpectedAction(name="restart", arguments={}, side=Side.USER, match_rule="tau2", call_id="7_1"),
    )
    assert scenario.expect.writes == ExpectedWrites()
    assert scenario.expect.said == (ExpectedWords(contains="12", required=False),)


def test_what_has_no_counterpart_is_told(tmp_path):
    _, notes = imported(tmp_path, STRUCTURED, task(ticket="x"))
    assert notes == [
        "no policy was given, so the agent has no instructions.",
        "the reward's component DB is checked by the calls that write, not by a database (task 7).",
        "assertions are checked and shown, but not required, because NL_ASSERTION is not in the reward (task 7).",
        "communicate_info is checked and shown, but not required, because COMMUNICATE is not in the reward"
        " (task 7).",
        "description.relevant_policies has no counterpart and is left out (task 7).",
        "ticket has no counterpart and is left out (2 tasks: 7, t).",
        "these tools write as well, but are not among the tools, because no task calls them: book_reservation, "
        "cancel_reservation, send_certificate, update_reservation_baggages, update_reservation_flights, "
        "update_reservation_passengers.",
        "1 tool was derived from the calls that the tasks expect, with no mock: cancel.",
    ]


def test_plain_instructions_are_the_task(tmp_path):
    suite, _ = imported(tmp_path, task())
    assert suite.scenarios[0].instructions == Instructions(task="Ask.")
    assert suite.scenarios[0].name == "t"


@pytest.mark.parametrize(("basis", "required"), [(["DB", "ACTION"], True), (["DB"], False), (None, False)])
def test_actions_gate_only_where_the_reward_has_them(tmp_path, basis, required):
    criteria = {"actions": [{"name": "a", "arguments": {}}], "reward_basis": basis}
    suite, notes = imported(tmp_path, task(evaluation_criteria=criteria))
    assert suite.scenarios[0].expect.actions[0].required is required
    assert any("not required" in note for note in notes) is not required


@pytest.mark.parametrize(("basis", "required"), [(["COMMUNICATE"], True), (None, True), (["DB"], False)])
def test_what_must_be_said_gates_only_where_the_reward_has_it(tmp_path, basis, required):
    criteria = {"communicate_info": ["1,024", "ABC"], "reward_basis": basis}
    suite, notes = imported(tmp_path, task(evaluation_criteria=criteria))
    assert suite.scenarios[0].expect.said == tuple(
        ExpectedWords(contains=words, required=required) for words in ("1,024", "ABC")
    )
    assert any("COMMUNICATE is not in the reward" in note for note in notes) is not required


@pytest.mark.parametrize(
    ("basis", "actions", "optional"),
    [
        (["DB", "NL_ASSERTION"], [], ()),
        (["DB", "COMMUNICATE"], [], (0, 1)),
        (None, [], (0, 1)),
        (["ACTION"], [{"name": "a", "arguments": {}}], (0, 1)),
        (["ACTION"], [], ()),
        (["DB"], None, ()),
    ],
)
def test_assertions_gate_where_the_reward_has_them_or_nothing_else_would(tmp_path, basis, actions, optional):
    criteria = {"nl_assertions": ["It is done.", "It is brief."], "reward_basis": basis, "actions": actions}
    suite, notes = imported(tmp_path, task(evaluation_criteria=criteria))
    assert suite.scenarios[0].expect.optional_assertions == optional
    assert any("NL_ASSERTION is not in the reward" in note for note in notes) is (
        "NL_ASSERTION" not in (basis or ())
    )


@pytest.mark.parametrize(
    ("criteria", "exact"),
    [
        ({"actions": [], "reward_basis": ["DB"]}, True),
        ({"actions": []}, True),
        ({"env_assertions": [{"func_name": "f"}], "reward_basis": ["DB", "ENV_ASSERTION"]}, True),
        ({"actions": [], "reward_basis": ["ACTION"]}, False),
        ({"actions": [], "reward_basis": []}, False),
        ({"nl_assertions": ["It is done."], "reward_basis": ["DB"]}, False),
        (None, False),
    ],
)
def test_writes_are_exact_where_the_reward_compares_the_database(tmp_path, criteria, exact):
    suite, notes = imported(tmp_path, task(evaluation_criteria=criteria))
    assert suite.scenarios[0].expect.writes == (ExpectedWrites() if exact else None)
    assert any("component DB is checked by" in note for note in notes) is exact


def test_tools_that_write_are_marked_on_both_sides(tmp_path):
    calls = [
        {"name": "send_certificate"},
        {"name": "get_user_details"},
        {"name": "cancel_reservation", "requestor": "user"},
    ]
    suite, notes = imported(tmp_path, task(evaluation_criteria={"actions": calls}))
    assert [(tool.name, tool.writes) for tool in suite.agent.tools] == [
        ("send_certificate", True),
        ("get_user_details", False),
    ]
    assert [tool.writes for tool in suite.scenarios[0].user_tools] == [True]
    assert not any("guessed" in note for note in notes)


def test_tools_that_write_are_guessed_where_the_domain_is_not_known(tmp_path):
    path = tmp_path / "hospital.json"
    actions = [{"name": "create_slot"}, {"name": "created"}, {"name": "find_slot"}]
    path.write_text(json.dumps([task(evaluation_criteria={"actions": actions})]))
    suite, notes = import_tau2(path)
    assert [tool.writes for tool in suite.agent.tools] == [True, False, False]
    assert "which tools write was guessed from their names, mark others with `writes: true`: create_slot." in notes


def test_tools_are_derived_from_all_expected_calls(tmp_path):
    calls = [
        {"n": 1, "who": {"first": "A"}, "ids": ["x"], "ok": True},
        {"n": 1.5, "who": {"first": "B", "last": None}, "ids": [], "extra": "x"},
    ]
    tasks = [
        task(id=f"t{n}", evaluation_criteria={"actions": [{"name": "book", "arguments": arguments}]})
        for n, arguments in enumerate(calls)
    ]
    suite, _ = imported(tmp_path, *tasks)
    assert suite.agent.tools == (
        Tool(
            name="book",
            derived=True,
            parameters={
                "type": "object",
                "properties": {
                    "n": {"type": "number"},
                    "who": {
                        "type": "object",
                        "properties": {"first": {"type": "string"}, "last": {"type": "null"}},
                        "required": ["first"],
                    },
                    "ids": {"type": "array", "items": {"type": "string"}},
                    "ok": {"type": "boolean"},
                    "extra": {"type": "string"},
                },
                "required": ["n", "who", "ids"],
            },
        ),
    )
    assert suite.agent.mocks == suite.scenarios[0].mocks == {}


def test_tools_of_the_user_belong_to_the_scenarios_that_expect_them(tmp_path):
    suite, _ = imported(tmp_path, STRUCTURED, task())
    assert [tool.name for tool in suite.agent.tools] == ["cancel"]
    assert [[tool.name for tool in scenario.user_tools] for scenario in suite.scenarios] == [["restart"], []]


def test_the_message_history_is_kept(tmp_path):
    history = [
        {"role": "user", "content": "Hi", "turn_idx": 0},
        {"role": "assistant", "tool_calls": [{"id": "c", "name": "look", "arguments": {"q": 1}}]},
        {"role": "tool", "id": "c", "content": "found", "error": True},
        {"role": "assistant", "content": "There."},
    ]
    suite, notes = imported(
        tmp_path, task(initial_state={"message_history": history, "initialization_data": {"a": 1}})
    )
    assert suite.scenarios[0].history == (
        UserMessage(text="Hi"),
        AgentMessage(text=None, calls=(ToolCall(id="c", name="look", arguments={"q": 1}),)),
        ToolResult(call_id="c", name="look", text="found", is_error=True),
        AgentMessage(text="There."),
    )
    assert [tool.name for tool in suite.agent.tools] == ["look"]
    assert "initial_state.initialization_data has no counterpart and is left out (task t)." in notes


def test_what_a_history_wrote_is_not_to_be_written_again(tmp_path):
    history = [
        {"role": "user", "content": "Cancel A and B."},
        {"role": "assistant", "tool_calls": [{"id": "c", "name": "cancel_reservation", "arguments": {"id": "A"}}]},
        {"role": "tool", "id": "c", "content": "cancelled"},
        {"role": "assistant", "content": "A is cancelled."},
    ]
    actions = [{"name": "cancel_reservation", "arguments": {"id": "B"}}]
    record = task(initial_state={"message_history": history}, evaluation_criteria={"actions": actions})
    suite, _ = imported(tmp_path, record)
    (scenario,) = suite.scenarios
    done = [
        UserMessage(text="And B?"),
        AgentMessage(text=None, calls=(ToolCall(id="d", name="cancel_reservation", arguments={"id": "B"}),)),
        ToolResult(call_id="d", name="cancel_reservation", text="cancelled"),
    ]
    transcript = Transcript([*scenario.history, *done], history=len(scenario.history))
    writing = {tool.name for tool in suite.agent.tools if tool.writes}
    verdict = grade(scenario.expect, transcript, Termination.USER_STOP, (), end_tool="end", writing=writing)
    assert verdict.outcome is Outcome.PASSED


def test_double_braces_of_the_source_stay_as_they_are(tmp_path):
    record = task(
        user_scenario={"instructions": "Say {{name}}."},
        initial_state={"message_history": [{"role": "user", "content": "{{old}}"}]},
        evaluation_criteria={
            "actions": [{"name": "a", "arguments": {"{{key}}": ["{{value}}"]}}],
            "communicate_info": ["{{said}}"],
        },
    )
    suite, notes = imported(tmp_path, record, policy="Use {{x}}.")
    scenario = parse_suite(dump_suite(suite)).scenarios[0]
    assert templates.fill(suite.agent.instructions, scenario.variables) == "Use {{x}}."
    assert templates.fill(scenario.instructions.task, scenario.variables) == "Say {{name}}."
    assert sorted(scenario.variables) == ["key", "name", "old", "said", "value", "x"]
    assert sum("is no variable there" in note for note in notes) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "tasks.json:1:2: not valid JSON"),
        ("{}", "expected a list of tau2-bench tasks"),
        ("[]", "with at least one"),
        ("[1]", "task 1 of the list should be an object"),
        ('[{"id": "a"}]', "task a: the field 'user_scenario' is missing, so this is no task"),
        ('[{"id": "a", "user_scenario": {}}]', "task a, user_scenario: the field 'instructions' is missing"),
        ('[{"id": "a", "user_scenario": {"instructions": []}}]', "'instructions' should be a text or an object"),
        ('[{"user_scenario": {"instructions": "x"}}]', "the field 'id' is missing"),
        (json.dumps([task(), task()]), "the task id 't' occurs twice"),
        (json.dumps([task(evaluation_criteria={"actions": ["x"]})]), "actions[0] should be an object"),
        (
            json.dumps([task(evaluation_criteria={"actions": [{"name": "a", "requestor": "me"}]})]),
            "assistant or user",
        ),
        (json.dumps([task(initial_state={"message_history": [{"role": "tool"}]})]), "answers no call"),
        (
            json.dumps([task(initial_state={"message_history": [{"role": "x"}]})]),
            "should be system, user, assistant",
        ),
        (json.dumps([task(initial_state={"message_history": [{"role": "user"}]})]), "needs content or tool_calls"),
        (json.dumps([task(initial_state={"message_history": [CALLING]})]), "the call of 'look' without a result"),
        (json.dumps([task(initial_state={"message_history": [CALLING, CALLING]})]), "before it has no result"),
    ],
)
def test_a_file_that_holds_no_tasks_is_refused(tmp_path, content, told):
    path = tmp_path / "tasks.json"
    path.write_text(content)
    with pytest.raises(InvalidInput) as caught:
        import_tau2(path)
    assert told in str(caught.value)


@pytest.mark.slow
@with_data
@pytest.mark.parametrize(("domain", "tasks", "tools"), [("airline", 50, 10), ("retail", 114, 15), ("mock", 10, 3)])
def test_the_published_tasks_come_over_whole(domain, tasks, tools):
    suite, notes = import_tau2(DATA / domain / "tasks.json", DATA / domain / "policy.md")
    assert (suite.name, len(suite.scenarios), len(suite.agent.tools)) == (domain, tasks, tools)
    assert all(tool.derived for tool in suite.agent.tools)
    again = parse_suite(dump_suite(suite))
    assert again == suite
    assert again.warnings == ()
    records = json.loads((DATA / domain / "tasks.json").read_text())
    expected = [
        action["action_id"] for r in records for action in r["evaluation_criteria"].get("actions") or []
    ]  # fmt: skip
    assert [action.call_id for scenario in suite.scenarios for action in scenario.expect.actions] == expected
    assert any(note.startswith("the reward's component DB") for note in notes)
    words = [words for r in records for words in r["evaluation_criteria"].get("communicate_info") or []]
    assert [one.contains for scenario in suite.scenarios for one in scenario.expect.said] == words
    compared = [r for r in records if "DB" in (r["evaluation_criteria"].get("reward_basis") or ["DB"])]
    exact = [scenario.name for scenario in suite.scenarios if scenario.expect.writes]
    assert len(exact) == len(compared) - (domain == "mock")
    writing = {tool.name for tool in suite.agent.tools if tool.writes}
    assert writing == WRITING[domain] & {tool.name for tool in suite.agent.tools}
    assert writing


@with_data
def test_what_the_agent_must_do_is_enough_to_pass_a_published_task():
    suite, _ = import_tau2(DATA / "airline" / "tasks.json")
    for scenario in suite.scenarios:
        calls = [ToolCall(id="", name=a.name, arguments=a.arguments) for a in scenario.expect.actions]
        told = ". ".join(one.contains for one in scenario.expect.said)
        done = [UserMessage(text="Hi"), AgentMessage(text=None, calls=tuple(calls))] if calls else []
        results = [ToolResult(call_id="", name=call.name, text="done") for call in calls]
        transcript = Transcript([*done, *results, AgentMessage(text=told), UserMessage(text="Bye")])
        expect = replace(scenario.expect, assertions=())
        writing = {tool.name for tool in suite.agent.tools if tool.writes}
        verdict = grade(expect, transcript, Termination.USER_STOP, (), end_tool="end", writing=writing)
        assert verdict.outcome is Outcome.PASSED, verdict.unmet


def test_what_a_task_knows_of_an_action_beyond_our_fields_is_told(tmp_path):
    actions = [{"action_id": "1", "name": "cancel", "arguments": {"a": 1}, "weight": 2, "note": None}]
    _, notes = imported(tmp_path, task(evaluation_criteria={"actions": actions}))
    assert "evaluation_criteria.actions.weight has no counterpart and is left out (task t)." in notes
    assert not [line for line in notes if "note" in line]


def test_an_empty_text_among_what_must_be_said_is_left_out_and_told(tmp_path):
    criteria = {"communicate_info": ["", "12"], "nl_assertions": [" ", "It is done."]}
    suite, notes = imported(tmp_path, task(evaluation_criteria=criteria))
    expect = suite.scenarios[0].expect
    assert (expect.assertions, [words.contains for words in expect.said]) == (("It is done.",), ["12"])
    for name in criteria:
        assert f"an empty text in evaluation_criteria.{name} says nothing and is left out (task t)." in notes
    assert parse_suite(dump_suite(suite)).scenarios[0].expect == expect


def test_a_result_in_a_history_that_answers_another_call_is_refused(tmp_path):
    calls = [{"id": "1", "name": "look", "arguments": {}}, {"id": "2", "name": "count", "arguments": {}}]
    history = [{"role": "assistant", "tool_calls": calls}, {"role": "tool", "id": "2", "content": "two"}]
    with pytest.raises(InvalidInput, match="answers the call '2', but '1' is the next to be answered"):
        imported(tmp_path, task(initial_state={"message_history": history}))
