"""What a scripted model answers, by the rules of its script."""

import pytest

from sparring.adapters.models.script_files import read_script
from sparring.adapters.models.scripted import ScriptedModel, scripted_model
from sparring.domain.agent import Tool, ToolKind
from sparring.domain.errors import ModelFault, NotConfigured
from sparring.domain.outcomes import Role
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ModelRequest, Occasion, Prompt

END = Tool(name="end_conversation", kind=ToolKind.END, parameters={"properties": {"reason": {"type": "string"}}})


def said(text):
    return Prompt(role="user", text=text)


def own(text, *calls):
    made = tuple(ToolCall(id=f"c{n}", name=name, arguments=arguments) for n, (name, arguments) in enumerate(calls))
    return Prompt(role="assistant", text=text, calls=made)


def result(name, text):
    return Prompt(role="tool", name=name, text=text, call_id="c0")


def ask(script, *prompts, role=Role.AGENT, tools=(), system="", scenario="", seed=0):
    model = ScriptedModel(read_script(script) if isinstance(script, str) else script)
    occasion = Occasion(role=role, scenario=scenario, seed=seed)
    return model.answer(ModelRequest(system=system, messages=prompts, tools=tools, occasion=occasion))


def rules(*lines, role="agent"):
    return f"{role}:\n" + "\n".join(f"  - {line}" for line in lines)


def test_the_first_rule_that_fits_speaks():
    script = rules("{when: {said: blue}, say: one}", "{when: {said: b}, say: two}", "{say: three}")
    assert ask(script, said("a blue one")).text == "one"
    assert ask(script, said("a bad one")).text == "two"
    assert ask(script, said("a red one")).text == "three"


async def test_the_model_answers_as_every_other_does():
    model = ScriptedModel(read_script("price: {agent: 0.5}\n" + rules("{say: Hello there}"), name="mine"))
    request = ModelRequest(system="Be kind.", messages=[said("a b c")], occasion=Occasion(role=Role.AGENT))
    reply = await model.complete(request)
    assert (model.name, reply.text, reply.calls) == ("scripted:mine", "Hello there", ())
    made = reply.generation
    assert (made.provider, made.model, made.cost, made.finish) == ("scripted", "mine", 0.5, "stop")
    assert made.usage is not None
    assert (made.usage.input, made.usage.output) == (5, 2)


@pytest.mark.parametrize(
    ("turn", "fits"),
    [("2", [2]), ("[1, 3]", [1, 3]), ("2-3", [2, 3]), ("3+", [3, 4]), ('["1", "3+"]', [1, 3, 4])],
)
def test_a_turn_is_counted_in_what_the_agent_was_told(turn, fits):
    script = rules(f"{{when: {{turn: {turn}}}, say: yes}}", "{say: no}")
    conversation = [said("one"), own("a"), said("two"), own("b"), said("three"), own("c"), said("four")]
    heard = [n for n in range(1, 5) if ask(script, *conversation[: 2 * n - 1]).text == "yes"]
    assert heard == fits


def test_a_greeting_does_not_change_the_turn_of_either_side():
    script = rules("{when: {turn: 1}, say: first}", "{say: later}") + "\n"
    assert ask(script, own("Hi!"), said("one")).text == "first"
    flipped = script.replace("agent:", "user:")
    assert ask(flipped, said("Hi!"), role=Role.USER).text == "first"
    assert ask(flipped, said("Hi!"), own("one"), said("two"), role=Role.USER).text == "later"


def test_conditions_look_at_the_last_message_all_of_them_and_ones_own():
    script = rules(
        "{when: {said: red}, say: said}",
        "{when: {heard: red}, say: heard}",
        "{when: {spoke: green}, say: spoke}",
        "{when: {system: blue}, say: system}",
        "{when: {scenario: grey}, say: scenario}",
        "{say: none}",
    )
    assert ask(script, said("red")).text == "said"
    assert ask(script, said("red"), own("x"), said("y")).text == "heard"
    assert ask(script, said("x"), own("green"), said("y")).text == "spoke"
    assert ask(script, said("x"), system="blue").text == "system"
    assert ask(script, said("x"), scenario="grey").text == "scenario"
    assert ask(script, said("x")).text == "none"


