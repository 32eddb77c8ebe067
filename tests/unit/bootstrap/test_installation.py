"""What the settings page is told of an installation."""

import pytest

from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.circuit import IN_A_ROW
from sparring.adapters.models.failures import Failure
from sparring.adapters.models.retries import Trouble
from sparring.bootstrap.installation import installation, location
from sparring.bootstrap.providers import providers
from sparring.settings import Settings
from sparring.testing import FrozenClock


def told(**options):
    settings = Settings(_env_file=None, **options)
    return installation(settings, Catalogue(providers(settings), clock=FrozenClock(0.0)))


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    """Neither variables nor files."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "OLLAMA_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_no_secret_is_in_it():
    found = told(
        openai_api_key="sk-secret",
        api_key="spk_secret",
        database_url="postgresql://me:secret@db.test/sparring?password=secret",
        openai_base_url="https://me:secret@proxy.test/v1?key=secret",
    )
    assert "secret" not in repr(found) + repr(found.providers())
    knobs = {knob.name: (knob.value, knob.is_set) for knob in found.knobs}
    assert knobs["OPENAI_API_KEY"] == ("set", True)
    assert knobs["SPARRING_DATABASE_URL"] == ("postgresql://db.test/sparring", True)
    assert knobs["SPARRING_CONCURRENCY"] == ("100", False)
    assert knobs["SPARRING_ALLOW_LIVE_TOOLS"] == ("no", False)


def test_each_provider_says_what_it_lacks():
    found = {state.name: state for state in told(openai_api_key="k").providers()}
    assert found["openai"].missing is None and found["openai"].listed["judge"]
    assert found["anthropic"].missing == "ANTHROPIC_API_KEY"
    assert found["ollama"].missing == "OLLAMA_BASE_URL"


def test_the_place_of_a_file_does_not_depend_on_where_one_is(tmp_path):
    assert told(database_url="sqlite:///a.db").database == str(tmp_path / "a.db")
    assert location("postgres://me:secret@db.test:5433/x") == "postgres://db.test:5433/x"


def test_a_provider_that_is_down_says_since_when():
    settings = Settings(_env_file=None, openai_api_key="k")
    models = Catalogue(providers(settings), clock=FrozenClock(1000.0))
    models.model("openai:gpt-5-mini")
    (gate,) = models.gates
    lane = gate.lane("gpt-5-mini")
    found = installation(settings, models)
    assert found.providers()[0].down is None
    failure = Failure(reason="unreachable", words="Connection refused.", trouble=Trouble.FAILING)
    for caller in range(IN_A_ROW):
        lane.circuit.failed(failure, 1000.0, caller=caller)
    state = found.providers()[0]
    assert (state.name, state.down, state.down_since) == ("openai", failure.briefly, 1000.0)


async def test_nobody_is_reached_under_a_name_that_is_none():
    assert await told().reach("nowhere") == "There is no provider 'nowhere'."
