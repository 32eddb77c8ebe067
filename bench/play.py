"""Plays 100 simulations through the real store and engine in this process and prints what they cost.

python -m bench.play BASE_URL FOLDER EXCHANGES SIMULATIONS
"""

import json
import resource
import sys
import time
from pathlib import Path

import uvloop

from sparring.bootstrap.services import open_services
from sparring.domain.agent import Agent
from sparring.domain.metrics import summarize
from sparring.domain.outcomes import Outcome
from sparring.domain.scenario import Expectations, Instructions, Scenario
from sparring.domain.simulation import Limits, Models, Simulation
from sparring.settings import ProviderSettings, read_settings

INSTRUCTIONS = "You are a support agent of an airline. " * 40


async def play(base_url: str, folder: Path, exchanges: int, simulations: int) -> dict[str, float]:
    settings = read_settings(
        database_url=f"sqlite:///{folder / 'bench.db'}",
        concurrency=simulations,
        providers={"bench": ProviderSettings(base_url=base_url, concurrency=100, initial=100)},
    )
    async with open_services(settings) as services:
        workspace = await services.store.first_workspace()
        scenario = Scenario(
            id=services.runner.new_id(),
            workspace=workspace,
            name="Flight moved",
            persona="A traveller in a hurry.",
            instructions=Instructions(task="Move your flight to the day after."),
            agent_stop_tokens=("###DONE###",),
            expect=Expectations(assertions=("The agent answers every message.",)),
            trials=simulations,
        )
        simulation = Simulation(
            id=services.runner.new_id(),
            workspace=workspace,
            agent=Agent(
                id="a" * 24, workspace=workspace, name="bench", instructions=INSTRUCTIONS, model="bench:agent"
            ),
            scenarios=(scenario,),
            models=Models(user="bench:user", judge="bench:judge"),
            limits=Limits(max_steps=2 * exchanges + 10),
            name="bench",
        )
        await services.runner.submit(simulation)
        began, spent = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        await services.engine.start()
        async for _ in services.engine.changes(simulation.id):
            pass
        wall, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
        await services.engine.stop()
        trials = await services.store.trials(simulation.id)
    passed = summarize(trials).count(Outcome.PASSED)
    steps = {trial.steps for trial in trials}
    if passed != simulations or steps != {2 * exchanges}:
        raise SystemExit(f"{passed} of {simulations} passed, steps {steps}: {trials[0].error}")
    cpu = used.ru_utime + used.ru_stime - spent.ru_utime - spent.ru_stime
    return {"wall_s": wall, "cpu_ms": 1000 * cpu / simulations, "peak_mib": used.ru_maxrss / 1024}


if __name__ == "__main__":
    url, where, rounds, count = sys.argv[1:]
    print(json.dumps(uvloop.run(play(url, Path(where), int(rounds), int(count)))))
