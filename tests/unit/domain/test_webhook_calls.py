"""What a webhook tool's call is as a request."""

import pytest

from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.scenario import Scenario
from sparring.domain.webhooks import MissingValues, live_tools, offered, web_call, webhook_tools


def a_tool(**extra):
    return Tool(name="t", kind=ToolKind.WEBHOOK, extra=extra)


def test_values_are_put_everywhere_and_keep_their_type_in_the_body():
    tool = a_tool(
        method="PUT",
        url="https://x.example/{{id}}?fixed=1",
        headers=[{"key": "X-Key", "value": "k-{{key}}"}],
        queryParams=[{"key": "q", "value": "{{id}} and"}],
        bodyParams={"{{key}}": "{{number}}", "text": "n={{number}}", "list": [{"deep": "{{id}}"}]},
    )
    call = web_call(tool, {"id": "a b", "number": 7}, {"key": "K"})
    assert (call.method, call.url) == ("PUT", "https://x.example/a%20b?fixed=1")
    assert (call.headers, call.query) == ((("X-Key", "k-K"),), (("q", "a b and"),))
    assert call.body == {"K": 7, "text": "n=7", "list": [{"deep": "a b"}]}


def test_what_a_model_says_cannot_leave_its_part_of_the_address():
    call = web_call(a_tool(url="https://x.example/{{id}}/end"), {"id": "../admin?a=1#"}, {})
    assert call.url == "https://x.example/..%2Fadmin%3Fa%3D1%23/end"


def test_a_variable_wins_over_what_the_model_says():
    call = web_call(a_tool(url="https://x.example/{{account}}"), {"account": "other"}, {"account": "own"})
    assert call.url == "https://x.example/own"


def test_an_address_may_begin_with_a_variable_but_not_with_what_the_model_says():
    tool = a_tool(url="{{base}}/orders")
    assert web_call(tool, {}, {"base": "https://x.example/v1"}).url == "https://x.example/v1/orders"
    assert web_call(tool, {"base": "https://evil.example"}, {}).url == "https%3A%2F%2Fevil.example/orders"


def test_a_value_that_nobody_gave_is_named():
    tool = a_tool(url="https://x.example/{{id}}", bodyParams={"a": "{{b}}"})
    with pytest.raises(MissingValues, match=r"No value was given for id, b\."):
        web_call(tool, {}, {})


def test_a_tool_without_a_method_reads():
    assert web_call(a_tool(url="https://x.example"), {}, {}).method == "GET"


def test_a_model_is_not_asked_for_what_the_variables_answer():
    parameters = {"type": "object", "properties": {"id": {}, "key": {}}, "required": ["key"], "title": "T"}
    webhook = Tool(name="a", kind=ToolKind.WEBHOOK, parameters=parameters)
    function = Tool(name="b", parameters=parameters)
    agent = offered(Agent(id="", workspace="", name="", tools=(webhook, function)), {"a"}, {"key": 1})
    assert agent.tools[0].parameters == {"type": "object", "properties": {"id": {}}, "title": "T"}
    assert agent.tools[1] is function


def test_a_trial_may_call_the_live_tools_that_no_mock_answers():
    mock = ToolMock(otherwise=Answer(value=1))
    address = {"url": "https://x.example"}
    names = ("live", "mocked_here", "mocked_by_the_agent", "not_live", "nowhere")
    tools = tuple(
        Tool(name=name, kind=ToolKind.WEBHOOK, live=name != "not_live", extra={} if name == "nowhere" else address)
        for name in names
    )
    agent = Agent(id="", workspace="", name="", tools=tools, mocks={"mocked_by_the_agent": mock})
    scenario = Scenario(name="s", mocks={"mocked_here": mock}, variables={"a": 1})
    assert list(live_tools(agent, scenario)) == ["live"]
    assert list(webhook_tools(agent)) == list(names[:-1])
    by_variables = Scenario(name="s", variables_answer_tools=True, variables={"a": 1})
    assert live_tools(agent, by_variables) == {}
    assert list(live_tools(agent, Scenario(name="s", variables_answer_tools=True))) == [
        "live",
        "mocked_here",
    ]
