"""Recorded answers: given again to the same question of the same trial, and to no other."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.adapters.cassettes.differences import difference
from sparring.adapters.cassettes.taped_model import RecordedModel, ReplayedModel
from sparring.adapters.cassettes.tapes import Cassettes, question_of
from sparring.domain.agent import Tool
from sparring.domain.errors import InvalidInput, ModelFault
from sparring.domain.outcomes import Role
from sparring.domain.transcript import Generation, ToolCall, Usage
from sparring.simulation.ports import ModelReply, ModelRequest, Occasion, Prompt
from sparring.testing import FakeModel

AGENT = Occasion(role=Role.AGENT, scenario="Late parcel", trial=1)


def request(*texts, system="You help.", occasion=AGENT, **more):
    roles = ("user", "assistant")
    messages = tuple(Prompt(role=roles[index % 2], text=text) for index, text in enumerate(texts))
    return ModelRequest(system=system, messages=messages, occasion=occasion, **more)


async def recorded(folder, *exchanges):
    """A folder in which a model's answers to requests are recorded; then it is opened to be replayed."""
    cassettes = Cassettes(folder, fresh=True)
    model = RecordedModel(FakeModel([reply for _, reply in exchanges]), cassettes)
    for asked, _ in exchanges:
        await model.complete(asked)
    cassettes.write_about({"user_model": "fake:user"})
    return Cassettes(folder, fresh=False)


async def test_a_replay_answers_what_was_recorded_whole_and_for_nothing(tmp_path):
    reply = ModelReply(
        text="One moment.",
        calls=(ToolCall(id="c1", name="find", arguments={"n": 1}), ToolCall(id="c2", name="x", malformed="{")),
        generation=Generation(
            provider="p", model="m-1", cost=0.5, usage=Usage(input=9, output=2, cached=3), seconds=2.0,
            finish="stop", opaque={"signature": "abc"},
        ),
    )  # fmt: skip
    cassettes = await recorded(tmp_path, (request("Hi"), reply))
    again = await ReplayedModel("fake:model", cassettes).complete(request("Hi"))
    assert again == replace(reply, generation=replace(reply.generation, cost=0.0, seconds=0.0))
    assert cassettes.about["user_model"] == "fake:user"


async def test_the_same_question_twice_gets_its_two_answers_in_order_and_no_third(tmp_path):
    cassettes = await recorded(tmp_path, (request("Hi"), "one"), (request("Hi"), "two"))
    model = ReplayedModel("fake:model", cassettes)
    assert [(await model.complete(request("Hi"))).text for _ in range(2)] == ["one", "two"]
    with pytest.raises(ModelFault, match="the recording has no further answer here"):
        await model.complete(request("Hi"))


@pytest.mark.parametrize(
    "other",
    [
        replace(AGENT, trial=2),
        replace(AGENT, scenario="late parcel"),
        replace(AGENT, scenario="Late parcel!"),
        replace(AGENT, role=Role.USER),
    ],
    ids=["trial", "case", "sign", "role"],
)
async def test_no_other_trial_scenario_or_role_is_answered(tmp_path, other):
    cassettes = await recorded(tmp_path, (request("Hi"), "one"))
    with pytest.raises(
        ModelFault, match=r"The recording holds nothing of the (agent|simulated user) in this trial"
    ):
        await ReplayedModel("fake:model", cassettes).complete(request("Hi", occasion=other))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            request("Hi", system="You help nobody."),
            "the instructions changed: “You help.” then, “You help nobody.” now",
        ),
        (request("Ho"), "message 0 (user) changed: “Hi” then, “Ho” now"),
        (request("Hi", "Yes", "And?"), "1 messages came before, and 3 do now"),
        (request("Hi", tools=(Tool(name="find"),)), "the tool 'find' is new"),
        (request("Hi", temperature=0.5), "temperature was None and is 0.5"),
    ],
)
async def test_a_changed_question_is_told_and_not_retried(tmp_path, changed, told):
    cassettes = await recorded(tmp_path, (request("Hi"), "one"))
    with pytest.raises(ModelFault) as caught:
        await ReplayedModel("fake:model", cassettes).complete(changed)
    assert told in str(caught.value)
    assert "--replay=changed" in str(caught.value)
    assert not caught.value.retryable


