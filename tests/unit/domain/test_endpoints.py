"""Where agents live."""

from sparring.domain.agent import Agent
from sparring.domain.endpoints import (
    HttpEndpoint,
    OpenAIEndpoint,
    PythonEndpoint,
    address_of,
    kind_of,
    variables_of,
)

OPENAI = OpenAIEndpoint(
    base_url="${URL:-http://a}", api_key_env="KEY", headers={"X": "a ${B} ${C:-d}"}, body={"{{k}}": 1}
)
HTTP = HttpEndpoint(url="http://a/{{session}}/{{plan}}", body=["{{message}}", {"t": "{{user.name}}"}])
PYTHON = PythonEndpoint(callable="a:b")


def test_each_kind_has_a_word_and_a_place():
    assert [kind_of(one) for one in (OPENAI, HTTP, PYTHON)] == ["openai", "http", "python"]
    assert [address_of(one) for one in (OPENAI, HTTP, PYTHON)] == [OPENAI.base_url, HTTP.url, "a:b"]


def test_the_environment_variables_of_an_endpoint_are_known():
    assert variables_of(OPENAI) == ["URL", "B", "C", "KEY"]
    assert variables_of(HTTP) == variables_of(PYTHON) == []


def test_the_variables_in_a_template_are_among_the_agents_texts():
    agents = [Agent(id="a", workspace="w", name="A", endpoint=one) for one in (OPENAI, HTTP, PYTHON)]
    assert [agent.texts for agent in agents] == [("{{k}}",), ("{{plan}}", "{{user.name}}"), ()]
