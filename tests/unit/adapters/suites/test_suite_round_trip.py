"""What is written as YAML reads back as it was."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparring.adapters.suites import Suite, dump_suite, parse_suite
from sparring.domain.agent import Agent, Opening, Tool, ToolKind
from sparring.domain.generation import Generator, NameKind
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Changes, Rule, Then, ToolMock
from sparring.domain.scenario import (
    Direction,
    Expectations,
    ExpectedAction,
    ExpectedState,
    ExpectedWords,
    ExpectedWrites,
    ForbiddenAction,
    Instructions,
    Medium,
    Scenario,
)
from sparring.domain.simulation import Threshold
from sparring.domain.transcript import AgentMessage, Side, SystemMessage, ToolCall, ToolResult, UserMessage

AWKWARD = st.sampled_from(
    [
        "007", "1.10", "1_000", "1e3", "0x1F", "0o17", "12:30:00", "2024-05-15", "yes", "No", "on", "true", "True",
        "null", "~", "=", "<<", "- a", "a: b", "#x", " lead", "trail ", "two\nlines", "with end\n", "two ends\n\n",
        "\nstart", "  in\n dented", "spaces \nbefore a break", "a\tb", "\tx\n\ty", "line\u2028sep", "\x85",
        "\ufeff",
        "é😀", "'", '"', "\\", "%", "@x", "`", "!tag", "&a", "*a", "{a}", "[b]", "?", "|", ">", "...", "---",
        "word " * 40 + "end", "double  space " * 20 + "x", "x" * 300, "{ {x} }", ",", "a,b", "a #b", "é" * 120,
    ]
)  # fmt: skip
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0{\r")
ANY_TEXT = st.one_of(AWKWARD, st.text(CHARACTERS, max_size=40))
TEXT = ANY_TEXT.filter(lambda text: text.strip())
NAME = st.one_of(TEXT, st.from_regex(r"\A[a-z_]{1,12}\Z"))
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        ANY_TEXT,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ANY_TEXT, inner, max_size=3)),
    max_leaves=6,
)
PLAIN_MATCHER = st.builds(Matcher, equal=JSON)
MATCHER = st.one_of(
    PLAIN_MATCHER,
    st.builds(
        Matcher, regex=st.sampled_from(["^[A-Z]+$", r"\d{2}", "a|b"]), present=st.sampled_from([None, True])
    ),
    st.builds(Matcher, one_of=st.lists(JSON, max_size=3).map(tuple)),
    st.builds(Matcher, at_least=st.integers(-5, 5), at_most=st.floats(0, 9)),
    st.builds(Matcher, present=st.booleans()),
)
BY_PATH = st.dictionaries(ANY_TEXT, JSON, max_size=2)
CHANGES = st.builds(Changes, set=BY_PATH, append=BY_PATH, remove=st.lists(TEXT, max_size=2).map(tuple))
ANSWER = st.one_of(
    st.builds(Answer, value=JSON, is_error=st.booleans()),
    st.builds(Answer, value=JSON, is_error=st.booleans(), changes=CHANGES, delay_ms=st.integers(0, 9999)),
)
RULE = st.builds(
    Rule,
    when=st.dictionaries(NAME, MATCHER, max_size=2),
    state=st.dictionaries(ANY_TEXT, MATCHER, max_size=1),
    answer=ANSWER,
    times=st.one_of(st.none(), st.integers(1, 9)),
)
MOCK = st.builds(
    ToolMock,
    rules=st.lists(RULE, max_size=2).map(tuple),
    sequence=st.lists(ANSWER, max_size=2).map(tuple),
    then=st.sampled_from(Then),
    otherwise=st.one_of(st.none(), ANSWER),
)
TOOL = st.builds(
    Tool,
    name=st.from_regex(r"\A[A-Za-z0-9_-]{1,12}\Z"),
    description=ANY_TEXT,
    parameters=st.one_of(
        st.just({"type": "object", "properties": {}}),
        st.dictionaries(ANY_TEXT.filter(lambda name: name != "type"), JSON, max_size=3),
    ),
    kind=st.sampled_from(ToolKind),
    writes=st.booleans(),
    derived=st.booleans(),
    extra=st.sampled_from([{}, {"strict": True}, {"strict": False}]),
)
TOOLS = st.lists(TOOL, max_size=3, unique_by=lambda tool: tool.name).map(tuple)
MAYBE = st.one_of(st.none(), ANY_TEXT)
MAYBE_NAME = st.one_of(st.none(), TEXT)
ACTION = st.builds(
    ExpectedAction,
    name=NAME,
    arguments=st.one_of(
        st.none(),
        st.dictionaries(
            ANY_TEXT, st.one_of(JSON, MATCHER.filter(lambda m: m != Matcher(equal=m.equal))), max_size=3
        ),
    ),
    compare_args=st.one_of(st.none(), st.lists(NAME, max_size=2).map(tuple)),
    side=st.sampled_from(Side),
    match_side=st.booleans(),
    match_rule=st.sampled_from(["exact", "tau2"]),
    call_id=MAYBE,
    info=MAYBE,
    required=st.booleans(),
)
CALL = st.builds(ToolCall, id=ANY_TEXT, name=NAME, arguments=st.dictionaries(ANY_TEXT, JSON, max_size=2))


@st.composite
def exchange(draw):
    """A message, and the results of its calls."""
    kind, side = draw(st.sampled_from([(UserMessage, Side.USER), (AgentMessage, Side.AGENT)]))
    calls = draw(st.lists(CALL, max_size=2).map(tuple))
    text = draw(MAYBE if calls else ANY_TEXT)
    results = [
        ToolResult(call_id=c.id, name=c.name, text=draw(ANY_TEXT), is_error=draw(st.booleans()), side=side)
        for c in calls
    ]
    return [kind(text=text, calls=calls), *results]


HISTORY = st.lists(
    st.one_of(exchange(), st.builds(SystemMessage, text=ANY_TEXT).map(lambda m: [m])), max_size=3
).map(lambda parts: tuple(message for part in parts for message in part))
INSTRUCTIONS = st.one_of(
    st.builds(Instructions, task=TEXT),
    st.builds(
        Instructions, task=TEXT, reason=MAYBE, known=MAYBE, unknown=MAYBE, language=st.sampled_from(["en", "de"])
    ),
    st.builds(Instructions, reason=TEXT),
)
VARIABLES = st.dictionaries(NAME, JSON, max_size=3)
GENERATOR = st.one_of(
    st.builds(Generator, pattern=st.sampled_from(["[A-Z]{3}[0-9]{3}", "(AB|CD)-\\d{2,4}"])),
    st.builds(
        Generator, date=st.sampled_from(["+7 days", "-1 month", "+3..+10 days"]), relative_to=st.just("start")
    ),
    st.builds(Generator, name=st.sampled_from(NameKind)),
    st.builds(Generator, one_of=st.lists(JSON, min_size=1, max_size=3).map(tuple)),
    st.builds(Generator, integer=st.tuples(st.integers(-5, 0), st.integers(0, 5))),
    st.builds(Generator, text=TEXT),
)
EXPECT = st.builds(
    Expectations,
    assertions=st.lists(TEXT, max_size=2).map(tuple),
    actions=st.lists(ACTION, max_size=2).map(tuple),
    forbidden=st.lists(
        st.builds(
            ForbiddenAction,
            name=TEXT,
            arguments=st.dictionaries(ANY_TEXT, MATCHER, max_size=2),
            required=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
    writes=st.one_of(st.none(), st.builds(ExpectedWrites, required=st.booleans())),
    state=st.lists(st.builds(ExpectedState, path=TEXT, matcher=MATCHER, required=st.booleans()), max_size=2).map(
        tuple
    ),
    said=st.lists(
        st.builds(
            replace,
            st.sampled_from([ExpectedWords(contains="1,000"), ExpectedWords(regex="^[A-Z]+$")]),
            ignore_case=st.sampled_from([None, True, False]),
            absent=st.booleans(),
            required=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
)


@st.composite
def with_optional_assertions(draw):
    """Expectations, some of whose assertions are not required."""
    expect = draw(EXPECT)
    places = draw(st.sets(st.sampled_from(range(len(expect.assertions))))) if expect.assertions else set()
    return replace(expect, optional_assertions=tuple(sorted(places)))


ORIGIN = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {"vendor": TEXT},
        optional={
            "id": TEXT,
            "kept": st.lists(
                st.fixed_dictionaries(
                    {"at": st.lists(st.one_of(ANY_TEXT, st.integers(0, 9)), max_size=3), "value": JSON},
                    optional={"over": JSON},
                ),
                min_size=1,
                max_size=2,
            ),
        },
    ).map(lambda origin: {"origin": origin}),
)
SCENARIO = st.builds(
    Scenario,
    name=TEXT,
    folder=MAYBE,
    tags=st.lists(TEXT, max_size=2, unique=True).map(tuple),
    required=st.booleans(),
    purpose=MAYBE,
    notes=MAYBE,
    persona=MAYBE,
    instructions=INSTRUCTIONS,
    variables=VARIABLES.map(lambda given: {**given, "start": "2024-05-15"}),
    generated=st.dictionaries(st.from_regex(r"\Amade_[a-z]{1,3}\Z"), GENERATOR, max_size=2),
    state=st.dictionaries(ANY_TEXT, JSON, max_size=2),
    variables_answer_tools=st.booleans(),
    mocks=st.dictionaries(NAME, MOCK, max_size=2),
    user_tools=TOOLS,
    history=HISTORY,
    medium=st.sampled_from(Medium),
    direction=st.sampled_from(Direction),
    agent_opens=st.sampled_from([None, True, False]),
    stop_tokens=st.one_of(st.none(), st.lists(TEXT, max_size=2).map(tuple)),
    agent_stop_tokens=st.lists(TEXT, max_size=2).map(tuple),
    expect=with_optional_assertions(),
    trials=st.integers(1, 100),
    model=MAYBE_NAME,
    extra=ORIGIN,
)
AGENT = st.builds(
    Agent,
    id=st.just(""),
    workspace=st.just(""),
    name=TEXT,
    instructions=ANY_TEXT,
    model=MAYBE_NAME,
    greeting=MAYBE_NAME,
    opens=st.sampled_from([None, True, False]),
    outbound=st.one_of(
        st.none(), st.builds(Opening, greeting=MAYBE_NAME, opens=st.sampled_from([None, True, False]))
    ),
    extra=ORIGIN,
    temperature=st.one_of(st.none(), st.floats(0, 2)),
    top_p=st.one_of(st.none(), st.floats(0.1, 1)),
    language=MAYBE_NAME,
    tools=TOOLS,
    mocks=st.dictionaries(NAME, MOCK, max_size=1),
)
SUITES = st.builds(
    Suite,
    name=TEXT,
    agent=AGENT,
    scenarios=st.lists(SCENARIO, min_size=1, max_size=3, unique_by=lambda scenario: scenario.name).map(tuple),
    user_model=MAYBE_NAME,
    judge_model=MAYBE_NAME,
    trials=st.integers(1, 100),
    seed=st.integers(0, 2**63 - 1),
    max_steps=st.integers(1, 5000),
    max_errors=st.integers(1, 50),
    thresholds=st.lists(
        st.builds(Threshold, st.integers(1, 100), st.floats(0, 1)), max_size=2, unique_by=lambda bar: bar.k
    ).map(tuple),
    timeout=st.one_of(st.none(), st.floats(0.5, 5000)),
)


@pytest.mark.slow
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(SUITES)
def test_a_suite_reads_back_as_it_was_written(suite):
    assert parse_suite(dump_suite(suite)) == suite


@settings(deadline=None, max_examples=100)
@given(ANY_TEXT)
def test_any_text_survives_as_instructions_of_the_agent(text):
    suite = Suite(name="s", agent=Agent(id="", workspace="", name="a", instructions=text), scenarios=(PLAIN,))
    assert parse_suite(dump_suite(suite)).agent.instructions == text


PLAIN = Scenario(name="One", instructions=Instructions(task="Ask."))


def test_variables_that_all_scenarios_share_are_written_once():
    scenarios = tuple(replace(PLAIN, name=name, variables={"today": "2024-05-15", "n": name}) for name in "ab")
    text = dump_suite(Suite(name="s", agent=Agent(id="", workspace="", name="a"), scenarios=scenarios))
    assert text.count("2024-05-15") == 1
    assert parse_suite(text).scenarios == scenarios


def test_a_dumped_suite_is_easy_to_read():
    told = "You are told a lot.\n\nEven in paragraphs."
    scenario = Scenario(
        name="Refund refused",
        persona="A person with a long description " + "that goes on and on " * 5 + "and ends.",
        instructions=Instructions(task=told, known="You are Amelia."),
        variables={"days": 2, "code": "007"},
        mocks={"check": ToolMock(otherwise=Answer(value={"eligible": False}))},
        expect=Expectations(assertions=("The agent does not offer a refund.",)),
    )
    agent = Agent(id="", workspace="", name="Agent", instructions="Be kind.", tools=(Tool(name="check"),))
    assert dump_suite(Suite(name="Airline", agent=agent, scenarios=(scenario,))) == (
        """name: Airline
agent:
  name: Agent
  instructions: Be kind.
  tools:
    - {name: check}
trials: 1
scenarios:
  - name: Refund refused
    persona: >-
      A person with a long description that goes on and on that goes on and on that goes on and on that
      goes on and on that goes on and on and ends.
    instructions:
      task_instructions: |-
        You are told a lot.

        Even in paragraphs.
      known_info: You are Amelia.
    variables: {days: 2, code: '007'}
    mocks:
      check: {returns: {eligible: false}}
    expect:
      assertions:
        - The agent does not offer a refund.
"""
    )
