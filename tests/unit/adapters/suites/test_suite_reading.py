"""Suite files: what they mean, and what is said when they are wrong."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparring.adapters.suites import load_suite, parse_suite
from sparring.domain.agent import ToolKind
from sparring.domain.errors import InvalidInput
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.scenario import ExpectedAction, Instructions
from sparring.domain.transcript import AgentMessage, Side, ToolCall, ToolResult, UserMessage

AGENT = "agent: {name: A, instructions: Help.}\n"
SCENARIO = "scenarios:\n  - name: One\n    instructions: Ask.\n"
PLAIN = AGENT + SCENARIO
IN_JSON = {"agent": {"instructions": "Help."}, "scenarios": [{"name": "One", "instructions": "Ask."}]}


def suite(text, **kwargs):
    return parse_suite(text, **kwargs)


def scenario(lines, agent=AGENT):
    """The one scenario of a suite, with further fields."""
    indented = "".join(f"    {line}\n" for line in lines.strip("\n").splitlines())
    return suite(agent + SCENARIO + indented).scenarios[0]


def mistakes(text, **kwargs):
    with pytest.raises(InvalidInput) as caught:
        suite(text, **kwargs)
    return str(caught.value)


def scenario_mistakes(lines, agent=AGENT):
    with pytest.raises(InvalidInput) as caught:
        scenario(lines, agent)
    return str(caught.value)


def test_the_smallest_suite_gets_the_defaults():
    read = suite(PLAIN, file="airline.yaml")
    assert (read.name, read.trials, read.seed, read.max_steps, read.max_errors) == ("airline", 1, 0, 100, 5)
    assert (read.user_model, read.judge_model, read.warnings) == (None, None, ())
    assert read.scenarios[0].instructions == Instructions(task="Ask.")
    assert (read.agent.id, read.agent.workspace) == ("", "")
    limits = read.limits(timeout=60)
    assert (limits.max_steps, limits.max_errors, limits.timeout) == (100, 5, 60)


def test_limits_of_the_suite_win_over_the_given_timeout():
    read = suite("limits: {max_steps: 30, max_errors: 2, timeout: 12.5}\n" + PLAIN)
    limits = read.limits(timeout=60)
    assert (limits.max_steps, limits.max_errors, limits.timeout) == (30, 2, 12.5)


def test_scenarios_take_variables_and_trials_of_the_suite_and_win_over_them():
    read = suite(
        "trials: 4\nvariables: {a: 1, b: 2}\nagent: {instructions: '{{a}} {{b}} {{c}}'}\n"
        "scenarios:\n"
        "  - {name: One, instructions: x, variables: {b: 3, c: 4}}\n"
        "  - {name: Two, instructions: x, variables: {c: 5}, trials: 2}\n"
    )
    assert [s.variables for s in read.scenarios] == [{"a": 1, "b": 3, "c": 4}, {"a": 1, "b": 2, "c": 5}]
    assert [s.trials for s in read.scenarios] == [4, 2]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("007", "007"),
        ("1.10", "1.10"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("12:30:00", "12:30:00"),
        ("2024-05-15", "2024-05-15"),
        ("yes", "yes"),
        ("off", "off"),
        ("True", "True"),
        (".inf", ".inf"),
        ("+1", "+1"),
        ("99999999999999999999", "99999999999999999999"),
        ("'5'", "5"),
        ("5", 5),
        ("-12", -12),
        ("2.5", 2.5),
        ("true", True),
        ("null", None),
        ("[1, 01, x]", [1, "01", "x"]),
        ("{n: 1.0, m: 1.00}", {"n": 1.0, "m": "1.00"}),
    ],
)
def test_variables_are_taken_as_they_are_written(written, value):
    read = scenario(f"variables: {{v: {written}}}\npersona: '{{{{v}}}}'").variables["v"]
    assert read == value
    assert type(read) is type(value)


def test_in_arguments_and_answers_a_number_is_a_number():
    read = scenario("mocks: {t: {rules: [{when: {amount: 12.50}, returns: {left: 1e3, code: 007, ok: True}}]}}")
    rule = read.mocks["t"].rules[0]
    assert rule.when["amount"] == Matcher(equal=12.5)
    assert rule.answer.value == {"left": 1000.0, "code": "007", "ok": True}


def test_tools_come_in_both_forms_and_from_a_file(tmp_path):
    (tmp_path / "tools.json").write_text(
        json.dumps(
            [
                {"name": "plain", "description": "Does.", "parameters": {"type": "object"}, "writes": True},
                {"type": "function", "function": {"name": "openai", "parameters": {"a": 1}, "strict": True}},
                {"name": "hang_up", "ends": True},
                {"name": "transfer", "type": "call_transfer"},
            ]
        )
    )
    (tmp_path / "policy.md").write_text("Be {{tone}}.\r\nAlways.\n")
    path = tmp_path / "suite.yaml"
    path.write_text(
        "agent: {instructions: {file: policy.md}, tools: {file: tools.json}}\nvariables: {tone: kind}\n" + SCENARIO
    )
    agent = load_suite(path).agent
    assert agent.instructions == "Be {{tone}}.\nAlways.\n"
    plain, openai, hang_up, transfer = agent.tools
    assert (plain.writes, plain.description, plain.parameters) == (True, "Does.", {"type": "object"})
    assert (openai.name, openai.parameters, openai.extra) == ("openai", {"a": 1}, {"strict": True})
    assert hang_up.kind is transfer.kind is ToolKind.END


def test_mocks_come_in_the_full_form_and_in_three_short_ones():
    tools = "agent: {instructions: x, tools: [{name: full}, {name: a}, {name: b}, {name: c}]}\n"
    read = scenario(
        """
        mocks:
          full:
            rules:
              - when:
                  {id: {regex: "^[A-Z]+$"}, n: {gte: 1, lte: 5}, s: {one_of: [x, y]}, o: {absent: true}, p: plain}
                returns: {ok: true}
                times: 2
            sequence:
              - returns: first
              - error: second
            otherwise: {error: unknown}
          a: {returns: null}
          b: {error: no}
          c: {default_return_value: "False", default_is_error: true}
        """.replace("\n        ", "\n"),
        tools,
    )
    rule = Rule(
        when={
            "id": Matcher(regex="^[A-Z]+$"),
            "n": Matcher(at_least=1, at_most=5),
            "s": Matcher(one_of=("x", "y")),
            "o": Matcher(present=False),
            "p": Matcher(equal="plain"),
        },
        answer=Answer(value={"ok": True}),
        times=2,
    )
    assert read.mocks == {
        "full": ToolMock(
            rules=(rule,),
            sequence=(Answer(value="first"), Answer(value="second", is_error=True)),
            otherwise=Answer(value="unknown", is_error=True),
        ),
        "a": ToolMock(otherwise=Answer(value=None)),
        "b": ToolMock(otherwise=Answer(value="no", is_error=True)),
        "c": ToolMock(otherwise=Answer(value="False", is_error=True)),
    }


def test_expected_actions_have_all_their_fields():
    read = scenario(
        "expect: {actions: [{name: t, arguments: {a: 1, b: {present: true}}, compare_args: [a], requestor: user,"
        " match_requestor: true, match: tau2, required: false, info: why, tool_call_id: c1}, {name: t}]}"
    )
    assert read.expect.actions == (
        ExpectedAction(
            name="t",
            arguments={"a": 1, "b": Matcher(present=True)},
            compare_args=("a",),
            side=Side.USER,
            match_side=True,
            match_rule="tau2",
            required=False,
            info="why",
            call_id="c1",
        ),
        ExpectedAction(name="t"),
    )


def test_a_history_pairs_results_with_calls_in_order():
    read = scenario(
        """
        history:
          - {role: user, content: Hello}
          - role: assistant
            tool_calls: [{id: c1, name: look, arguments: {q: 1}}, {name: more}]
          - {role: tool, id: c1, content: found}
          - {role: tool, content: oops, error: true}
          - {role: assistant, content: Done.}
        """.replace("\n        ", "\n")
    )
    calls = (ToolCall(id="c1", name="look", arguments={"q": 1}), ToolCall(id="call_2", name="more"))
    assert read.history == (
        UserMessage(text="Hello"),
        AgentMessage(text=None, calls=calls),
        ToolResult(call_id="c1", name="look", text="found"),
        ToolResult(call_id="call_2", name="more", text="oops", is_error=True),
        AgentMessage(text="Done."),
    )


def test_calls_at_the_end_of_a_history_are_left_for_the_trial():
    read = scenario("history: [{role: user, content: Hi}, {role: assistant, tool_calls: [{name: look}]}]")
    assert read.history[-1].calls == (ToolCall(id="call_1", name="look"),)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("- {role: tool, content: x}", "none before it"),
        ("- {role: assistant, tool_calls: [{name: t}]}\n- {role: user, content: x}", "the call of 't' before it"),
        ("- {role: assistant, tool_calls: [{id: a, name: t}]}\n- {role: tool, id: b}", "'a' is the next"),
        ("- {role: user}", "expected content or tool_calls, came neither"),
        ("- {role: agent, content: x}", "expected one of system, user, assistant, tool, came 'agent'"),
    ],
)
def test_a_history_that_cannot_be_is_refused(lines, told):
    indented = "\n".join("  " + line for line in lines.splitlines())
    assert told in scenario_mistakes("history:\n" + indented)


def test_merge_keys_share_fields():
    read = suite(
        AGENT + "scenarios:\n  - &first {name: One, instructions: x, persona: p}\n  - {<<: *first, name: Two}\n"
    )
    assert [(s.name, s.persona) for s in read.scenarios] == [("One", "p"), ("Two", "p")]


def test_a_json_suite_is_read_with_tabs_and_surrogate_pairs(tmp_path):
    path = tmp_path / "suite.json"
    content = {
        "agent": {"instructions": "Help 😀 / \\ud83d"},
        "scenarios": [{"name": "é", "instructions": "x", "trials": 2}],
    }
    path.write_text(json.dumps(content, indent="\t"))
    read = load_suite(path)
    assert (read.agent.instructions, read.scenarios[0].trials) == ("Help 😀 / \\ud83d", 2)


def test_a_misspelt_field_is_told_with_its_place_and_the_nearest_name():
    text = AGENT + "scenarios:\n  - name: One\n    instructions: x\n    persna: y\n"
    told = mistakes(text, file="suite.yaml")
    assert told.startswith(
        "suite.yaml:5:5: scenarios[0]: there is no field 'persna' here. Did you mean 'persona'?"
    )
    assert "Allowed: name, folder," in told


def test_several_mistakes_are_told_at_once_in_the_order_of_the_file():
    told = mistakes(
        "trials: 0\nsed: 1\nagent: {instructions: x, temperature: hot}\n"
        "scenarios:\n  - {name: One, instructions: x, medium: fax}\n"
    )
    assert told.splitlines() == [
        "4 mistakes:",
        "  suite.yaml:1:9: trials: expected a whole number from 1 to 100, came '0'.",
        "  suite.yaml:2:1: there is no field 'sed' here. Did you mean 'seed'? Allowed: name, agent, user_model,"
        " judge_model, trials, seed, limits, variables, state, thresholds, defaults, scenarios.",
        "  suite.yaml:3:39: agent.temperature: expected a number from 0 to 2, came 'hot'.",
        "  suite.yaml:5:42: scenarios[0].medium: expected one of chatbot, sms, email, web_voice, telephony,"
        " came 'fax'.",
    ]


def test_more_than_ten_mistakes_are_counted():
    told = mistakes(AGENT + "scenarios:\n" + "  - {name: x}\n" * 12)
    assert told.splitlines()[0] == "23 mistakes:"
    assert told.splitlines()[-1] == "  and 13 more."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "suite.yaml: the file is empty."),
        ("# only a comment\n", "the file is empty"),
        ("- a\n- b\n", "suite.yaml:1:1: expected a mapping with name, agent"),
        ("name: x\n", "the field 'agent' is missing"),
        (AGENT, "the field 'scenarios' is missing"),
        (AGENT + "scenarios: []\n", "there is no scenario"),
        ("agent:\n\tname: x\n", "suite.yaml:2:1: a tab stands here; YAML is indented with spaces."),
        ("agent: x: y\n", "suite.yaml:1:9: this is not valid YAML"),
        ("agent: {{name}}\n", "a text with {{variables}} goes in quotes"),
        ("a: *b\n", "the alias *b has no anchor"),
        ("a: &a [*a]\n", "stands inside of what it names"),
        ("a: !!python/object:os.system x\n", "the tag tag:yaml.org,2002:python/object:os.system has no meaning"),
        ("a: 1\n---\nb: 1\n", "suite.yaml:2:1: a second document"),
        ('a: "\\0"\n', "the character NUL"),
        ("a: \x07\n", "a control character"),
        ("[" * 5000, "nested deeper than 100 levels"),
        ("agent: {name: x}\n" + SCENARIO, "agent: the field 'instructions' is missing"),
        ("agent: x\n" + SCENARIO, "agent: expected a mapping with name, model"),
        ("limits: {max_steps: 5001}\n" + PLAIN, "limits.max_steps: expected a whole number from 1 to 5000"),
        ("limits: {max_errors: 0}\n" + PLAIN, "limits.max_errors: expected a whole number, at least 1"),
        ("limits: {timeout: 0}\n" + PLAIN, "limits.timeout: expected seconds, more than 0"),
        ("trials: 101\n" + PLAIN, "trials: expected a whole number from 1 to 100, came '101'"),
        ("trials: '4'\n" + PLAIN, "trials: expected a whole number from 1 to 100, came '4'"),
        ("seed: -1\n" + PLAIN, "seed: expected a whole number from 0"),
        ("name: [x]\n" + PLAIN, "name: expected a text, came a list"),
        ("name: ' '\n" + PLAIN, "name: expected a text, came an empty one"),
        ("trials: 1\ntrials: 2\n" + PLAIN, "suite.yaml:2:1: 'trials' stands here twice; the first is in line 1."),
        ("agent: {instructions: x, tools: [{name: a}, {name: a}]}\n" + SCENARIO, "a second tool of the name 'a'"),
        ("agent: {instructions: x, tools: [{name: a, parameters: []}]}\n" + SCENARIO, "expected a JSON Schema"),
        ("agent: {instructions: x, tools: [{name: a, type: voice}]}\n" + SCENARIO, "expected one of function"),
        ("agent: {instructions: x, tools: [{name: a, writes: yes}]}\n" + SCENARIO, "expected true or false"),
        ("agent: {instructions: {file: x.md}}\n" + SCENARIO, "from a suite that is a file itself"),
        (PLAIN + "  - {name: One, instructions: y}\n", "suite.yaml:5:5: scenarios[1]: a second scenario"),
        (AGENT + "scenarios:\n  - {name: One, instructions: {language: de}}\n", "the simulated user is told noth"),
    ],
)  # fmt: skip
def test_a_suite_that_cannot_be_used_says_why(text, told):
    assert told in mistakes(text)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("mocks: {t: {rules: [{when: {a: {regex: '('}}, returns: 1}]}}", "does not compile: missing )"),
        ("mocks: {t: {rules: [{when: {a: 1}}]}}", "expected either 'returns' or 'error', came neither"),
        ("mocks: {t: {returns: 1, error: 2}}", "expected either 'returns' or 'error', came both"),
        ("mocks: {t: {otherwise: {returns: 1}, default_is_error: true}}", "are the same thing; give one"),
        ("mocks: {t: {rule: []}}", "there is no field 'rule' here. Did you mean 'rules'?"),
        ("mocks: {t: {rules: [{returns: 1, times: 0}]}}", "times: expected a whole number, at least 1"),
        (
            "mocks: {t: {rules: [{when: {a: {gte: 1, at_least: 2}}, returns: 1}]}}",
            "'at_least' and 'gte' are the same",
        ),
        ("mocks: {t: {rules: [{when: {a: {gte: high}}, returns: 1}]}}", "expected a number, came 'high'"),
        ("expect: {actions: [{arguments: {}}]}", "the field 'name' is missing"),
        ("expect: {actions: [{name: t, match: loose}]}", "expected one of exact, tau2, came 'loose'"),
        ("expect: {assertions: One sentence.}", "expected a list of sentences, came 'One sentence.'"),
        ("mocks: {t: {rules: [{when: {a: {regex: []}}, returns: 1}]}}", "expected a text, came a list"),
        ("mocks: {t: {rules: [{when: {a: {present: true, absent: true}}, returns: 1}]}}", "exclude each other"),
        ("mocks: {t: {rules: x}}", "expected a list of rules"),
        ("history: [{role: system}]", "needs its content"),
        (
            "history: [{role: user, tool_calls: [{name: t, requestor: assistant}]}, {role: tool}]",
            "message is of 'user'",
        ),
        ("history: [{role: user, tool_calls: [{name: t}]}, {role: tool, requestor: assistant}]", "made by 'user'"),
        ("history: [{role: user, tool_calls: [{id: a}]}]", "the field 'name' is missing"),
        ("<<: 5", "only a mapping can be merged"),
        ("? [a]\n: b", "a name is expected here"),
        ("opens: agnet", "expected one of user, agent, came 'agnet'"),
        ("trials: 101", "expected a whole number from 1 to 100"),
        ("variables: [a]", "expected a mapping from names to values, came a list"),
    ],
)
def test_a_scenario_that_cannot_be_used_says_why(lines, told):
    assert told in scenario_mistakes(lines)


def test_an_unknown_variable_is_an_error_at_its_line():
    text = (
        "variables: {today: 1}\nagent:\n  instructions: |\n    Line one.\n    It is {{ todey }}.\n"
        "scenarios:\n  - name: One\n    instructions: {task_instructions: 'Say {{name}} and {{today}}.'}\n"
    )
    assert mistakes(text).splitlines() == [
        "2 mistakes:",
        "  suite.yaml:5:11: agent.instructions: no variable answers {{todey}} in the scenario 'One'."
        " Did you mean 'today'? There are: today.",
        "  suite.yaml:8:44: scenarios[0].instructions.task_instructions: no variable answers {{name}} in the"
        " scenario 'One'. There are: today.",
    ]


def test_an_unknown_variable_of_an_included_file_is_told_with_that_files_line(tmp_path):
    (tmp_path / "policy.md").write_text("# Policy\n\nToday is {{today}}.\n")
    path = tmp_path / "suite.yaml"
    path.write_text("agent: {instructions: {file: policy.md}}\n" + SCENARIO)
    with pytest.raises(InvalidInput, match=r"policy\.md:3:10: instructions: no variable answers"):
        load_suite(path)


def test_answers_of_mocks_may_name_the_arguments_of_the_call():
    read = scenario("mocks: {t: {returns: 'Cancelled {{arguments.id}} for {{who}}'}}\nvariables: {who: me}")
    assert read.variables == {"who": "me"}


def test_what_is_probably_meant_otherwise_is_a_warning():
    read = suite(
        "variables: {used: 1, shared_and_unused: 2}\n"
        "agent: {instructions: '{{used}}', tools: [{name: cancel_reservation}]}\n"
        "scenarios:\n"
        "  - name: One\n"
        "    instructions: x\n"
        "    variables: {own_and_unused: 1}\n"
        "    mocks: {cancel_reservaton: {rules: [{when: {a: {regx: x}}, returns: 1}]}}\n"
        "    expect: {actions: [{name: cancel}], forbidden: [issue_refund]}\n"
    )
    assert sorted(line.removeprefix("suite.yaml:") for line in read.warnings) == [
        "1:41: variables.shared_and_unused: the variable 'shared_and_unused' is named in no text.",
        "6:33: scenarios[0].variables.own_and_unused: the variable 'own_and_unused' is named in no text.",
        "7:32: scenarios[0].mocks.cancel_reservaton: this mock answers 'cancel_reservaton', which nobody has as a"
        " tool. Did you mean 'cancel_reservation'?",
        "7:52: scenarios[0].mocks.cancel_reservaton.rules[0].when.a: is compared as a plain value; for a condition"
        " write 'regex'.",
        "8:31: scenarios[0].expect.actions[0].name: this expects a call of 'cancel', which nobody has as a tool.",
        "8:53: scenarios[0].expect.forbidden[0]: this forbids 'issue_refund', which nobody has as a tool.",
    ]


def test_a_condition_inside_of_an_argument_is_doubtful():
    read = suite(
        "agent: {instructions: x, tools: [{name: t}], mocks: {t: {returns: 'Hello {{arguments.name}}'}}}\n"
        "scenarios:\n  - name: One\n    instructions: x\n"
        "    expect: {actions: [{name: t, arguments: {who: {first: [{regex: x}]}}}]}\n"
    )
    (warning,) = read.warnings
    assert warning.endswith("a condition works on a whole argument only.")


def test_instructions_of_the_agent_that_are_empty_are_doubtful():
    assert suite("agent: {instructions: ''}\n" + SCENARIO).warnings == (
        "suite.yaml:1:23: agent.instructions: the agent has no instructions.",
    )


def test_a_closest_name_is_only_told_where_one_is_near():
    assert "Did you mean" not in mistakes(PLAIN + "zzz: 1\n")


def test_aliases_that_multiply_are_refused_before_they_are_expanded():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "more than 1,000,000 values" in mistakes("\n".join(lines))


def test_aliases_that_nest_are_refused():
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 2000))]
    assert "nested deeper than 100 levels" in mistakes("\n".join(lines))


@pytest.mark.parametrize(
    ("name", "told"),
    [("missing.md", "there is no such file"), (".", "this is a folder"), ("latin.md", "latin.md:2: not UTF-8")],
)
def test_an_included_file_that_cannot_be_read_is_told_where_it_is_named(tmp_path, name, told):
    (tmp_path / "latin.md").write_bytes(b"ok\ncaf\xe9\n")
    path = tmp_path / "suite.yaml"
    path.write_text(f"agent:\n  instructions: {{file: {name}}}\n" + SCENARIO)
    with pytest.raises(InvalidInput) as caught:
        load_suite(path)
    assert str(caught.value).startswith(f"{path}:2:24: agent.instructions.file: ")
    assert told in str(caught.value)


def test_a_suite_that_is_not_there_or_no_text_is_told(tmp_path):
    with pytest.raises(InvalidInput, match="there is no such file"):
        load_suite(tmp_path / "none.yaml")
    with pytest.raises(InvalidInput, match="this is a folder"):
        load_suite(tmp_path)
    (tmp_path / "utf16.yaml").write_text("name: x", encoding="utf-16")
    with pytest.raises(InvalidInput, match=r"utf16\.yaml:1: not UTF-8"):
        load_suite(tmp_path / "utf16.yaml")
    (tmp_path / "bom.yaml").write_text(PLAIN, encoding="utf-8-sig")
    assert load_suite(tmp_path / "bom.yaml").agent.name == "A"


WHOLE = """\
name: Whole
agent:
  instructions: "Today is {{today}}."
  tools: [{name: look, parameters: {type: object}}, {type: function, function: {name: more}}]