def test_conditions_under_not_must_not_all_hold():
    script = rules("{when: {not: {said: red, turn: 1}}, say: yes}", "{say: no}")
    assert ask(script, said("red")).text == "no"
    assert ask(script, said("blue")).text == "yes"
    assert ask(script, said("red"), own("x"), said("red")).text == "yes"


def test_a_group_lends_its_conditions_to_its_rules():
    script = """
agent:
  - when: {heard: red}
    rules:
      - when: {said: one}
        say: red one
      - rules: [{when: {said: two}, say: red two}]
  - say: other
"""
    assert ask(script, said("red one")).text == "red one"
    assert ask(script, said("red"), own("x"), said("two")).text == "red two"
    assert ask(script, said("blue one")).text == "other"


def test_after_a_tools_result_only_rules_about_results_speak():
    script = rules(
        "{when: {turn: 1}, call: {look: {id: X}}}",
        "{when: {tool: look, result: 'true'}, say: found}",
        "{when: {result: ''}, say: something}",
    )
    called = own(None, ("look", {"id": "X"}))
    assert [call.name for call in ask(script, said("go")).calls] == ["look"]
    assert ask(script, said("go"), called, result("look", '{"ok":true}')).text == "found"
    assert ask(script, said("go"), called, result("look", '{"ok":false}')).text == "something"
    assert ask(script, said("go"), called, result("other", '{"ok":true}')).text == "something"


def test_calls_have_arguments_of_the_right_type_and_ids_of_their_own():
    script = rules(
        "{when: {result: ''}, call: {pay: {amount: '{{results.look.price}}', note: 'for {{results.look.name}}'}}}",
        "{call: [{look: {id: A}}, {look: {id: B}}, {ping: }]}",
    )
    first = ask(script, said("go"))
    assert [(call.id, call.name, call.arguments) for call in first.calls] == [
        ("call_1", "look", {"id": "A"}),
        ("call_2", "look", {"id": "B"}),
        ("call_3", "ping", {}),
    ]
    assert first.generation.finish == "tool_calls"
    called = own(None, ("look", {}), ("look", {}))
    second = ask(script, said("go"), called, result("look", '{"price":386,"name":"Ann"}'))
    assert [(call.id, call.arguments) for call in second.calls] == [("call_3", {"amount": 386, "note": "for Ann"})]


def test_rules_know_what_was_called_and_what_is_offered():
    script = rules("{when: {called: [look, pay]}, say: both}", "{when: {offered: pay}, say: can}", "{say: no}")
    history = [said("x"), own(None, ("look", {})), result("look", "1"), own(None, ("pay", {})), result("pay", "1")]
    assert ask(script, *history, own("done"), said("y")).text == "both"
    assert ask(script, said("x"), tools=(Tool(name="pay"),)).text == "can"
    assert ask(script, said("x")).text == "no"


def test_texts_name_what_patterns_caught():
    script = rules(
        r"{when: {said: 'for (?P<code>\w\d)', system: 'called (\w+)'}, say: '{{code}} {{system.1}} {{turn}}'}"
    )
    assert ask(script, said("for K9 please"), system="You are called Ann.").text == "K9 Ann 1"


def test_the_user_ends_with_the_tool_that_it_is_offered():
    script = rules("{say: Bye., end: All done.}", role="user")
    reply = ask(script, said("Hi!"), role=Role.USER, tools=(Tool(name="look"), END))
    assert reply.text == "Bye."
    assert [(call.name, call.arguments) for call in reply.calls] == [("end_conversation", {"reason": "All done."})]


def test_the_user_gives_no_reason_to_an_end_tool_that_takes_none():
    hang_up = Tool(name="hang_up", kind=ToolKind.END, parameters={"properties": {"mood": {"type": "string"}}})
    reply = ask(rules("{end: done}", role="user"), said("Hi!"), role=Role.USER, tools=(hang_up,))
    assert [(call.name, call.arguments) for call in reply.calls] == [("hang_up", {})]


def test_the_user_ends_with_a_stop_token_where_no_tool_is_offered():
    assert ask(rules("{say: Bye., end: done}", role="user"), said("x"), role=Role.USER).text == "Bye.\n###STOP###"


