"""What of a record a form did not take, and putting it back."""

from sparring.dialects.eqho.wire.scenarios import ScenarioBody
from sparring.dialects.fields import FROM_ELSEWHERE
from sparring.dialects.left_over import LeftOver, left_over, put_back
from sparring.dialects.sigmamind.wire import CreateAgent, CreateTestCase

SCENARIO = {
    "name": "One",
    "lead_scenario": {"instructions": {"task_instructions": "Ask.", "tone": "angry"}},
    "environment_setup": {
        "dynamic_variables": {"a": {"deep": 1}},
        "action_mocks": {"find.order": {"default_return_value": "x", "latency": 3}},
        "message_history": [
            {"role": "user", "content": "Hi"},
            {"role": "user", "content": "?", "mood": {"x": [1]}},
        ],
        "nothing": None,
        "empty": [],
    },
    "color": {"of": "money"},
}


def test_unknown_fields_are_found_wherever_they_stand_and_empty_ones_are_not():
    parts = left_over(ScenarioBody.model_validate(SCENARIO), SCENARIO)
    assert [(part.at, part.value) for part in parts] == [
        (("lead_scenario", "instructions", "tone"), "angry"),
        (("environment_setup", "action_mocks", "find.order", "latency"), 3),
        (("environment_setup", "message_history", 1, "mood"), {"x": [1]}),
        (("color",), {"of": "money"}),
    ]
    assert parts[2].name == "environment_setup.message_history.mood"


def test_a_record_that_a_form_takes_whole_leaves_nothing():
    case = {"agentId": "a", "userPrompt": "p", "successCriteria": "c", "mockData": []}
    assert left_over(CreateTestCase.model_validate(case), case) == []


def test_what_an_object_keeps_by_itself_is_not_left_over():
    agent = {"agentName": "a", "instructions": "i", "agentSettings": {"voiceId": "v", "llmTopP": 1}}
    assert left_over(CreateAgent.model_validate(agent), agent) == []


def test_what_was_left_over_goes_back_to_its_place():
    parts = left_over(ScenarioBody.model_validate(SCENARIO), SCENARIO)
    known = {
        "name": "One",
        "lead_scenario": {"instructions": {"task_instructions": "Ask."}},
        "environment_setup": {
            "dynamic_variables": {"a": {"deep": 1}},
            "action_mocks": {"find.order": {"default_return_value": "x"}},
            "message_history": [{"role": "user", "content": "Hi"}, {"role": "user", "content": "?"}],
        },
    }
    whole = {**SCENARIO, "environment_setup": dict(SCENARIO["environment_setup"])}
    del whole["environment_setup"]["nothing"], whole["environment_setup"]["empty"]
    assert put_back(known, parts) == whole


def test_what_has_lost_its_place_or_found_it_taken_changes_nothing():
    record = {"a": {"b": 1}, "list": [{}], "ids": ["x"], "text": "t"}
    for at in (("a", "b"), ("a", "b", "c"), ("gone", "x"), ("list", 7, "x"), ("text", 0), ("text",)):
        assert put_back(record, [LeftOver(at, "new")]) == record
    assert put_back(record, [LeftOver(("ids",), ["y"])])["ids"] == ["x", "y"]


def test_a_field_of_elsewhere_is_no_mistyped_one_of_ours():
    body = ScenarioBody.model_validate({**SCENARIO, "tag": "smoke", "require": 1}, context=FROM_ELSEWHERE)
    assert body.tags is None
