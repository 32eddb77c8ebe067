"""The server over a store in memory, with records that are the same in every run."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx2

from sparring.adapters.suites.single import SingleRecords
from sparring.bootstrap.keys import make_key
from sparring.dialects.sigmamind import demo
from sparring.dialects.sigmamind.translate.webhooks import SigmaMindWording
from sparring.domain.errors import InvalidInput, JudgeFault, NotConfigured
from sparring.domain.evaluation import Finding
from sparring.domain.simulation import trial_count
from sparring.server.app import create_app
from sparring.server.services import DefaultModels, Services
from sparring.simulation.chats import Chats
from sparring.simulation.control import Control
from sparring.simulation.heralds import WebhookHerald
from sparring.simulation.ports import Cast, WebFault
from sparring.simulation.runner import Runner
from sparring.simulation.store import ApiKey
from sparring.testing import (
    FakeModel,
    FrozenClock,
    Lines,
    MemoryStore,
    agent_says,
    assessed,
    judge_finds,
    user_ends,
    user_says,
)

NOW = 1774522365.565
KEY, READ_KEY, REVOKED_KEY, OTHER_KEY = "spk_write", "spk_read", "spk_revoked", "spk_other"
WORKSPACE, OTHER_WORKSPACE = "69c50fbd" + 16 * "a", "69c50fbd" + 16 * "b"


class Models:
    """Every model but Anthropic's can be reached."""

    def model(self, name):
        if name.startswith(("claude-", "anthropic:")):
            raise NotConfigured(f"{name!r} needs a key for Anthropic. Set ANTHROPIC_API_KEY.")
        if name.partition(":")[0] in ("nowhere", "scripted"):
            raise NotConfigured(f"There is no provider for {name!r}.")
        return FakeModel([], name=name)


class Engine:
    """Counts the notices; trials are played when a test says so."""

    def __init__(self):
        self.notices = 0

    def notice(self):
        self.notices += 1


class Casting:
    """Trial by trial: one that passes, one that fails, one that stays open, one whose judge fails."""

    JUDGES = (
        lambda: judge_finds(
            assessed(Finding.MET, "The agent confirmed it.", (3, "Your subscription is cancelled."))
        ),
        lambda: judge_finds(assessed(Finding.NOT_MET, "No alternative was offered.", (1, "One moment."))),
        lambda: judge_finds(assessed(Finding.INCONCLUSIVE, "The end of the conversation is missing.")),
        lambda: judge_finds(*[JudgeFault("The judge quoted what is not there.") for _ in range(4)]),
    )

    def cast(self, simulation, scenario, trial):
        user = Lines([user_says("I want to cancel!"), user_says("No. Cancel it."), user_ends("goal reached")])
        agent = Lines([agent_says("One moment."), agent_says("Your subscription is cancelled.")])
        judge = self.JUDGES[(trial.number - 1) % len(self.JUDGES)]()
        return Cast(user=user, agent=agent, judge=judge)


@dataclass
class Served:
    """The application and what is behind it."""

    app: Any
    clock: FrozenClock
    store: MemoryStore
    runner: Runner
    engine: Engine

    def client(self, key=KEY, **headers):
        """A client in the same process; without a key where it is None."""
        sent = {"X-API-Key": key, **headers} if key is not None else headers
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url="http://testserver", headers=sent)

    async def play(self, count=10_000):
        """Play what is queued, two minutes for each trial."""
        for trial in await self.store.claim(count):
            simulation = await self.store.find_simulation(None, trial.simulation)
            await self.clock.sleep(120)
            await self.runner.play(simulation, trial)


async def report(simulation, form, base):
    return f"{form} {simulation.id} {base}"


async def budget_warnings(simulation):
    return [f"The budget does not count what {simulation.models.judge} costs."]


def suite_text(simulation, scenario):
    return f"name: {scenario.name}\n"


async def price(simulation):
    return 0.01 * trial_count(simulation.scenarios)


async def judge_again(simulation, model, votes, on_judged):
    raise JudgeFault("No judge is here.")


class Answering:
    """Agents that confirm whatever they are asked, or give the lines that they are told to."""

    def __init__(self, *lines):
        self.lines = lines
        self.asked = []

    def cast_agent(self, agent, scenario, occasion, *, on_text=None):
        self.asked.append((agent, scenario))
        return Lines(self.lines or [agent_says("Certainly. Anything else?")] * 100)


class NoWeb:
    """No address answers."""

    async def send(self, call):
        raise WebFault(f"Nothing is at {call.url}.")

    async def check(self, url):
        if "127.0.0.1" in url:
            raise InvalidInput(f"{url} is private.")


async def serve(*, store=None, casting=None, agents_casting=None, web=None, drafter=None, **options):
    """A server with the records of the reference pages in its first workspace, and nothing in a second."""
    clock = FrozenClock(NOW)
    store = store or MemoryStore(clock)
    await store.save_workspace(WORKSPACE, demo.WORKSPACE)
    await store.save_workspace(OTHER_WORKSPACE)
    herald = WebhookHerald(store=store, clock=clock, wording=SigmaMindWording())
    runner = Runner(store, casting or Casting(), clock, herald)
    chats = Chats(
        store=store,
        casting=agents_casting or Answering(),
        clock=clock,
        web=web or NoWeb(),
        drafter=drafter,
        herald=herald,
    )
    for secret, workspace, role, revoked_at in (
        (READ_KEY, WORKSPACE, "read", None),
        (REVOKED_KEY, WORKSPACE, "write", NOW),
        (OTHER_KEY, OTHER_WORKSPACE, "write", None),
    ):
        digest = sha256(secret.encode()).hexdigest()
        key = ApiKey(
            id=runner.new_id(), workspace=workspace, name=secret, digest=digest, hint=secret[-4:], role=role,
            revoked_at=revoked_at,
        )  # fmt: skip
        await store.save_key(key)
    agents, cases = demo.demo_records(WORKSPACE, NOW, runner.new_id)
    for agent in agents:
        await store.save_agent(agent)
    for case in cases:
        await store.save_scenario(case)
    chat, said = demo.demo_chat(WORKSPACE, agents)
    await store.save_chat(chat)
    if not await store.chat_journal(chat.id).load():
        await store.chat_journal(chat.id).append(0, said)
    engine = options.pop("engine", None) or Engine()
    services = {
        "store": store,
        "runner": runner,
        "chats": chats,
        "engine": engine,
        "control": Control(store, clock, engine),
        "clock": clock,
        "models": Models(),
        "defaults": DefaultModels(user="gpt-4.1-mini", judge="gpt-4.1"),
        "report": report,
        "budget_warnings": budget_warnings,
        "suite_text": suite_text,
        "price": price,
        "judge_again": judge_again,
        "new_key": lambda workspace, name, role: make_key(clock, workspace, name=name, role=role),
        "editing": SingleRecords(),
        "api_key": KEY,
    }
    app = create_app(Services(**{**services, **options}))
    return Served(app, clock, store, runner, engine)
