"""A comparison on a terminal and as JSON, and JSON reports as one side of it."""

import json
from dataclasses import replace

import pytest
from report_samples import HOSTILE, finished

from sparring.domain.comparison import Side, Tally, compare, side_of
from sparring.domain.errors import InvalidInput
from sparring.domain.setups import Setup, setup_of
from sparring.reports import comparing
from sparring.reports.baselines import read_side
from sparring.reports.comparison_json import render_comparison_json
from sparring.reports.comparison_markdown import render_comparison_markdown
from sparring.reports.comparison_table import render_comparison
from sparring.reports.json import document, render_json
from sparring.reports.lettering import cells

BEFORE = Setup(
    agent={"name": "Clerk", "model": "openai:gpt-4o-mini", "instructions": "Be kind.\nNever refund."},
    models={"user": "openai:u", "judge": "openai:j"},
    tools={"pay": {"writes": "true"}},
    scenarios={"Late parcel": {"persona": "An old man."}},
)
NOW = replace(
    BEFORE,
    agent={**BEFORE.agent, "model": "openai:gpt-5", "instructions": "Be kind.\nNever refund, unless asked twice."},
    tools={},
    scenarios={"Late parcel": {"persona": "A girl."}},
)
RATES = {
    "Late parcel": ((4, 4), (1, 4)),
    "Wrong book": ((0, 4), (4, 4)),
    "Torn page, and a name that is longer than what the table has room for": ((3, 4), (2, 4)),
    "Polite": ((4, 4), (4, 4)),
    "Impossible": ((0, 4), (0, 4)),
}


def sides(rates=RATES, before=BEFORE, now=NOW):
    return [
        Side(
            id=f"6b012608{place}fe49a0a98e6a58e",
            name="Bookshop",
            created_at=1_715_770_000.0 + 3600 * place,
            setup=setup,
            tallies=tuple(
                Tally(id=name, name=name, passed=tally[place][0], judged=tally[place][1], planned=tally[place][1])
                for name, tally in rates.items()
            ),
            cost=cost,
        )
        for place, (setup, cost) in enumerate([(before, 0.01), (now, 0.02)])
    ]


def compared(*arguments, **named):
    return compare(*sides(*arguments, **named))


def test_the_comparison_fits_a_terminal_of_80_cells():
    assert render_comparison(compared()) == (
        """Bookshop
6b0126080fe4 (2024-05-15 10:46 UTC) → 6b0126081fe4 (2024-05-15 11:46 UTC)

What was changed
  agent model: openai:gpt-4o-mini → openai:gpt-5
  agent instructions: +1 −1 lines
    - Never refund.
    + Never refund, unless asked twice.
  tool pay: gone
  scenario Late parcel: persona: An old man. → A girl.

  Scenario                                                Before     Now  Change
────────────────────────────────────────────────────────────────────────────────
✗ Late parcel ≠                                           4 of 4  1 of 4   −0.75
✓ Wrong book                                              0 of 4  4 of 4   +1.00
~ Torn page, and a name that is longer than what the      3 of 4  2 of 4   −0.25
  table has room for
= 2 the same: 1 passed every time, 1 never did
────────────────────────────────────────────────────────────────────────────────
  pass^1                                                    0.55    0.55   ±0.00
  pass^4 0.40 → 0.40 · change of pass^1, 95 %: −0.20 to +0.20
  a trial cost $0.01, now $0.02

✗ 1 broken   ✓ 1 fixed   ~ 1 flaky   = 2 same

Some worse, some better, and hardly by chance: 2 of 5 scenarios got worse, 1 got
better; so much movement appears by chance in 17 of 1,000 reruns.
≠ 1 scenario is another one now.
"""
    )


