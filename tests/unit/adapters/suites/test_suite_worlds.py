"""Worlds, made-up variables and every kind of check, as suite files spell them."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.adapters.suites import parse_suite
from sparring.domain.answering import answer, mock_to_paste
from sparring.domain.errors import InvalidInput
from sparring.domain.generation import Generator, NameKind
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Changes, Rule, Then, ToolMock
from sparring.domain.scenario import (
    Expectations,
    ExpectedState,
    ExpectedWords,
    ExpectedWrites,
    ForbiddenAction,
)
from sparring.domain.transcript import Side, ToolCall
from sparring.domain.world import World

TOOLS = "tools: [{name: cancel, writes: true}, {name: look}]"
HEAD = f"agent:\n  instructions: Help.\n  {TOOLS}\n"


def suite(scenario, head=HEAD):
    lines = "".join(f"    {line}\n" for line in scenario.strip("\n").splitlines())
    return parse_suite(f"{head}scenarios:\n  - name: One\n    instructions: Ask.\n{lines}")


def read(scenario, head=HEAD):
    return suite(scenario, head).scenarios[0]


def mistakes(scenario, head=HEAD):
    with pytest.raises(InvalidInput) as caught:
        suite(scenario, head)
    return str(caught.value)


def warnings(scenario):
    return [warning.split(": ", 1)[1] for warning in suite(scenario).warnings]


def test_mocks_remember_a_world():
    mocks = read(
        """
state: {orders: {A1: {status: open}}}
mocks:
  cancel:
    rules:
      - when: {id: {regex: "^[A-Z]"}}
        state: {"orders.{{arguments.id}}.status": {one_of: [open, held]}}
        returns: {order: "{{state.orders.{{arguments.id}}}}"}
        set: {"orders.{{arguments.id}}.status": cancelled, last: null}
        append: {log: "{{arguments.id}}"}
        remove: [orders.A2]
        delay_ms: 250
        times: 2
    sequence:
      - {error: busy, delay_ms: 10}
      - {returns: 1, set: {x: 1}}
    then: last
  look: {returns: "{{state}}", append: {seen: 1}}
"""
    ).mocks
    rule = Rule(
        when={"id": Matcher(regex="^[A-Z]")},
        state={"orders.{{arguments.id}}.status": Matcher(one_of=("open", "held"))},
        answer=Answer(
            value={"order": "{{state.orders.{{arguments.id}}}}"},
            changes=Changes(
                set={"orders.{{arguments.id}}.status": "cancelled", "last": None},
                append={"log": "{{arguments.id}}"},
                remove=("orders.A2",),
            ),
            delay_ms=250,
        ),
        times=2,
    )
    sequence = (
        Answer(value="busy", is_error=True, delay_ms=10),
        Answer(value=1, changes=Changes(set={"x": 1})),
    )
    assert mocks == {
        "cancel": ToolMock(rules=(rule,), sequence=sequence, then=Then.LAST),
        "look": ToolMock(otherwise=Answer(value="{{state}}", changes=Changes(append={"seen": 1}))),
    }


def test_the_scenarios_world_wins_over_the_suites():
    head = "state: {a: 1, b: {c: 2}}\n" + HEAD
    assert read("state: {b: 3, d: 1.50}", head).state == {"a": 1, "b": 3, "d": 1.5}


def test_a_variable_of_the_suites_world_is_named_there_and_may_be_missing_in_a_scenario():
    head = 'variables: {id: A1}\nstate: {orders: {"{{id}}": "{{status}}"}}\n' + HEAD
    (warning,) = suite("", head).warnings
    assert warning.endswith(
        "state.orders.{{id}}: {{status}} stays as it is written: no variable answers {{status}} in the scenario "
        "'One'. There are: id."
    )
    assert suite("variables: {status: open}", head).warnings == ()


def test_variables_may_be_made_up():
    scenario = read(
        """
variables:
  today: 2024-05-15
  order: {generate: {pattern: "[A-Z]{3}[0-9]{3}"}}
  day: {generate: {date: +3..+10 days}}
  back: {generate: {date: +1 week, relative_to: day}}
  who: {generate: {name: first}}
  kind: {generate: {one_of: [gold, 007, 2]}}
  seats: {generate: {integer: [1, 9]}}
  mail: {generate: {text: "{{who}}@example.com"}}
