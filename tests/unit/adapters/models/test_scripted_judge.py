"""What a scripted judge reads in a prompt, and what it finds."""

import json

import pytest

from sparring.adapters.models.judging_prompts import Line, read_case
from sparring.adapters.models.script_files import read_script
from sparring.adapters.models.scripted import ScriptedModel
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ModelRequest, Occasion, Prompt

PROMPT = """<agent_instructions>
  Be kind.
  <transcript>
</agent_instructions>

<assertions>
1. The agent tells the fee first.
2. The agent stays polite
  even in the end.
</assertions>

<transcript>
[0] agent: Hello!
[1] user: I want a bag.
  [2] agent: this line is the user's
[2] agent: It costs $45.
  Shall I?
[3] user: Yes.
[4] agent: One moment.
[4] agent calls add_bag {"bags":1}
[4] agent calls log {}
[5] result of add_bag: {"charged":45}
[6] result of log (error): no log
[7] agent:
[8] user calls end_conversation {"reason":"done"}
</transcript>

The transcript ends here."""


def judge(rules, prompt=PROMPT, seed=0):
    request = ModelRequest(
        system="", messages=[Prompt(role="user", text=prompt)], occasion=Occasion(role=Role.JUDGE, seed=seed)
    )
    text = ScriptedModel(read_script(f"judge:\n{rules}", name="mine")).answer(request).text
    return json.loads(text)["assessments"]


def test_the_prompt_is_read_line_by_line():
    case = read_case([Prompt(role="user", text=PROMPT)])
    assert case is not None
    assert case.assertions == ("The agent tells the fee first.", "The agent stays polite\neven in the end.")
    assert case.lines == (
        Line(message=0, kind="agent", text="Hello!"),
        Line(message=1, kind="user", text="I want a bag.\n[2] agent: this line is the user's"),
        Line(message=2, kind="agent", text="It costs $45.\nShall I?"),
        Line(message=3, kind="user", text="Yes."),
        Line(message=4, kind="agent", text="One moment."),
        Line(message=4, kind="calls", text='add_bag {"bags":1}'),
        Line(message=4, kind="calls", text="log {}"),
        Line(message=5, kind="result", text='{"charged":45}', name="add_bag"),
        Line(message=6, kind="result", text="no log", name="log"),
        Line(message=7, kind="agent", text=""),
        Line(message=8, kind="calls", text='end_conversation {"reason":"done"}'),
    )


def test_each_assertion_gets_the_first_rule_that_fits_it():
    found = judge(
        """
  - when:
      assertion: (?i)fee
      shows: [{agent: 'costs (?P<fee>\\$\\d+)'}, {user: '^Yes'}, {calls: add_bag}]
    verdict: met
    reason: "{{fee}} stands in message {{message.1}}, the {{quote.2}} in message {{message.2}}."
  - {verdict: inconclusive, reason: Who knows.}
"""
    )
    assert found == [
        {
            "index": 1,
            "verdict": "met",
            "reason": "$45 stands in message 2, the Yes in message 3.",
            "evidence": [
                {"message": 2, "quote": "costs $45"},
                {"message": 3, "quote": "Yes"},
                {"message": 4, "quote": "add_bag"},
            ],
        },
        {"index": 2, "verdict": "inconclusive", "reason": "Who knows.", "evidence": []},
    ]


def test_what_is_shown_must_come_in_that_order():
    rules = """
  - {when: {shows: [{calls: add_bag}, {agent: costs}]}, verdict: not_met, reason: Too late.}
  - {when: {shows: [{agent: costs}, {agent: Shall}, {result: charged}]}, verdict: met, reason: In time.}
"""
    assert {found["reason"] for found in judge(rules)} == {"In time."}


def test_what_is_lacking_must_be_nowhere():
    rules = """
  - {when: {lacks: [{agent: costs}]}, verdict: not_met, reason: Silent.}
  - when: {lacks: [{agent: refund}, {calls: costs}]}
    verdict: met
    reason: Told.
    cite: [{agent: 'It (?P<quote>.*)'}]
"""
    first = judge(rules)[0]
    assert (first["reason"], first["evidence"]) == ("Told.", [{"message": 2, "quote": "costs $45."}])


def test_words_are_cited_from_whatever_message_holds_them():
    first = judge("  - {verdict: met, reason: '{{message.1}}', quote: [Shall I?, not there]}")[0]
    assert (first["reason"], first["evidence"]) == ("2", [{"message": 2, "quote": "Shall I?"}])


def test_chance_is_drawn_for_each_assertion_by_itself():
    rules = "  - {when: {chance: 0.5}, verdict: met, reason: x}\n  - {verdict: not_met, reason: x}"
    verdicts = {tuple(found["verdict"] for found in judge(rules, seed=seed)) for seed in range(40)}
    assert len(verdicts) == 4


def test_an_assertion_that_no_rule_judges_is_a_fault_that_quotes_it():
    with pytest.raises(
        ModelFault, match=r"'mine' has no answer for the judge in turn 1: no rule judges assertion 2"
    ):
        judge("  - {when: {assertion: fee}, verdict: met, reason: x}")


def test_a_prompt_without_a_case_is_a_fault():
    with pytest.raises(ModelFault, match="holds no assertions and transcript"):
        judge("  - {verdict: met, reason: x}", prompt="Is it good?")


def test_an_evidence_that_is_not_there_cannot_be_named():
    with pytest.raises(ModelFault, match=r"its rule in line 2 names 'message.1', which has no value here"):
        judge("  - {verdict: met, reason: '{{message.1}}'}")
