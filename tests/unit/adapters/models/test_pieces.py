"""The pieces of a streamed answer."""

from sparring.adapters.models.pieces import Pieces
from sparring.adapters.models.scripted import scripted_model
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ModelRequest, Occasion, Prompt, StreamingModel


def test_events_may_be_cut_anywhere():
    told = []
    pieces = Pieces(lambda event: event.get("t"), told.append)
    pieces.begin()
    body = 'data: {"t": "ä"}\n\n: a comment\ndata: {"n": 1}\n\ndata: [DONE]\n\ndata: {"t": "b"}\n\n'.encode()
    for place in range(len(body)):
        pieces.feed(body[place : place + 1])
    assert told == ["ä", "b"]


def test_an_answer_that_is_asked_for_again_is_not_told_twice():
    told = []
    pieces = Pieces(lambda event: event.get("t"), told.append)
    for _ in range(2):
        pieces.begin()
        pieces.feed(b'data: {"t": "a"}\n')
    assert told == ["a"]


async def test_a_scripted_model_tells_its_answer_word_by_word():
    model = scripted_model("scripted:polite")
    request = ModelRequest(
        system="", messages=[Prompt(role="user", text="Hi")], occasion=Occasion(role=Role.AGENT)
    )
    told = []
    reply = await model.stream(request, told.append)
    assert isinstance(model, StreamingModel)
    assert "".join(told) == reply.text == (await model.complete(request)).text
    assert len(told) > 1