persona: "{{order}} {{back}} {{kind}} {{seats}} {{mail}}"
"""
    )
    assert scenario.variables == {"today": "2024-05-15"}
    assert scenario.generated == {
        "order": Generator(pattern="[A-Z]{3}[0-9]{3}"),
        "day": Generator(date="+3..+10 days"),
        "back": Generator(date="+1 week", relative_to="day"),
        "who": Generator(name=NameKind.FIRST),
        "kind": Generator(one_of=("gold", "007", 2)),
        "seats": Generator(integer=(1, 9)),
        "mail": Generator(text="{{who}}@example.com"),
    }
    assert suite("").warnings == ()


def test_given_and_made_up_variables_hide_each_other_by_name():
    head = "variables: {a: {generate: {integer: [1, 2]}}, b: 1}\n" + HEAD
    scenario = read('variables: {a: 3, b: {generate: {integer: [1, 2]}}}\npersona: "{{a}} {{b}}"', head)
    assert (scenario.variables, scenario.generated) == ({"a": 3}, {"b": Generator(integer=(1, 2))})
    plain = read('variables: {a: {generate: 1, more: 2}, b: [generate]}\npersona: "{{a}} {{b}}"')
    assert plain.variables == {"a": {"generate": 1, "more": 2}, "b": ["generate"]}


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ("{x: {generate: {}}}", "expected one of pattern, date, name, one_of, integer, text, came none."),
        ("{x: {generate: {pattern: a, name: full}}}", "came pattern and name."),
        ("{x: {generate: {patern: a}}}", "Did you mean 'pattern'?"),
        ("{x: {generate: uuid}}", "expected a mapping"),
        ("{x: {generate: {name: middle}}}", "expected one of full, first, last"),
        ("{x: {generate: {integer: [1]}}}", "expected two whole numbers: [lowest, highest]"),
        ("{x: {generate: {integer: 5}}}", "expected two whole numbers: [lowest, highest]"),
        ("{x: {generate: {integer: [9, 1]}}}", "scenarios[0].variables.x: The variable 'x' cannot be generated"),
        ("{x: {generate: {one_of: []}}}", "one_of is empty"),
        ("{x: {generate: {pattern: 'a+'}}}", "write how often, such as {4}"),
        ("{x: {generate: {date: +1 day}}}", "relative to the variable 'today', which there is not"),
        ("{today: soon, x: {generate: {date: +1 day}}}", "is 'soon', not a date of the form YYYY-MM-DD"),
        ("{x: {generate: {text: '{{y}}'}}, y: {generate: {text: '{{x}}'}}}", "in a circle: x -> y -> x"),
    ],
)
def test_what_cannot_be_made_up_is_a_mistake_where_it_stands(variables, told):
    assert told in mistakes(f"variables: {variables}\npersona: '{{{{x}}}}'")


def test_a_variable_that_only_another_one_names_is_named():
    assert warnings("variables: {a: 1, idle: 2, x: {generate: {text: 'n{{a}}'}}}\npersona: '{{x}}'") == [
        "scenarios[0].variables.idle: the variable 'idle' is named in no text."
    ]


def test_every_kind_of_check_has_a_short_and_a_long_form():
    expect = read(
        """
expect:
  assertions:
    - It is kind.
    - {assertion: It is brief., required: false}
  forbidden:
    - cancel
    - {name: look, arguments: {n: {at_least: 9}}, required: false}
  writes: exact
  state:
    orders.A1.status: cancelled
    orders.A2: {absent: true}
  said:
    - 1,000
    - {regex: "^[A-Z]", ignore_case: true, required: false}
    - {contains: sorry, absent: true, ignore_case: false}
