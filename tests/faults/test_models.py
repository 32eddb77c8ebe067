"""A model server whose answers go wrong: every trial ends, and none is scored because of it."""

import pytest
from processes import sparring

from .batches import CALLERS, batch_in, trials_of, write_suite

MIXED = "30 %: 429, 500, timed out, broken off and malformed"
KINDS = {
    MIXED: "429=0.1:0.06,500:0.06,slow=20:0.06,broken:0.06,malformed:0.06",
    "30 %: 429": "429=0.1:0.3",
    "30 %: 500": "500:0.3",
    "30 %: timed out": "slow=20:0.3",
    "30 %: broken off": "broken:0.3",
    "30 %: malformed": "malformed:0.3",
    "90 %: 500": "500:0.9",
}
ALL = tuple(f"Scenario {number}" for number in range(CALLERS))
FEW = ALL[2:4]
"""One that passes and one that fails, for the short form."""
PATIENCE = {"SPARRING_ANSWER_TIMEOUT": "1", "SPARRING_OUTAGE_LIMIT": "0"}
"""Trials do not wait for a provider that looks as if it were down."""


@pytest.mark.parametrize(
    ("kind", "only"),
    [
        (MIXED, FEW),
        *(pytest.param(kind, ALL, marks=pytest.mark.long) for kind in KINDS),
    ],
)
def test_no_trial_is_scored_because_of_a_model_servers_trouble(
    kind, only, tmp_path, database, undisturbed, measured
):
    expected = {key: trial for key, trial in undisturbed[0].items() if key[0] in only}
    write_suite(tmp_path)
    chosen = [word for name in only for word in ("--only", name)]
    with batch_in(tmp_path, database, "--faults", KINDS[kind], **PATIENCE) as batch:
        done = sparring(tmp_path, "run", "suite.json", *chosen, **batch.environment)
        assert done.returncode in (1, 3), done.stdout + done.stderr
        troubled = trials_of(batch.shown())
        asked = batch.asked()
    errors = {key for key, trial in troubled.items() if trial["outcome"] == "error"}
    measured(
        "answers of the model server spoiled",
        database.kind,
        f"{kind}: {len(troubled)} of {len(expected)} trials ended, {len(errors)} in an error, 0 scored otherwise; "
        f"{asked} requests",
    )
    assert troubled.keys() == expected.keys()
    assert {trial["status"] for trial in troubled.values()} == {"completed"}
    for key, trial in troubled.items():
        if key in errors:
            assert trial["findings"] == []
            assert trial["messages"] == expected[key]["messages"][: len(trial["messages"])]
        else:
            assert trial == expected[key]
    if errors:
        with batch_in(tmp_path, database) as batch:
            batch.command("retry")
            assert trials_of(batch.shown()) == expected