async def test_another_model_is_another_question(tmp_path):
    cassettes = await recorded(tmp_path, (request("Hi"), "one"))
    with pytest.raises(ModelFault, match="the model was fake:model and is fake:other"):
        await ReplayedModel("fake:other", cassettes).complete(request("Hi"))


async def test_only_what_changed_is_asked_and_then_stays_on_the_tape(tmp_path):
    cassettes = await recorded(
        tmp_path, (request("Hi"), "one"), (request("Hi", "one", "And?"), "two"), (request("gone"), "three")
    )
    live = FakeModel(["new"])
    model = ReplayedModel("fake:model", cassettes, lambda: live)
    assert (await model.complete(request("Hi"))).text == "one"
    assert (await model.complete(request("Hi", "one", "But?"))).text == "new"
    assert [asked.messages[-1].text for asked in live.requests] == ["But?"]
    cassettes.keep_played({(AGENT.scenario, AGENT.trial)})
    later = ReplayedModel("fake:model", Cassettes(tmp_path, fresh=False))
    assert (await later.complete(request("Hi"))).text == "one"
    assert (await later.complete(request("Hi", "one", "But?"))).text == "new"
    with pytest.raises(ModelFault):
        await later.complete(request("gone"))


async def test_a_trial_that_did_not_get_to_its_end_loses_nothing_that_was_recorded(tmp_path):
    cassettes = await recorded(tmp_path, (request("Hi"), "one"), (request("Ho"), "two"), (request("He"), "three"))
    model = ReplayedModel("fake:model", cassettes, lambda: FakeModel(["new"]))
    assert (await model.complete(request("Hi"))).text == "one"
    assert (await model.complete(request("What?"))).text == "new"
    cassettes.keep_played({("Late parcel", 2), ("Another", 1)})
    later = ReplayedModel("fake:model", Cassettes(tmp_path, fresh=False))
    asked = ("Hi", "What?", "Ho", "He")
    assert [(await later.complete(request(text))).text for text in asked] == ["one", "new", "two", "three"]


async def test_recording_anew_forgets_what_was_on_the_tape(tmp_path):
    await recorded(tmp_path, (request("Hi"), "old"), (request("Ho"), "old"))
    cassettes = await recorded(tmp_path, (request("Hi"), "new"))
    model = ReplayedModel("fake:model", cassettes)
    assert (await model.complete(request("Hi"))).text == "new"
    with pytest.raises(ModelFault):
        await model.complete(request("Ho"))


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), max_size=4), max_size=5))
async def test_any_conversation_reads_back_as_it_was_asked(tmp_path_factory, conversations):
    exchanges = [(request(*texts), f"answer {index}") for index, texts in enumerate(conversations)]
    cassettes = await recorded(tmp_path_factory.mktemp("tapes"), *exchanges)
    model = ReplayedModel("fake:model", cassettes)
    for asked, reply in exchanges:
        assert (await model.complete(asked)).text == reply


async def test_a_long_conversation_is_not_written_again_with_each_turn(tmp_path):
    said = ["word " * 50] * 41
    await recorded(tmp_path, *((request(*said[: 2 * turn + 1]), "yes") for turn in range(20)))
    (path,) = tmp_path.glob("*/*.jsonl")
    assert path.stat().st_size < 2 * sum(map(len, said))


@pytest.mark.parametrize("line", ["{}", "nonsense", '{"kept": 0, "messages": []}', "[1]"])
async def test_a_damaged_tape_is_told_with_its_line(tmp_path, line):
    await recorded(tmp_path, (request("Hi"), "one"))
    (path,) = tmp_path.glob("*/*.jsonl")
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(InvalidInput, match=rf"{path.name}:2: this is no recorded answer"):
        await ReplayedModel("fake:model", Cassettes(tmp_path, fresh=False)).complete(request("Hi"))


def test_a_folder_without_a_recording_is_told(tmp_path):
    with pytest.raises(InvalidInput, match="Nothing was recorded in"):
        Cassettes(tmp_path, fresh=False)
    (tmp_path / "cassettes.json").write_text('{"format": 99}')
    with pytest.raises(InvalidInput, match="another release"):
        Cassettes(tmp_path, fresh=False)


def test_a_script_is_the_same_model_in_every_folder():
    first, second = (question_of(f"scripted:{folder}/clerk.yaml", request("Hi")) for folder in ("/a", "/b/c"))
    assert first.digest == second.digest
    assert difference(first, second).startswith("1 messages came before")
