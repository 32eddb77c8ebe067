"""Test cases, between the wire and the domain."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.dialects.sigmamind import wire
from sparring.dialects.sigmamind.translate.test_cases import (
    assertions,
    case_record,
    changed_case,
    new_case,
    shown_label,
    user_prompt,
)
from sparring.domain.scenario import Expectations, ExpectedAction, Instructions, Scenario

AGENT_MODEL = "gpt-4o"


def made(**fields):
    body = {"agentId": "a", "userPrompt": "You want to cancel.", "successCriteria": "It is cancelled.", **fields}
    return new_case(
        wire.CreateTestCase.model_validate(body), id="0" * 24, workspace="w", agent_id="a" * 24, now=1.0
    )


def changed(scenario, **fields):
    model = scenario.model or AGENT_MODEL
    body = wire.UpdateTestCase.model_validate(fields)
    return changed_case(scenario, body, agent_id=scenario.agent_id, model=model, now=2.0)


def record(scenario):
    return case_record(scenario, workspace="org_w", agent=None, model=AGENT_MODEL)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
scenarios = st.builds(
    Scenario,
    id=st.just("0" * 24),
    workspace=st.just("w"),
    name=st.text(min_size=1, max_size=20),
    label=st.none() | texts,
    persona=st.none() | texts,
    instructions=st.builds(Instructions, task=texts, reason=st.none() | texts, known=st.none() | texts),
    variables=st.dictionaries(texts, st.integers() | texts | st.booleans() | st.lists(st.integers()), max_size=3),
    expect=st.builds(Expectations, assertions=st.lists(texts, max_size=3).map(tuple)),
    trials=st.integers(1, 100),
    model=st.none() | st.just("gpt-5"),
)


@given(scenario=scenarios, data=st.data())
def test_any_scenario_survives_its_own_record_sent_back(scenario, data):
    told = record(scenario)
    sent = {
        "label": told["label"],
        "userPrompt": told["userPrompt"],
        "successCriteria": told["successCriteria"],
        "attempt": told["attempt"],
        "llmModel": told["llmModel"],
        "mockData": told["mockData"],
    }
    names = data.draw(st.sets(st.sampled_from(sorted(sent))))
    # What no request could hold, such as an empty prompt, is put in past the checks of the wire.
    body = wire.UpdateTestCase.model_construct(
        _fields_set={snake[name] for name in names},
        **{snake[name]: sent[name] for name in names if name != "mockData"},
        **({"mock_data": variables(told["mockData"])} if "mockData" in names else {}),
    )
    model = told["llmModel"]
    assert changed_case(scenario, body, agent_id=None, model=model, now=2.0) is scenario


snake = {
    "label": "label",
    "userPrompt": "user_prompt",
    "successCriteria": "success_criteria",
    "attempt": "attempt",
    "llmModel": "llm_model",
    "mockData": "mock_data",
}


def variables(entries):
    return [
        wire.MockVariable.model_construct(variable_name=entry["variableName"], value=entry["value"])
        for entry in entries
    ]


@given(prompt=texts.filter(str.strip), criteria=texts.filter(str.strip), label=st.none() | texts)
def test_every_text_is_read_as_it_was_sent(prompt, criteria, label):
    told = record(made(userPrompt=prompt, successCriteria=criteria, label=label))
    assert (told["userPrompt"], told["successCriteria"], told["label"]) == (prompt, criteria, label)


@pytest.mark.parametrize(
    ("criteria", "statements"),
    [
        ("It is cancelled.", ["It is cancelled."]),
        ("It is cancelled.\n\n  It was polite. \n", ["It is cancelled.", "It was polite."]),
        ("It should:\n- ask\n- cancel\n\nNo refund.", ["It should: - ask", "It should: - cancel", "No refund."]),
        ("Everything:", ["Everything:"]),
        ("First:\nSecond:\n- a", ["First:", "Second: - a"]),
        ("\r\nA\r\nB", ["A", "B"]),
    ],
)  # fmt: skip
def test_each_line_of_the_criteria_is_one_statement(criteria, statements):
    assert list(assertions(criteria)) == statements


def test_a_scenario_with_more_than_a_task_shows_its_texts_under_labels():
    scenario = Scenario(
        persona="Angry.",
        instructions=Instructions(task="Cancel.", reason="Moving.", known="Your name.", unknown="Your number."),
    )
    assert user_prompt(scenario) == (
        "Persona:\nAngry.\n\nTask:\nCancel.\n\nReason for the contact:\nMoving.\n\n"
        "What you know:\nYour name.\n\nWhat you do not know:\nYour number."
    )


def test_a_changed_prompt_replaces_all_texts():
    scenario = Scenario(
        name="n", persona="Angry.", instructions=Instructions(task="Cancel.", known="All.", language="de")
    )
    after = changed(scenario, userPrompt="You ask for a refund.")
    assert after.persona is None
    assert after.instructions == Instructions(task="You ask for a refund.", language="de")
    assert after.name == "n"


def test_changed_criteria_replace_the_assertions_and_nothing_else_that_is_expected():
    actions = (ExpectedAction(name="cancel"),)
    scenario = Scenario(name="n", expect=Expectations(assertions=("a", "b"), actions=actions, forbidden=("x",)))
    after = changed(scenario, successCriteria="a\nc")
    assert after.expect == Expectations(assertions=("a", "c"), actions=actions, forbidden=("x",))


def test_an_unchanged_variable_keeps_its_type():
    scenario = Scenario(name="n", variables={"days": 2, "paid": True, "items": [1, 2], "name": "Jo"})
    told = record(scenario)["mockData"]
    assert [entry["value"] for entry in told] == ["2", "true", "[1,2]", "Jo"]
    told[0] = {"variableName": "days", "value": "3"}
    after = changed(scenario, mockData=told)
    assert after.variables == {"days": "3", "paid": True, "items": [1, 2], "name": "Jo"}


def test_mock_data_is_replaced_as_a_whole_order_included():
    scenario = Scenario(name="n", variables={"a": 1, "b": 2})
    after = changed(scenario, mockData=[{"variableName": "b", "value": "2"}, {"variableName": "a", "value": "1"}])
    assert list(after.variables.items()) == [("b", 2), ("a", 1)]
    assert changed(scenario, mockData=None).variables == {}


def test_the_name_is_the_label_or_the_beginning_of_the_prompt():
    prompt = "You are an angry customer who wants to cancel his subscription. "
    assert made(userPrompt=prompt).name == prompt[:60]
    assert made(userPrompt="Two\nlines  here").name == "Two lines here"
    labelled = made(userPrompt=prompt, label="Angry")
    assert (labelled.name, labelled.label) == ("Angry", "Angry")
    cleared = changed(labelled, label=None)
    assert (cleared.name, shown_label(cleared)) == (prompt[:60], None)


def test_a_name_given_elsewhere_is_the_label_here():
    scenario = made(label="Angry")
    renamed = replace(scenario, name="Furious")
    assert shown_label(renamed) == "Furious"
    assert shown_label(replace(made(), name="Given")) == "Given"


def test_a_new_prompt_makes_a_new_name_up_where_there_is_no_label():
    after = changed(made(), userPrompt="You ask for a refund.")
    assert (after.name, shown_label(after)) == ("You ask for a refund.", None)


def test_the_agents_model_is_shown_and_not_stored():
    scenario = made()
    assert record(scenario)["llmModel"] == AGENT_MODEL
    assert changed(scenario, llmModel=AGENT_MODEL) is scenario
    assert changed(scenario, llmModel="gpt-5").model == "gpt-5"
    assert changed(replace(scenario, model="gpt-5"), llmModel=None).model is None


def test_a_changed_record_says_when():
    assert changed(made(), attempt=7).updated_at == 2.0
    assert changed(made(attempt=7), attempt=None).trials == 1
