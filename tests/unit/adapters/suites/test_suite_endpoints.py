"""Where an agent lives, in suites."""

import pytest

from sparring.adapters.suites import dump_suite, parse_suite
from sparring.domain.endpoints import HttpEndpoint, OpenAIEndpoint, PythonEndpoint, ReplyLimits
from sparring.domain.errors import InvalidInput

SCENARIOS = "scenarios: [{name: One, instructions: Ask.}]"


def read(endpoint):
    return parse_suite(f"agent: {{name: A, endpoint: {endpoint}}}\n{SCENARIOS}")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{kind: openai, base_url: 'http://a/v1'}", OpenAIEndpoint(base_url="http://a/v1")),
        (
            "{kind: openai, base_url: '${URL}', model: m, api_key_env: KEY, own_tools: true, body: {seed: 5}}",
            OpenAIEndpoint(base_url="${URL}", model="m", api_key_env="KEY", own_tools=True, body={"seed": 5}),
        ),
        ("{kind: http, url: 'http://a:${PORT:-80}/x'}", HttpEndpoint(url="http://a:${PORT:-80}/x")),
        ("{kind: http, url: 'http://a/x', method: GET}", HttpEndpoint(url="http://a/x", method="GET", body=None)),
        (
            "{kind: http, url: 'http://a/x', headers: {X: 'a ${K}'}, body: ['{{history}}'], reply: 'a[].b', end: over, "
            "session: s.id, tool_calls: calls, limits: {timeout: 2.5, max_calls: 3}}",
            HttpEndpoint(
                url="http://a/x",
                headers={"X": "a ${K}"},
                body=["{{history}}"],
                reply="a[].b",
                end="over",
                session="s.id",
                tool_calls="calls",
                limits=ReplyLimits(timeout=2.5, max_calls=3),
            ),
        ),
        ("{kind: python, callable: 'a.b:c.d'}", PythonEndpoint(callable="a.b:c.d")),
    ],
)
def test_an_endpoint_is_read_as_meant_and_written_back(written, meant):
    suite = read(written)
    assert suite.agent.endpoint == meant
    assert suite.agent.instructions == ""
    assert parse_suite(dump_suite(suite)) == suite


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{url: 'http://a'}", "the field 'kind' is missing: one of openai, http, python"),
        ("{kind: grpc}", "expected one of openai, http, python, came 'grpc'"),
        ("{kind: http}", "the field 'url' is missing"),
        ("{kind: http, url: 'a/b'}", "begins with http:// or https://"),
        ("{kind: http, url: 'http://a', reply: 'a['}", "this is no JMESPath"),
        ("{kind: http, url: 'http://a', headers: {'a b': x}}", "'a b' is no name of a header"),
        ("{kind: http, url: 'http://a', limits: {timeout: 0}}", "seconds, more than 0"),
        ("{kind: openai, base_url: 'http://a', api_key_env: 'sk-1 2'}", "not the key itself"),
        ("{kind: openai, base_url: 'http://a', body: x}", "expected a mapping of further fields"),
        ("{kind: python, callable: reply}", "module:callable, such as my_agent:reply"),
        ("{kind: python, callable: 'a:b', url: x}", "there is no field 'url' here"),
    ],
)
def test_a_mistake_in_an_endpoint_is_told_at_its_place(written, told):
    with pytest.raises(InvalidInput, match=r"suite.yaml:1:\d+: agent.endpoint") as refused:
        read(written)
    assert told in str(refused.value)


def test_variables_in_a_template_are_named_there_and_unknown_ones_are_told():
    endpoint = "{kind: http, url: 'http://a/{{conversation}}', body: {text: '{{message}}', plan: '{{plan}}'}}"
    suite = parse_suite(f"agent: {{endpoint: {endpoint}}}\nvariables: {{plan: basic}}\n{SCENARIOS}")
    assert suite.warnings == ()
    assert suite.agent.texts == ("{{plan}}",)
    with pytest.raises(InvalidInput, match=r"no variable answers \{\{plan\}\} in the scenario 'One'"):
        read(endpoint)


def test_an_agent_elsewhere_that_names_no_tools_may_have_any():
    one = "{name: One, instructions: Ask., mocks: {find: {returns: 1}}, expect: {forbidden: [pay]}}"
    endpoint = "{kind: python, callable: 'a:b'}"
    assert parse_suite(f"agent: {{endpoint: {endpoint}}}\nscenarios: [{one}]").warnings == ()
    assert (
        len(parse_suite(f"agent: {{endpoint: {endpoint}, tools: [{{name: look}}]}}\nscenarios: [{one}]").warnings)
        == 2
    )


def test_an_agents_own_code_is_told_all_variables_so_that_none_is_idle():
    scenarios = "scenarios: [{{name: One, instructions: Ask., variables: {{day: 1}}}}]"
    suite = "agent: {{endpoint: {}}}\nvariables: {{plan: basic}}\n" + scenarios
    assert parse_suite(suite.format("{kind: python, callable: 'a:b'}")).warnings == ()
    assert len(parse_suite(suite.format("{kind: http, url: 'http://a/'}")).warnings) == 2
