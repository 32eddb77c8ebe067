"""PostgreSQL that goes away in the middle of a batch, and comes back."""

import pytest
from postgres import database_name
from processes import started, until

from .batches import asked_again, batch_in, same_as, write_suite


def restarted(postgres):
    postgres.server.restart()


def crashed(postgres):
    postgres.server.restart("immediate")


def cut_off(postgres):
    assert postgres.server.cut(database_name(postgres.url))


@pytest.mark.parametrize(
    "hit", [cut_off, *(pytest.param(hit, marks=pytest.mark.long) for hit in (restarted, crashed))]
)
def test_a_batch_goes_on_when_its_postgresql_server_was_away(hit, tmp_path, postgres, undisturbed, measured):
    write_suite(tmp_path)
    with batch_in(tmp_path, postgres, "--latency", 40) as batch:
        with started(tmp_path, "run", "suite.json", "--concurrency", "5", **batch.environment) as run:
            for moment in (30, 60):
                until(lambda moment=moment: batch.asked() >= moment, f"{moment} requests")
                hit(postgres)
            assert run.wait(timeout=60) == 1, run.stdout.read()
        again = asked_again(batch.record).total()
        measured(
            f"PostgreSQL {hit.__name__.replace('_', ' ')}, twice", "postgresql", f"waited out; {again} asked again"
        )
        same_as(undisturbed, batch)
        assert again <= 2 * 5, "at most one answer a trial was under way"