variables: {today: "2024-05-15"}
scenarios:
  - name: One
    instructions: {task_instructions: Ask., language: de}
    mocks: {look: {rules: [{when: {a: {regex: "^x"}}, returns: {b: 1}}], otherwise: {error: no}}}
    expect: {assertions: [Fine.], actions: [{name: look, arguments: {a: 1}}], forbidden: [more]}
    history: [{role: assistant, tool_calls: [{name: look}]}, {role: tool, content: x}]
"""
PIECES = [
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\t",
    "null",
    "1",
    "*a",
    "&a ",
    "<<: ",
    '"',
    "'",
    "|",
    "{{x}}",
    "name",
]


@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(WHOLE)), st.integers(0, 30), st.one_of(st.sampled_from(PIECES), st.text(max_size=8)))
def test_a_damaged_suite_is_read_or_refused_and_never_crashes(start, length, piece):
    try:
        suite(WHOLE[:start] + piece + WHOLE[start + length :])
    except InvalidInput as error:
        assert "suite.yaml" in str(error)


@pytest.mark.parametrize(
    ("agent", "lines", "place"),
    [
        ("{instructions: Help., tools: [{name: find order}]}", "", "agent.tools[0].name"),
        ("{instructions: Help.}", "user_tools: [{name: pay.now}]", "scenarios[0].user_tools[0].name"),
        (
            "{endpoint: {kind: openai, base_url: 'http://a/v1'}, tools: [{name: a/b}]}",
            "",
            "agent.tools[0].name",
        ),
    ],
)
def test_a_tool_has_a_name_that_models_take(agent, lines, place):
    told = scenario_mistakes(lines, f"agent: {agent}\n")
    assert f"{place}: expected the name of a tool as models take it: up to 128 letters, digits" in told


def test_the_tools_that_an_agent_runs_itself_have_any_name():
    read = suite("agent: {endpoint: {kind: http, url: 'http://a/'}, tools: [{name: calendar.find}]}\n" + SCENARIO)
    assert read.agent.tools[0].name == "calendar.find"


def test_the_arguments_of_a_tool_are_an_object():
    told = mistakes("agent: {instructions: Help., tools: [{name: a, parameters: {type: array}}]}\n" + SCENARIO)
    assert (
        "agent.tools[0].parameters.type: expected 'object', because arguments come by name, came 'array'" in told
    )


def test_a_model_that_is_never_asked_is_doubtful():
    agent = "agent: {model: gpt-5, endpoint: {kind: python, callable: 'a:b'}}\n"
    warnings = suite(f"{agent}defaults: {{model: gpt-5}}\n{SCENARIO}    model: gpt-5\n").warnings
    assert [warning.split(": ")[1] for warning in warnings] == [
        "agent.model",
        "scenarios[0].model",
        "defaults.model",
    ]
    assert all(warning.endswith("its endpoint, so this model is never asked.") for warning in warnings)


def test_half_a_surrogate_pair_and_broken_json_are_told_in_the_words_of_json():
    told = mistakes('{"name": "\\ud83c"}', file="suite.json")
    assert told == "suite.json:1:13: half a surrogate pair stands here, which is no character."
    assert suite('{"name": "\\ud83c\\udf89", ' + json.dumps(IN_JSON)[1:], file="suite.json").name == "🎉"
    assert "in quotes" not in mistakes('{"name": "A" "b": 1}', file="suite.json")
