"""`sparring doctor --live`, on every wire."""

import json
from pathlib import Path

import pytest

from sparring.adapters.clock import SystemClock
from sparring.adapters.mock_llm import create_app, running
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import anthropic, google, ollama, openai
from sparring.adapters.models.script_files import read_script
from sparring.adapters.models.wires import WIRES
from sparring.adapters.players.rehearsal import rehearse
from sparring.bootstrap.live import configured, expected_cost
from sparring.cli.doctor import examine
from sparring.domain.transcript import ToolCall
from sparring.settings import Settings
from sparring.testing.models import FakeModel

SCRIPT = r"""
agent:
  - when: {tool: cancel_booking}
    say: Your booking is cancelled.
  - when: {tool: look_up_booking, result: '"code": "(?P<code>\w+)"'}
    call: {cancel_booking: {booking: AB12, code: "{{code}}"}}
  - when: {said: cancel, offered: look_up_booking}
    call: {look_up_booking: {booking: AB12}}
  - say: Hello!
judge:
  - when: {assertion: is cancelled}
    verdict: met
    reason: It says so.
    quote: is cancelled
  - verdict: not_met
    reason: It does not.
    quote: "refund"
"""
VARIABLES = {
    "anthropic.messages": "ANTHROPIC_BASE_URL",
    "google.generate": "GEMINI_BASE_URL",
    "openai.chat": "OPENAI_BASE_URL",
    "openai.responses": "OPENAI_BASE_URL",
}


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """In a folder of its own, with nothing configured."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI", "ANTHROPIC", "GEMINI"):
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)
        monkeypatch.delenv(f"{name}_BASE_URL", raising=False)
    return monkeypatch


@pytest.mark.parametrize("wire", WIRES)
async def test_a_model_that_does_all_three_is_well(
    wire: str, alone: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    family = wire.partition(".")[0]
    async with running(create_app(read_script(SCRIPT))) as base:
        alone.setenv(VARIABLES[wire], base if family == "openai" else base.removesuffix("/v1"))
        alone.setenv({"google": "GEMINI"}.get(family, family.upper()) + "_API_KEY", "any")
        if wire == "openai.responses":
            (tmp_path / "sparring.toml").write_text('[wires]\n"openai:*" = "openai.responses"\n')
        code = await examine(as_json=True, database=None, live=True, models=[f"{family}:any"])
    told = capsys.readouterr()
    found = {finding["what"]: finding for finding in json.loads(told.out)}
    live = found[f"live {family}:any"]
    assert (live["state"], code) == ("ok", 0), live["told"]
    assert live["told"] == "text, two tool rounds, judgement (price not known)"
    assert found[f"provider {family}"]["state"] == "ok"
    assert told.err.startswith(f"Trying {family}:any: for a price that no list tells.")


async def test_what_a_model_cannot_do_is_told_part_by_part(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(create_app(faults="refusal:0")) as base:
        alone.setenv("OPENAI_BASE_URL", base)
        code = await examine(as_json=False, database=None, live=True)
    told = capsys.readouterr().out
    assert code == 2
    assert "live openai:gpt-5-mini" in told
    assert "live openai:gpt-4.1" in told
    assert "two tool rounds: it was to look a booking up and then to cancel it, but called no tool" in told


async def test_with_nothing_configured_there_is_nothing_to_try(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await examine(as_json=False, database=None, live=True) == 0
    assert "no model is configured" in capsys.readouterr().out


async def test_a_model_that_cannot_be_found_is_missing(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await examine(as_json=False, database=None, live=True, models=["claude-sonnet-4-5"]) == 2
    assert "set ANTHROPIC_API_KEY" in capsys.readouterr().out


async def test_the_price_is_told_for_the_named_models_and_every_listed_default() -> None:
    providers = [openai(api_key="k"), anthropic(api_key="k"), google(), ollama()]
    catalogue = Catalogue(providers, clock=SystemClock())
    settings = Settings(agent_model="ollama:qwen3", judge_model="openai:gpt-4.1")
    names = configured(settings, catalogue)
    assert names == [
        "ollama:qwen3",
        "openai:gpt-4.1",
        "openai:gpt-5-mini",
        "anthropic:claude-haiku-4-5-20251001",
        "anthropic:claude-sonnet-4-5-20250929",
    ]
    cost, unknown = expected_cost(catalogue, names, 1_795_000_000.0)
    assert 0.02 < cost < 0.2
    assert unknown == ["ollama:qwen3"]


async def test_a_model_that_calls_everything_at_once_has_not_waited_for_the_code() -> None:
    calls = [ToolCall(id="1", name="look_up_booking"), ToolCall(id="2", name="fly_away")]
    model = FakeModel(["Hello!", calls[0], calls[1], "Done.", "no JSON", "no JSON"])
    text, tools, judgement = [part async for part in rehearse(model)]
    assert text.problem is None
    assert "but called look_up_booking, fly_away" in (tools.problem or "")
    assert "There is no such tool" in (model.requests[3].messages[-1].text or "")
    assert "gave no answer to rely on" in (judgement.problem or "")
    assert text.cost == 0.01