"""
    ).expect
    assert expect == Expectations(
        assertions=("It is kind.", "It is brief."),
        optional_assertions=(1,),
        forbidden=(
            ForbiddenAction(name="cancel"),
            ForbiddenAction(name="look", arguments={"n": Matcher(at_least=9)}, required=False),
        ),
        writes=ExpectedWrites(),
        state=(
            ExpectedState(path="orders.A1.status", matcher=Matcher(equal="cancelled")),
            ExpectedState(path="orders.A2", matcher=Matcher(present=False)),
        ),
        said=(
            ExpectedWords(contains="1,000"),
            ExpectedWords(regex="^[A-Z]", ignore_case=True, required=False),
            ExpectedWords(contains="sorry", absent=True, ignore_case=False),
        ),
    )
    listed = read(
        "expect: {state: [{path: a.b, equal: null, required: false}], writes: {match: exact, required: false}}"
    )
    assert listed.expect.state == (ExpectedState(path="a.b", matcher=Matcher(equal=None), required=False),)
    assert listed.expect.writes == ExpectedWrites(required=False)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("mocks: {look: {rules: [{returns: 1, set: [a]}]}}", "set: expected a mapping from paths to values"),
        ("mocks: {look: {rules: [{returns: 1, state: x}]}}", "expected a mapping from paths in the state"),
        ("mocks: {look: {rules: [{returns: 1, delay_ms: -1}]}}", "a whole number from 0 to 3600000"),
        ("mocks: {look: {rules: [{set: {a: 1}}]}}", "expected either 'returns' or 'error', came neither."),
        ("mocks: {look: {rules: [{returns: 1, sett: {a: 1}}]}}", "Did you mean 'set'?"),
        ("mocks: {look: {sequence: [{returns: 1, times: 2}]}}", "there is no field 'times' here"),
        ("mocks: {look: {sequence: [{returns: 1}], then: stop}}", "then: expected one of otherwise, last, again"),
        (
            "mocks: {look: {rules: [{returns: 1}], set: {a: 1}}}",
            "'set' stands beside the 'returns' that it belongs to",
        ),
        ("mocks: {look: {default_return_value: x, delay_ms: 5}}", "'delay_ms' stands beside the 'returns'"),
        ("state: 5", "state: expected a mapping, the world as a trial begins, came '5'"),
        ("expect: {writes: all}", "writes: expected one of exact, came 'all'"),
        ("expect: {writes: {required: true}}", "the field 'match' is missing"),
        ("expect: {state: [{path: a}]}", "nothing says what stands at 'a'; give one of equal"),
        ("expect: {state: [{equal: a}]}", "the field 'path' is missing"),
        ("expect: {said: [{}]}", "expected either 'contains' or 'regex', came neither."),
        ("expect: {said: [{contains: a, regex: b}]}", "expected either 'contains' or 'regex', came both."),
        ("expect: {said: [{regex: '('}]}", "does not compile"),
        ("expect: {forbidden: [{arguments: {}}]}", "the field 'name' is missing"),
        ("expect: {assertions: [{required: false}]}", "the field 'assertion' is missing"),
        ("expect: {state: {'a.{{x}}': 1}}", "no variable answers {{x}}"),
        ("expect: {said: ['{{state.x}}']}", "no variable answers {{state.x}}"),
        ("expect: {actions: [{name: look, arguments: {a: '{{x}}'}}]}", "no variable answers {{x}}"),
        ("mocks: {look: {rules: [{when: {id: '{{x}}'}, returns: 1}]}}", "no variable answers {{x}}"),
        ("mocks: {look: {returns: 1, set: {'a.{{x}}': 1}}}", "no variable answers {{x}}"),
        ("state: {'{{x}}': 1}", "no variable answers {{x}}"),
        ("persona: '{{orders.{{x}}}}'", "no variable answers {{x}}"),
    ],
)
def test_a_mistake_is_told_with_its_place(lines, told):
    assert told in mistakes(lines)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            "mocks: {look: {rules: [{returns: 1}, {when: {a: 1}, returns: 2}], otherwise: {returns: 3}}}",
            [
                "scenarios[0].mocks.look.rules[1]: rule 2 can never answer: rule 1 before it answers every call "
                "that fits.",
                "scenarios[0].mocks.look.otherwise: otherwise can never answer: rule 1 answers every call.",
            ],
        ),
        (
            "mocks: {look: {error: no, set: {a: 1}}}",
            ["scenarios[0].mocks.look: an error changes nothing; put the changes beside 'returns'."],
        ),
        (
            "mocks: {look: {then: last}}",
            [
                "scenarios[0].mocks.look: this mock answers nothing; give it rules, sequence, otherwise, returns "
                "or error."
            ],
        ),
        (
            "expect: {forbidden: [{name: lock}]}",
            [
                "scenarios[0].expect.forbidden[0].name: this forbids 'lock', which nobody has as a tool. "
                "Did you mean 'look'?"
            ],
        ),
        (
            "history: [{role: user, content: 'I am {{name}}.'}]",
            [
                "scenarios[0].history[0].content: {{name}} stays as it is written: no variable answers {{name}} in the "
                "scenario 'One'. There are no variables."
            ],
        ),
    ],
)
def test_what_is_probably_meant_otherwise_is_a_warning(lines, told):
    assert warnings(lines) == told


def test_exact_writes_need_a_tool_that_writes():
    (warning,) = suite("expect: {writes: exact}", "agent: {instructions: Help., tools: [{name: look}]}\n").warnings
    assert "scenarios[0].expect.writes: this has nothing to look at: no tool is marked `writes: true`." in warning
    assert suite("expect: {writes: exact}").warnings == ()


def test_anchors_share_parts_and_circles_are_refused():
    scenario = read("state: {a: &open {status: open}, b: *open}")
    assert scenario.state == {"a": {"status": "open"}, "b": {"status": "open"}}
    assert "the alias *a stands inside of what it names" in mistakes("state: &a {b: *a}")
    assert "the alias *a stands inside of what it names" in mistakes("mocks: {look: {returns: &a [*a]}}")


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-9, 9) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)


@given(NAMES.filter(str.strip), st.dictionaries(NAMES, VALUES, max_size=4))
def test_the_mock_to_paste_is_read_and_answers_that_very_call(name, arguments):
    call = ToolCall(id="c", name=name, arguments=arguments)
    mocks = read(mock_to_paste(call)).mocks
    assert answer(call, Side.AGENT, World(mocks)).result.source == "rule 1"


def test_the_mock_to_paste_stays_short_whatever_the_call_came_with():
    arguments = {"text": "x" * 10**6, "place": "{{name}}", **{f"a{n}": n for n in range(500)}}
    pasted = mock_to_paste(ToolCall(id="c", name="look", arguments=arguments))
    assert len(pasted) < 500
    assert len(read(pasted).mocks["look"].rules[0].when) == 20


@pytest.mark.slow
def test_a_mock_of_5_mb_is_read():
    big = json.dumps([{"id": number, "text": "x" * 500} for number in range(10_000)])
    began = time.perf_counter()
    mock = read(f"mocks: {{look: {{returns: {big}}}}}").mocks["look"]
    assert time.perf_counter() - began < 10
    assert len(mock.otherwise.value) == 10_000
