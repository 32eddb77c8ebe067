"""What the settings page is told of an installation."""

import pytest

from sparring.adapters.models.catalogue import Catalogue
from sparring.bootstrap.installation import installation
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
    assert "secret" not in repr(found)
    knobs = {knob.name: (knob.value, knob.is_set) for knob in found.knobs}
    assert knobs["OPENAI_API_KEY"] == ("set", True)
    assert knobs["SPARRING_DATABASE_URL"] == ("postgresql://db.test/sparring", True)
    assert knobs["SPARRING_CONCURRENCY"] == ("100", False)
    assert knobs["SPARRING_ALLOW_LIVE_TOOLS"] == ("no", False)


def test_each_provider_says_what_it_lacks():
    found = {state.name: state for state in told(openai_api_key="k").providers}
    assert found["openai"].missing is None and found["openai"].listed["judge"]
    assert found["anthropic"].missing == "ANTHROPIC_API_KEY"
    assert found["ollama"].missing == "OLLAMA_BASE_URL"


def test_the_size_is_that_of_the_file_and_what_lies_beside_it(tmp_path):
    file = tmp_path / "a.db"
    found = told(database_url=f"sqlite:///{file}")
    assert found.database == str(file)
    assert found.database_size() == 0
    file.write_bytes(b"x" * 10)
    (tmp_path / "a.db-wal").write_bytes(b"x" * 5)
    assert found.database_size() == 15
    assert told(database_url="postgresql://db.test/x").database_size() is None


async def test_nobody_is_reached_under_a_name_that_is_none():
    assert await told().reach("nowhere") == "There is no provider 'nowhere'."