def test_chance_comes_out_the_same_each_time_and_near_its_share():
    script = read_script(rules("{when: {chance: 0.3}, say: yes}", "{say: no}"))
    answers = [ask(script, said("x"), seed=seed).text for seed in range(600)]
    assert answers == [ask(script, said("x"), seed=seed).text for seed in range(600)]
    assert 130 < answers.count("yes") < 230


def test_a_draw_holds_for_the_whole_trial_and_both_sides():
    script = read_script(
        "draws: {mood: {good: 3, bad: 1}}\n"
        "agent: [{when: {draw: {mood: [good]}}, say: fine}, {say: '{{draw.mood}}'}]\n"
        "user: [{say: '{{draw.mood}}'}]"
    )
    answers = []
    for seed in range(400):
        first, later = (
            ask(script, *talk, seed=seed).text for talk in ([said("x")], [said("x"), own("y"), said("z")])
        )
        user = ask(script, said("x"), seed=seed, role=Role.USER).text
        assert first == later
        assert (first == "fine") == (user == "good")
        answers.append(first)
    assert 260 < answers.count("fine") < 340


def test_several_texts_all_come_up():
    script = read_script(rules("{say: [a, b, c]}"))
    assert {ask(script, said("x"), seed=seed).text for seed in range(40)} == {"a", "b", "c"}


def test_a_rule_put_in_before_changes_no_chance_of_the_others():
    before = read_script(rules("{when: {chance: 0.5}, say: yes}", "{say: no}"))
    after = read_script(rules("{when: {said: never}, say: x}", "{when: {chance: 0.5}, say: yes}", "{say: no}"))
    for seed in range(50):
        assert ask(before, said("x"), seed=seed).text == ask(after, said("x"), seed=seed).text


def test_a_rule_speaks_once_or_as_often_as_it_may():
    script = rules(
        r"{when: {said: 'is (?P<x>\w+)'}, say: 'So {{x}}, is it?', once: true}",
        "{say: [a, b], times: 2}",
        "{say: enough}",
    )
    talk = [said("it is red")]
    assert ask(script, *talk).text == "So red, is it?"
    talk += [own("So red, is it?"), said("it is blue")]
    assert ask(script, *talk).text in {"a", "b"}
    talk += [own("a"), said("x"), own("b"), said("y")]
    assert ask(script, *talk).text == "enough"


def test_where_no_rule_fits_the_fault_says_where_and_what_to_do():
    script = read_script(rules("{when: {said: blue}, say: x}"), name="mine")
    with pytest.raises(ModelFault) as caught:
        ask(script, said("one"), own("y"), said("r" * 300))
    fault = caught.value
    assert (fault.reason, fault.retryable, fault.provider, fault.model) == ("script", False, "scripted", "mine")
    assert "The script 'mine' has no answer for the agent in turn 2 after 'rrr" in str(fault)
    assert "r..." in str(fault)
    assert "Add a rule" in str(fault)


def test_a_name_without_a_value_is_a_fault_that_names_the_rule():
    with pytest.raises(ModelFault, match=r"the rule in line 2 names 'results.look.price', which has no value"):
        ask(rules("{say: 'It is {{results.look.price}}.'}"), said("x"))


def test_a_bundled_script_is_read_once():
    assert scripted_model("scripted:polite").script is scripted_model("polite").script


def test_a_path_is_taken_from_the_folder_it_is_named_in(tmp_path):
    (tmp_path / "mine.yaml").write_text(rules("{say: x}"))
    model = scripted_model("scripted:mine.yaml", tmp_path)
    assert (model.name, model.script.name) == ("scripted:mine.yaml", "mine")


def test_a_script_that_is_not_there_names_those_that_are(tmp_path):
    with pytest.raises(NotConfigured, match=r"no bundled script 'pollite' and no file .*scripted:polite"):
        scripted_model("scripted:pollite", tmp_path)


def test_over_http_only_bundled_names_are_models(tmp_path):
    (tmp_path / "mine.yaml").write_text(rules("{say: x}"))
    assert scripted_model("airline", bundled_only=True).script.name == "airline"
    for name in ("mine.yaml", "../airline/script.yaml", str(tmp_path / "mine.yaml")):
        with pytest.raises(NotConfigured, match="no bundled script"):
            scripted_model(name, tmp_path, bundled_only=True)
