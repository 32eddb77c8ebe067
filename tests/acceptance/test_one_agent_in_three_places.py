"""The same agent behind chat completions, behind an HTTP API and as Python code gets the same verdicts."""

from dataclasses import replace
from pathlib import Path

from airline_agents import airline_server

from sparring.adapters.bundled import AIRLINE_SUITE
from sparring.adapters.mock_llm import create_app, running
from sparring.adapters.models.scripted import scripted_model
from sparring.adapters.suites import load_suite
from sparring.bootstrap.library import simulate
from sparring.domain.endpoints import HttpEndpoint, OpenAIEndpoint, PythonEndpoint
from sparring.domain.transcript import AgentMessage, ToolResult

SUITE = load_suite(AIRLINE_SUITE)
BODY = {"session": "{{conversation}}", "text": "{{message}}", "seed": "{{seed}}"}


async def verdicts(agent):
    result = await simulate(
        SUITE.scenarios, agent, trials=4, user_model=SUITE.user_model, judge_model=SUITE.judge_model
    )
    names = {scenario.id: scenario.name for scenario in result.simulation.scenarios}
    found = {(names[one.scenario], one.number): (one.outcome, one.error) for one in result.trials}
    return found, result


def at(endpoint):
    return replace(SUITE.agent, id="a" * 24, model=None, endpoint=endpoint)


async def test_the_demo_gets_the_same_verdicts_wherever_its_agent_lives():
    async with running(create_app(scripted_model("airline").script)) as base_url:
        endpoint = OpenAIEndpoint(base_url=base_url, body={"seed": "{{seed}}"})
        behind_completions, _ = await verdicts(at(endpoint))

    async with airline_server() as url:
        endpoint = HttpEndpoint(url=f"{url}/chat", body=BODY, reply="messages[?kind=='text'].body")
        behind_http, played = await verdicts(at(endpoint))

    endpoint = PythonEndpoint(callable="airline_agents:reply", folder=str(Path(__file__).parent))
    in_python, _ = await verdicts(at(endpoint))

    assert len(behind_completions) == 32
    assert {outcome for outcome, _ in behind_completions.values()} == {"passed", "failed"}
    assert behind_http == behind_completions
    assert in_python == behind_completions
    messages = [message for transcript in played.transcripts.values() for message in transcript]
    assert {m.source for m in messages if isinstance(m, ToolResult)} == {"rule 1", "otherwise"}
    assert any(isinstance(m, AgentMessage) and m.calls for m in messages)