@pytest.mark.parametrize("width", [20, 40, 57, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_nothing_steers_it(width):
    rates = {HOSTILE: ((4, 4), (0, 4)), "漢字の名前がとても長いシナリオ" * 4: ((1, 4), (2, 4))}
    now = replace(NOW, agent={**NOW.agent, "instructions": f"{HOSTILE}\n{'long ' * 80}"})
    shown = render_comparison(compared(rates, now=now), width=width)
    assert all(cells(line) <= max(width, 40) for line in shown.splitlines())
    assert "\x1b" not in shown
    assert "\x1b[31m✗\x1b[0m" in render_comparison(compared(), color=True)


def test_of_a_long_line_the_part_is_shown_that_changed():
    texts = [f"{'The same words come first. ' * 9}{end}" for end in ("Never pay.", "Always pay.")]
    before, now = (replace(BEFORE, agent={"instructions": text}) for text in texts)
    shown = render_comparison(compared(before=before, now=now))
    assert "Never pay." in shown
    assert "Always pay." in shown
    assert "- …" in shown


def test_a_long_change_is_cut():
    now = replace(BEFORE, agent={**BEFORE.agent, "instructions": "\n".join(f"Rule {n}." for n in range(50))})
    shown = render_comparison(compared(now=now))
    assert "+50 −2 lines" in shown
    assert "and 44 more" in shown


@pytest.mark.parametrize(
    ("rates", "told"),
    [
        (
            {str(n): ((4, 4), (1, 4)) for n in range(6)},
            "Worse, and hardly by chance: 6 of 6 scenarios got worse; a difference this large appears by chance in "
            "less than 1 of 1,000 reruns.",
        ),
        (
            {"A": ((1, 1), (0, 1)), "B": ((1, 1), (0, 1)), "C": ((1, 1), (0, 1)), "D": ((0, 1), (1, 1))},
            "This may be chance: 3 of 4 scenarios got worse, 1 got better; a difference this large appears by "
            "chance in 62 of 100 reruns.",
        ),
        (
            {"A": ((3, 4), (2, 4)), "B": ((2, 4), (3, 4))},
            "This may be chance: 1 of 2 scenarios got worse, 1 got better; on average nothing changed.",
        ),
        ({"A": ((3, 4), (3, 4))}, "No difference: every scenario passed as often as before."),
        ({"A": ((0, 0), (3, 4))}, "Nothing can be compared: no scenario was judged on both sides."),
    ],
)
def test_one_plain_sentence_says_what_it_comes_to(rates, told):
    found = compared(rates)
    assert comparing.conclusion(found) == told
    assert " ".join(told.split()) in " ".join(render_comparison(found).split())


@pytest.mark.parametrize(
    ("rates", "told"),
    [
        ({"A": ((3, 4), (2, 4)), "B": ((4, 4), (4, 4))}, "play about 71 trials a scenario instead of 4."),
        ({"A": ((50, 100), (49, 100))}, "would take more than 1,000 trials a scenario."),
        ({"A": ((3, 4), (3, 4))}, "With 4 trials a scenario a difference of 0.71 or more would mostly show."),
        ({str(n): ((4, 4), (1, 4)) for n in range(6)}, None),
        ({"A": ((4, 4), (0, 4)), "B": ((1, 4), (1, 4))}, "A few more trials would tell."),
    ],
)
def test_how_many_trials_would_tell_more_is_said_where_that_helps(rates, told):
    outlook = comparing.outlook(compared(rates))
    assert outlook is None if told is None else told in outlook


def test_scenarios_that_are_not_compared_are_named_but_not_all_of_many():
    rates = {"A": ((4, 4), (4, 4)), "errored": ((4, 4), (0, 0))}
    before, now = sides(rates)
    more = tuple(Tally(id=f"n{n}", name=f"New {n}", passed=0, judged=4, planned=4) for n in range(9))
    shown = " ".join(render_comparison(compare(before, replace(now, tallies=now.tallies + more))).split())
    assert "9 scenarios only in the second: New 0, New 1, New 2, New 3, New 4 and 4 more" in shown
    assert "1 scenario without a judged trial on both sides: errored" in shown


def test_json_holds_everything_that_is_shown():
    found = json.loads(render_comparison_json(compared()))
    assert found["format"] == 1
    assert (found["conclusion"], found["worse"], found["better"], found["compared"]) == ("mixed", 2, 1, 5)
    assert found["pass_hat"]["4"] == [0.4, 0.4]
    assert found["changes"] == {
        "broken": 1, "fixed": 1, "flaky": 1, "same": 2, "added": 0, "removed": 0, "unjudged": 0,
    }  # fmt: skip
    assert found["altered"][0] == {
        "facet": "agent", "name": "model", "part": None, "before": "openai:gpt-4o-mini", "now": "openai:gpt-5",
    }  # fmt: skip
    first = found["scenarios"][0]
    assert (first["name"], first["change"], first["altered"]) == ("Late parcel", "broken", True)
    assert first["now"] == {"id": "Late parcel", "passed": 1, "judged": 4, "planned": 4}


def test_a_json_report_is_the_same_side_as_the_simulation_that_it_was_written_from():
    shown = finished()
    read = read_side(json.loads(render_json(shown)), file="report.json")
    assert read == side_of(shown.simulation, shown.summary)


def test_a_report_from_before_there_was_a_setup_in_it_is_compared_by_its_figures():
    shown = finished()
    old = document(shown)
    del old["setup"]
    found = compare(read_side(old, file="old.json"), side_of(shown.simulation, shown.summary))
    assert found.alterations == ()
    assert len(found.counts) == 4
    assert "older version" in render_comparison(found)


@pytest.mark.parametrize(
    ("content", "told"), [([], "it has no format"), ({"format": 2}, "its format is 2"), ("no", "it has no format")]
)
def test_what_is_no_report_is_refused_with_what_writes_one(content, told):
    with pytest.raises(InvalidInput, match=f"x.json is no JSON report of format 1: {told}.*export --format json"):
        read_side(content, file="x.json")


def test_a_report_with_holes_is_read_as_far_as_it_goes():
    side = read_side({"format": 1, "scenarios": [{"name": "A", "outcomes": {"passed": 2}}, 3]}, file="x.json")
    assert [(tally.name, tally.passed, tally.judged) for tally in side.tallies] == [("A", 2, 2), ("", 0, 0)]
    assert side.cost is None


def test_the_setup_stands_in_the_report():
    found = document(finished())["setup"]
    assert found["agent"]["model"] == "openai:gpt-4o-mini"
    assert found["scenarios"]["Wrong passenger"] == {"assertions": "It is fine."}
    assert setup_of(finished().simulation).models == found["models"]


def test_of_very_much_the_first_is_told():
    agent = {f"part {n}": "new" for n in range(12)}
    rates = {f"Scenario {n}": ((2, 4), (2, 4)) for n in range(44)}
    shown = render_comparison(compared(rates, now=replace(BEFORE, agent={**BEFORE.agent, **agent})))
    assert "and 2 more\n" in shown
    assert "and 4 more flaky ones" in shown


def test_json_has_null_where_a_side_has_not_played_a_scenario():
    before, now = sides()
    new = Tally(id="new", name="New", passed=1, judged=4, planned=4)
    found = json.loads(render_comparison_json(compare(before, replace(now, tallies=(*now.tallies, new)))))
    assert found["scenarios"][-1]["before"] is None
    assert found["scenarios"][-1]["difference"] is None


def test_limits_and_the_users_temperature_are_told_by_their_names():
    now = replace(BEFORE, limits={"seed": "3"}, models={**BEFORE.models, "user temperature": "1.0"})
    shown = render_comparison(compared(now=now))
    assert "seed: unset → 3" in shown
    assert "user temperature: unset → 1.0" in shown


def test_markdown_tells_what_it_comes_to_and_no_name_ends_its_block():
    before, now = sides()
    text = render_comparison_markdown(compare(before, now))
    assert text.startswith(
        f"## Compared with before\n\n**{comparing.conclusion(compare(before, now))}**\n\n```text\n"
    )
    assert text.endswith("\n```\n")
    hostile = render_comparison_markdown(compare(*sides({"``` ```` x": ((4, 4), (1, 4))})))
    assert hostile.count("\n`````") == 2
