"""Mistakes in a script are told with file, line, field, and what is allowed."""

import pytest

from sparring.adapters.models.script_files import load_script, read_script
from sparring.domain.errors import InvalidInput
from sparring.domain.outcomes import Role


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "script.yaml: the file is empty."),
        ("agent: hello", "script.yaml:1:8: agent: expected a list of rules"),
        (
            "agents: []",
            "there is no field 'agents' here. Did you mean 'agent'? Allowed: name, price, draws, agent",
        ),
        ("agent:\n  - sya: x", "script.yaml:2:5: agent[0]: there is no field 'sya' here. Did you mean 'say'?"),
        ("agent:\n  - when: {turn: 1}", "agent[0]: the rule answers nothing; give it `say` or `call`."),
        ("user:\n  - when: {turn: 1}", "user[0]: the rule answers nothing; give it `say`, `call` or `end`."),
        ("agent: [{end: x}]", "there is no field 'end' here."),
        ("agent: [{when: {turn: two}, say: x}]", "agent[0].when.turn: expected a turn: 2, 2-4, 3+"),
        (
            "agent: [{when: {said: '('}, say: x}]",
            "agent[0].when.said: the pattern does not compile (the syntax is",
        ),
        ("agent: [{when: {chance: 2}, say: x}]", "expected a share from 0 to 1, came '2'."),
        ("agent: [{when: {shows: {agent: x}}, say: x}]", "there is no field 'shows' here."),
        ("agent: [{when: {draw: {a: b}}, say: x}]", "this script has no `draws` at its top."),
        ("draws: {a: [b]}\nagent: [{when: {draw: {a: c}}, say: x}]", "'a' is never 'c'. It is one of: b."),
        ("draws: {a: [b]}\nagent: [{when: {draw: {d: c}}, say: x}]", "there is no field 'd' here. Allowed: a."),
        ("draws: {a: {b: 0}}", "a draw needs an option with a weight above 0."),
        ("draws: {a: {b: -1, c: 1}}", "draws.a.b: expected a weight, 0 or more"),
        ("price: {agent: free}", "price.agent: expected USD of one answer, 0 or more, came 'free'."),
        ("agent: [{say: x, once: true, times: 2}]", "give `once` or `times`, not both."),
        ("agent: [{say: x, times: 0}]", "expected a whole number, at least 1"),
        (
            "agent: [{say: '{{nobody}}'}]",
            "nothing gives {{nobody}} a value. Known here: draw, results, scenario, turn.",
        ),
        ("agent: [{call: {pay: {a: ['{{nobody}}']}}}]", "nothing gives {{nobody}} a value."),
        ("agent: [{call: {pay: 5}}]", "agent[0].call.pay: expected the arguments by name, came '5'."),
        ("agent: [{rules: [{say: x}], say: y}]", "there is no field 'say' here. Allowed: when, rules."),
        ("judge: [{verdict: met}]", "judge[0]: the field 'reason' is missing."),
        ("judge: [{verdict: good, reason: x}]", "expected one of met, not_met, inconclusive, came 'good'."),
        ("judge: [{when: {shows: {said: x}}, verdict: met, reason: x}]", "Allowed: agent, user, calls, result."),
        ("judge: [{verdict: met, reason: '{{results.x}}'}]", "Known here: draw, message, quote, scenario, turn."),
        ("agent:\n\t- say: x", "script.yaml:2"),
        ("agent: [{say: x}]\nagent: []", "'agent' stands here twice; the first is in line 1."),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_is_allowed(text, told):
    with pytest.raises(InvalidInput) as caught:
        read_script(text)
    assert told in str(caught.value)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(InvalidInput, match="2 mistakes:"):
        read_script("agent: [{sya: x, say: y}, {when: {turn: x}, say: y}]")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InvalidInput, match=r"There is no script .*gone\.yaml\."):
        load_script(tmp_path / "gone.yaml")
    with pytest.raises(InvalidInput, match=r"cannot be read: Is a directory\."):
        load_script(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"agent: [{say: caf\xe9}]")
    with pytest.raises(InvalidInput, match=r"latin\.yaml is not UTF-8 text: byte 17"):
        load_script(tmp_path / "latin.yaml")


def test_a_script_is_named_by_itself_or_by_its_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("agent: [{say: x}]")
    assert load_script(path).name == "mine"
    path.write_text("name: Other\nagent: [{say: x}]")
    assert load_script(path).name == "Other"


def test_prices_are_by_role():
    script = read_script("price: {agent: 0.5, judge: 2}\nagent: [{say: x}]")
    assert script.price == {Role.AGENT: 0.5, Role.JUDGE: 2}


@pytest.mark.parametrize(
    ("rules", "only"),
    [
        ("[{when: {turn: 1}, say: x}, {say: 'y {{turn}}'}]", True),
        ("[{say: x}, {when: {result: ''}, say: [a, b]}]", True),
        ("[{say: [x, y]}]", False),
        ("[{when: {said: x}, say: x}]", False),
        ("[{say: '{{scenario}}'}]", False),
        ("[{call: {x: }}]", False),
        ("[{say: x, once: true}, {say: y}]", False),
        ("[]", False),
    ],
)
def test_it_is_known_whether_answers_hang_on_the_turn_alone(rules, only):
    assert read_script(f"agent: {rules}").only_by_turn(Role.AGENT) is only
