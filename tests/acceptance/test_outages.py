"""Providers that are down, models that are not there, and keys that are wrong, in a real process."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest

from sparring.adapters.mock_llm import create_app, running
from sparring.adapters.suites import load_suite
from sparring.bootstrap import playing
from sparring.bootstrap.playing import Wishes
from sparring.bootstrap.services import open_services
from sparring.domain.outcomes import Cause, Lifecycle, Outcome
from sparring.settings import ProviderSettings, Settings

SUITE = """
name: Outages
agent: {name: Agent, model: "local:agent", instructions: Be kind.}
user_model: local:user
judge_model: local:judge
trials: 12
scenarios:
  - name: A question
    instructions: {task_instructions: You have a question.}
    expect: {assertions: [The agent is polite.]}
"""


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@asynccontextmanager
async def played(tmp_path, port, **settings):
    """Services that play the suite against a server at a port; the simulation."""
    suite = tmp_path / "suite.yaml"
    suite.write_text(SUITE)
    told = ProviderSettings(base_url=f"http://127.0.0.1:{port}/v1", initial=50)
    settings = Settings(
        _env_file=None, database_url=f"sqlite:///{tmp_path / 'd.db'}", providers={"local": told}, **settings
    )
    async with open_services(settings) as services:
        simulation = await playing.prepare(services, load_suite(suite), Wishes(), source="cli", folder=tmp_path)
        await playing.submit(services, [simulation])
        await services.engine.start(only=[simulation.id])
        try:
            yield services, simulation.id
        finally:
            await services.engine.stop(grace=0)


async def until(services, simulation_id, holds):
    async with asyncio.timeout(30):
        async for seen in services.engine.changes(simulation_id):
            if holds(seen):
                return seen
    raise AssertionError("It ended before.")


async def test_a_batch_waits_for_a_server_that_is_down_and_goes_on_once_it_is_back(tmp_path):
    port = free_port()
    async with played(tmp_path, port) as (services, id):
        seen = await until(services, id, lambda simulation: simulation.status_reason is not None)
        assert seen.status is Lifecycle.RUNNING
        assert seen.status_reason.startswith("waiting for local: no connection since ")
        assert seen.status_reason.endswith(" UTC")
        async with running(create_app(), port=port):
            done = await until(services, id, lambda simulation: simulation.completed_at is not None)
        trials = await services.store.trials(id)
    assert done.status_reason is None
    assert {(trial.outcome, trial.attempt) for trial in trials} == {(Outcome.PASSED, 1)}


async def test_a_server_that_goes_away_in_the_middle_is_paid_for_no_answer_twice(tmp_path):
    port = free_port()
    record = tmp_path / "record.jsonl"
    async with played(tmp_path, port) as (services, id):
        async with running(create_app(latency_ms=300, record_path=record), port=port):
            async with asyncio.timeout(30):
                while record.read_bytes().count(b"\n") < 30:
                    await asyncio.sleep(0.01)
        await until(services, id, lambda simulation: simulation.status_reason is not None)
        async with running(create_app(record_path=record), port=port):
            await until(services, id, lambda simulation: simulation.completed_at is not None)
        trials = await services.store.trials(id)
        messages = [message for trial in trials for message in await services.store.messages(trial.id)]
    assert {(trial.outcome, trial.attempt) for trial in trials} == {(Outcome.PASSED, 1)}
    answered = record.read_bytes().count(b"\n")
    stored = sum(getattr(message, "generation", None) is not None for message in messages)
    judged, on_the_way_when_it_went = len(trials), len(trials)
    assert stored + judged <= answered <= stored + judged + on_the_way_when_it_went


@pytest.mark.parametrize("status", [401, 404])
async def test_a_model_that_refuses_everybody_fails_its_batch_at_once_and_with_the_reason(tmp_path, status):
    port, record = free_port(), tmp_path / "record.jsonl"
    async with (
        running(create_app(faults=f"{status}:1", record_path=record), port=port),
        played(tmp_path, port, concurrency=3) as (services, id),
    ):
        done = await until(services, id, lambda simulation: simulation.completed_at is not None)
        trials = await services.store.trials(id)
    assert done.status is Lifecycle.COMPLETED
    assert len({trial.error for trial in trials}) == 1
    assert f"answered {status}" in trials[0].error
    assert {(trial.outcome, trial.cause) for trial in trials} == {(Outcome.ERROR, Cause.PROVIDER)}
    assert record.read_bytes().count(b"\n") <= 3
