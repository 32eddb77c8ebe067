"""A conversation described as a test, by a model."""

import pytest

from sparring.adapters.players.drafting import MAX_ASSERTIONS, ModelDrafter
from sparring.domain.errors import JudgeFault
from sparring.domain.retelling import Draft
from sparring.domain.transcript import Transcript, UserMessage
from sparring.testing import FakeModel, FakeModels, agent_says

TALK = Transcript([UserMessage(text="Where is my order 7?"), agent_says("It is shipped.")])
GOOD = {"task": " You want your order. ", "known": "It is number 7.", "assertions": ["It is\nfound.", " "]}


async def drafted(answer):
    model = FakeModel([answer])
    draft = await ModelDrafter(FakeModels(judge=model)).draft("judge", "Be kind to Jo.", TALK)
    return draft, model.requests[0]


async def test_a_model_reads_the_instructions_and_the_conversation():
    draft, request = await drafted(GOOD)
    assert draft == Draft(task="You want your order.", known="It is number 7.", assertions=("It is found.",))
    (prompt,) = request.messages
    assert "Be kind to Jo." in prompt.text
    assert "Where is my order 7?" in prompt.text
    assert request.schema.body["required"] == ["task", "known", "assertions"]


async def test_words_around_the_answer_are_passed_over_and_its_length_is_bounded():
    many = ", ".join(f'"{number}"' for number in range(MAX_ASSERTIONS + 5))
    draft, _ = await drafted(f'Here it is:\n```json\n{{"task": "t", "known": "", "assertions": [{many}]}}\n```')
    assert (draft.known, len(draft.assertions)) == (None, MAX_ASSERTIONS)


@pytest.mark.parametrize("answer", ["no", "{", '{"task": "", "assertions": []}', '{"task": "t"}', '{"task": 1}'])
async def test_an_answer_that_cannot_be_used_is_a_fault(answer):
    with pytest.raises(JudgeFault, match="holds no"):
        await drafted(answer)
